//! The generated routes of one provider: login and callback.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::login::authorization_url::LoginRedirect;
use super::login::authorize_redirect::Beginning;
use super::login::connection::VerifiedConnection;
use super::login::handler::{Ended, OnConnect, OnError, OnLogin, VerifiedLogin};
use super::login::{self, CallbackResult, Outcome, Tokens, sign_in};
use super::login::{connect, initiate};
use super::logout::backchannel::backchannel_logout;
use super::page::development;
use super::page::error_context::ErrorContext;
use super::page::pages::{Action, Forms, Page, harden};
use super::page::viewer::Viewer;
use super::placement;
use super::session::cookies;
use super::state::HasState;
use super::visit::{Verdict, Visit};
use crate::error::{BrowserError, CallError, OAuthError};
use crate::flow::login::Purpose;
use crate::flow::login::scope_request;
use crate::flow::provider_client::ProviderClient;
use crate::identity::Identity;
use crate::pages::Text;
use crate::pages::phrase::Phrase;
use crate::protocol::authorization_request::ResponseMode;
use crate::protocol::parameter;
use crate::registry::sessions::Sessions;
use crate::text::has_hidden;
use crate::token::owner::Owner;
use crate::web::session::Session;

/// Maximum length of a parameter that the route of a login forwards, in bytes.
const MAX_LOGIN_PARAM: usize = 512;

/// The state of the routes of one provider.
pub(crate) struct ProviderRoutes<S> {
    pub(super) client: Arc<ProviderClient>,
    pub(super) on_login: OnLogin<S>,
    pub(super) on_connect: OnConnect<S>,
    pub(super) on_error: Option<Arc<OnError<S>>>,
}

/// The routes as a router, with those that only some providers have.
pub(super) fn provider_router<S, Outer>(routes: &Arc<ProviderRoutes<S>>) -> Router<Outer>
where
    S: Clone + Send + Sync + 'static,
    Outer: HasState<S> + Clone + Send + Sync + 'static,
{
    let settings = &routes.client.settings;
    let [by_get, by_post, callback_by_get, callback_by_post] =
        std::array::from_fn(|_| Arc::clone(routes));
    let login = get(move |State(outer): State<Outer>, request: Request| {
        by_get.login(outer.state(), request)
    })
    .post(move |State(outer): State<Outer>, request: Request| {
        by_post.login(outer.state(), request)
    });
    let mut callback = get(move |State(outer): State<Outer>, request: Request| {
        callback_by_get.callback(outer.state(), request)
    });
    if settings.response_mode == ResponseMode::FormPost {
        callback = callback.post(move |State(outer): State<Outer>, request: Request| {
            callback_by_post.callback(outer.state(), request)
        });
    }
    let mut router =
        Router::new().route(&settings.login_path, login).route(&settings.callback_path, callback);
    if routes.connects() {
        router = router.merge(connect::route(routes));
    }
    if let Some(path) = &settings.initiate_path {
        router = router.merge(initiate::route(path, routes));
    }
    if let Some(path) = &settings.backchannel_logout_path {
        let client = Arc::clone(&routes.client);
        let reported = async move |request: Request| backchannel_logout(client, request).await;
        router = router.route(path, post(reported));
    }
    router
}

impl<S: Clone + Send + Sync + 'static> ProviderRoutes<S> {
    /// `GET login?return_to=/path`: starts a login. A signed-in user is asked first; the
    /// form posts to the same URL.
    pub(super) async fn login(self: Arc<Self>, state: S, request: Request) -> Response {
        let (parts, _) = request.into_parts();
        match self.begin_login(&parts).await {
            Ok(response) => response,
            Err(error) => self.failed(error, parts, state).await,
        }
    }

    async fn begin_login(&self, parts: &Parts) -> Result<Response, OAuthError> {
        let shared = &self.client.shared;
        let visit = Visit::of(&shared.public_url, parts)?;
        if let Some(location) = development::under_right_name(&shared.public_url, parts) {
            return Ok(Redirect::temporary(&location).into_response());
        }
        development::warn_of_other_port(&shared.public_url, parts);
        placement::check(&shared.public_url, parts)?;
        if self.only_connects() {
            return Ok(Redirect::to(&self.address(&self.client.settings.connect_path, parts))
                .into_response());
        }
        let session = match visit.is_from_here() {
            true => None,
            // Boxed: most logins start with a click on a page of this application.
            false => {
                let sessions = Sessions::new(Arc::clone(shared));
                Box::pin(async move { sessions.of_headers(&parts.headers).await }).await
            }
        };
        let permit = match (visit.verdict_on_login(session.is_some()), session) {
            (Verdict::Go(permit), _) => permit,
            (Verdict::Ask, Some(session)) => return Ok(self.ask_to_sign_in(&session, parts)),
            _ => return Ok(Redirect::to(&self.login_address(parts)).into_response()),
        };
        let begun = self.beginning(parts).begin(permit).await?;
        let mut response = LoginRedirect::from(begun).into_response();
        // Keeps the browser from posting the form to the provider too.
        if parts.method == Method::POST {
            *response.status_mut() = StatusCode::SEE_OTHER;
        }
        Ok(response)
    }

    /// Whether the route of a login has no use but to connect an account.
    fn only_connects(&self) -> bool {
        self.on_login.0.is_none() && !self.client.settings.may_identify()
    }

    /// The URL of the login as the browser sees it.
    fn login_address(&self, parts: &Parts) -> String {
        self.address(&self.client.settings.login_path, parts)
    }

    /// The address of a route, with the query of this request.
    fn address(&self, path: &str, parts: &Parts) -> String {
        let path = self.client.shared.public_url.outside(path);
        match parts.uri.query() {
            Some(query) => format!("{path}?{query}"),
            None => path,
        }
    }

    /// A login replaces the current session, so a user who came by another site, a typed address or
    /// a link in an email has to confirm it.
    fn ask_to_sign_in(&self, session: &Session, parts: &Parts) -> Response {
        let text = Phrase::of(Text::SignInAgainText)
            .provider(&self.client.settings.display_name)
            .user(session.identity.display_name());
        let action = self.login_address(parts);
        let page = Page {
            status: StatusCode::OK,
            title: Phrase::of(Text::SignInAgainTitle),
            text: &[text],
            quote: None,
            actions: vec![Action::Post {
                label: Phrase::of(Text::SignInAgain),
                action: &action,
                fields: Vec::new(),
            }],
        };
        let viewer = Viewer::of(&parts.headers, &self.client.shared);
        page.asking(Forms::Leave, self.beginning(parts).into_return_to(), &viewer)
    }

    /// The login or connection that a query describes.
    pub(super) fn beginning(&self, parts: &Parts) -> Beginning {
        let query = parts.uri.query().unwrap_or_default();
        let mut login = Beginning::new(Arc::clone(&self.client));
        login.with_cookies_of(&parts.headers);
        if let Some(path) = parameter::only(query, "return_to") {
            login.return_to(&path);
        }
        let asked = parameter::only(query, scope_request::PARAMETER);
        if let Some(scopes) = asked.and_then(|sealed| self.client.scopes_asked_for(&sealed)) {
            login.asks_for(scopes);
        }
        for name in &self.client.settings.login_params {
            let value = parameter::only(query, name).filter(|value| is_plain_value(value));
            if let Some(value) = value {
                login.param(name, &value);
            }
        }
        login
    }

    /// `GET callback?code=…&state=…`, or a `POST` of it: completes the login. Whatever the outcome,
    /// the cookie of the attempt is no longer needed.
    pub(super) async fn callback(self: Arc<Self>, state: S, request: Request) -> Response {
        let client = &self.client;
        let purpose = if self.connects() { Purpose::Any } else { Purpose::Login };
        let CallbackResult { parts, outcome, attempt } =
            login::finish(client, request, purpose).await;
        let question = self.answered_question(&parts, &outcome, attempt.as_deref());
        let mut response = match outcome {
            Ok(Outcome::Login(ended)) => self.succeeded(ended, parts, state).await,
            Ok(Outcome::Connection(ended)) => self.connected(ended, parts, state).await,
            // This route rejects a connection only if nothing would handle it.
            Err(OAuthError::Browser(BrowserError::OtherPurpose { .. })) => {
                self.failed(CallError::NoOnConnect.into(), parts, state).await
            }
            Err(error) => self.failed(error, parts, state).await,
        };
        let headers = response.headers_mut();
        harden(headers);
        if let Some(question) = question {
            let shared = &client.shared;
            let (name, is_https) =
                (&shared.cookie_names.scope_question, shared.public_url.is_https());
            cookies::set(headers, name, &question, scope_request::QUESTION_LIFETIME, is_https);
        }
        if let Some(name) = attempt {
            cookies::clear(headers, &name, client.shared.public_url.is_https());
        }
        response
    }

    /// Whether accounts can be connected by the generated routes.
    pub(super) fn connects(&self) -> bool {
        self.on_connect.0.is_some() || self.client.settings.stores_connections()
    }

    async fn succeeded(&self, ended: Box<VerifiedLogin>, mut parts: Parts, state: S) -> Response {
        let Some(on_login) = &self.on_login.0 else {
            // Boxed, like the application's handler: it would enlarge every callback's future.
            return match Box::pin(built_in(ended)).await {
                Ok(response) => response,
                Err(error) => self.failed(error, parts, state).await,
            };
        };
        if ended.earlier.is_some() {
            Sessions::new(Arc::clone(&self.client.shared)).hide(&mut parts.extensions);
        }
        let context = ErrorContext::of_login(&parts.headers, &self.client);
        self.answered(context, on_login(ended, parts, state)).await
    }

    async fn connected(&self, ended: Box<VerifiedConnection>, parts: Parts, state: S) -> Response {
        let Some(on_connect) = &self.on_connect.0 else {
            // Boxed like the end of a login.
            return match Box::pin(connect::built_in(*ended)).await {
                Ok(response) => response,
                Err(error) => self.failed(error, parts, state).await,
            };
        };
        let context = ErrorContext::of_login(&parts.headers, &self.client);
        self.answered(context, on_connect(ended, parts, state)).await
    }

    /// Awaits the application's handler.
    async fn answered(&self, context: ErrorContext, ended: Ended<S>) -> Response {
        match ended {
            Ok(response) => context.within(response).await,
            Err(misfit) => {
                let (error, parts, state) = *misfit;
                self.failed(error, parts, state).await
            }
        }
    }

    pub(super) async fn failed(&self, error: OAuthError, parts: Parts, state: S) -> Response {
        if let OAuthError::Browser(
            BrowserError::CookiesWithheld(_) | BrowserError::AlreadySignedIn { .. },
        ) = error
        {
            return error.response(&ErrorContext::of_login(&parts.headers, &self.client));
        }
        let context = ErrorContext::of_login(&parts.headers, &self.client);
        context.answer(error, parts, state, self.on_error.as_deref()).await
    }

    /// The cookie value that records the answer to a question for more scopes.
    fn answered_question(
        &self,
        parts: &Parts,
        outcome: &Result<Outcome, OAuthError>,
        attempt: Option<&str>,
    ) -> Option<String> {
        let name = &self.client.shared.cookie_names.scope_question;
        let sealed = cookies::find(&parts.headers, name)?;
        let login = match outcome.as_ref().ok()? {
            Outcome::Login(ended) => &ended.login,
            Outcome::Connection(ended) => &ended.login,
        };
        let subject = login.identity.as_ref().map_or("", Identity::subject);
        self.client.answered_question(sealed, attempt?, subject)
    }
}

/// Whether a value of the query is short and without hidden characters, so that it can be forwarded.
fn is_plain_value(value: &str) -> bool {
    !value.is_empty() && value.len() <= MAX_LOGIN_PARAM && !has_hidden(value)
}

/// Signs the user in and redirects to `return_to`.
async fn built_in(ended: Box<VerifiedLogin>) -> Result<Response, OAuthError> {
    let VerifiedLogin { client, login, earlier } = *ended;
    let no_identity = || CallError::NoIdentity(client.name().to_owned());
    let identity = login.identity.ok_or_else(no_identity)?;
    let owner = Owner::from(&identity);
    let tokens = Tokens { tokens: &login.token, id_token: login.id_token.as_ref() };
    let session = sign_in(&client, identity, owner, tokens, earlier.as_deref()).await?;
    Ok((session, Redirect::to(&login.return_to)).into_response())
}
