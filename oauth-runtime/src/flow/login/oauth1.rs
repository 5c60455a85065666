//! Login with OAuth 1.0a (RFC 5849 section 2). The order of the code follows the figure: temporary
//! credentials; redirect; callback; token credentials; user.
//!
//! A callback is bound to its browser by the temporary token. The provider gave the token only to
//! this application, and its secret is in a sealed cookie of the browser that started the login. A
//! callback without that cookie fails: a stranger's login cannot be completed in this browser, nor
//! this browser's login by a stranger, who never sees the verifier.

use std::sync::Arc;

use ::http::{Request, Response};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attempt::{self, PendingCookies};
use super::identification::{self, Documents};
use super::userinfo;
use super::{Browser, CompletedLogin, LoginOptions, StartedLogin};
use crate::crypto::random;
use crate::crypto::secret::{Secret, expose};
use crate::error::{BrowserError, CallError, OAuthError};
use crate::flow::provider_client::ProviderClient;
use crate::identity;
use crate::identity::user_info::UserInfo;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;
use crate::protocol::oauth1::authorization::{self, AuthorizationResponse, Verifier};
use crate::protocol::oauth1::signed_request::{Signing, Stamp};
use crate::protocol::oauth1::token_credentials::TokenResponse;
use crate::protocol::oauth1::{Credentials, temporary_credentials, token_credentials};
use crate::settings::{OAuth1, Resolved};
use crate::token::TokenData;

/// A login between its redirect and its callback, as the cookie has it, sealed. Used once: it is
/// not `Clone`.
#[derive(Serialize, Deserialize)]
struct PendingLogin {
    /// The temporary credentials.
    #[serde(rename = "k", serialize_with = "expose")]
    token: Secret,
    #[serde(rename = "s", serialize_with = "expose")]
    secret: Secret,
    /// A local path.
    #[serde(rename = "r")]
    return_to: String,
    /// The session in which an account is to be connected; `None` for a login.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    connects_in: Option<String>,
    /// Whether to keep a session that the browser has by then.
    #[serde(rename = "e", default, skip_serializing_if = "std::ops::Not::not")]
    spares_session: bool,
    /// Seconds since 1970-01-01 UTC.
    #[serde(rename = "t")]
    begun_at: u64,
    /// The authority for the provider's identities at that time.
    #[serde(rename = "a")]
    authority: String,
}

/// A login whose response carries a verifier, in the right browser.
struct VerifierReceived {
    pending: PendingLogin,
    verifier: Verifier,
}

/// Starts a login.
///
/// # Errors
/// When the provider issues no temporary credentials.
pub(super) async fn begin(
    client: &Arc<ProviderClient>,
    oauth1: &OAuth1,
    options: Box<LoginOptions>,
) -> Result<StartedLogin, OAuthError> {
    check_options(&options)?;
    let resolved = client.resolved().await?;
    client.check_authority(resolved.authority.name())?;
    let redirect_uri = options.overrides.redirect_uri;
    let redirect_uri = redirect_uri.map(|uri| client.whole_redirect_uri(&uri)).transpose()?;
    let redirect_uri = redirect_uri.as_ref().unwrap_or(&client.settings.redirect_uri);
    if let Some(error) = client.temporary_credentials.error(&client.shared.clock) {
        return Err(error);
    }
    let temporary = temporary_credentials(client, oauth1, redirect_uri).await;
    let temporary = temporary.inspect_err(|error| {
        client.temporary_credentials.begin(error, &client.shared.clock);
    })?;
    client.temporary_credentials.end();
    let declared = client.settings.params(EndpointKind::Authorization);
    let params: Vec<_> = options.params.replacing(declared).cloned().collect();
    let location =
        authorization::location(&oauth1.authorization_endpoint, &temporary.token, &params);
    let pending = PendingLogin {
        token: temporary.token,
        secret: temporary.secret,
        return_to: options.return_to,
        connects_in: options.connects_in,
        spares_session: options.spares_session,
        begun_at: client.now(),
        authority: resolved.authority.name().to_owned(),
    };
    let cookie_name = client.shared.cookie_names.pending_login_of(pending.token.expose());
    let cookie_value = attempt::seal(&pending, &cookie_name, client)?;
    Ok(StartedLogin { location, cookie_name, cookie_value })
}

/// Completes a login with the parameters and cookies that the browser sends.
///
/// # Errors
/// [`OAuthError`] by the party at fault. After any error the earlier session is unchanged.
pub(super) async fn finish(
    client: &Arc<ProviderClient>,
    oauth1: &OAuth1,
    parameters: &str,
    browser: Browser<'_>,
) -> Result<Box<CompletedLogin>, OAuthError> {
    let answered = receive(client, parameters, browser.pending)?;
    attempt::check_purpose(answered.pending.connects_in.as_deref(), browser)?;
    let spares_session = answered.pending.spares_session;
    attempt::check_session(spares_session, &answered.pending.return_to, browser)?;
    // After all checks that need no request.
    let resolved = client.resolved().await?;
    attempt::check_authority(&answered.pending.authority, resolved.authority.name())?;
    let pending = &answered.pending;
    let (id, begun_at) = (pending.token.expose(), pending.begun_at);
    attempt::consume(client, id, begun_at, &pending.return_to).await?;
    let tokens = exchange(client, oauth1, &resolved, &answered).await?;
    identify(client, &resolved, answered.pending, tokens).await
}

/// The cookie name for an unvalidated response.
pub(super) fn cookie_name(client: &ProviderClient, parameters: &str) -> Option<String> {
    attempt_id(parameters).map(|token| client.shared.cookie_names.pending_login_of(&token))
}

/// The temporary token in a response.
pub(super) fn attempt_id(parameters: &str) -> Option<String> {
    AuthorizationResponse::parse(parameters).ok()?.token().map(str::to_owned)
}

/// Signs a request with the token credentials of a user.
///
/// # Errors
/// [`OAuthError::Call`] when the request cannot be signed, [`OAuthError::Randomness`],
/// [`OAuthError::Cryptography`].
pub(crate) fn signed(
    client: &ProviderClient,
    oauth1: &OAuth1,
    request: Request<Bytes>,
    token: &TokenData,
) -> Result<Request<Bytes>, OAuthError> {
    let secret = token.token_secret.clone().unwrap_or_else(|| Secret::from(""));
    let credentials = Credentials { token: token.access_token.clone(), secret };
    let signing = Signing { credentials: Some(&credentials), ..Signing::default() };
    Ok(oauth1.signer.sign(request, &signing, &stamp(client)?)?)
}

/// For clients of declared providers the compiler checks all but the first; it does not know the
/// protocol of a provider that is known at run time.
fn check_options(options: &LoginOptions) -> Result<(), CallError> {
    if let Some((name, _)) =
        options.params.as_slice().iter().find(|(name, _)| name.starts_with("oauth_"))
    {
        return Err(CallError::ReservedParameter(name.clone()));
    }
    let overrides = &options.overrides;
    let unused = [
        ("state", overrides.state.is_some()),
        ("nonce", overrides.nonce.is_some()),
        ("code_verifier", overrides.code_verifier.is_some()),
        ("max_age", options.max_age.is_some()),
        ("claims", !options.claims.is_empty()),
    ];
    let unused = unused.iter().find(|(_, is_given)| *is_given);
    unused.map_or(Ok(()), |(name, _)| Err(CallError::UnusedValue(name)))
}

/// Section 2.1.
async fn temporary_credentials(
    client: &ProviderClient,
    oauth1: &OAuth1,
    redirect_uri: &str,
) -> Result<Credentials, OAuthError> {
    let endpoint = &oauth1.temporary_credential_endpoint;
    let request = temporary_credentials::request(endpoint, &oauth1.temporary_credential_params);
    let signing = Signing {
        step: Some(("oauth_callback", redirect_uri)),
        realm: oauth1.temporary_credential_realm.as_deref(),
        ..Signing::default()
    };
    let response = send(client, oauth1, request, &signing).await?;
    temporary_credentials::read(&response).map_err(|error| client.provider_error(error))
}

/// Matches the callback with its pending login (section 2.2).
fn receive(
    client: &ProviderClient,
    parameters: &str,
    cookies: &PendingCookies<'_>,
) -> Result<VerifierReceived, OAuthError> {
    let response = AuthorizationResponse::parse(parameters).map_err(BrowserError::from)?;
    let pending = pending_login(client, &response, cookies).inspect_err(|_| {
        client.log_unverified(response.unverified_error());
    })?;
    let verifier = response.validate(&pending.token).map_err(BrowserError::from)?;
    let verifier = verifier.map_err(|response| declined(client, response))?;
    Ok(VerifierReceived { pending, verifier })
}

/// Returns the login that a response belongs to by its temporary token.
fn pending_login(
    client: &ProviderClient,
    response: &AuthorizationResponse,
    cookies: &PendingCookies<'_>,
) -> Result<PendingLogin, BrowserError> {
    match response.token() {
        Some(token) => {
            let name = client.shared.cookie_names.pending_login_of(token);
            PendingLogin::open(cookies, &name, client)
        }
        // A refusal that names no token: it is accepted while a login is pending.
        None => cookies
            .iter()
            .find_map(|(name, _)| PendingLogin::open(cookies, name, client).ok())
            .ok_or(BrowserError::NoPendingLogin),
    }
}

fn declined(client: &ProviderClient, response: ErrorResponse) -> OAuthError {
    client
        .provider_error(ProviderError::Declined { endpoint: EndpointKind::Authorization, response })
}

/// Exchanges the temporary credentials for token credentials (section 2.3).
async fn exchange(
    client: &ProviderClient,
    oauth1: &OAuth1,
    resolved: &Resolved,
    answered: &VerifierReceived,
) -> Result<TokenResponse, OAuthError> {
    let params = client.settings.params(EndpointKind::Token);
    let request = token_credentials::request(&resolved.token_endpoint, params);
    let PendingLogin { token, secret, .. } = &answered.pending;
    let temporary = Credentials { token: token.clone(), secret: secret.clone() };
    let signing = Signing {
        credentials: Some(&temporary),
        step: Some(("oauth_verifier", answered.verifier.expose())),
        realm: None,
    };
    let response = send(client, oauth1, request, &signing).await?;
    token_credentials::read(&response).map_err(|error| client.provider_error(error))
}

/// Determines the user from the token response and from the profile, if the provider has an
/// endpoint for it.
async fn identify(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    pending: PendingLogin,
    tokens: TokenResponse,
) -> Result<Box<CompletedLogin>, OAuthError> {
    let settings = &client.settings;
    let claims = tokens.members;
    let extra = (!claims.is_empty()).then(|| Value::Object(claims.clone()).to_string());
    let token =
        TokenData::of_credentials(tokens.credentials, extra.map(Secret::from), client.now());
    let fetched = match resolved.userinfo_endpoint {
        Some(_) if settings.may_identify() => {
            Some(userinfo::fetch(client, resolved, &token, None).await?)
        }
        _ => None,
    };
    let id = &settings.identity.id;
    let members = fetched.as_ref().and_then(Value::as_object);
    let subject = members.and_then(|members| identity::subject_at(members, id));
    let subject = subject.or_else(|| identity::subject_at(&claims, id));
    let profile = fetched.as_ref();
    let documents = Documents {
        claims: &claims,
        of_token: &serde_json::Map::new(),
        profile,
        id_token: None,
        unverified: None,
    };
    let identity = identification::user(client, resolved, subject, &documents, &token).await?;
    Ok(Box::new(CompletedLogin {
        identity,
        token,
        id_token: None,
        claims: UserInfo::default(),
        userinfo: fetched.or(Some(Value::Object(claims))),
        unverified_profile: None,
        return_to: pending.return_to,
        connects_in: pending.connects_in,
    }))
}

async fn send(
    client: &ProviderClient,
    oauth1: &OAuth1,
    request: Request<Bytes>,
    signing: &Signing<'_>,
) -> Result<Response<Bytes>, OAuthError> {
    let request = oauth1.signer.sign(request, signing, &stamp(client)?)?;
    client.send(request, client.document()).await
}

/// Section 3.3.
fn stamp(client: &ProviderClient) -> Result<Stamp, OAuthError> {
    Ok(Stamp { nonce: random::text::<16>()?, timestamp: client.now() })
}

impl PendingLogin {
    fn open(
        cookies: &PendingCookies<'_>,
        cookie_name: &str,
        client: &ProviderClient,
    ) -> Result<Self, BrowserError> {
        let pending: Self = attempt::open(cookies, cookie_name, client)?;
        attempt::check_age(pending.begun_at, client)?;
        Ok(pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cookies of the previous release stay valid while instances are replaced.
    #[test]
    fn sealed_record_keeps_its_format() {
        for record in [
            r#"{"k":"the-token","s":"the-secret","r":"/","t":1000,"a":"https://op.example"}"#,
            r#"{"k":"k","s":"s","r":"/x","c":"the-session","e":true,"t":1,"a":"https://op.example"}"#,
        ] {
            let pending: PendingLogin = serde_json::from_str(record).unwrap();
            assert_eq!(serde_json::to_string(&pending).unwrap(), record);
        }
    }
}
