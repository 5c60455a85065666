//! The protocol of a declaration, and whether the declaration has the keys that the protocol needs
//! and no others.

use proc_macro2::Ident;
use quote::ToTokens;

use super::Context;
use super::identity::{is_of_token, reads_identity};
use super::no_login;
use crate::diagnostics::{self, Errors, all_of};
use crate::key::Key;
use crate::keys::{
    self, ACCESS_TOKEN_URL, AUTHORIZE_URL, CONFIGURED, ISSUER, JWKS_URI, REQUEST_TOKEN_URL,
    SERVER_METADATA_URL, USERINFO_ENDPOINT,
};
use crate::protocol::{Protocol, Protocols};

/// The protocol, after comparing the keys with it. `None` if a key that decides it has a mistake.
pub(super) fn protocol(
    context: &Context<'_>,
    scopes: &[String],
    errors: &mut Errors,
) -> Option<Protocol> {
    let protocol = decided(context, scopes, errors);
    no_login::keys_of_logins(context, protocol, errors);
    if let Some(protocol) = protocol {
        keys_of_another(context, protocol, scopes, errors);
        completeness(context, protocol, errors);
    }
    keys_to_come(context, protocol, errors);
    protocol
}

/// A provider with `request_token_url` speaks OAuth 1.0a. One with the scope `openid` and a way to
/// verify an ID token speaks OpenID Connect; one without the other is a mistake. All others speak
/// OAuth 2.0.
///
/// With `configured`, the configuration can still change this.
fn decided(context: &Context<'_>, scopes: &[String], errors: &mut Errors) -> Option<Protocol> {
    let declaration = context.declaration;
    let is_oauth1 = declaration.mentions(&REQUEST_TOKEN_URL)
        || (context.is_configured() && declaration.mentions(&keys::SIGNATURE_METHOD));
    if is_oauth1 && context.preset.is_none_or(|preset| preset.protocol == Protocol::OAuth1) {
        return Some(Protocol::OAuth1);
    }
    if context.has_no_login() {
        return Some(Protocol::OAuth2);
    }
    let openid = scopes.iter().any(|scope| scope == "openid");
    let verifiable = [&ISSUER, &SERVER_METADATA_URL].iter().any(|key| context.has(key));
    match (openid, verifiable) {
        (true, true) => Some(Protocol::OpenIdConnect),
        (true, false) if context.is_configured() => Some(Protocol::OpenIdConnect),
        (true, false) if context.is_uncertain() => None,
        (true, false) => {
            openid_without_issuer(context, errors);
            None
        }
        (false, _) if declaration.is_attempted(&keys::SCOPES) => None,
        (false, _) if is_undecided(context, scopes) => Some(Protocol::OAuth2),
        (false, _) => match promises_id_token(context) {
            None => Some(Protocol::OAuth2),
            Some(promise) => {
                openid_missing(context, &promise, errors);
                None
            }
        },
    }
}

/// Whether the configuration decides the scopes, and with `openid` the protocol.
fn is_undecided(context: &Context<'_>, scopes: &[String]) -> bool {
    context.is_configured() && scopes.is_empty()
}

/// Whether the setting `REQUEST_TOKEN_URL` makes it an OAuth 1.0a provider: the declaration leaves
/// everything to the configuration that only another protocol has.
pub(super) fn may_be_oauth1(context: &Context<'_>, protocol: Protocol) -> bool {
    let mut keys = context.declaration.entries().map(|(key, ..)| key);
    protocol == Protocol::OAuth2
        && context.is_configured()
        && context.preset.is_none()
        && keys.all(|key| key.protocols == Protocols::Any)
}

/// Illegal: `scopes("openid")` with only endpoints.
fn openid_without_issuer(context: &Context<'_>, errors: &mut Errors) {
    let openid = context
        .keys
        .scopes
        .value()
        .and_then(|scopes| scopes.iter().find(|scope| scope.value() == "openid"));
    let Some(openid) = openid else { return };
    errors.push(
        openid,
        format!(
            "`openid` asks for an ID token, which needs an issuer to verify it against: write one of\n\
             - {}\n\
             - {}\n\
             - {}, {}, {}, {}",
            ISSUER.example,
            SERVER_METADATA_URL.example,
            ISSUER.example,
            AUTHORIZE_URL.example,
            ACCESS_TOKEN_URL.example,
            JWKS_URI.example,
        ),
    );
}

/// The part of a declaration that only makes sense with an ID token.
enum Promise<'a> {
    Key(&'a Ident),
    Preset(&'a str),
}

/// An issuer next to all endpoints may serve only RFC 9207, and metadata under another well-known
/// path is RFC 8414's. Neither promises an ID token.
fn promises_id_token<'a>(context: &'a Context<'_>) -> Option<Promise<'a>> {
    if let Some(preset) = context.preset.filter(|preset| preset.protocol == Protocol::OpenIdConnect)
    {
        return Some(Promise::Preset(&preset.display_name));
    }
    let keys = context.keys;
    let discovery = keys
        .server_metadata_url
        .value()
        .is_some_and(|url| url.value().ends_with("/openid-configuration"));
    let has_endpoints = context.has(&AUTHORIZE_URL) && context.has(&ACCESS_TOKEN_URL);
    let key = if discovery {
        &keys.server_metadata_url
    } else if keys.jwks_uri.is_given() {
        &keys.jwks_uri
    } else if !has_endpoints && !context.declaration.mentions(&SERVER_METADATA_URL) {
        &keys.issuer
    } else {
        return None;
    };
    key.at().map(Promise::Key)
}

/// Illegal: `issuer = "https://acme.example", scopes("email")`.
fn openid_missing(context: &Context<'_>, promise: &Promise<'_>, errors: &mut Errors) {
    let why = match promise {
        Promise::Key(at) => format!("`{at}` makes this an OpenID Connect provider"),
        Promise::Preset(name) => format!("{name} is an OpenID Connect provider"),
    };
    let typed = context.keys.scopes.items();
    let scopes: Vec<_> = typed.iter().map(|scope| scope.to_token_stream().to_string()).collect();
    let write = [vec!["\"openid\"".to_owned()], scopes].concat().join(", ");
    let message = format!("{why}, which needs the scope `openid`: write `scopes({write})`");
    match (context.keys.scopes.at(), promise) {
        (Some(scopes), _) => errors.push(scopes, message),
        (None, Promise::Key(at)) => errors.push(at, message),
        (None, Promise::Preset(_)) => errors.push(&context.input.ident, message),
    }
}

/// Illegal with `preset = "github"`: `max_age = 60`, which needs an ID token. Illegal with
/// `request_token_url`: `scopes("read")`.
fn keys_of_another(
    context: &Context<'_>,
    protocol: Protocol,
    scopes: &[String],
    errors: &mut Errors,
) {
    let is_undecided = is_undecided(context, scopes);
    let ident = &context.input.ident;
    let name = protocol.name();
    for (key, at, _) in context.declaration.entries() {
        // `no_login` has rules of its own for keys of OpenID Connect.
        let is_open_id = key.protocols == Protocols::OpenIdConnect;
        if (context.has_no_login() && is_open_id)
            || key.protocols.include(protocol)
            || (is_undecided && key.protocols == Protocols::OpenIdConnect)
        {
            continue;
        }
        let message = match key.protocols {
            Protocols::OAuth2 | Protocols::OpenIdConnect if protocol == Protocol::OAuth1 => {
                format!(
                    "`{at}` applies to OAuth 2.0 only, but `{}` makes `{ident}` an OAuth 1.0a provider: remove one of them",
                    REQUEST_TOKEN_URL.name,
                )
            }
            Protocols::OpenIdConnect => format!(
                "`{at}` applies to OpenID Connect only, but `{ident}` is declared as {name}: remove it, or declare `{}` and the scope `openid`",
                ISSUER.example,
            ),
            _ => format!(
                "`{at}` applies to OAuth 1.0a only, but `{ident}` is declared as {name}: remove it"
            ),
        };
        errors.push(at, message);
    }
}

/// Keys whose feature is not available yet, each feature once; the protocol refuses the others.
fn keys_to_come(context: &Context<'_>, protocol: Option<Protocol>, errors: &mut Errors) {
    let mut told = Vec::new();
    for (key, at, _) in context.declaration.entries() {
        let Some(feature) = key.awaits else { continue };
        let is_refused = protocol.is_some_and(|protocol| !key.protocols.include(protocol));
        if !is_refused && !told.contains(&feature) {
            errors.add(diagnostics::not_yet_available(at, feature));
            told.push(feature);
        }
    }
}

/// Every endpoint that the protocol needs is stated or can be discovered, unless the configuration
/// may supply it.
fn completeness(context: &Context<'_>, protocol: Protocol, errors: &mut Errors) {
    // OpenID Connect finds its metadata by the issuer, and the metadata names all endpoints.
    let is_discovered = context.has(&SERVER_METADATA_URL)
        || protocol == Protocol::OpenIdConnect
        || (context.has_no_login() && context.has(&ISSUER));
    if context.is_uncertain() || is_discovered || context.is_configured() {
        return;
    }
    let mut needed = match context.has_no_login() {
        true => vec![&ACCESS_TOKEN_URL],
        false => vec![&AUTHORIZE_URL, &ACCESS_TOKEN_URL],
    };
    // `identity(...)` and `userinfo = Type` describe the answer of this endpoint.
    let is_profile_needed =
        !context.has_no_login() && (!is_of_token(context) || context.keys.userinfo.is_given());
    if protocol == Protocol::OAuth2 && reads_identity(context, protocol) && is_profile_needed {
        needed.push(&USERINFO_ENDPOINT);
    }
    let missing: Vec<&Key> = needed.into_iter().filter(|key| !context.has(key)).collect();
    if missing.is_empty() {
        return;
    }
    let names = all_of(missing.iter().map(|key| key.name));
    let stated = missing.iter().map(|key| key.example).collect::<Vec<_>>().join(", ");
    let message = match protocol {
        Protocol::OAuth1 => format!("missing {names}: write {stated}"),
        _ => format!(
            "missing {names}: write one of\n- {stated}\n- {}\n- {}{}\n- {}, and the rest in the environment",
            SERVER_METADATA_URL
                .example
                .replace("openid-configuration", "oauth-authorization-server"),
            ISSUER.example,
            if context.has_no_login() { "" } else { r#", scopes("openid")"# },
            CONFIGURED.name,
        ),
    };
    errors.push(&context.input.ident, message);
}

#[cfg(test)]
mod tests;
