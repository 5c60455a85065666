//! The authorization endpoint (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2).
//!
//! It has two steps. [`receive`] checks a request and stores it under a one-time ID. [`decide`]
//! takes that ID and the user's choice, and creates the response. The choice comes from the page,
//! or from [`TestProvider::sign_in`](super::TestProvider::sign_in), which uses the same two
//! functions.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::authorization_request::{AuthorizationRequest, Refusal, ResponseType};
use super::authorization_response::{AuthorizationResponse, ResponseMode};
use super::client::RegisteredClient;
use super::grant::Grant;
use super::id_token::{self, Binding};
use super::pages;
use super::parameters::{Parameters, Repeated};
use super::person::Person;
use super::provider::Provider;

/// Lifetime of the page, in seconds.
const REQUEST_LIFETIME: i64 = 600;

/// The outcome of a request or a choice.
pub(super) enum Outcome {
    /// The user has to choose; the request is stored under this ID.
    Choose(String, Arc<AuthorizationRequest>),
    /// The browser is redirected to the client.
    Respond(AuthorizationResponse),
    /// The client or its redirect URI is unknown, so the browser must not be redirected (RFC 6749
    /// section 4.1.2.1).
    Refuse(String),
}

/// The choice of the user.
pub(super) enum Choice {
    SignIn(Arc<Person>),
    Deny,
}

impl Choice {
    /// The button in a submitted form.
    pub(super) fn of_form(provider: &Provider, form: &Parameters) -> Option<Self> {
        match form.get("person") {
            Some(sub) => {
                let person = provider.people.iter().find(|person| person.sub() == sub)?;
                Some(Self::SignIn(Arc::clone(person)))
            }
            None => form.get("deny").map(|_| Self::Deny),
        }
    }
}

pub(super) fn receive(provider: &Provider, encoded: &[u8]) -> Outcome {
    let parameters = match Parameters::parse(encoded) {
        Ok(parameters) => parameters,
        Err(Repeated(name)) => return Outcome::Refuse(format!("{name} is given more than once.")),
    };
    let (client, redirect_uri) = match find_client(provider, &parameters) {
        Ok(found) => found,
        Err(reason) => return Outcome::Refuse(reason),
    };
    match AuthorizationRequest::check(provider, &parameters, client, redirect_uri.clone()) {
        Ok(request) => {
            let request = Arc::new(request);
            let id = provider.random.identifier();
            let expires_at = provider.clock.now() + REQUEST_LIFETIME;
            provider.requests.insert(id.clone(), Arc::clone(&request), expires_at);
            Outcome::Choose(id, request)
        }
        Err(refusal) => {
            let mode = ResponseMode::of_refusal(&parameters);
            let state = parameters.get("state").map(str::to_owned);
            let response = refusal.into_response();
            Outcome::Respond(AuthorizationResponse::new(
                provider,
                mode,
                redirect_uri,
                response,
                state,
            ))
        }
    }
}

pub(super) fn decide(provider: &Provider, request_id: &str, choice: Choice) -> Outcome {
    let now = provider.clock.now();
    let Some(request) = provider.requests.take(request_id, now) else {
        return Outcome::Refuse(
            "This sign-in has expired or has already been completed.".to_owned(),
        );
    };
    let response = match choice {
        Choice::SignIn(person) => grant(provider, &request, &person, now),
        Choice::Deny => {
            Err(Refusal { code: "access_denied", description: "the user denied access" })
        }
    };
    Outcome::Respond(AuthorizationResponse::new(
        provider,
        request.response_mode,
        request.redirect_uri.clone(),
        response.unwrap_or_else(Refusal::into_response),
        request.state.clone(),
    ))
}

/// The client's response parameters for the user: a code, and in the hybrid flow an ID token.
fn grant(
    provider: &Provider,
    request: &AuthorizationRequest,
    person: &Arc<Person>,
    now: i64,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    if request.wanted_sub.as_ref().is_some_and(|sub| sub != person.sub()) {
        let description = "the user is not the requested one";
        return Err(Refusal { code: "login_required", description });
    }
    let sid = provider.start_session(person);
    let grant = Arc::new(Grant::by_person(request, Arc::clone(person), now, sid));
    let code = provider.issue_code(Arc::clone(&grant), request);
    let mut response = vec![("code", code)];
    if request.response_type == ResponseType::CodeIdToken {
        let binding = Binding {
            nonce: request.nonce.as_deref(),
            code: Some(&response[0].1),
            access_token: None,
        };
        let id_token = id_token::issue(provider, &grant, person, &request.scope, &binding)
            .map_err(|_| Refusal { code: "server_error", description: "signing failed" })?;
        response.push(("id_token", id_token));
    }
    Ok(response)
}

/// The client and its redirect URI. Unless both are known, the browser is not redirected.
fn find_client<'p>(
    provider: &'p Provider,
    parameters: &Parameters,
) -> Result<(&'p RegisteredClient, Url), String> {
    let id = parameters.get("client_id").ok_or("client_id is missing.")?;
    let client = provider.client_or_reason(id)?;
    let text = parameters.get("redirect_uri").ok_or("redirect_uri is missing.")?;
    let redirect_uri = client
        .accept_redirect_uri(text)
        .ok_or_else(|| format!("“{text}” is not a redirect URI of client “{id}”."))?;
    Ok((client, redirect_uri))
}

impl Refusal {
    fn into_response(self) -> Vec<(&'static str, String)> {
        vec![("error", self.code.to_owned()), ("error_description", self.description.to_owned())]
    }
}

impl Outcome {
    fn into_response(self, provider: &Provider) -> Response {
        match self {
            Self::Choose(id, request) => pages::choose(provider, &id, &request),
            Self::Refuse(reason) => {
                pages::message(StatusCode::BAD_REQUEST, "Sign-in failed", &reason)
            }
            Self::Respond(response) => response.into_http(),
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

/// `POST /authorize`, which OpenID Connect Core 1.0 section 3.1.2.1 requires in addition to `GET`.
pub(super) async fn post(State(provider): State<Arc<Provider>>, form: Bytes) -> Response {
    receive(&provider, &form).into_response(&provider)
}

/// `POST /authorize/decision`: the form of the page to choose a user.
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
    Some((form.get("request")?, Choice::of_form(provider, form)?))
}
