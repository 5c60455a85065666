//! Signing in without a browser: what the page does, called by a test.

use std::fmt;
use std::sync::Arc;

use url::Url;

use super::TestProvider;
use super::authorization::{self, Choice, Outcome};
use super::authorization_response::{AuthorizationResponse, FormPost};
use super::endpoint::Endpoint;

impl TestProvider {
    /// Answers an authorization request as if `person` had been picked on the page, and returns
    /// where the browser is sent: the redirect URI with `code`, `state` and `iss`, or with an
    /// error if the request deserves one.
    ///
    /// `person` is a subject identifier, a user name or an e-mail address. The request is checked
    /// by the same code that serves the authorization endpoint, and counts as one to
    /// [`Endpoint::Authorization`]. It does not travel over HTTP, so the faults that take an
    /// endpoint, such as [`Fault::Hangs`](super::Fault::Hangs), do not touch it.
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
    /// - [`UnknownPerson`](SignInError::UnknownPerson): nobody is called so.
    /// - [`Refused`](SignInError::Refused): a browser would show an error page, as the client or
    ///   its redirect URI is not known.
    /// - [`ResponseMode`](SignInError::ResponseMode): the request asks for a form to be posted.
    pub fn sign_in(
        &self,
        authorization_url: impl AsRef<str>,
        person: &str,
    ) -> Result<Url, SignInError> {
        let choice = self.choice(person)?;
        self.redirect(authorization_url.as_ref(), choice)
    }

    /// The same for a request with `response_mode=form_post`: returns the form that the browser
    /// posts to the redirect URI.
    ///
    /// ```no_run
    /// # use oauth_runtime::testing::TestProvider;
    /// # async fn example(
    /// #     provider: &TestProvider, browser: reqwest::Client, authorization_url: &str,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let form = provider.sign_in_by_form_post(authorization_url, "ada")?;
    /// let callback = browser
    ///     .post(form.action().as_str())
    ///     .header("content-type", "application/x-www-form-urlencoded")
    ///     .body(form.body());
    /// assert!(callback.send().await?.status().is_redirection());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`sign_in`](Self::sign_in); [`ResponseMode`](SignInError::ResponseMode) where the request
    /// asks for a redirect.
    pub fn sign_in_by_form_post(
        &self,
        authorization_url: impl AsRef<str>,
        person: &str,
    ) -> Result<FormPost, SignInError> {
        let choice = self.choice(person)?;
        self.form_post(authorization_url.as_ref(), choice)
    }

    /// Answers an authorization request as if access had been denied on the page, and returns
    /// where the browser is sent: the redirect URI with `error=access_denied`, `state` and `iss`.
    ///
    /// # Errors
    ///
    /// As [`sign_in`](Self::sign_in).
    pub fn deny(&self, authorization_url: impl AsRef<str>) -> Result<Url, SignInError> {
        self.redirect(authorization_url.as_ref(), Choice::Deny)
    }

    /// The same for a request with `response_mode=form_post`.
    ///
    /// # Errors
    ///
    /// As [`sign_in_by_form_post`](Self::sign_in_by_form_post).
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

    fn redirect(&self, authorization_url: &str, choice: Choice) -> Result<Url, SignInError> {
        let response = self.answer(authorization_url, choice)?;
        response.into_redirect().map_err(|_| SignInError::ResponseMode)
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

/// Why [`TestProvider::sign_in`] or [`TestProvider::deny`] led nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignInError {
    /// This URL is not the provider's authorization endpoint.
    ForeignUrl(String),
    /// Nobody at the provider has this subject identifier, user name or e-mail address.
    UnknownPerson(String),
    /// The browser is not sent back but shown this message.
    Refused(String),
    /// The response is a redirect where a form was expected, or a form where a redirect was: the
    /// request says so with its `response_mode`.
    ResponseMode,
}

impl fmt::Display for SignInError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForeignUrl(url) => {
                write!(f, "{url:?} is not the authorization endpoint of this provider")
            }
            Self::UnknownPerson(name) => write!(f, "there is no person {name:?}"),
            Self::Refused(reason) => write!(f, "the provider shows an error page: {reason}"),
            Self::ResponseMode => f.write_str(
                "with `response_mode=form_post` the response is a form, otherwise a redirect: call the method for it",
            ),
        }
    }
}

impl std::error::Error for SignInError {}
