//! The authorization code flow (RFC 6749 section 4.1, OpenID Connect Core 1.0 section 3.1) with
//! PKCE, and its hybrid with an ID token in addition to the code (section 3.3). The order of the
//! code follows the figure: redirect; response; token request; ID token; userinfo.
//!
//! A login moves through [`PendingLogin`], `Received`, `CodeReceived`, `CodeValidated`, `Exchanged`
//! and [`CompletedLogin`]; each step consumes the one before it, so nothing unverified can be
//! reached and nothing is used twice.

use std::sync::Arc;

use super::attempt;
use super::callback_params::{self, Kept};
use super::id_token::IdTokenRequest;
use super::identification::{self, TokenAnswer};
use super::pending_login::{self, PendingLogin};
use super::{Browser, CompletedLogin, LoginOptions, Overrides, StartedLogin};
use crate::crypto::secret::Secret;
use crate::declaration::spec::Quirk;
use crate::error::{BrowserError, CallError, OAuthError};
use crate::flow::extra_parameters;
use crate::flow::provider_client::ProviderClient;
use crate::identity::UnverifiedProfile;
use crate::protocol::authorization_response::{
    AuthorizationCode, AuthorizationResponse, AuthorizationResponseError, Expected, Granted,
};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;
use crate::protocol::given_value;
use crate::protocol::id_token::{HashBinding, IdToken, Nonce};
use crate::protocol::parameter;
use crate::protocol::pkce;
use crate::protocol::token_request;
use crate::protocol::token_response::TokenResponse;
use crate::settings::Resolved;

/// An unvalidated authorization response, in the browser that started the login.
struct Received {
    pending: Box<PendingLogin>,
    response: AuthorizationResponse,
}

/// A login whose response carries a code and comes from the right provider in the right browser.
struct CodeReceived {
    pending: Box<PendingLogin>,
    granted: Granted,
}

/// A login whose code may be exchanged.
struct CodeValidated {
    pending: Box<PendingLogin>,
    code: AuthorizationCode,
    extras: ResponseExtras,
}

/// The other parts of the authorization response.
struct ResponseExtras {
    /// Only in the hybrid flow.
    id_token: Option<Box<IdToken>>,
    /// Only if the issuer is a template.
    issuer: Option<String>,
    user: Option<String>,
}

/// A login whose code was exchanged for tokens; the user is not known yet.
struct Exchanged {
    pending: Box<PendingLogin>,
    extras: ResponseExtras,
    tokens: TokenResponse,
    received_at: u64,
}

/// Starts a login.
///
/// # Errors
/// When the provider's metadata are unavailable, or the system has no randomness.
pub(super) async fn begin(
    client: &Arc<ProviderClient>,
    options: Box<LoginOptions>,
) -> Result<StartedLogin, OAuthError> {
    if !client.settings.has_login {
        return Err(CallError::NoLogin.into());
    }
    let resolved = client.resolved().await?;
    let template = resolved.authorization_request.as_ref().ok_or(CallError::NoLogin)?;
    client.check_authority(resolved.authority.name())?;
    let max_age = stricter(client.settings.max_age, options.max_age);
    let demands = options.claims.demands();
    let mut pending = PendingLogin::begin(
        options.return_to,
        max_age,
        demands,
        client.now(),
        resolved.authority.name(),
    )?;
    pending.connects_in = options.connects_in;
    pending.token_params = options.token_params.into_pairs();
    pending.spares_session = options.spares_session;
    apply_overrides(client, &resolved, &mut pending, options.overrides)?;
    let is_open_id = client.settings.is_open_id();
    let challenge = resolved.with_pkce.then(|| pkce::code_challenge(&pending.code_verifier));
    let mut params = options.params;
    if let Some(seconds) = options.max_age {
        params.set("max_age", seconds.to_string());
    }
    if let Some(uri) = &pending.redirect_uri {
        params.set("redirect_uri", uri.clone());
    }
    if !options.claims.is_empty() {
        params.set("claims", options.claims.to_string());
    }
    let location = template.url(
        &pending.state,
        is_open_id.then_some(&pending.nonce),
        challenge.as_deref(),
        params.as_slice(),
    );
    let names = &client.shared.cookie_names;
    let cookie_name =
        pending_login::cookie_name(&pending.state, names).ok_or(OAuthError::Cryptography)?;
    let cookie_value = pending.seal(&cookie_name, client)?;
    Ok(StartedLogin { location, cookie_name, cookie_value })
}

/// Replaces generated values with those of the caller.
fn apply_overrides(
    client: &ProviderClient,
    resolved: &Resolved,
    pending: &mut PendingLogin,
    overrides: Overrides,
) -> Result<(), OAuthError> {
    if let Some(state) = overrides.state {
        given_value::check("state", &state)?;
        pending.state = state;
    }
    if let Some(nonce) = overrides.nonce {
        given_value::check("nonce", &nonce)?;
        if !client.settings.is_open_id() {
            return Err(CallError::UnusedValue("nonce").into());
        }
        pending.nonce = nonce;
    }
    if let Some(verifier) = overrides.code_verifier {
        given_value::check_code_verifier(&verifier)?;
        if !resolved.with_pkce {
            return Err(CallError::UnusedValue("code_verifier").into());
        }
        pending.code_verifier = verifier;
    }
    let redirect_uri = overrides.redirect_uri.map(|uri| client.whole_redirect_uri(&uri));
    pending.redirect_uri = redirect_uri.transpose()?;
    Ok(())
}

/// Completes a login with the parameters and cookies that the browser sends.
///
/// # Errors
/// [`OAuthError`] by the party at fault. After any error the earlier session is unchanged.
pub(super) async fn finish(
    client: &Arc<ProviderClient>,
    parameters: &str,
    browser: Browser<'_>,
) -> Result<Box<CompletedLogin>, OAuthError> {
    let parameters = &*client.settings.restored(parameters);
    let received = receive(client, parameters, browser)?;
    // After all checks that need no request.
    let resolved = client.resolved().await?;
    let answered = received.validate(client, &resolved)?;
    let PendingLogin { state, begun_at, return_to, .. } = &*answered.pending;
    attempt::consume(client, state, *begun_at, return_to).await?;
    let vouched = validate_code(client, &resolved, answered).await?;
    let kept = callback_params::kept(&client.settings, parameters);
    let exchanged = exchange(client, &resolved, vouched, kept).await?;
    verify(client, &resolved, exchanged).await
}

/// The cookie name for the response.
pub(super) fn cookie_name(client: &ProviderClient, parameters: &str) -> Option<String> {
    let state = parameter::only(parameters, "state")?;
    pending_login::cookie_name(&state, &client.shared.cookie_names)
}

/// Matches the authorization response with its pending login.
fn receive(
    client: &ProviderClient,
    parameters: &str,
    browser: Browser<'_>,
) -> Result<Received, OAuthError> {
    let response = AuthorizationResponse::parse(parameters).map_err(BrowserError::from)?;
    let pending = pending_login(client, &response, browser).inspect_err(|_| {
        client.log_unverified(response.unverified_error());
    })?;
    attempt::check_purpose(pending.connects_in.as_deref(), browser)?;
    attempt::check_session(pending.spares_session, &pending.return_to, browser)?;
    Ok(Received { pending, response })
}

impl Received {
    /// Checks that the response answers the request of this login and comes from the right
    /// provider.
    fn validate(
        self,
        client: &ProviderClient,
        resolved: &Resolved,
    ) -> Result<CodeReceived, OAuthError> {
        let Self { pending, response } = self;
        attempt::check_authority(&pending.authority, resolved.authority.name())?;
        let expected = Expected {
            state: &pending.state,
            issuer: resolved.issuer.as_deref(),
            tenants: client.settings.tenants.as_ref(),
            issuer_required: resolved.response_issuer_required,
            id_token: client.settings.is_hybrid,
        };
        let granted = response.validate(&expected).map_err(BrowserError::from)?;
        let granted = granted.map_err(|response| declined(client, response))?;
        Ok(CodeReceived { pending, granted })
    }
}

/// Returns the login that a response belongs to by its `state`.
fn pending_login(
    client: &ProviderClient,
    response: &AuthorizationResponse,
    browser: Browser<'_>,
) -> Result<Box<PendingLogin>, BrowserError> {
    let name = pending_login::cookie_name(response.state(), &client.shared.cookie_names)
        .ok_or(AuthorizationResponseError::StateMismatch)?;
    PendingLogin::open(browser.pending, &name, client).map(Box::new)
}

/// In the hybrid flow an ID token validates the code before it is used (OpenID Connect Core 1.0
/// section 3.3.2.10).
async fn validate_code(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    CodeReceived { pending, granted }: CodeReceived,
) -> Result<CodeValidated, OAuthError> {
    let Granted { code, issuer, id_token, user } = granted;
    let id_token = match id_token {
        None => None,
        Some(compact) => {
            let hash_binding = HashBinding::Code { code: code.expose(), state: &pending.state };
            // Boxed: it would make the callback of every provider larger.
            let verified = verify_id_token(client, resolved, &pending, &compact, hash_binding);
            Some(Box::new(Box::pin(verified).await?))
        }
    };
    Ok(CodeValidated { pending, code, extras: ResponseExtras { id_token, issuer, user } })
}

fn declined(client: &ProviderClient, response: ErrorResponse) -> OAuthError {
    client
        .provider_error(ProviderError::Declined { endpoint: EndpointKind::Authorization, response })
}

/// Exchanges the code for tokens.
async fn exchange(
    client: &ProviderClient,
    resolved: &Resolved,
    CodeValidated { pending, code, extras }: CodeValidated,
    kept: Option<Box<Kept>>,
) -> Result<Exchanged, OAuthError> {
    let settings = &client.settings;
    let params = callback_params::filled(settings.params(EndpointKind::Token), kept.as_deref());
    let request = token_request::authorization_code(
        &resolved.token_endpoint,
        &client.authentication(resolved)?,
        code,
        pending.redirect_uri.as_deref().unwrap_or(settings.sent_redirect_uri()),
        resolved.with_pkce.then_some(&pending.code_verifier),
        extra_parameters::replacing(&pending.token_params, &params),
    );
    let (mut tokens, received_at) = client.request_tokens(request).await?;
    if let Some(kept) = kept {
        kept.add_to(&mut tokens);
    }
    Ok(Exchanged { pending, extras, tokens, received_at })
}

/// Checks that the tokens answer this login.
async fn verify(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    Exchanged { pending, extras, mut tokens, received_at }: Exchanged,
) -> Result<Box<CompletedLogin>, OAuthError> {
    let settings = &client.settings;
    let id_token = if settings.is_open_id() {
        let compact = tokens.id_token.take();
        let compact =
            compact.ok_or_else(|| client.provider_error(ProviderError::IdTokenMissing))?;
        let hash_binding = HashBinding::AccessToken(&tokens.access_token);
        Some(verify_id_token(client, resolved, &pending, &compact, hash_binding).await?)
    } else {
        None
    };
    if let Some(id_token) = &id_token {
        compare_with_response(client, &extras, id_token)?;
    }
    let unverified_profile = extras
        .user
        .filter(|_| settings.has_quirk(Quirk::UserInResponse))
        .and_then(|user| UnverifiedProfile::read(&user));
    let answer = TokenAnswer { tokens, received_at, id_token, unverified_profile };
    let PendingLogin { return_to, connects_in, .. } = *pending;
    let mut login = identification::identify(client, resolved, answer, return_to).await?;
    login.connects_in = connects_in;
    Ok(login)
}

/// In the hybrid flow both ID tokens are about one user (OpenID Connect Core 1.0 section 3.3.3.6),
/// and the tenant of the response must be the issuer of the ID token.
fn compare_with_response(
    client: &ProviderClient,
    extras: &ResponseExtras,
    id_token: &IdToken,
) -> Result<(), OAuthError> {
    let first = extras.id_token.as_ref();
    if first.is_some_and(|first| !first.has_same_subject_as(id_token)) {
        return Err(client.provider_error(ProviderError::IdTokensDiffer));
    }
    if extras.issuer.as_ref().is_some_and(|issuer| issuer != id_token.issuer()) {
        return Err(BrowserError::Response(AuthorizationResponseError::IssuerMismatch).into());
    }
    Ok(())
}

/// The smaller of two limits.
fn stricter(a: Option<u32>, b: Option<u32>) -> Option<u32> {
    a.into_iter().chain(b).min()
}

/// Checks that the ID token answers this login.
async fn verify_id_token(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    pending: &PendingLogin,
    compact: &Secret,
    hash_binding: HashBinding<'_>,
) -> Result<IdToken, OAuthError> {
    let is_optional = client.settings.has_quirk(Quirk::MissingNonce)
        && matches!(hash_binding, HashBinding::AccessToken(_));
    let asked = IdTokenRequest {
        nonce: match is_optional {
            true => Nonce::Continued(Some(&pending.nonce)),
            false => Nonce::Demanded(&pending.nonce),
        },
        max_age: pending.max_age,
        demands: &pending.demands,
    };
    super::id_token::of_login(client, resolved, compact, hash_binding, &asked).await
}
