//! The page that asks for a login, and the way back to the requested page.

use crate::crypto::seal;
use crate::deployment::ProviderLink;
use crate::error::{BrowserError, OAuthError};
use crate::pages::Text;
use crate::pages::phrase::Phrase;
use crate::registry::sessions::Sessions;
use crate::url::public_url::PublicUrl;
use crate::web::login::handler::ErrorPage;
use crate::web::login::return_to::own_path;
use crate::web::page::client_kind::wants_json;
use crate::web::page::error_context::ErrorContext;
use crate::web::page::last_provider::last_provider;
use crate::web::page::pages::{Action, Page, harden};
use crate::web::page::rejection::json_response;
use crate::web::page::viewer::{AcceptLanguage, Viewer};
use crate::web::placement;
use axum::extract::OriginalUri;
use axum::http::header::REFERER;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use std::fmt::{self};
use std::sync::Arc;
use url::{Position, Url, form_urlencoded};

/// The page to return to: the requested one. A script requests no page: in this case it is the page
/// that the script runs in, if its `Referer` is on this site.
pub(crate) fn return_to(sessions: &Sessions, parts: &Parts) -> String {
    let public_url = &sessions.shared().public_url;
    if wants_json(&parts.headers) {
        return calling_page(public_url, parts).unwrap_or_else(|| public_url.home());
    }
    // A nested router sees a shortened path; visitors see the whole one.
    let original = parts.extensions.get::<OriginalUri>().map(|OriginalUri(uri)| uri);
    let path = original.unwrap_or(&parts.uri).path_and_query();
    // Only a page that can be requested again is worth returning to.
    let path = path.filter(|_| parts.method == Method::GET);
    let path = path.map_or("/", |path| path.as_str());
    public_url.outside(path)
}

/// Whether a request is for the application's own sign-in page, by any method: a redirect turns
/// them into `GET`.
fn requests_sign_in_page(sessions: &Sessions, parts: &Parts) -> bool {
    let shared = sessions.shared();
    let Some(page) = &shared.sign_in_page else { return false };
    let original = parts.extensions.get::<OriginalUri>().map(|OriginalUri(uri)| uri);
    page.is_of(&shared.public_url.outside(original.unwrap_or(&parts.uri).path()))
}

fn calling_page(public_url: &PublicUrl, parts: &Parts) -> Option<String> {
    let referer = Url::parse(parts.headers.get(REFERER)?.to_str().ok()?).ok()?;
    let is_ours = referer.origin().ascii_serialization() == public_url.origin();
    is_ours
        .then(|| own_path(public_url, &referer[Position::BeforePath..Position::AfterQuery]))
        .flatten()
}

/// A login is needed. As a response it is a page with a button for each provider; after the login
/// the user returns to the requested page. A script gets JSON:
/// `{"error": "login_required", "url": "/auth/github/login?return_to=…", "logins": […], …}`.
///
/// If the user is signed in with another provider and this provider's tokens are stored
/// (`keep_tokens`), it is a page with a button that connects an account, and `connection_required`
/// in JSON.
///
/// If the registry has a handler `on_error`, that handler answers instead of the page, with
/// [`BrowserError::NotLoggedIn`]; if it returns the error as a response, that is the page. Scripts
/// always get the JSON.
///
/// If the application has a [sign-in page](crate::RegistryBuilder::sign_in_page) of its own, the
/// response is a redirect to it instead of the page with the buttons.
pub struct LoginRequired {
    page: Arc<SignInPage>,
    wants_json: bool,
    /// The response of the handler `on_error`.
    answer: Option<Box<Response>>,
}

/// The content of the page that asks for a login.
#[derive(Debug)]
pub(crate) struct SignInPage {
    sessions: Sessions,
    /// The required provider; `None`: any.
    provider: Option<Arc<str>>,
    /// Whether the user is signed in but lacks an account at this provider.
    connects: bool,
    return_to: String,
    /// Whether the requested page is the home page, which then needs no link to itself.
    is_home: bool,
    accept_language: AcceptLanguage,
    /// The value of the cookie that remembers the last used provider.
    last_provider: Option<String>,
    /// Whether the application's own sign-in page was requested: a redirect would be a loop.
    is_sign_in_page: bool,
}

impl LoginRequired {
    pub(crate) fn new(sessions: Sessions, provider: Option<&Arc<str>>, parts: &Parts) -> Self {
        Self::of(sessions, provider, false, parts)
    }

    /// For a user who is signed in and needs an account at this provider, whose tokens are stored.
    pub(crate) fn connection(sessions: Sessions, provider: &Arc<str>, parts: &Parts) -> Self {
        Self::of(sessions, Some(provider), true, parts)
    }

    fn of(sessions: Sessions, provider: Option<&Arc<str>>, connects: bool, parts: &Parts) -> Self {
        let return_to = return_to(&sessions, parts);
        let is_sign_in_page = requests_sign_in_page(&sessions, parts);
        let is_home =
            parts.method == Method::GET && return_to == sessions.shared().public_url.home();
        let provider = provider.cloned();
        let accept_language = AcceptLanguage::of(&parts.headers);
        let last_provider = last_provider(sessions.shared(), &parts.headers);
        let page = SignInPage {
            sessions,
            provider,
            connects,
            return_to,
            is_home,
            accept_language,
            last_provider,
            is_sign_in_page,
        };
        Self { page: Arc::new(page), wants_json: wants_json(&parts.headers), answer: None }
    }

    /// Lets the application's handler answer, if the registry has one for this state.
    #[must_use]
    pub(crate) async fn answered_by<S: 'static>(mut self, parts: &Parts, state: &S) -> Self {
        let shared = self.page.sessions.shared();
        if !self.wants_json
            && !self.page.connects
            && let Some(on_error) = shared.sign_in_handlers.of::<ErrorPage<S>>()
        {
            let context = ErrorContext::of(&parts.headers, shared).asking_for(&self.page);
            let error = BrowserError::NotLoggedIn.into();
            let answer = (on_error.0)(error, parts.clone(), state);
            self.answer = Some(Box::new(context.within(answer).await));
        }
        self
    }
}

impl SignInPage {
    pub(super) fn response(&self, wants_json: bool) -> Response {
        let mut links = self.sessions.shared().links(self.provider.as_deref());
        // Stable: the others keep their order.
        links.sort_by_key(|link| !self.is_last(link));
        if let Some(link) = links.first() {
            placement::expect_routes(self.sessions.shared(), &link.path);
        }
        if wants_json {
            return self.json(&links);
        }
        self.redirect().unwrap_or_else(|| self.page(&links))
    }

    /// The redirect to the application's own page. A user who is signed in stays here: that page
    /// may redirect back at once.
    fn redirect(&self) -> Option<Response> {
        let shared = self.sessions.shared();
        let page = shared.sign_in_page.as_ref();
        let page = page.filter(|_| !self.connects && !self.is_sign_in_page)?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", &self.return_to);
        if let Some(provider) = &self.provider {
            query.append_pair("provider", provider);
        }
        let url = format!("{}?{}", page.as_str(), query.finish());
        let mut response = Redirect::to(&url).into_response();
        harden(response.headers_mut());
        Some(response)
    }

    fn page(&self, links: &[ProviderLink]) -> Response {
        let provider = links.first().map_or("", |link| &*link.display_name);
        let (title, text) = match self.connects {
            true => (Text::Connect, Text::ConnectionNeeded),
            false => (Text::SignInTitle, Text::SignInText),
        };
        let label = if self.connects { Text::Connect } else { Text::SignInWith };
        let buttons = links.iter().filter_map(|link| {
            Some(Action::Provider {
                label: Phrase::of(label).provider(&link.display_name),
                name: &link.display_name,
                color: link.color,
                href: self.url(link)?,
                is_last_used: self.is_last(link) && links.len() > 1,
            })
        });
        let shared = self.sessions.shared();
        let home = (!self.is_home).then(|| Action::Home { href: shared.public_url.home() });
        let page = Page {
            status: self.status(),
            title: Phrase::of(title).provider(provider),
            text: &[Phrase::of(text).provider(provider)],
            quote: None,
            actions: buttons.chain(home).collect(),
        };
        page.response(&Viewer::new(Some(Arc::clone(shared)), self.accept_language.clone()))
    }

    /// Whether this browser signed in with the provider last.
    fn is_last(&self, link: &ProviderLink) -> bool {
        self.last_provider.as_deref().is_some_and(|last| last == seal::tag(&link.name))
    }

    fn json(&self, links: &[ProviderLink]) -> Response {
        let logins = links.iter().filter_map(|link| {
            let url = self.url(link)?;
            Some(json!({ "provider": &*link.name, "name": &*link.display_name, "url": url }))
        });
        let logins: Vec<_> = logins.collect();
        let mut body = match self.connects {
            true => json!({
                "error": "connection_required",
                "error_description": "The required account is not connected.",
            }),
            false => json!({
                "error": "login_required",
                "error_description": "A login is needed.",
            }),
        };
        if let Some(first) = logins.first() {
            body["url"] = first["url"].clone();
        }
        body["logins"] = Value::Array(logins);
        json_response(self.status(), &body)
    }

    fn status(&self) -> StatusCode {
        if self.connects { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED }
    }

    fn url(&self, link: &ProviderLink) -> Option<String> {
        let path = if self.connects { link.connect_path.as_ref()? } else { &link.path };
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", &self.return_to)
            .finish();
        Some(format!("{path}?{query}"))
    }
}

impl IntoResponse for LoginRequired {
    fn into_response(self) -> Response {
        match self.answer {
            Some(answer) => *answer,
            None => self.page.response(self.wants_json),
        }
    }
}

impl fmt::Debug for LoginRequired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginRequired").field("page", &self.page).finish_non_exhaustive()
    }
}

impl From<LoginRequired> for OAuthError {
    fn from(_: LoginRequired) -> Self {
        Self::Browser(BrowserError::NotLoggedIn)
    }
}
