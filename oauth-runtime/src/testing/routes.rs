//! The routes of the provider.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, any, get, post};

use super::endpoint::Endpoint;
use super::provider::Provider;
use super::{
    api, authorization, device, discovery, end_session, introspection, revocation, spoil, token,
    userinfo,
};

/// Maximum length of a request, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

pub(super) fn routes(provider: &Arc<Provider>) -> Router {
    let base = provider.base_path.as_str();
    let at = |endpoint: Endpoint| format!("{base}{}", endpoint.path());
    let serve = |endpoint, handlers: MethodRouter<Arc<Provider>>| {
        let state = (Arc::clone(provider), endpoint);
        handlers.layer(from_fn_with_state(state, spoil::deliver))
    };
    let metadata = || serve(Endpoint::Metadata, get(discovery::metadata));
    let jwks = || serve(Endpoint::Jwks, get(discovery::jwks));
    let api = |handlers| serve(Endpoint::Api, handlers);
    Router::new()
        .route(&at(Endpoint::Metadata), metadata())
        // RFC 8414 section 3.1 puts the well-known part before the issuer's path.
        .route(&format!("/.well-known/oauth-authorization-server{base}"), metadata())
        .route(&at(Endpoint::Jwks), jwks())
        .route(&format!("{base}/jwks/moved"), jwks())
        .route(
            &at(Endpoint::Authorization),
            serve(Endpoint::Authorization, get(authorization::get).post(authorization::post)),
        )
        .route(&format!("{base}/authorize/decision"), post(authorization::decision))
        .route(
            &at(Endpoint::DeviceAuthorization),
            serve(Endpoint::DeviceAuthorization, post(device::authorize)),
        )
        .route(&format!("{base}/device"), get(device::page))
        .route(&format!("{base}/device/decision"), post(device::decision))
        .route(&at(Endpoint::Token), serve(Endpoint::Token, post(token::post)))
        .route(
            &at(Endpoint::Userinfo),
            serve(Endpoint::Userinfo, get(userinfo::get).post(userinfo::post)),
        )
        .route(&at(Endpoint::Revocation), serve(Endpoint::Revocation, post(revocation::post)))
        .route(
            &at(Endpoint::Introspection),
            serve(Endpoint::Introspection, post(introspection::post)),
        )
        .route(
            &at(Endpoint::EndSession),
            serve(Endpoint::EndSession, get(end_session::get).post(end_session::post)),
        )
        .route(&format!("{base}/api/resource"), api(any(api::resource)))
        .route(&format!("{base}/api/user"), api(get(api::user)))
        .route(&format!("{base}/api/user/repos"), api(get(api::repos)))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::clone(provider))
}
