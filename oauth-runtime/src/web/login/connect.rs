//! The generated route that connects an account to the signed-in user.
//!
//! Attack: a victim's account here is connected to the attacker's account at the provider, so that
//! the victim stores data there, or the attacker signs in with it. So a connection starts with a
//! click on this site, the browser holds it like a login, and it completes only in the session that
//! started it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::authorization_url::LoginRedirect;
use super::connection::{VerifiedConnection, connect};
use crate::error::{BrowserError, OAuthError};
use crate::pages::Text;
use crate::pages::phrase::Phrase;
use crate::registry::sessions::Sessions;
use crate::web::page::error_context::ErrorContext;
use crate::web::page::login_required::LoginRequired;
use crate::web::page::pages::{Action, Forms, Page};
use crate::web::page::viewer::Viewer;
use crate::web::placement;
use crate::web::provider_routes::ProviderRoutes;
use crate::web::session::user::User;
use crate::web::state::HasState;
use crate::web::visit::{Verdict, Visit};

/// The route of one provider.
pub(crate) fn route<S, Outer>(routes: &Arc<ProviderRoutes<S>>) -> Router<Outer>
where
    S: Clone + Send + Sync + 'static,
    Outer: HasState<S> + Clone + Send + Sync + 'static,
{
    let (page, action) = (Arc::clone(routes), Arc::clone(routes));
    let path = routes.client.settings.connect_path.as_str();
    let asking = get(move |State(outer): State<Outer>, request: Request| {
        page.connect(outer.state(), request)
    });
    let acting =
        move |State(outer): State<Outer>, request: Request| action.connect(outer.state(), request);
    Router::new().route(path, asking.post(acting))
}

impl<S: Clone + Send + Sync + 'static> ProviderRoutes<S> {
    /// `GET connect?return_to=/path` asks the user, unless the user clicked on this site; a `POST`
    /// of it redirects the browser to the provider.
    pub(crate) async fn connect(self: Arc<Self>, state: S, request: Request) -> Response {
        let (mut parts, _) = request.into_parts();
        let shared = &self.client.shared;
        let sessions = Sessions::new(Arc::clone(shared));
        let visit = match Visit::of(&shared.public_url, &parts) {
            Ok(visit) => visit,
            Err(error) => {
                let context = ErrorContext::of(&parts.headers, shared);
                return OAuthError::from(error).response(&context);
            }
        };
        let Some(user) = User::of_request(&sessions, &mut parts).await else {
            return LoginRequired::new(sessions, None, &parts).into_response();
        };
        let permit = match visit.verdict(true) {
            Verdict::Go(permit) => permit,
            Verdict::Ask => {
                let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
                return self.ask(&user, &shared.public_url.outside(path), &parts.headers);
            }
            Verdict::Unproven | Verdict::Foreign => {
                let context = ErrorContext::of(&parts.headers, shared);
                return OAuthError::from(BrowserError::CrossSite).response(&context);
            }
        };
        if let Err(error) = placement::check(&shared.public_url, &parts) {
            return self.failed(error, parts, state).await;
        }
        let mut login = self.beginning(&parts);
        login.connects_in(user.session());
        match login.begin(permit).await {
            Ok(begun) => LoginRedirect::from(begun).into_response(),
            Err(error) => self.failed(error, parts, state).await,
        }
    }

    fn ask(&self, user: &User, action: &str, headers: &HeaderMap) -> Response {
        let provider = self.client.settings.display_name.as_str();
        // Without stored tokens, the account is only useful for signing in.
        let purpose = match self.client.settings.stores_connections() {
            true => Text::ConnectForAccess,
            false => Text::ConnectForSignIn,
        };
        let question = Phrase::of(Text::ConnectText).provider(provider).user(user.display_name());
        let page = Page {
            status: StatusCode::OK,
            title: Phrase::of(Text::ConnectTitle).provider(provider),
            text: &[question, Phrase::of(purpose)],
            quote: None,
            actions: vec![Action::Post {
                label: Phrase::of(Text::Continue),
                action,
                fields: Vec::new(),
            }],
        };
        let shared = &self.client.shared;
        page.asking(Forms::Leave, shared.public_url.home(), &Viewer::of(headers, shared))
    }
}

/// Stores the tokens for the signed-in user, and redirects the browser to `return_to`.
pub(crate) async fn built_in(ended: VerifiedConnection) -> Result<Response, OAuthError> {
    let VerifiedConnection { client, login, user } = ended;
    connect(&client, &user, login.identity.as_ref(), &login.token).await?;
    Ok(Redirect::to(&login.return_to).into_response())
}
