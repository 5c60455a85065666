//! A login, whatever protocol the provider speaks: its options and its result.

pub(crate) mod attempt;
pub(super) mod authorization_code;
pub(crate) mod callback_params;
pub(crate) mod device;
pub(crate) mod id_token;
pub(super) mod identification;
pub(super) mod oauth1;
pub(super) mod pending_login;
pub(crate) mod received_code;
mod received_tokens;
pub(crate) mod scope_request;
pub(crate) mod userinfo;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use self::attempt::PendingCookies;
use super::provider_client::ProviderClient;
use crate::crypto::secret::Secret;
use crate::error::{CallError, OAuthError};
use crate::flow::extra_parameters::ExtraParameters;
use crate::identity::user_info::UserInfo;
use crate::identity::{Identity, UnverifiedProfile};
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::exchange_trace;
use crate::protocol::id_token::IdToken;
use crate::protocol::parameter;
use crate::token::TokenData;
use crate::url::endpoint::RedactedUrl;
use crate::url::redirect_uri::RedirectUri;

/// The redirect that starts a login.
pub(crate) struct StartedLogin {
    /// The URL at the authorization endpoint.
    pub(crate) location: String,
    pub(crate) cookie_name: String,
    pub(crate) cookie_value: String,
}

impl fmt::Debug for StartedLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartedLogin")
            .field("cookie_name", &self.cookie_name)
            .finish_non_exhaustive()
    }
}

/// The options of one login in addition to the declaration.
#[derive(Default)]
pub(crate) struct LoginOptions {
    pub(crate) return_to: String,
    /// The session in which an account is to be connected; `None` for a login.
    pub(crate) connects_in: Option<String>,
    /// Whether to keep a session that starts before the login completes: the login was started
    /// because there was none.
    pub(crate) spares_session: bool,
    /// Parameters that replace those of the declaration.
    pub(crate) params: ExtraParameters,
    /// Parameters of the token request that replace those of the declaration.
    pub(crate) token_params: ExtraParameters,
    /// Seconds.
    pub(crate) max_age: Option<u32>,
    pub(crate) claims: ClaimsRequest,
    pub(crate) overrides: Overrides,
}

/// Values of the caller that replace generated ones.
#[derive(Default)]
pub(crate) struct Overrides {
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) code_verifier: Option<Secret>,
    pub(crate) redirect_uri: Option<RedirectUri>,
}

/// The values may be about a user.
impl fmt::Debug for LoginOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginOptions")
            .field("return_to", &RedactedUrl::from(&*self.return_to))
            .field("params", &self.params)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}

/// A verified login.
#[derive(Debug)]
pub(crate) struct CompletedLogin {
    /// `None` for a provider that identifies no users.
    pub(crate) identity: Option<Identity>,
    pub(crate) token: TokenData,
    pub(crate) id_token: Option<IdToken>,
    /// The claims of the ID token; empty if there is none.
    pub(crate) claims: UserInfo,
    /// The provider's other document about the user; `None` if the claims are complete.
    pub(crate) userinfo: Option<Value>,
    /// An unsigned profile that the provider sends through the browser.
    pub(crate) unverified_profile: Option<UnverifiedProfile>,
    pub(crate) return_to: String,
    /// The session in which the account is to be connected, which is the current one; `None` for a
    /// login.
    pub(crate) connects_in: Option<String>,
}

/// The cookies and the session that a browser sends with an authorization response.
#[derive(Clone, Copy)]
pub(crate) struct Browser<'a> {
    /// The cookies of all its attempts.
    pub(crate) pending: &'a PendingCookies<'a>,
    /// The identifier of its session, if it has one.
    pub(crate) session: Option<&'a str>,
    /// The purpose of the attempts that the route completes. Others are rejected before they are
    /// consumed.
    pub(crate) purpose: Purpose,
}

/// Why a browser was sent to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To sign a user in.
    Login,
    /// To connect an account to the signed-in user.
    Connection,
    /// Either purpose: the attempt determines it.
    Any,
}

/// Starts a login.
///
/// # Errors
/// [`OAuthError::Call`] for a reserved parameter; when what the redirect needs of the provider
/// cannot be had, or the machine has no randomness.
pub(crate) async fn begin(
    client: &Arc<ProviderClient>,
    options: Box<LoginOptions>,
) -> Result<StartedLogin, OAuthError> {
    options.params.check()?;
    options.token_params.check()?;
    let started = match &client.settings.oauth1 {
        Some(_) if !options.token_params.as_slice().is_empty() => {
            Err(CallError::OtherProtocol("access_token_param").into())
        }
        // Boxed: it would enlarge the future of every login.
        Some(own) => Box::pin(oauth1::begin(client, own, options)).await,
        None => authorization_code::begin(client, options).await,
    }?;
    client.trace(|| exchange_trace::redirect(&started.location));
    Ok(started)
}

/// Completes a login with the parameters and cookies that the browser sends.
///
/// # Errors
/// [`OAuthError`] by the party at fault. After any error the earlier session is unchanged.
pub(crate) async fn finish(
    client: &Arc<ProviderClient>,
    parameters: &str,
    browser: Browser<'_>,
) -> Result<Box<CompletedLogin>, OAuthError> {
    client.trace(|| exchange_trace::parameters(parameters));
    match &client.settings.oauth1 {
        Some(own) => Box::pin(oauth1::finish(client, own, parameters, browser)).await,
        None => authorization_code::finish(client, parameters, browser).await,
    }
}

/// The cookie name for an unvalidated authorization response.
pub(crate) fn cookie_name(client: &ProviderClient, parameters: &str) -> Option<String> {
    match &client.settings.oauth1 {
        Some(_) => oauth1::cookie_name(client, parameters),
        None => authorization_code::cookie_name(client, parameters),
    }
}

/// Returns where the login led that this authorization response completed earlier in the same
/// browser. `None` unless the session, which started at `began`, is newer than that login.
///
/// # Errors
/// [`OAuthError::Store`].
pub(crate) async fn finished_earlier(
    client: &ProviderClient,
    parameters: &str,
    session_began_at: u64,
) -> Result<Option<String>, OAuthError> {
    let id = match &client.settings.oauth1 {
        Some(_) => oauth1::attempt_id(parameters).map(Cow::Owned),
        None => parameter::only(parameters, "state"),
    };
    let Some(id) = id else { return Ok(None) };
    let consumed = attempt::consumed(client, &id).await?;
    let consumed = consumed.filter(|login| session_began_at >= login.begun_at);
    Ok(consumed.map(|login| login.return_to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_started_login_shows_nothing() {
        let begun = StartedLogin {
            location: "https://op.example/authorize?state=hunter2".to_owned(),
            cookie_name: "oauth-login".to_owned(),
            cookie_value: "hunter2".to_owned(),
        };
        let hunter = || Some("hunter2".to_owned());
        let overrides = Overrides {
            state: hunter(),
            nonce: hunter(),
            code_verifier: Some(Secret::from("hunter2")),
            redirect_uri: None,
        };
        let mut options =
            LoginOptions { connects_in: hunter(), overrides, ..LoginOptions::default() };
        options.params.set("id_token_hint", "hunter2");
        let shown = format!("{begun:?} {begun:#?} {options:?} {options:#?}");
        assert!(shown.contains("oauth-login") && shown.contains("id_token_hint"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
