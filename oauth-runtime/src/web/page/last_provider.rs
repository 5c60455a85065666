//! The provider that a browser signed in with last, which the sign-in page offers first.
//!
//! The cookie says nothing about the user, and proves nothing: a planted one changes the order of
//! buttons. It is no secret from a person at the same browser, so an application can turn it off.

use axum::http::HeaderMap;

use crate::crypto::seal;
use crate::deployment::Shared;
use crate::web::session::cookies;

/// 180 days: longer than most pauses between two logins.
const LIFETIME: u64 = 180 * 24 * 3600;

/// Remembers the provider.
pub(crate) fn remember(shared: &Shared, provider: &str, headers: &mut HeaderMap) {
    // With a single provider there is nothing to order.
    if shared.pages.remembers_provider && shared.links(None).len() > 1 {
        let name = &shared.cookie_names.last_provider;
        let is_https = shared.public_url.is_https();
        cookies::set(headers, name, &seal::tag(provider), LIFETIME, is_https);
    }
}

/// The tag of the remembered provider.
pub(super) fn last_provider(shared: &Shared, headers: &HeaderMap) -> Option<String> {
    let name = &shared.cookie_names.last_provider;
    let last = shared.pages.remembers_provider.then(|| cookies::find(headers, name)).flatten();
    last.map(str::to_owned)
}
