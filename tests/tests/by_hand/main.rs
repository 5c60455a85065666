//! The flows by hand: what an application calls that generates no routes, value in and value out.

mod api_base;
mod authorization;
mod callback;
mod compliance;
mod device;
mod id_token;
mod logout;
mod placement;
mod quirks;
mod site;
