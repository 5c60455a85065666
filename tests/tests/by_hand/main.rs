//! The flows by hand: what an application calls that generates no routes, value in and value out.

mod authorization;
mod callback;
mod compliance;
mod device;
mod logout;
mod quirks;
mod site;
