//! Input from the browser: cookies, queries and forms.

use ::http::header::COOKIE;
use ::http::{HeaderMap, HeaderValue};
use url::{Position, Url};

use super::{CLIENT, ISSUER, assert_hides, assert_hides_all_but, reference};
use crate::flow::login;
use crate::protocol::authorization_response::{AuthorizationResponse, Expected};
use crate::protocol::end_session;
use crate::protocol::initiated_login::InitiatedLogin;
use crate::url::public_url::PublicUrl;
use crate::web::login::return_to::own_path;

/// Names as the library sets them: one that only a host can set, and one that any site on the
/// domain can.
const COOKIES: [&str; 2] = ["__Host-oauth-session-3f2a", "oauth-session-3f2a"];

/// `Cookie` headers, one per line. A cookie that is found has exactly the name that a browser would
/// read: no sibling host can plant a cookie under a name that only looks like ours.
pub fn cookies(data: &[u8]) {
    let lines = || data.split(|byte| *byte == b'\n');
    let headers: HeaderMap = lines()
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .map(|value| (COOKIE, value))
        .collect();
    let values: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    let seen: Vec<_> = values.iter().flat_map(|value| reference::cookies(value)).collect();
    for wanted in COOKIES {
        for value in crate::web::session::cookies::values(&headers, wanted) {
            assert!(seen.contains(&(wanted.as_bytes(), value.as_bytes())), "{wanted}={value}");
        }
        for (name, value) in crate::web::session::cookies::with_prefix(&headers, wanted) {
            assert!(name.starts_with(wanted));
            assert!(seen.contains(&(name.as_bytes(), value.as_bytes())), "{name}={value}");
        }
    }
}

/// The query of an authorization response. Only parameters that occur once are read, and a code is
/// returned only for the right `state` and `iss`.
pub fn callback(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else { return };
    let name = login::cookie_name(&CLIENT, query);
    let pairs = reference::form(query);
    let response = match AuthorizationResponse::parse(query) {
        Ok(response) => response,
        Err(error) => {
            return assert_hides_all_but(&error, &pairs, |name| name.starts_with("error"));
        }
    };
    let state = response.state().to_owned();
    assert_eq!(reference::only(&pairs, "state"), Some(&*state));
    let encoded =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("state", &state).finish();
    let own = login::cookie_name(&CLIENT, &encoded);
    assert!(name.is_none() || name == own, "two logins: {name:?} {own:?}");
    for name in own.iter() {
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        assert!(name.bytes().all(is_legal), "{name}");
    }
    let expected = |state| Expected {
        state,
        issuer: Some(ISSUER),
        tenants: None,
        issuer_required: false,
        id_token: false,
    };
    let again = AuthorizationResponse::parse(query).expect("it was read before");
    assert!(again.validate(&expected("another")).is_err() || state == "another");
    match response.validate(&expected(&state)) {
        Err(error) => assert_hides_all_but(&error, &pairs, |name| name.starts_with("error")),
        Ok(Err(response)) => {
            assert!(pairs.iter().any(|(name, _)| name == "error"));
            assert!(!response.to_string().chars().any(char::is_control));
        }
        Ok(Ok(granted)) => {
            assert_eq!(reference::only(&pairs, "code"), Some(granted.code.expose()));
            assert!(!granted.code.expose().is_empty());
            assert!(pairs.iter().all(|(name, _)| name != "error"));
            let issuer = reference::only(&pairs, "iss");
            assert!(issuer.is_none_or(|issuer| issuer == ISSUER), "{issuer:?}");
        }
    }
}

/// A `return_to`. An accepted value stays on the origin of the application and below its path when
/// a browser reads it.
pub fn return_to(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for (origin, base) in [
        ("https://app.example", ""),
        ("http://localhost:3000", ""),
        ("https://app.example", "/own"),
    ] {
        let public_url = PublicUrl::parse(&format!("{origin}{base}")).expect("in order");
        let Some(path) = own_path(&public_url, text) else { continue };
        assert_eq!(own_path(&public_url, &path).as_deref(), Some(&*path), "not stable");
        let is_visible = |byte: u8| (b'!'..=b'~').contains(&byte);
        assert!(path.bytes().all(is_visible), "{path:?}");
        // As a browser resolves `Location`, and as a page would that appends it to the origin.
        let resolved = Url::parse(&format!("{origin}{base}/auth/callback?code=x")).expect("a URL");
        let resolved = resolved.join(&path).expect("a reference");
        let appended = Url::parse(&format!("{origin}{path}")).expect("a URL");
        for url in [resolved, appended] {
            assert_eq!(url.origin().ascii_serialization(), origin, "{path:?}");
            assert!(url.username().is_empty() && url.password().is_none(), "{path:?}");
            assert_eq!(&url[Position::BeforePath..], path);
            let below = url.path().strip_prefix(base);
            assert!(below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')), "{path:?}");
        }
    }
}

/// The query of a return from a logout. It is accepted if and only if `state` occurs once and is
/// the one that was sent.
pub fn logout_response(data: &[u8]) {
    const SENT: &str = "st-4te";
    let Ok(query) = std::str::from_utf8(data) else { return };
    let is_right = reference::only(&reference::form(query), "state") == Some(SENT);
    match end_session::state(query).and_then(|state| end_session::validate(&state, SENT)) {
        Ok(()) => assert!(is_right, "{query}"),
        Err(error) => {
            assert!(!is_right || query.len() > 16 * 1024, "{query}");
            assert_hides(&error);
        }
    }
}

/// The parameters of a login that another site asks for. They name the issuer of this provider and
/// are unchanged when they are sent again.
pub fn initiated_login(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else { return };
    let read = |query: &str| {
        let wish = InitiatedLogin::read(query)?;
        wish.check_issuer(Some(ISSUER), None).map(|()| wish)
    };
    let wish = match read(query) {
        Ok(wish) => wish,
        Err(error) => return assert_hides(&error),
    };
    assert_eq!(wish.issuer, ISSUER);
    assert_eq!(reference::only(&reference::form(query), "iss"), Some(ISSUER));
    let again = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(wish.parameters())
        .finish();
    match read(&again) {
        Ok(again) => assert!(again.parameters().eq(wish.parameters())),
        // Encoding may have tripled every byte.
        Err(error) => assert!(again.len() > query.len(), "{error}"),
    }
}
