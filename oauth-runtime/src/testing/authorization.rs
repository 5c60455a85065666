//! The authorization endpoint (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2).
//!
//! Two steps: [`receive`] checks a request and remembers it under a one-time id; [`decide`] takes
//! that id with the person's choice and makes the response. The page stands between them, or
//! [`TestProvider::sign_in`](super::TestProvider::sign_in), which goes through the same two.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::client::RegisteredClient;
use super::grant::Grant;
use super::pages;
use super::parameters::{Parameters, Repeated};
use super::person::Person;
use super::provider::Provider;
use super::scope::Scope;
use super::spoil;

/// How long a person may look at the page, in seconds.
const REQUEST_LIFETIME: i64 = 600;

/// A checked authorization request that waits for the person's choice.
pub(super) struct AuthorizationRequest {
    pub(super) client_id: String,
    pub(super) redirect_uri: Url,
    /// As the client wrote it; the token request must repeat it.
    pub(super) redirect_uri_text: String,
    pub(super) scope: Scope,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: String,
    pub(super) login_hint: Option<String>,
}

/// What follows from a request or a choice.
pub(super) enum Outcome {
    /// The person is to choose; the request is remembered under this id.
    Choose(String, Arc<AuthorizationRequest>),
    /// The person goes back to the client.
    Redirect(Url),
    /// The client or its redirect URI is unknown, so the person must not be sent there
    /// (RFC 6749 section 4.1.2.1).
    Refuse(String),
}

/// What the person chose.
pub(super) enum Choice {
    SignIn(Arc<Person>),
    Deny,
}

/// An error that the client is told by redirect (RFC 6749 section 4.1.2.1).
struct Refusal {
    code: &'static str,
    description: &'static str,
}

pub(super) fn receive(provider: &Provider, encoded: &[u8]) -> Outcome {
    let parameters = match Parameters::parse(encoded) {
        Ok(parameters) => parameters,
        Err(Repeated(name)) => return Outcome::Refuse(format!("{name} is given more than once.")),
    };
    let (client, redirect_uri, redirect_uri_text) = match find_client(provider, &parameters) {
        Ok(found) => found,
        Err(reason) => return Outcome::Refuse(reason),
    };
    let state = parameters.get("state").map(str::to_owned);
    match check(&parameters) {
        Ok((scope, code_challenge)) => {
            let request = Arc::new(AuthorizationRequest {
                client_id: client.id.clone(),
                redirect_uri,
                redirect_uri_text: redirect_uri_text.to_owned(),
                scope,
                state,
                nonce: parameters.get("nonce").map(str::to_owned),
                code_challenge,
                login_hint: parameters.get("login_hint").map(str::to_owned),
            });
            let id = provider.random.identifier();
            let expires_at = provider.clock.now() + REQUEST_LIFETIME;
            provider.requests.insert(id.clone(), Arc::clone(&request), expires_at);
            Outcome::Choose(id, request)
        }
        Err(refusal) => Outcome::Redirect(respond(
            provider,
            redirect_uri,
            vec![
                ("error", refusal.code.to_owned()),
                ("error_description", refusal.description.to_owned()),
            ],
            state,
        )),
    }
}

pub(super) fn decide(provider: &Provider, request_id: &str, choice: Choice) -> Outcome {
    let now = provider.clock.now();
    let Some(request) = provider.requests.take(request_id, now) else {
        return Outcome::Refuse(
            "This sign-in was finished already, or it took longer than ten minutes.".to_owned(),
        );
    };
    let response = match choice {
        Choice::SignIn(person) => {
            let grant = Grant::by_person(
                &request.client_id,
                person,
                request.scope.clone(),
                request.nonce.clone(),
                now,
            );
            let code = provider.issue_code(
                grant,
                request.redirect_uri_text.clone(),
                request.code_challenge.clone(),
            );
            vec![("code", code)]
        }
        Choice::Deny => vec![
            ("error", "access_denied".to_owned()),
            ("error_description", "the person denied access".to_owned()),
        ],
    };
    let redirect_uri = request.redirect_uri.clone();
    Outcome::Redirect(respond(provider, redirect_uri, response, request.state.clone()))
}

/// Who asks, and where the answer may go: unless both are known, nothing is sent anywhere.
fn find_client<'p, 'q>(
    provider: &'p Provider,
    parameters: &'q Parameters,
) -> Result<(&'p RegisteredClient, Url, &'q str), String> {
    let id = parameters.get("client_id").ok_or("client_id is missing.")?;
    let client = provider.client(id).ok_or_else(|| format!("There is no client “{id}”."))?;
    let text = parameters.get("redirect_uri").ok_or("redirect_uri is missing.")?;
    let redirect_uri = client
        .accept_redirect_uri(text)
        .ok_or_else(|| format!("“{text}” is not a redirect URI of client “{id}”."))?;
    Ok((client, redirect_uri, text))
}

/// The rules whose violation the client is told.
fn check(parameters: &Parameters) -> Result<(Scope, String), Refusal> {
    let refuse = |code, description| Err(Refusal { code, description });
    for (parameter, code) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ] {
        if parameters.get(parameter).is_some() {
            return refuse(code, "this parameter is not supported");
        }
    }
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => return refuse("unsupported_response_type", "response_type must be code"),
        None => return refuse("invalid_request", "response_type is missing"),
    }
    if !matches!(parameters.get("response_mode"), None | Some("query")) {
        return refuse("invalid_request", "response_mode must be query");
    }
    let Some(code_challenge) = parameters.get("code_challenge") else {
        return refuse("invalid_request", "code_challenge is missing: PKCE is demanded");
    };
    if parameters.get("code_challenge_method") != Some("S256") {
        return refuse("invalid_request", "code_challenge_method must be S256");
    }
    if !is_sha256_in_base64url(code_challenge) {
        return refuse("invalid_request", "code_challenge is not a SHA-256 in base64url");
    }
    let Some(scope) = Scope::parse(parameters.get("scope").unwrap_or_default()) else {
        return refuse("invalid_scope", "scope holds a character that is not allowed");
    };
    if let Some(max_age) = parameters.get("max_age")
        && max_age.parse::<u32>().is_err()
    {
        return refuse("invalid_request", "max_age is not a number of seconds");
    }
    check_prompt(parameters.get("prompt").unwrap_or_default())?;
    Ok((scope, code_challenge.to_owned()))
}

/// Whoever comes chooses a person anew, which satisfies every `prompt` and `max_age` but `none`.
fn check_prompt(prompt: &str) -> Result<(), Refusal> {
    let values: Vec<&str> = prompt.split(' ').filter(|value| !value.is_empty()).collect();
    let known = ["none", "login", "consent", "select_account"];
    if values.iter().any(|value| !known.contains(value)) {
        return Err(Refusal {
            code: "invalid_request",
            description: "prompt holds an unknown value",
        });
    }
    match (values.contains(&"none"), values.len()) {
        (false, _) => Ok(()),
        (true, 1) => {
            Err(Refusal { code: "login_required", description: "nobody is signed in here, ever" })
        }
        (true, _) => {
            Err(Refusal { code: "invalid_request", description: "prompt=none cannot be combined" })
        }
    }
}

fn is_sha256_in_base64url(text: &str) -> bool {
    text.len() == 43
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// The authorization response: what is said, then `state` and `iss` (RFC 9207).
fn respond(
    provider: &Provider,
    mut redirect_uri: Url,
    mut response: Vec<(&'static str, String)>,
    state: Option<String>,
) -> Url {
    response.extend(state.map(|state| ("state", state)));
    response.push(("iss", provider.issuer.clone()));
    spoil::authorization_response(provider, &mut response);
    redirect_uri.query_pairs_mut().extend_pairs(response);
    redirect_uri
}

impl Outcome {
    fn into_response(self, provider: &Provider) -> Response {
        match self {
            Self::Choose(id, request) => pages::choose(provider, &id, &request),
            Self::Refuse(reason) => {
                pages::message(StatusCode::BAD_REQUEST, "This sign-in cannot go on", &reason)
            }
            Self::Redirect(location) => redirect(&location),
        }
    }
}

/// 303, so that the choice's POST becomes a GET at the client (RFC 9700 section 4.12).
pub(super) fn redirect(location: &Url) -> Response {
    match HeaderValue::try_from(location.as_str()) {
        Ok(location) => (
            StatusCode::SEE_OTHER,
            [
                (header::LOCATION, location),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ],
        )
            .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// `GET /authorize`
pub(super) async fn get(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
) -> Response {
    receive(&provider, query.unwrap_or_default().as_bytes()).into_response(&provider)
}

/// `POST /authorize`, which OpenID Connect Core 1.0 section 3.1.2.1 demands beside GET.
pub(super) async fn post(State(provider): State<Arc<Provider>>, form: Bytes) -> Response {
    receive(&provider, &form).into_response(&provider)
}

/// `POST /authorize/decision`: a button of the page was pressed.
pub(super) async fn decision(State(provider): State<Arc<Provider>>, form: Bytes) -> Response {
    let outcome = match Parameters::parse(&form) {
        Ok(form) => match chosen(&provider, &form) {
            Some((request_id, choice)) => decide(&provider, request_id, choice),
            None => Outcome::Refuse("The form is incomplete.".to_owned()),
        },
        Err(Repeated(name)) => Outcome::Refuse(format!("{name} is given more than once.")),
    };
    outcome.into_response(&provider)
}

fn chosen<'f>(provider: &Provider, form: &'f Parameters) -> Option<(&'f str, Choice)> {
    let choice = match form.get("person") {
        Some(sub) => {
            Choice::SignIn(Arc::clone(provider.people.iter().find(|person| person.sub() == sub)?))
        }
        None => form.get("deny").map(|_| Choice::Deny)?,
    };
    Some((form.get("request")?, choice))
}
