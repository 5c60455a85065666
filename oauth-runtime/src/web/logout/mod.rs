//! The generated routes of a logout: here, and at the provider if its declaration says so.

pub(crate) mod backchannel;
pub(crate) mod logged_out;
pub(crate) mod logout_redirect;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use self::logout_redirect::LogoutRedirect;
use super::login::return_to::own_path;
use super::page::error_context::ErrorContext;
use super::page::pages::{Action, Forms, Page, harden};
use super::page::viewer::Viewer;
use super::session::cookies;
use super::session::user::{self, User};
use super::visit::{Permit, Verdict, Visit};
use crate::declaration::spec::RegistrySpec;
use crate::deployment::Shared;
use crate::error::{BrowserError, OAuthError};
use crate::flow::provider_client::ProviderClient;
use crate::pages::Text;
use crate::pages::phrase::Phrase;
use crate::protocol::parameter;
use crate::registry::logout_paths;
use crate::registry::sessions::Sessions;
use crate::url::public_url::PublicUrl;
use crate::url::redirect_uri::RedirectUri;

/// The state of the logout routes.
pub(super) struct LogoutRoutes {
    shared: Arc<Shared>,
    /// The clients of declared providers whose session is ended too.
    clients: Vec<Arc<ProviderClient>>,
}

impl LogoutRoutes {
    pub(super) fn new(shared: Arc<Shared>, mut clients: Vec<Arc<ProviderClient>>) -> Self {
        clients.retain(|client| client.settings.rp_initiated_logout);
        Self { shared, clients }
    }

    pub(super) fn router<S: Clone + Send + Sync + 'static>(self, spec: &RegistrySpec) -> Router<S> {
        let routes = Arc::new(self);
        let mut router = Router::new();
        for path in logout_paths(spec) {
            let (page, action) = (Arc::clone(&routes), Arc::clone(&routes));
            let method = get(move |request: Request| page.logout(request));
            router =
                router.route(&path, method.post(move |request: Request| action.logout(request)));
        }
        for client in &routes.clients {
            let client = Arc::clone(client);
            let path = client.settings.logged_out_path.clone();
            router = router.route(
                &path,
                get(async move |request: Request| {
                    logged_out(&client, &request.into_parts().0).await
                }),
            );
        }
        router
    }

    /// `POST logout` from a page of this application ends the session, and so does a click on a
    /// link on such a page. Any other `GET` asks first.
    async fn logout(self: Arc<Self>, request: Request) -> Response {
        let (mut parts, _) = request.into_parts();
        let shared = &self.shared;
        let visit = match Visit::of(&shared.public_url, &parts) {
            Ok(visit) => visit,
            Err(error) => {
                let context = ErrorContext::of(&parts.headers, shared);
                return OAuthError::from(error).response(&context);
            }
        };
        let sessions = Sessions::new(Arc::clone(shared));
        let user = User::of_request(&sessions, &mut parts).await;
        if user.is_none() && parts.method == Method::GET {
            return signed_out(shared, &Viewer::of(&parts.headers, shared));
        }
        let client = user.as_ref().and_then(|user| self.client_of(user));
        match visit.verdict(user.is_some()) {
            Verdict::Go(permit) => {
                // Without a session this route shows the page for users who are signed out.
                let place = place_of(&shared.public_url, &parts);
                let place = place.unwrap_or_else(|| shared.public_url.outside(parts.uri.path()));
                sign_out(&sessions, user, client, &place, &parts.headers, permit).await
            }
            Verdict::Ask => {
                let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
                let forms = if client.is_some() { Forms::Leave } else { Forms::Stay };
                confirm_logout(shared, path, forms, &Viewer::of(&parts.headers, shared))
            }
            Verdict::Unproven => {
                Redirect::to(&shared.public_url.outside(parts.uri.path())).into_response()
            }
            Verdict::Foreign => {
                let context = ErrorContext::of(&parts.headers, shared);
                OAuthError::from(BrowserError::CrossSite).response(&context)
            }
        }
    }

    /// The client of the provider whose session is ended too, whether it is declared or known only
    /// at run time.
    fn client_of(&self, user: &User) -> Option<Arc<ProviderClient>> {
        let client: Arc<dyn Any + Send + Sync> = self.shared.client(user.provider())?;
        let client = client.downcast::<ProviderClient>().ok()?;
        let settings = &client.settings;
        let is_meant = settings.rp_initiated_logout && user.is_bound_to(&settings.binding);
        is_meant.then_some(client)
    }
}

/// Ends the session of this browser, here and at the provider if `client` is given.
async fn sign_out(
    sessions: &Sessions,
    user: Option<User>,
    client: Option<Arc<ProviderClient>>,
    place: &str,
    headers: &HeaderMap,
    _: Permit,
) -> Response {
    let elsewhere = match (&user, client) {
        (Some(user), Some(client)) => leave_provider(&client, user, place, headers).await,
        (Some(user), None) => user.sign_out().await.err().map(|error| {
            let context = ErrorContext::of(headers, sessions.shared());
            error.response(&context)
        }),
        (None, _) => None,
    };
    if let Some(response) = elsewhere {
        return response;
    }
    let mut response = Redirect::to(place).into_response();
    harden(response.headers_mut());
    sessions.clear_cookie(response.headers_mut());
    response
}

/// Signs the user out here and redirects the browser to the provider. `None` if the provider cannot
/// be reached.
async fn leave_provider(
    client: &Arc<ProviderClient>,
    user: &User,
    place: &str,
    headers: &HeaderMap,
) -> Option<Response> {
    let back = RedirectUri::configured(client.settings.logged_out_path.clone());
    let redirect = LogoutRedirect::new(Arc::clone(client))
        .sign_out(user)
        .with_cookies_of(headers)
        .post_logout_redirect_uri(back)
        .return_to(place);
    match redirect.await {
        Ok(redirect) => Some(redirect.into_response()),
        // From the sign-out: nothing else here uses the store.
        Err(error @ OAuthError::Store(_)) => {
            let context = ErrorContext::of(headers, &client.shared);
            Some(user::unstored(&client.shared, &error, &context))
        }
        Err(error) => {
            tracing::warn!(provider = client.name(), %error, "the user stays signed in at the provider");
            None
        }
    }
}

/// `GET logged-out?state=…`: the return. A valid one redirects to `return_to`. Any other could be a
/// stranger's link and redirects to the home page. Neither changes anything here.
pub(super) async fn logged_out(client: &ProviderClient, parts: &Parts) -> Response {
    let public_url = &client.shared.public_url;
    let (place, cookie_name) = match logged_out::finish(client, parts).await {
        Ok(ended) => (ended.return_to, Some(ended.cookie_name)),
        Err(error @ OAuthError::Browser(BrowserError::NotAVisit)) => return error.into_response(),
        Err(error) => {
            tracing::info!(provider = client.name(), %error, "rejected a return from a logout");
            (public_url.home(), None)
        }
    };
    let mut response = Redirect::to(&place).into_response();
    let headers = response.headers_mut();
    harden(headers);
    if let Some(name) = cookie_name {
        cookies::clear(headers, &name, public_url.is_https());
    }
    response
}

/// `return_to` of the link or the form: a path of this application.
fn place_of(public_url: &PublicUrl, parts: &Parts) -> Option<String> {
    own_path(public_url, &parameter::only(parts.uri.query()?, "return_to")?)
}

fn signed_out(shared: &Shared, viewer: &Viewer) -> Response {
    let page = Page {
        status: StatusCode::OK,
        title: Phrase::of(Text::SignedOutTitle),
        text: &[Phrase::of(Text::SignedOutText)],
        quote: None,
        actions: vec![Action::Home { href: shared.public_url.home() }],
    };
    page.response(viewer)
}

fn confirm_logout(shared: &Shared, path: &str, forms: Forms, viewer: &Viewer) -> Response {
    let action = &shared.public_url.outside(path);
    let page = Page {
        status: StatusCode::OK,
        title: Phrase::of(Text::SignOutTitle),
        text: &[Phrase::of(Text::SignOutText)],
        quote: None,
        actions: vec![Action::Post {
            label: Phrase::of(Text::SignOut),
            action,
            fields: Vec::new(),
        }],
    };
    page.asking(forms, shared.public_url.home(), viewer)
}
