//! Signing in without a browser. The methods replace the provider's page in a test.

use std::fmt;
use std::sync::Arc;

use super::TestProvider;
use super::authorization::{self, Choice, Outcome};
use super::authorization_response::{AuthorizationResponse, FormPost};
use super::endpoint::Endpoint;

impl TestProvider {
    /// Answers an authorization request as if `person` had been chosen on the page. Returns the URL
    /// that the browser is redirected to: the redirect URI with `code`, `state` and `iss`, or with
    /// an error if the request is invalid.
    ///
    /// `person` is a subject identifier, a user name or an e-mail address. The request is checked
    /// like one to the authorization endpoint, and counts as a request to
    /// [`Endpoint::Authorization`]. It is not sent over HTTP, so faults of an endpoint, such as
    /// [`Fault::Hangs`](super::Fault::Hangs), do not affect it.
    ///
    /// ```
    /// use oauth_runtime::testing::{SignInError, TestProvider};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = TestProvider::start().await?;
    /// let refused = provider.sign_in("https://elsewhere.example/authorize", "ada");
    /// assert!(matches!(refused, Err(SignInError::ForeignUrl(_))));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ForeignUrl`](SignInError::ForeignUrl): the URL is not this provider's authorization
    ///   endpoint.
    /// - [`UnknownPerson`](SignInError::UnknownPerson): the user is unknown.
    /// - [`Refused`](SignInError::Refused): a browser would show an error page, because the client
    ///   or its redirect URI is unknown.
    /// - [`ResponseMode`](SignInError::ResponseMode): the request has `response_mode=form_post`.
    pub fn sign_in(
        &self,
        authorization_url: impl AsRef<str>,
        person: &str,
    ) -> Result<String, SignInError> {
        let choice = self.choice(person)?;
        self.redirect(authorization_url.as_ref(), choice)
    }

    /// Like [`sign_in`](Self::sign_in), but for a request with `response_mode=form_post`. Returns
    /// the form that the browser posts to the redirect URI.
    ///
    /// ```no_run
    /// # use oauth_runtime::testing::TestProvider;
    /// # async fn example(
    /// #     provider: &TestProvider, browser: reqwest::Client, authorization_url: &str,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let form = provider.sign_in_by_form_post(authorization_url, "ada")?;
    /// let callback = browser
    ///     .post(form.action())
    ///     .header("content-type", "application/x-www-form-urlencoded")
    ///     .body(form.body());
    /// assert!(callback.send().await?.status().is_redirection());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sign_in`](Self::sign_in), and [`ResponseMode`](SignInError::ResponseMode) if the
    /// request does not have `response_mode=form_post`.
    pub fn sign_in_by_form_post(
        &self,
        authorization_url: impl AsRef<str>,
        person: &str,
    ) -> Result<FormPost, SignInError> {
        let choice = self.choice(person)?;
        self.form_post(authorization_url.as_ref(), choice)
    }

    /// Answers an authorization request as if the user had denied access on the page. Returns the
    /// URL that the browser is redirected to: the redirect URI with `error=access_denied`, `state`
    /// and `iss`.
    ///
    /// # Errors
    ///
    /// Those of [`sign_in`](Self::sign_in).
    pub fn deny(&self, authorization_url: impl AsRef<str>) -> Result<String, SignInError> {
        self.redirect(authorization_url.as_ref(), Choice::Deny)
    }

    /// Like [`deny`](Self::deny), but for a request with `response_mode=form_post`.
    ///
    /// # Errors
    ///
    /// Those of [`sign_in_by_form_post`](Self::sign_in_by_form_post).
    pub fn deny_by_form_post(
        &self,
        authorization_url: impl AsRef<str>,
    ) -> Result<FormPost, SignInError> {
        self.form_post(authorization_url.as_ref(), Choice::Deny)
    }

    pub(super) fn choice(&self, person: &str) -> Result<Choice, SignInError> {
        let found = self.provider.person(person).map(Arc::clone).map(Choice::SignIn);
        found.ok_or_else(|| SignInError::UnknownPerson(person.to_owned()))
    }

    fn redirect(&self, authorization_url: &str, choice: Choice) -> Result<String, SignInError> {
        let response = self.answer(authorization_url, choice)?;
        response.into_redirect().map(String::from).map_err(|_| SignInError::ResponseMode)
    }

    fn form_post(&self, authorization_url: &str, choice: Choice) -> Result<FormPost, SignInError> {
        match self.answer(authorization_url, choice)?.into_redirect() {
            Ok(_) => Err(SignInError::ResponseMode),
            Err(form) => Ok(form),
        }
    }

    fn answer(
        &self,
        authorization_url: &str,
        choice: Choice,
    ) -> Result<AuthorizationResponse, SignInError> {
        let (endpoint, query) =
            authorization_url.split_once('?').unwrap_or((authorization_url, ""));
        if endpoint != self.provider.url(Endpoint::Authorization) {
            return Err(SignInError::ForeignUrl(authorization_url.to_owned()));
        }
        self.provider.counters.count(Endpoint::Authorization);
        let outcome = match authorization::receive(&self.provider, query.as_bytes()) {
            Outcome::Choose(request_id, _) => {
                authorization::decide(&self.provider, &request_id, choice)
            }
            other => other,
        };
        match outcome {
            Outcome::Respond(response) => Ok(response),
            Outcome::Refuse(reason) => Err(SignInError::Refused(reason)),
            Outcome::Choose(..) => Err(SignInError::Refused("no choice was made".to_owned())),
        }
    }
}

/// The reason why [`TestProvider::sign_in`] or [`TestProvider::deny`] failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignInError {
    /// The URL is not the provider's authorization endpoint.
    ForeignUrl(String),
    /// The provider has no user with this subject identifier, user name or e-mail address.
    UnknownPerson(String),
    /// The provider shows this error message instead of redirecting.
    Refused(String),
    /// The response is a redirect instead of a form, or a form instead of a redirect. The
    /// `response_mode` of the request determines which.
    ResponseMode,
}

impl fmt::Display for SignInError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForeignUrl(url) => {
                write!(f, "{url:?} is not the authorization endpoint of this provider")
            }
            Self::UnknownPerson(name) => write!(f, "unknown user {name:?}"),
            Self::Refused(reason) => write!(f, "the provider shows an error page: {reason}"),
            Self::ResponseMode => f.write_str(
                "the `response_mode` does not match: use a `…_by_form_post` method only with `form_post`",
            ),
        }
    }
}

impl std::error::Error for SignInError {}
