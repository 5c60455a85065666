//! Logins of devices without a browser (RFC 8628): the device authorization endpoint, the page for
//! the user code, and the grant that gives the device its tokens.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::TestProvider;
use super::authorization::Choice;
use super::client::RegisteredClient;
use super::client_authentication::authenticate;
use super::error::OAuthError;
use super::fault::Fault;
use super::grant::Grant;
use super::json::no_store_json;
use super::pages;
use super::parameters::Parameters;
use super::provider::Provider;
use super::scope::Scope;
use super::sign_in::SignInError;
use super::token::{read_form, tokens_for_user};

pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Lifetime of a device code, in seconds.
const LIFETIME: i64 = 600;
/// Seconds between two token requests; short, for development.
const INTERVAL: i64 = 1;
/// Seconds that `slow_down` adds to the interval (section 3.5).
const SLOWER_BY: i64 = 5;

/// A device that waits for a user.
pub(super) struct Device {
    pub(super) client_id: String,
    pub(super) scope: Scope,
    state: Mutex<DeviceState>,
}

struct DeviceState {
    decision: Decision,
    polled_at: i64,
    interval: i64,
}

#[derive(Clone)]
enum Decision {
    Pending,
    Granted(Arc<Grant>),
    Denied,
    /// The tokens were fetched.
    Used,
}

impl Device {
    fn state(&self) -> MutexGuard<'_, DeviceState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `POST /device_authorization` (section 3.1)
pub(super) async fn authorize(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    form: Bytes,
) -> Result<Response, OAuthError> {
    let parameters = read_form(&headers, &form)?;
    let client = authenticate(&provider, &headers, &parameters)?;
    let scope = Scope::parse(parameters.get("scope").unwrap_or_default())
        .ok_or_else(|| OAuthError::invalid_scope("scope contains an invalid character"))?;
    let now = provider.clock.now();
    let state = DeviceState { decision: Decision::Pending, polled_at: now, interval: INTERVAL };
    let device = Arc::new(Device { client_id: client.id.clone(), scope, state: Mutex::new(state) });
    let (device_code, user_code) = (provider.random.identifier(), provider.random.user_code());
    provider.devices.insert(device_code.clone(), Arc::clone(&device), now + LIFETIME);
    provider.user_codes.insert(user_code.clone(), device, now + LIFETIME);
    let page = match provider.faults.has(Fault::ScriptAsVerificationUri) {
        true => "javascript:alert(4)".to_owned(),
        false => format!("{}/device", provider.base_url),
    };
    let response = json!({
        "device_code": device_code,
        "verification_uri_complete": format!("{page}?user_code={user_code}"),
        "verification_uri": page,
        "user_code": user_code,
        "expires_in": LIFETIME,
        "interval": INTERVAL,
    });
    Ok(no_store_json(StatusCode::OK, &response))
}

/// The token request of a device (sections 3.4 and 3.5).
pub(super) fn redeem(
    provider: &Provider,
    client: &RegisteredClient,
    parameters: &Parameters,
) -> Result<Map<String, Value>, OAuthError> {
    let code = parameters
        .get("device_code")
        .ok_or_else(|| OAuthError::invalid_request("device_code is missing"))?;
    if provider.faults.has(Fault::DeviceCodeExpired) {
        return Err(OAuthError::expired_token());
    }
    let now = provider.clock.now();
    let device = provider.devices.get(code, now).ok_or_else(OAuthError::expired_token)?;
    if device.client_id != client.id {
        return Err(OAuthError::invalid_grant("the device code was issued to another client"));
    }
    let mut state = device.state();
    let is_early = now < state.polled_at + state.interval;
    state.polled_at = now;
    if is_early || provider.faults.has(Fault::DeviceSlowDown) {
        state.interval += SLOWER_BY;
        return Err(OAuthError::slow_down());
    }
    let grant = match &state.decision {
        Decision::Pending => return Err(OAuthError::authorization_pending()),
        Decision::Denied => return Err(OAuthError::access_denied()),
        Decision::Used => {
            return Err(OAuthError::invalid_grant("the device code has already been used"));
        }
        Decision::Granted(grant) => Arc::clone(grant),
    };
    state.decision = Decision::Used;
    drop(state);
    tokens_for_user(provider, &grant, &grant.scope, None)
}

/// `GET /device`: the page for the user code. With a code in the URL it is the page to choose a
/// user, who still has to compare the code (section 3.3.1).
pub(super) async fn page(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let Some(typed) = query.get("user_code") else { return pages::device_code(&provider, None) };
    let code = as_issued(typed);
    match waiting(&provider, &code) {
        Some(device) => pages::choose_for_device(&provider, &code, &device),
        None => pages::device_code(&provider, Some(typed)),
    }
}

/// `POST /device/decision`: the form of the page to choose a user.
pub(super) async fn decision(State(provider): State<Arc<Provider>>, form: Bytes) -> Response {
    let form = Parameters::parse(&form).unwrap_or_default();
    let choice = Choice::of_form(&provider, &form);
    let decided = form
        .get("user_code")
        .zip(choice)
        .is_some_and(|(code, choice)| decide(&provider, code, choice).is_ok());
    if decided {
        let text = "You can close this page and return to your device.";
        pages::message(StatusCode::OK, "Device connected", text)
    } else {
        let text = "This code has expired or has already been used.";
        pages::message(StatusCode::BAD_REQUEST, "Sign-in failed", text)
    }
}

fn decide(provider: &Provider, user_code: &str, choice: Choice) -> Result<(), SignInError> {
    let device = waiting(provider, &as_issued(user_code)).ok_or_else(|| {
        SignInError::Refused(format!("no device is waiting with the code {user_code:?}"))
    })?;
    let mut state = device.state();
    state.decision = match choice {
        Choice::Deny => Decision::Denied,
        Choice::SignIn(person) => {
            let (scope, now) = (device.scope.clone(), provider.clock.now());
            Decision::Granted(Arc::new(Grant::without_login(&device.client_id, person, scope, now)))
        }
    };
    Ok(())
}

/// The device that is waiting with this code.
fn waiting(provider: &Provider, user_code: &str) -> Option<Arc<Device>> {
    let device = provider.user_codes.get(user_code, provider.clock.now())?;
    let is_pending = matches!(device.state().decision, Decision::Pending);
    is_pending.then_some(device)
}

/// Case and punctuation are ignored (section 6.1).
fn as_issued(typed: &str) -> String {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric).take(8);
    let mut code: String = letters.map(|letter| letter.to_ascii_uppercase()).collect();
    if code.len() > 4 {
        code.insert(4, '-');
    }
    code
}

impl TestProvider {
    /// Approves the device that shows `user_code`, as if `person` had entered the code and chosen
    /// this user on the page. The next token request of the device receives tokens.
    ///
    /// ```
    /// # use oauth_runtime::prelude::*;
    /// # use oauth_runtime::testing::TestProvider;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "acme", issuer = "{issuer}", scopes("openid"), quirks(loopback_http))]
    /// # struct Acme { issuer: String }
    /// async fn ada_logs_in(provider: &TestProvider, acme: &Client<Acme>) -> Result<(), OAuthError> {
    ///     let device = acme.authorize_device().await?;
    ///     provider.approve_device(device.user_code(), "ada").expect("the device waits");
    ///     assert_eq!(device.await?.identity().subject(), "ada");
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`UnknownPerson`](SignInError::UnknownPerson): the user is unknown.
    /// - [`Refused`](SignInError::Refused): no device is waiting with this code.
    pub fn approve_device(&self, user_code: &str, person: &str) -> Result<(), SignInError> {
        decide(&self.provider, user_code, self.choice(person)?)
    }

    /// Denies access to the device, as if the user had done so on the page. Its next token request
    /// is refused with `access_denied`.
    ///
    /// # Errors
    ///
    /// [`Refused`](SignInError::Refused): no device is waiting with this code.
    pub fn deny_device(&self, user_code: &str) -> Result<(), SignInError> {
        decide(&self.provider, user_code, Choice::Deny)
    }
}
