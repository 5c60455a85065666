//! The route at which another site asks for a login (`initiate_login_uri`, OpenID Connect Core 1.0
//! section 4), for example by a tile on a page of the provider.
//!
//! Attack: another site signs a victim in, or out of their account and into another one, without
//! their knowledge. So the request must be a page in a tab, with a click of the user or else their
//! consent. A user who is already signed in must always consent. The other site chooses neither the
//! provider of the login nor an external page to redirect to.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use url::{Position, Url, form_urlencoded};

use super::authorization_url::LoginRedirect;
use super::authorize_redirect::Beginning;
use super::callback::is_form;
use super::return_to::own_path;
use crate::error::{BrowserError, OAuthError};
use crate::pages::Text;
use crate::pages::phrase::Phrase;
use crate::protocol::initiated_login::{InitiatedLogin, InitiatedLoginError, MAX_LENGTH};
use crate::registry::sessions::Sessions;
use crate::web::page::pages::{Action, Forms, Page, harden};
use crate::web::page::viewer::Viewer;
use crate::web::placement;
use crate::web::provider_routes::ProviderRoutes;
use crate::web::state::HasState;
use crate::web::visit::{Permit, Verdict, Visit};

/// The route of one provider.
pub(crate) fn route<S, Outer>(path: &str, routes: &Arc<ProviderRoutes<S>>) -> Router<Outer>
where
    S: Clone + Send + Sync + 'static,
    Outer: HasState<S> + Clone + Send + Sync + 'static,
{
    let (asked, posted) = (Arc::clone(routes), Arc::clone(routes));
    let by_get = get(move |State(outer): State<Outer>, request: Request| {
        asked.initiate(outer.state(), request)
    });
    let by_post =
        move |State(outer): State<Outer>, request: Request| posted.initiate(outer.state(), request);
    Router::new().route(path, by_get.post(by_post))
}

impl<S: Clone + Send + Sync + 'static> ProviderRoutes<S> {
    /// `GET initiate?iss=…`, or a `POST` of it.
    pub(crate) async fn initiate(self: Arc<Self>, state: S, request: Request) -> Response {
        let (parts, parameters) = read(request).await;
        match self.answer(&parts, parameters).await {
            Ok(mut response) => {
                harden(response.headers_mut());
                response
            }
            Err(error) => self.failed(error, parts, state).await,
        }
    }

    async fn answer(
        &self,
        parts: &Parts,
        parameters: Result<String, InitiatedLoginError>,
    ) -> Result<Response, OAuthError> {
        let visit = Visit::of(&self.client.shared.public_url, parts)?;
        if !visit.is_page() {
            return Err(BrowserError::NotAVisit.into());
        }
        placement::check(&self.client.shared.public_url, parts)?;
        let parameters = parameters.map_err(BrowserError::from)?;
        let wish = InitiatedLogin::read(&parameters).map_err(BrowserError::from)?;
        let tenants = self.client.settings.tenants.as_ref();
        // If the declaration states the issuer, a request with another issuer fetches no metadata.
        if let Some(stated) = &self.client.settings.issuer {
            wish.check_issuer(Some(stated), tenants).map_err(BrowserError::from)?;
        }
        let resolved = self.client.resolved().await?;
        wish.check_issuer(resolved.issuer.as_deref(), tenants).map_err(BrowserError::from)?;
        let sessions = Sessions::new(Arc::clone(&self.client.shared));
        let is_signed_in = sessions.of_headers(&parts.headers).await.is_some();
        match visit.verdict_on_initiated_login(is_signed_in) {
            Verdict::Go(permit) => self.begin(parts, &wish, permit).await,
            Verdict::Ask => {
                let viewer = Viewer::of(&parts.headers, &self.client.shared);
                Ok(self.confirm(&wish, is_signed_in, &viewer))
            }
            Verdict::Unproven | Verdict::Foreign => Ok(self.ask_by_get(&wish)),
        }
    }

    async fn begin(
        &self,
        parts: &Parts,
        wish: &InitiatedLogin,
        permit: Permit,
    ) -> Result<Response, OAuthError> {
        let mut login = Beginning::new(Arc::clone(&self.client));
        login.with_cookies_of(&parts.headers);
        if let Some(hint) = &wish.login_hint {
            login.login_hint(hint);
        }
        if let Some(path) = wish.target_link_uri.as_deref().and_then(|uri| self.path_of(uri)) {
            login.return_to(&path);
        }
        let mut response = LoginRedirect::from(login.begin(permit).await?).into_response();
        // Keeps the browser from posting the form to the provider too.
        *response.status_mut() = StatusCode::SEE_OTHER;
        Ok(response)
    }

    /// The path, if it belongs to a page of this application.
    fn path_of(&self, target_link_uri: &str) -> Option<String> {
        let public_url = &self.client.shared.public_url;
        match Url::parse(target_link_uri) {
            Ok(url) => {
                let is_ours = url.origin().ascii_serialization() == public_url.origin()
                    && url.username().is_empty()
                    && url.password().is_none();
                is_ours.then(|| own_path(public_url, &url[Position::BeforePath..])).flatten()
            }
            Err(_) => own_path(public_url, target_link_uri),
        }
    }

    fn ask_by_get(&self, wish: &InitiatedLogin) -> Response {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(wish.parameters())
            .finish();
        Redirect::to(&format!("{}?{query}", self.initiate_path())).into_response()
    }

    fn initiate_path(&self) -> String {
        let path = self.client.settings.initiate_path.as_deref().unwrap_or_default();
        self.client.shared.public_url.outside(path)
    }

    /// A page that asks the user; its form comes from this site.
    fn confirm(&self, wish: &InitiatedLogin, is_signed_in: bool, viewer: &Viewer) -> Response {
        let provider = self.client.settings.display_name.as_str();
        let question = Phrase::of(Text::InitiatedText).provider(provider);
        let text = [question, Phrase::of(Text::InitiatedReplaces)];
        let action = self.initiate_path();
        let page = Page {
            status: StatusCode::OK,
            title: Phrase::of(Text::InitiatedTitle),
            text: if is_signed_in { &text } else { &text[..1] },
            quote: None,
            actions: vec![Action::Post {
                label: Phrase::of(Text::SignIn),
                action: &action,
                fields: wish.parameters().collect(),
            }],
        };
        page.asking(Forms::Leave, self.client.shared.public_url.home(), viewer)
    }
}

/// The head of the request and its encoded parameters. Those of a `POST` come only from its body.
async fn read(request: Request) -> (Parts, Result<String, InitiatedLoginError>) {
    let (parts, body) = request.into_parts();
    if parts.method != Method::POST {
        let parameters = parts.uri.query().unwrap_or_default().to_owned();
        return (parts, Ok(parameters));
    }
    if !is_form(&parts.headers) {
        return (parts, Err(InitiatedLoginError::NotAForm));
    }
    let body = to_bytes(body, MAX_LENGTH).await.map_err(|_| InitiatedLoginError::TooLong);
    let text = body
        .and_then(|body| String::from_utf8(body.into()).map_err(|_| InitiatedLoginError::NotAForm));
    (parts, text)
}
