//! A link to a login, or to the connection of an account, that asks for more scopes. It is sealed,
//! so that no other site chooses the scopes.

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use crate::clock::Interval;
use crate::error::OAuthError;
use crate::flow::provider_client::ProviderClient;
use crate::settings::Settings;

/// Lifetime of a link in seconds: as long as a page may stay open.
const LIFETIME: u64 = 3600;
/// Seconds during which a question is not repeated: the longest wait of a user who changes their
/// mind.
pub(crate) const QUESTION_LIFETIME: u64 = 600;
/// Name of the parameter of the login route.
pub(crate) const PARAMETER: &str = "ask";

#[derive(Serialize, Deserialize)]
struct ScopeRequest {
    #[serde(rename = "s")]
    scopes: Vec<String>,
    #[serde(rename = "t")]
    made_at: u64,
}

/// A question for more scopes.
#[derive(Serialize, Deserialize)]
struct Question {
    #[serde(rename = "s")]
    scopes: Vec<String>,
    #[serde(rename = "b")]
    by: By,
    #[serde(rename = "t")]
    made_at: u64,
}

#[derive(Serialize, Deserialize)]
enum By {
    /// The login that asks, identified by the cookie of its attempt.
    #[serde(rename = "a")]
    Attempt(String),
    /// The user who has answered.
    #[serde(rename = "s")]
    Subject(String),
}

impl ProviderClient {
    /// The path of a login that asks for these scopes and leads to `return_to`. If tokens outlive
    /// sessions, it connects the account again: the signed-in user and the owner of the tokens stay
    /// the same.
    ///
    /// # Errors
    /// [`OAuthError::Randomness`], [`OAuthError::Cryptography`].
    pub(crate) fn login_that_asks_for(
        &self,
        scopes: &[String],
        return_to: &str,
    ) -> Result<String, OAuthError> {
        let request = ScopeRequest { scopes: scopes.to_vec(), made_at: self.now() };
        // Strings and numbers always serialize to JSON.
        let plain = serde_json::to_vec(&request).unwrap_or_default();
        let sealed = self.shared.scope_requests.seal(&self.scope_request_context(), &plain)?;
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair(PARAMETER, &sealed)
            .append_pair("return_to", return_to)
            .finish();
        let Settings { keep_tokens, connect_path, login_path, .. } = &self.settings;
        let path = if *keep_tokens { connect_path } else { login_path };
        Ok(format!("{}?{query}", self.shared.public_url.outside(path)))
    }

    /// Returns the cookie value that prevents the repetition of a question.
    ///
    /// # Errors
    /// [`OAuthError::Randomness`], [`OAuthError::Cryptography`].
    pub(crate) fn question(&self, scopes: &[String], attempt: &str) -> Result<String, OAuthError> {
        let by = By::Attempt(attempt.to_owned());
        self.seal_question(&Question { scopes: scopes.to_vec(), by, made_at: self.now() })
    }

    fn seal_question(&self, question: &Question) -> Result<String, OAuthError> {
        let plain = serde_json::to_vec(question).unwrap_or_default();
        Ok(self.shared.scope_requests.seal(&self.question_context(), &plain)?)
    }

    /// Returns the cookie value after the login of this attempt; `None` if it answers no question.
    pub(crate) fn answered_question(
        &self,
        sealed: &str,
        attempt: &str,
        subject: &str,
    ) -> Option<String> {
        let question = self.open_question(sealed)?;
        let is_answered = matches!(&question.by, By::Attempt(own) if own == attempt);
        let by = By::Subject(subject.to_owned());
        is_answered.then(|| self.seal_question(&Question { by, ..question }).ok()).flatten()
    }

    /// Whether a login has just asked for these scopes and this user has answered.
    pub(crate) fn has_asked_for(
        &self,
        sealed: &str,
        scopes: &[String],
        subject: Option<&str>,
    ) -> bool {
        self.open_question(sealed).is_some_and(|question| {
            matches!(&question.by, By::Subject(own) if subject.is_none_or(|subject| subject == own))
                && scopes.iter().all(|scope| question.scopes.contains(scope))
        })
    }

    fn open_question(&self, sealed: &str) -> Option<Question> {
        let plain = self.shared.scope_requests.open(&self.question_context(), sealed)?;
        let question: Question = serde_json::from_slice(&plain).ok()?;
        let age = self.now().abs_diff(question.made_at);
        (age < QUESTION_LIFETIME).then_some(question)
    }

    fn question_context(&self) -> String {
        format!("{}\nquestion", self.scope_request_context())
    }

    /// The scopes that a link asks for; `None` for an expired or foreign link.
    pub(crate) fn scopes_asked_for(&self, sealed: &str) -> Option<Vec<String>> {
        let plain = self.shared.scope_requests.open(&self.scope_request_context(), sealed)?;
        let request: ScopeRequest = serde_json::from_slice(&plain).ok()?;
        let interval = Interval::new(request.made_at, LIFETIME);
        self.shared.clock.is_within(interval).then_some(request.scopes)
    }

    fn scope_request_context(&self) -> String {
        format!("{}\n{}", self.shared.realm, self.name())
    }
}
