//! What is known of the request that an error answers.
//!
//! `IntoResponse` has no request, so an error that becomes a response cannot see what its client wants,
//! where this application's home is, or whether it has been logged already. It is told so by the task:
//! whatever of this library has the request at hand (a generated route, around the application's
//! handlers too, or the middleware [`json_errors`]) runs the rest within an [`ErrorContext`].

use std::fmt;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::client_kind::wants_json;
use super::login_required::SignInPage;
use crate::crypto::random;
use crate::deployment::Shared;
use crate::error::OAuthError;
use crate::flow::provider_client::ProviderClient;
use crate::web::login::handler::OnError;

tokio::task_local! {
    static CURRENT: ErrorContext;
}

/// What an error needs of the request that it answers. The default is that nothing is known.
#[derive(Clone, Default)]
pub(crate) struct ErrorContext {
    pub(crate) wants_json: bool,
    shared: Option<Arc<Shared>>,
    /// Of the login that failed: where another one begins.
    client: Option<Arc<ProviderClient>>,
    /// The number under which the error has been logged.
    pub(super) reference: Option<ErrorReference>,
    /// What the page says that asks for a login.
    pub(super) sign_in: Option<Arc<SignInPage>>,
}

impl ErrorContext {
    pub(crate) fn of(headers: &HeaderMap, shared: &Arc<Shared>) -> Self {
        let shared = Some(Arc::clone(shared));
        Self { wants_json: wants_json(headers), shared, ..Self::default() }
    }

    /// Of a request to a route of this provider.
    pub(crate) fn of_login(headers: &HeaderMap, client: &Arc<ProviderClient>) -> Self {
        Self { client: Some(Arc::clone(client)), ..Self::of(headers, &client.shared) }
    }

    /// Of a request that a script made.
    #[must_use]
    pub(crate) fn for_script(self) -> Self {
        Self { wants_json: true, ..self }
    }

    /// Of a request that is answered with a page that asks for a login.
    #[must_use]
    pub(super) fn asking_for(self, page: &Arc<SignInPage>) -> Self {
        Self { sign_in: Some(Arc::clone(page)), ..self }
    }

    pub(crate) fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// Runs what may turn an error into a response.
    pub(crate) fn within<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, future)
    }

    /// Logs an error and answers it: with the application's handler, where there is one.
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
                // Boxed: it would make the future of every login larger.
                Box::pin(self.within((on_error.0)(error, parts, state))).await
            }
            None => error.response(&self),
        }
    }

    /// The home page of the application, as its visitors see its path.
    pub(super) fn home(&self) -> String {
        self.shared.as_ref().map_or_else(|| "/".to_owned(), |shared| shared.public_url.outside("/"))
    }

    /// Where the login that failed can be tried again.
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

/// A middleware with which every [`OAuthError`] of the application's own handlers answers scripts in
/// JSON: for [`axum::middleware::from_fn`].
///
/// The generated routes, the handlers `on_login` and `on_error`, and the extractors
/// [`User`](crate::User) and [`Api`](crate::Api) do so without it. An error that a handler of yours
/// returns does not know the request; this middleware tells it.
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
/// A script is told from a browser by `Accept`, and by `Sec-Fetch-Mode` where that prefers neither:
/// `fetch` sends `Accept: */*`. The JSON is
/// `{"error": "scopes_required", "error_description": "…", "reference": "…", "url": "/auth/…"}`, where
/// `url` is the page of this application to send the user to, if there is one.
pub async fn json_errors(request: Request, next: Next) -> Response {
    let wants_json = wants_json(request.headers());
    let context = ErrorContext { wants_json, ..ErrorContext::default() };
    context.within(next.run(request)).await
}

/// The number that an error's page shows and its log line has as `reference`, such as `7KQ2-M9XA`.
///
/// The handler `on_error` takes it as `Extension<ErrorReference>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorReference(Arc<str>);

impl ErrorReference {
    /// Another one for each error.
    pub(super) fn new() -> Self {
        // Crockford's base 32: no letter is taken for a digit.
        const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        // Without randomness all have one number: the error is shown all the same.
        let bytes = random::bytes::<8>().unwrap_or_default();
        let digit = |byte: u8| char::from(DIGITS[usize::from(byte % 32)]);
        let (first, last) = bytes.split_at(4);
        let digits = |bytes: &[u8]| bytes.iter().copied().map(digit).collect::<String>();
        Self(format!("{}-{}", digits(first), digits(last)).into())
    }

    /// The number as text.
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
