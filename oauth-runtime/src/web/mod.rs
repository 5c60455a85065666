//! The edge to axum: routes, extractors, cookies, sessions, pages.

pub(crate) mod api;
pub(crate) mod authorize_redirect;
pub(crate) mod callback;
mod client_kind;
pub(crate) mod connect;
pub(crate) mod connection;
pub(crate) mod cookies;
mod development;
pub(crate) mod error_context;
mod form_post;
pub(crate) mod handler;
mod initiate;
pub(crate) mod logged_out;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod logout_redirect;
pub(crate) mod member;
pub(crate) mod pages;
pub(crate) mod rejection;
pub(crate) mod return_to;
pub(crate) mod routes;
pub(crate) mod run_time;
pub(crate) mod session;
pub(crate) mod state;
mod unconfigured;
pub(crate) mod user;
mod visit;
