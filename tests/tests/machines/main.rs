//! Machines that are processes of their own, at a certified provider which rotates refresh tokens and
//! takes one that comes twice for a stolen one.

mod killed;
mod once;
mod paused;
mod sign_outs;
