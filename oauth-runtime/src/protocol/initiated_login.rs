//! Login initiated by a third party (OpenID Connect Core 1.0 section 4): a link or a form on
//! another site, usually the provider's, that asks this one to start a login.
//!
//! The request is untrusted: it may only name the configured issuer, and nothing else in it is
//! relied on.

use url::form_urlencoded;

use super::tenants::Tenants;

/// Longest request that is read, in bytes of the query or of the form.
pub(crate) const MAX_LENGTH: usize = 4 * 1024;

/// A request of another site to start a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InitiatedLogin {
    pub(crate) issuer: String,
    /// A hint for the provider at the user who is probably logging in.
    pub(crate) login_hint: Option<String>,
    /// The page to show after the login: any URL, not checked yet.
    pub(crate) target_link_uri: Option<String>,
}

/// Why a login that another site requested is not started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InitiatedLoginError {
    /// Longer than any real request.
    #[error("the request is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// A `POST` whose body is not a form.
    #[error("the body is not a form (`application/x-www-form-urlencoded`)")]
    NotAForm,
    /// A parameter that may appear only once appears more than once.
    #[error("the parameter `{0}` comes more than once")]
    RepeatedParameter(&'static str),
    /// No `iss`.
    #[error("the parameter `iss` is missing")]
    IssuerMissing,
    /// `iss` is not the issuer of the provider whose route this is.
    #[error("the parameter `iss` is not the issuer of this provider")]
    IssuerMismatch,
}

impl InitiatedLogin {
    /// Reads the query, or the form of a `POST`; unknown parameters are ignored.
    ///
    /// # Errors
    /// [`InitiatedLoginError`]; never [`IssuerMismatch`](InitiatedLoginError::IssuerMismatch).
    pub(crate) fn read(parameters: &str) -> Result<Self, InitiatedLoginError> {
        if parameters.len() > MAX_LENGTH {
            return Err(InitiatedLoginError::TooLong);
        }
        let [mut found, mut login_hint, mut target_link_uri] = [const { None }; 3];
        for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
            let (name, slot) = match &*name {
                "iss" => ("iss", &mut found),
                "login_hint" => ("login_hint", &mut login_hint),
                "target_link_uri" => ("target_link_uri", &mut target_link_uri),
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(InitiatedLoginError::RepeatedParameter(name));
            }
        }
        let issuer = found.ok_or(InitiatedLoginError::IssuerMissing)?;
        Ok(Self { issuer, login_hint, target_link_uri })
    }

    /// Compares `iss` with the provider's `issuer`, which is a template if there are `tenants`.
    ///
    /// # Errors
    /// [`InitiatedLoginError::IssuerMismatch`].
    pub(crate) fn check_issuer(
        &self,
        issuer: Option<&str>,
        tenants: Option<&Tenants>,
    ) -> Result<(), InitiatedLoginError> {
        let is_ours = issuer.is_some_and(|issuer| match tenants {
            Some(tenants) => tenants.allow_issuer(&self.issuer, issuer),
            None => self.issuer == issuer,
        });
        is_ours.then_some(()).ok_or(InitiatedLoginError::IssuerMismatch)
    }

    /// The parameters, each of them once.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let optional = [
            ("login_hint", self.login_hint.as_deref()),
            ("target_link_uri", self.target_link_uri.as_deref()),
        ];
        let optional = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
        [("iss", self.issuer.as_str())].into_iter().chain(optional)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://op.example";

    fn read(parameters: &str) -> Result<InitiatedLogin, InitiatedLoginError> {
        read_for(parameters, Some(ISSUER), None)
    }

    fn read_for(
        parameters: &str,
        issuer: Option<&str>,
        tenants: Option<&Tenants>,
    ) -> Result<InitiatedLogin, InitiatedLoginError> {
        let wish = InitiatedLogin::read(parameters)?;
        wish.check_issuer(issuer, tenants).map(|()| wish)
    }

    #[test]
    fn issuer_is_given_once_and_is_the_configured_one() {
        for (parameters, error) in [
            ("", InitiatedLoginError::IssuerMissing),
            ("login_hint=ada", InitiatedLoginError::IssuerMissing),
            ("iss=", InitiatedLoginError::IssuerMismatch),
            ("iss=https://op.example/", InitiatedLoginError::IssuerMismatch),
            ("iss=https://op.example.evil.example", InitiatedLoginError::IssuerMismatch),
            (
                "iss=https://op.example&iss=https://evil.example",
                InitiatedLoginError::RepeatedParameter("iss"),
            ),
            (
                "iss=https://op.example&login_hint=a&login_hint=b",
                InitiatedLoginError::RepeatedParameter("login_hint"),
            ),
        ] {
            assert_eq!(read(parameters), Err(error), "{parameters}");
        }
        let long = format!("iss=https://op.example&login_hint={}", "x".repeat(MAX_LENGTH));
        assert_eq!(read(&long), Err(InitiatedLoginError::TooLong));
        let without_issuer = read_for("iss=https://op.example", None, None);
        assert_eq!(without_issuer, Err(InitiatedLoginError::IssuerMismatch));
    }

    #[test]
    fn only_allowed_tenants_may_initiate_a_login() {
        let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
        let tenants = Tenants::parse([tenant]).unwrap();
        let read = |tenant: &str| {
            let parameters = format!("iss=https://op.example/{tenant}/v2.0");
            let template = "https://op.example/{tenantid}/v2.0";
            read_for(&parameters, Some(template), Some(&tenants))
        };
        assert!(read(tenant).is_ok());
        assert_eq!(read("{tenantid}"), Err(InitiatedLoginError::IssuerMismatch));
        let other = read("9188040d-6c67-4c5b-b112-36a304b66dad");
        assert_eq!(other, Err(InitiatedLoginError::IssuerMismatch));
    }

    #[test]
    fn parameters_are_those_that_were_read() {
        let read = read("target_link_uri=https%3A%2F%2Fapp.example%2Fa&x=y&iss=https://op.example")
            .unwrap();
        let again: Vec<_> = read.parameters().collect();
        assert_eq!(again, [("iss", ISSUER), ("target_link_uri", "https://app.example/a")]);
    }
}
