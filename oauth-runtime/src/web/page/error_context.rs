//! The context of an error: the request that it answers.
//!
//! `IntoResponse` has no request, so an error that becomes a response cannot know whether its
//! client wants JSON, where the application's home page is, or whether it has been logged already.
//! It reads this from the task: code of this library that has the request (a generated route, which
//! includes the application's handlers, or the middleware [`json_errors`]) runs the rest within an
//! [`ErrorContext`].

use std::fmt;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::client_kind::wants_json;
use super::login_required::SignInPage;
use super::viewer::{AcceptLanguage, Viewer};
use crate::crypto::random;
use crate::deployment::Shared;
use crate::error::OAuthError;
use crate::flow::provider_client::ProviderClient;
use crate::registry::sessions::Sessions;
use crate::web::login::handler::OnError;

tokio::task_local! {
    static CURRENT: ErrorContext;
}

/// The properties of the request that an error response needs. The default means that nothing is
/// known.
#[derive(Clone, Default)]
pub(crate) struct ErrorContext {
    pub(crate) wants_json: bool,
    accept_language: AcceptLanguage,
    shared: Option<Arc<Shared>>,
    /// The client of the failed login, where another login can be started.
    client: Option<Arc<ProviderClient>>,
    /// The number under which the error has been logged.
    pub(super) reference: Option<ErrorReference>,
    /// The page that asks for a login.
    pub(super) sign_in: Option<Arc<SignInPage>>,
}

impl ErrorContext {
    pub(crate) fn of(headers: &HeaderMap, shared: &Arc<Shared>) -> Self {
        let shared = Some(Arc::clone(shared));
        let accept_language = AcceptLanguage::of(headers);
        Self { wants_json: wants_json(headers), accept_language, shared, ..Self::default() }
    }

    /// The context of a request to a route of this provider.
    pub(crate) fn of_login(headers: &HeaderMap, client: &Arc<ProviderClient>) -> Self {
        Self { client: Some(Arc::clone(client)), ..Self::of(headers, &client.shared) }
    }

    /// The context of a request by a script.
    #[must_use]
    pub(crate) fn for_script(self) -> Self {
        Self { wants_json: true, ..self }
    }

    /// The context of a request that is answered with a page that asks for a login.
    #[must_use]
    pub(super) fn asking_for(self, page: &Arc<SignInPage>) -> Self {
        Self { sign_in: Some(Arc::clone(page)), ..self }
    }

    pub(crate) fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// Runs a future that may turn an error into a response.
    pub(crate) fn within<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, future)
    }

    /// Logs an error and converts it into a response: with the application's handler, if there is
    /// one.
    pub(crate) async fn answer<S>(
        mut self,
        error: OAuthError,
        mut parts: Parts,
        state: S,
        on_error: Option<&OnError<S>>,
    ) -> Response {
        let reference = error.log();
        self.reference = Some(reference.clone());
        match on_error {
            Some(on_error) => {
                parts.extensions.insert(reference);
                // Boxed: it would enlarge the future of every login.
                Box::pin(self.within((on_error.0)(error, parts, state))).await
            }
            None => error.response(&self),
        }
    }

    /// The visitor who sees a page.
    pub(crate) fn viewer(&self) -> Viewer {
        Viewer::new(self.shared.clone(), self.accept_language.clone())
    }

    /// The visitor who sees a page of this registry.
    pub(crate) fn viewer_in(&self, shared: &Arc<Shared>) -> Viewer {
        Viewer::new(Some(Arc::clone(shared)), self.accept_language.clone())
    }

    /// The home page of the application, with its path as visitors see it.
    pub(super) fn home(&self) -> String {
        self.shared.as_ref().map_or_else(|| "/".to_owned(), |shared| shared.public_url.home())
    }

    /// The URL at which the failed login can be repeated.
    pub(super) fn try_again(&self) -> Option<String> {
        let client = self.client.as_ref()?;
        Some(client.shared.public_url.outside(&client.settings.login_path))
    }
}

impl fmt::Debug for ErrorContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorContext").field("wants_json", &self.wants_json).finish_non_exhaustive()
    }
}

/// A middleware for [`axum::middleware::from_fn`]: every [`OAuthError`] of the application's own
/// handlers is sent to scripts as JSON.
///
/// The generated routes, the handlers `on_login` and `on_error`, and the extractors
/// [`User`](crate::User) and [`Api`](crate::Api) do not need it. An error that your own handler
/// returns does not know the request; this middleware provides it.
///
/// ```
/// use axum::middleware::from_fn;
/// use oauth_runtime::prelude::*;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github")]
/// # struct GitHub;
/// # #[derive(Clone, OAuthRegistry)]
/// # struct Providers { github: Client<GitHub> }
///
/// async fn gists(github: Api<GitHub>) -> Result<String, OAuthError> {
///     github.get("gists").needs_scopes(["gist"]).text().await
/// }
///
/// fn app(oauth: Providers) -> Router {
///     Router::new()
///         .route("/gists", get(gists))
///         .layer(from_fn(oauth_runtime::json_errors))
///         .merge(oauth.routes())
///         .with_state(oauth)
/// }
/// # let _ = app;
/// ```
///
/// Scripts are distinguished from browsers by `Accept`, and by `Sec-Fetch-Mode` if that prefers
/// neither: `fetch` sends `Accept: */*`. The JSON is
/// `{"error": "scopes_required", "error_description": "…", "reference": "…", "url": "/auth/…"}`.
/// `url`, if present, is the page of this application to send the user to.
pub async fn json_errors(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let accept_language = AcceptLanguage::of(headers);
    let wants_json = wants_json(headers);
    let context = ErrorContext { wants_json, accept_language, ..ErrorContext::default() };
    context.within(next.run(request)).await
}

/// A middleware for [`axum::middleware::from_fn_with_state`]: like [`json_errors`], and the page of
/// an [`OAuthError`] of the application's own handlers looks like all other pages of the registry.
///
/// Without it, such a page has neither the application's name and colours nor the language of the
/// visitor, because an error that a handler returns knows neither the registry nor the request.
///
/// ```
/// use axum::middleware::from_fn_with_state;
/// use oauth_runtime::prelude::*;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github")]
/// # struct GitHub;
/// # #[derive(Clone, OAuthRegistry)]
/// # struct Providers { github: Client<GitHub> }
///
/// async fn gists(github: Api<GitHub>) -> Result<String, OAuthError> {
///     github.get("gists").needs_scopes(["gist"]).text().await
/// }
///
/// fn app(oauth: Providers) -> Router {
///     Router::new()
///         .route("/gists", get(gists))
///         .layer(from_fn_with_state(oauth.github.sessions(), oauth_runtime::error_pages))
///         .merge(oauth.routes())
///         .with_state(oauth)
/// }
/// # let _ = app;
/// ```
pub async fn error_pages(
    State(sessions): State<Sessions>,
    request: Request,
    next: Next,
) -> Response {
    let context = ErrorContext::of(request.headers(), sessions.shared());
    context.within(next.run(request)).await
}

/// The reference number of an error, such as `7KQ2-M9XA`. The page shows it, and the log line has
/// it as `reference`.
///
/// The handler `on_error` takes it as `Extension<ErrorReference>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorReference(Arc<str>);

impl ErrorReference {
    /// Creates a new number for each error.
    pub(super) fn new() -> Self {
        // Crockford's base 32 has no letters that look like digits.
        const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        // Without randomness all errors have the same number, but are still shown.
        let bytes = random::bytes::<8>().unwrap_or_default();
        let digit = |byte: u8| char::from(DIGITS[usize::from(byte % 32)]);
        let (first, last) = bytes.split_at(4);
        let digits = |bytes: &[u8]| bytes.iter().copied().map(digit).collect::<String>();
        Self(format!("{}-{}", digits(first), digits(last)).into())
    }

    /// The number as a string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_differ_and_can_be_read_aloud() {
        let references: Vec<_> = (0..50).map(|_| ErrorReference::new().to_string()).collect();
        for (index, reference) in references.iter().enumerate() {
            assert_eq!(reference.len(), 9, "{reference}");
            assert!(!reference.contains(['I', 'L', 'O', 'U']), "{reference}");
            assert!(!references[..index].contains(reference), "{reference}");
        }
    }
}
