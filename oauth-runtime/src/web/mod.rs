//! The edge to axum: routes, extractors, cookies, sessions, pages.

pub(crate) mod api;
pub(crate) mod arguments;
pub mod debug;
mod deferred;
pub(crate) mod device;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod member;
pub(super) mod page;
pub(crate) mod placement;
mod provider_routes;
mod redirect;
mod request_body;
pub(crate) mod routes;
pub(crate) mod run_time;
pub(crate) mod run_time_api;
pub(crate) mod session;
mod standalone;
pub(crate) mod state;
mod visit;
