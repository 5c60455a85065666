//! Compares where the routes are served with the redirect URI.
//!
//! The redirect URI is based on `OAUTH_PUBLIC_URL`. If the routes are served elsewhere, each login
//! would end with a 404 after the provider, so the first request that shows it logs the address to
//! configure.

use std::sync::Once;

use axum::extract::OriginalUri;
use axum::http::request::Parts;

use super::page::development;
use crate::config::{ConfigError, ConfigFault, FaultKind};
use crate::deployment::Shared;
use crate::error::OAuthError;
use crate::registry::PUBLIC_URL;
use crate::url::public_url::PublicUrl;

/// Compares the path of a request to a generated route with the path of the public URL.
///
/// # Errors
/// [`OAuthError::Configuration`] when the router is nested under a path that the public URL does
/// not have.
pub(super) fn check(public_url: &PublicUrl, parts: &Parts) -> Result<(), OAuthError> {
    let original = parts.extensions.get::<OriginalUri>().map(|OriginalUri(uri)| uri.path());
    let prefix = original.and_then(|path| path.strip_suffix(parts.uri.path())).unwrap_or_default();
    let base = public_url.base_path();
    // A proxy may strip a prefix of the path.
    if !base.ends_with(prefix) {
        return Err(ConfigError::of(nested(public_url, prefix, parts.uri.path())).into());
    }
    if base != prefix {
        warn_of_proxy(public_url, prefix, parts.uri.path());
    }
    Ok(())
}

fn nested(public_url: &PublicUrl, prefix: &str, path: &str) -> ConfigFault {
    let what = format!(
        "is `{}`, but the routes are nested under `{prefix}` (this request came to `{prefix}{path}`), where \
         the provider would not find them",
        public_url.join("")
    );
    let help = format!(
        "set it to `{}{prefix}`, or merge the routes outside of the nested router",
        public_url.origin()
    );
    ConfigFault::new(FaultKind::Conflict, PUBLIC_URL, what).help(help)
}

/// This is right only if a proxy strips the path, which cannot be detected.
fn warn_of_proxy(public_url: &PublicUrl, prefix: &str, path: &str) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let warning = format!(
            "{PUBLIC_URL} is `{}`, but this request came to `{prefix}{path}`: unless a proxy strips `{}` from \
             the path, set it to `{}{prefix}`, or nest the router under that path",
            public_url.join(""),
            public_url.base_path().strip_suffix(prefix).unwrap_or_default(),
            public_url.origin()
        );
        tracing::warn!("{warning}");
        development::print_without_log(&warning);
    });
}

/// Warns once that the generated routes were never created, when a user is sent to one of them.
pub(crate) fn expect_routes(shared: &Shared, path: &str) {
    if shared.has_routes.set(false).is_ok() {
        let warning = format!(
            "a user is sent to {}, but `routes()` of the registry was not called: add `.merge(oauth.routes())` to the \
             router, unless a handler of your own serves that path",
            shared.public_url.join(path)
        );
        tracing::warn!("{warning}");
        development::print_without_log(&warning);
    }
}

/// Records that the generated routes were created.
pub(super) fn has_routes(shared: &Shared) {
    // They are created before the first request, if at all.
    let _ = shared.has_routes.set(true);
}

#[cfg(test)]
mod tests {
    use axum::http::{Request, Uri};

    use super::*;

    fn checked(public: &str, original: Option<&'static str>, path: &str) -> Result<(), String> {
        let public_url = PublicUrl::parse(public).unwrap();
        let mut request = Request::get(path).body(()).unwrap();
        if let Some(original) = original {
            request.extensions_mut().insert(OriginalUri(Uri::from_static(original)));
        }
        check(&public_url, &request.into_parts().0).map_err(|error| error.to_string())
    }

    #[test]
    fn nested_routes_need_the_path_in_the_public_url() {
        let path = "/auth/op/login?x=1";
        for (public, original) in [
            ("https://app.example", None),
            ("https://app.example", Some("/auth/op/login?x=1")),
            ("https://app.example/app", Some("/app/auth/op/login?x=1")),
            ("https://app.example/app/", Some("/app/auth/op/login?x=1")),
            // Behind a proxy that strips the whole path or a part of it.
            ("https://app.example/app", Some("/auth/op/login?x=1")),
            ("https://app.example/a/b", Some("/b/auth/op/login?x=1")),
        ] {
            assert_eq!(checked(public, original, path), Ok(()), "{public} {original:?}");
        }
        for (public, original, meant) in [
            ("https://app.example", "/app/auth/op/login?x=1", "https://app.example/app"),
            ("https://app.example/app", "/other/auth/op/login", "https://app.example/other"),
            ("http://localhost:3000/a", "/a/b/auth/op/login", "http://localhost:3000/a/b"),
        ] {
            let error = checked(public, Some(original), path).unwrap_err();
            assert!(error.contains(&format!("set it to `{meant}`")), "{error}");
            assert!(error.contains(&format!("`{public}`")), "{error}");
        }
    }
}
