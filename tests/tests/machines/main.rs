//! Instances as separate processes, with a certified provider that rotates refresh tokens and
//! treats a reused one as stolen.

mod killed;
mod once;
mod paused;
mod sign_outs;
