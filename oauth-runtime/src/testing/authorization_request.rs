//! The authorization request and its rules (RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID
//! Connect Core 1.0 sections 3.1.2.1 and 3.3.2.1).

use url::Url;

use super::authorization_response::ResponseMode;
use super::claims_request::ClaimsRequest;
use super::client::RegisteredClient;
use super::id_token;
use super::parameters::Parameters;
use super::provider::Provider;
use super::scope::Scope;

/// The known authentication context classes (OpenID Connect Extended Authentication Profile ACR
/// Values 1.0). A chosen user is assumed to have authenticated as requested.
pub(super) const ACR_VALUES: [&str; 2] = ["phr", "phrh"];
/// The `acr` if no requested class is known (OpenID Connect Core 1.0 section 2).
const NO_ACR: &str = "0";

/// A checked authorization request that waits for the user's choice.
pub(super) struct AuthorizationRequest {
    pub(super) client_id: String,
    pub(super) redirect_uri: Url,
    /// The redirect URI as sent by the client; the token request must repeat it.
    pub(super) redirect_uri_text: String,
    pub(super) response_type: ResponseType,
    pub(super) response_mode: ResponseMode,
    pub(super) scope: Scope,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) code_challenge: String,
    pub(super) login_hint: Option<String>,
    /// The only accepted user; `None` accepts any user.
    pub(super) wanted_sub: Option<String>,
    pub(super) claims: ClaimsRequest,
    /// The `acr` of the ID token; `None` if it was not requested.
    pub(super) acr: Option<String>,
}

/// The content of the authorization response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseType {
    Code,
    /// The hybrid flow: an ID token comes with the code and vouches for it.
    CodeIdToken,
}

impl ResponseType {
    /// The names of the types in the metadata.
    pub(super) const NAMES: [&str; 2] = ["code", "code id_token"];
}

/// An error that is sent to the client (RFC 6749 section 4.1.2.1).
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) description: &'static str,
}

fn refuse<T>(code: &'static str, description: &'static str) -> Result<T, Refusal> {
    Err(Refusal { code, description })
}

fn invalid<T>(description: &'static str) -> Result<T, Refusal> {
    refuse("invalid_request", description)
}

impl AuthorizationRequest {
    /// Applies the rules whose violations are sent to the client.
    pub(super) fn check(
        provider: &Provider,
        parameters: &Parameters,
        client: &RegisteredClient,
        redirect_uri: Url,
    ) -> Result<Self, Refusal> {
        refuse_unsupported(parameters)?;
        let scope = Scope::parse(parameters.get("scope").unwrap_or_default());
        let Some(scope) = scope else {
            return refuse("invalid_scope", "scope contains an invalid character");
        };
        let response_type = response_type(parameters, &scope)?;
        let response_mode = response_mode(parameters, response_type)?;
        let code_challenge = code_challenge(parameters)?;
        let max_age = parameters.get("max_age").map(str::parse::<u32>);
        if max_age.is_some_and(|seconds| seconds.is_err()) {
            return invalid("max_age is not a number of seconds");
        }
        check_prompt(parameters.get("prompt").unwrap_or_default())?;
        let claims = match parameters.get("claims").map(ClaimsRequest::parse) {
            None => ClaimsRequest::default(),
            Some(Some(claims)) => claims,
            Some(None) => return invalid("claims is not a valid claims request"),
        };
        let text = |name| parameters.get(name).map(str::to_owned);
        Ok(Self {
            client_id: client.id.clone(),
            redirect_uri,
            redirect_uri_text: text("redirect_uri").unwrap_or_default(),
            response_type,
            response_mode,
            scope,
            state: text("state"),
            nonce: text("nonce"),
            code_challenge,
            login_hint: text("login_hint"),
            wanted_sub: wanted_sub(provider, parameters, &claims)?,
            acr: acr(parameters, &claims)?,
            claims,
        })
    }
}

fn refuse_unsupported(parameters: &Parameters) -> Result<(), Refusal> {
    for (parameter, code) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ] {
        if parameters.get(parameter).is_some() {
            return refuse(code, "this parameter is not supported");
        }
    }
    Ok(())
}

fn response_type(parameters: &Parameters, scope: &Scope) -> Result<ResponseType, Refusal> {
    match parameters.get("response_type") {
        Some("code") => Ok(ResponseType::Code),
        Some("code id_token" | "id_token code") => {
            if !scope.contains("openid") {
                return refuse("invalid_scope", "an ID token needs the scope openid");
            }
            if parameters.get("nonce").is_none() {
                return invalid("nonce is missing: this response_type requires it");
            }
            Ok(ResponseType::CodeIdToken)
        }
        Some(_) => refuse(
            "unsupported_response_type",
            "response_type must be \"code\" or \"code id_token\"",
        ),
        None => invalid("response_type is missing"),
    }
}

/// A code must not be in a fragment, and an ID token must not be in a query, which servers log.
fn response_mode(
    parameters: &Parameters,
    response_type: ResponseType,
) -> Result<ResponseMode, Refusal> {
    let asked = parameters.get("response_mode");
    if asked.is_some_and(|mode| !ResponseMode::NAMES.contains(&mode)) {
        return invalid("response_mode must be query, fragment or form_post");
    }
    match (response_type, ResponseMode::asked_for(parameters)) {
        (ResponseType::Code, ResponseMode::Fragment) => {
            invalid("response_mode must be query or form_post for this response_type")
        }
        (ResponseType::CodeIdToken, ResponseMode::Query) => {
            invalid("response_mode must be fragment or form_post for this response_type")
        }
        (_, mode) => Ok(mode),
    }
}

fn code_challenge(parameters: &Parameters) -> Result<String, Refusal> {
    let Some(code_challenge) = parameters.get("code_challenge") else {
        return invalid("code_challenge is missing: PKCE is required");
    };
    if parameters.get("code_challenge_method") != Some("S256") {
        return invalid("code_challenge_method must be S256");
    }
    if !is_sha256_in_base64url(code_challenge) {
        return invalid("code_challenge is not a SHA-256 in base64url");
    }
    Ok(code_challenge.to_owned())
}

fn is_sha256_in_base64url(text: &str) -> bool {
    text.len() == 43
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Each login shows the page to choose a user, which satisfies every `prompt` and `max_age`, except
/// `prompt=none`.
fn check_prompt(prompt: &str) -> Result<(), Refusal> {
    let values: Vec<&str> = prompt.split(' ').filter(|value| !value.is_empty()).collect();
    let known = ["none", "login", "consent", "select_account"];
    if values.iter().any(|value| !known.contains(value)) {
        return invalid("prompt contains an unknown value");
    }
    match (values.contains(&"none"), values.len()) {
        (false, _) => Ok(()),
        (true, 1) => refuse("login_required", "this provider has no sessions"),
        (true, _) => invalid("prompt=none cannot be combined"),
    }
}

/// `id_token_hint`, or a value for the claim `sub`, requests a specific user.
fn wanted_sub(
    provider: &Provider,
    parameters: &Parameters,
    claims: &ClaimsRequest,
) -> Result<Option<String>, Refusal> {
    let Some(hint) = parameters.get("id_token_hint") else {
        return Ok(claims.sub().map(str::to_owned));
    };
    match id_token::read_own(provider, hint) {
        Some(hint) => Ok(hint.get("sub").and_then(|sub| sub.as_str()).map(str::to_owned)),
        None => invalid("id_token_hint was not issued here"),
    }
}

/// The first requested class that is known.
fn acr(parameters: &Parameters, claims: &ClaimsRequest) -> Result<Option<String>, Refusal> {
    let by_parameter = parameters.get("acr_values").unwrap_or_default().split(' ');
    let mut asked = claims.acr_values().chain(by_parameter).filter(|acr| !acr.is_empty());
    let Some(first) = asked.next() else { return Ok(None) };
    match std::iter::once(first).chain(asked).find(|acr| ACR_VALUES.contains(acr)) {
        Some(acr) => Ok(Some(acr.to_owned())),
        None if claims.acr_is_essential() => refuse(
            "unmet_authentication_requirements",
            "none of the requested authentication context classes is known",
        ),
        None => Ok(Some(NO_ACR.to_owned())),
    }
}
