//! Tokens that an application stores itself: the only way in which they leave this library and
//! return.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::UnixTime;
use crate::crypto::secret::{Secret, expose, expose_some};
use crate::declaration::provider::AnyProvider;
use crate::error::CallError;
use crate::token::{Token, TokenData};

/// A token that was exported for the application's own storage and can become a [`Token`] again.
/// Only [`Token::expose`] and [`Token::from_stored`] convert, so a search for them finds every
/// place at which tokens leave the library.
///
/// It is the only form of a token that can be serialized, and an attacker who reads it can use the
/// API: encrypt it, or store it where only the application can read it. As JSON it is
/// `{"provider": "github", "access_token": "…", "token_type": "Bearer", "refresh_token": "…",
/// "expires_at": 1767225600, "scopes": ["repo"], "obtained_at": 1767222000}`; unknown members are
/// omitted. If each value has its own column, [`new`](Self::new) starts with two of them:
///
/// ```
/// use oauth_runtime::prelude::*;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github", scopes("repo"))]
/// # struct GitHub;
/// use oauth_runtime::{StoredToken, UnixTime};
///
/// let row = StoredToken::new("github", "gho_16C7e42F292c6912E7710c838347Ae178B4a")
///     .with_refresh_token("ghr_1B4a2e77838347a7E420ce178F2E7c6912E169246c34E1ccbF66C46812d16D5B1A9Dc86A1498")
///     .with_expires_at(UnixTime::from_secs(1_767_225_600))
///     .with_scopes(["repo"]);
/// let token = Token::<GitHub>::from_stored(row)?;
/// assert!(token.has_scope("repo"));
/// # Ok::<_, oauth_runtime::error::CallError>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredToken {
    provider: String,
    #[serde(serialize_with = "expose")]
    access_token: Secret,
    #[serde(default = "bearer")]
    token_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    token_secret: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    refresh_token: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<UnixTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    id_token: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    newer_id_token: Option<Secret>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    extra: Map<String, Value>,
    #[serde(default = "long_ago")]
    obtained_at: UnixTime,
}

fn long_ago() -> UnixTime {
    UnixTime::from_secs(0)
}

fn bearer() -> String {
    "Bearer".to_owned()
}

impl StoredToken {
    /// Creates a bearer token of the provider with this name, without further data.
    pub fn new(provider: impl Into<String>, access_token: impl Into<Secret>) -> Self {
        Self {
            provider: provider.into(),
            access_token: access_token.into(),
            token_type: bearer(),
            token_secret: None,
            refresh_token: None,
            expires_at: None,
            scopes: None,
            id_token: None,
            newer_id_token: None,
            extra: Map::new(),
            obtained_at: long_ago(),
        }
    }

    /// Sets how the access token is presented. Default: `Bearer`.
    #[must_use]
    pub fn with_token_type(mut self, token_type: impl Into<String>) -> Self {
        self.token_type = token_type.into();
        self
    }

    /// Sets the shared secret of OAuth 1.0a token credentials.
    #[must_use]
    pub fn with_token_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.token_secret = Some(secret.into());
        self
    }

    /// Sets the refresh token.
    #[must_use]
    pub fn with_refresh_token(mut self, token: impl Into<Secret>) -> Self {
        self.refresh_token = Some(token.into());
        self
    }

    /// Sets when the access token expires. Default: unknown, and the token is refreshed once the API
    /// refuses it.
    #[must_use]
    pub fn with_expires_at(mut self, time: UnixTime) -> Self {
        self.expires_at = Some(time);
        self
    }

    /// Sets the granted scopes. Default: unknown.
    #[must_use]
    pub fn with_scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the ID token of the login. The ID tokens of refreshes are compared with it (OpenID
    /// Connect Core 1.0 section 12.2); without it they are ignored.
    #[must_use]
    pub fn with_id_token(mut self, id_token: impl Into<Secret>) -> Self {
        self.id_token = Some(id_token.into());
        self
    }

    /// Sets the newest ID token, which came after that of the login. Default: none, and a logout
    /// sends that of the login.
    #[must_use]
    pub fn with_newer_id_token(mut self, id_token: impl Into<Secret>) -> Self {
        self.newer_id_token = Some(id_token.into());
        self
    }

    /// Sets when the token response came. Default: long ago.
    #[must_use]
    pub fn with_obtained_at(mut self, time: UnixTime) -> Self {
        self.obtained_at = time;
        self
    }

    /// The name of the provider in its declaration.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The access token, or the token of OAuth 1.0a token credentials.
    pub fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// How the access token is presented.
    pub fn token_type(&self) -> &str {
        &self.token_type
    }

    /// The shared secret of OAuth 1.0a token credentials; `None` for OAuth 2.0.
    pub fn token_secret(&self) -> Option<&Secret> {
        self.token_secret.as_ref()
    }

    /// The refresh token. `None` when the provider issued none.
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// When the access token expires. `None` when the provider does not say.
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }

    /// The granted scopes. `None` when the provider does not say.
    pub fn scopes(&self) -> Option<&[String]> {
        self.scopes.as_deref()
    }

    /// The ID token of the login. `None` if the provider issues none.
    pub fn id_token(&self) -> Option<&Secret> {
        self.id_token.as_ref()
    }

    /// The newest ID token, if it came after that of the login: the `id_token_hint` of a logout.
    pub fn newer_id_token(&self) -> Option<&Secret> {
        self.newer_id_token.as_ref()
    }

    /// When the token response came.
    pub fn obtained_at(&self) -> UnixTime {
        self.obtained_at
    }

    /// The non-standard members of the token response. They may contain further tokens.
    pub fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }

    pub(crate) fn without_refresh_token(self) -> Self {
        Self { refresh_token: None, ..self }
    }

    pub(crate) fn of(provider: &str, data: &TokenData) -> Self {
        let extra = data.extra.as_ref().map(|extra| serde_json::from_str(extra.expose()));
        Self {
            provider: provider.to_owned(),
            access_token: data.access_token.clone(),
            token_type: data.token_type.clone(),
            token_secret: data.token_secret.clone(),
            refresh_token: data.refresh_token.clone(),
            expires_at: data.expires_at.map(UnixTime::from_secs),
            scopes: data.scopes.clone(),
            id_token: data.id_token.clone(),
            newer_id_token: data.newer_id_token.clone(),
            // It is an object, because it was one when it arrived.
            extra: extra.and_then(Result::ok).unwrap_or_default(),
            obtained_at: UnixTime::from_secs(data.obtained_at),
        }
    }

    pub(crate) fn into_data(self) -> TokenData {
        let extra = (!self.extra.is_empty()).then(|| Value::Object(self.extra).to_string());
        TokenData {
            access_token: self.access_token,
            token_secret: self.token_secret,
            token_type: self.token_type,
            // An empty column means none.
            refresh_token: self.refresh_token.filter(|token| !token.is_empty()),
            expires_at: self.expires_at.map(UnixTime::as_secs),
            scopes: self.scopes,
            id_token: self.id_token.filter(|token| !token.is_empty()),
            newer_id_token: self.newer_id_token.filter(|token| !token.is_empty()),
            extra: extra.map(Secret::from),
            obtained_at: self.obtained_at.as_secs(),
            generation: 0,
            // The application decides when it expires.
            kept_until: u64::MAX,
            whose: None,
            ended: None,
        }
    }
}

impl<P: AnyProvider> Token<P> {
    /// Exports the token for the application's own storage; [`from_stored`](Self::from_stored)
    /// imports it. Tokens that the library stores do not need this: see `keep_tokens`.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"))]
    /// # struct GitHub;
    /// # fn encrypt(text: &str) -> Vec<u8> { text.into() }
    ///
    /// fn row(login: &Login<GitHub>) -> Result<Vec<u8>, serde_json::Error> {
    ///     Ok(encrypt(&serde_json::to_string(&login.token().expose())?))
    /// }
    /// ```
    pub fn expose(&self) -> StoredToken {
        StoredToken::of(P::SPEC.name, self.data())
    }

    /// Imports an exported token. [`Client::with_token`](crate::Client::with_token) calls the API
    /// with it.
    ///
    /// A [`RuntimeProvider`](crate::RuntimeProvider) represents many providers: the application has
    /// to ensure that the token is used only with the one that issued it.
    ///
    /// # Errors
    /// [`CallError::ForeignToken`] for a token of another provider; [`CallError::UnusableToken`]
    /// for one that cannot be sent: it is empty, contains a line break, or has another type than
    /// `Bearer`.
    pub fn from_stored(stored: StoredToken) -> Result<Self, CallError> {
        // A provider known only at run time is declared without a name.
        let name = P::SPEC.name;
        if !name.is_empty() && stored.provider != name {
            return Err(CallError::ForeignToken { found: stored.provider, expected: name.into() });
        }
        let data = stored.into_data();
        data.check()?;
        Ok(Self::new(data))
    }
}

/// The tokens are redacted.
impl fmt::Debug for StoredToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredToken")
            .field("provider", &self.provider)
            .field("expires_at", &self.expires_at)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::user_info::UserInfo;
    use crate::protocol::token_value::TokenFault;
    use crate::token;

    struct Hub;

    impl AnyProvider for Hub {
        const SPEC: &'static crate::declaration::spec::ProviderSpec<'static> =
            &crate::declaration::spec::ProviderSpec {
                name: "hub",
                ..crate::declaration::spec::ProviderSpec::DEFAULT
            };
        type Capabilities = oauth_runtime::__private::Capabilities<
            oauth_runtime::__private::OAuth2,
            oauth_runtime::__private::Identified,
            false,
            false,
        >;
        type UserInfo = UserInfo;
        type Claims = UserInfo;

        fn load(_: &mut crate::config::Fields<'_>) -> Option<Self> {
            Some(Self)
        }

        fn placeholder_values(&self) -> Vec<String> {
            Vec::new()
        }
    }

    fn data() -> TokenData {
        TokenData {
            token_type: "bearer".to_owned(),
            scopes: Some(vec!["read".to_owned(), "write".to_owned()]),
            extra: Some(Secret::from(r#"{"team":"the-team"}"#)),
            ..token::tests::data()
        }
    }

    #[test]
    fn what_is_taken_out_comes_back_whole() {
        let token = Token::<Hub>::new(data());
        let text = serde_json::to_string(&token.expose()).unwrap();
        let back = Token::<Hub>::from_stored(serde_json::from_str(&text).unwrap()).unwrap();
        let (before, after) = (token.data(), back.data());
        assert_eq!(after.access_token, before.access_token);
        assert_eq!(after.token_secret, before.token_secret);
        assert_eq!(after.token_type, before.token_type);
        assert_eq!(after.refresh_token, before.refresh_token);
        assert_eq!(after.expires_at, before.expires_at);
        assert_eq!(after.scopes, before.scopes);
        assert_eq!(after.id_token, before.id_token);
        assert_eq!(after.newer_id_token, before.newer_id_token);
        assert_eq!(after.extra, before.extra);
        assert_eq!(after.obtained_at, before.obtained_at);
    }

    #[test]
    fn getters_return_the_parts_of_a_stored_token() {
        let stored = Token::<Hub>::new(data()).expose();
        let text = serde_json::to_value(&stored).unwrap();
        assert_eq!(text["access_token"], stored.access_token().expose());
        assert_eq!(text["token_type"], stored.token_type());
        assert_eq!(text["token_secret"], stored.token_secret().unwrap().expose());
        assert_eq!(text["refresh_token"], stored.refresh_token().unwrap().expose());
        assert_eq!(text["id_token"], stored.id_token().unwrap().expose());
        assert_eq!(text["newer_id_token"], stored.newer_id_token().unwrap().expose());
        assert_eq!(text["expires_at"], serde_json::json!(stored.expires_at()));
        assert_eq!(text["scopes"], serde_json::json!(stored.scopes()));
        assert_eq!(text["extra"], serde_json::json!(stored.extra()));
        assert_eq!(text["obtained_at"], serde_json::json!(stored.obtained_at()));
    }

    #[test]
    fn what_is_not_known_is_left_out_and_stays_unknown() {
        let bare = StoredToken::new("hub", "the-access");
        let text = serde_json::to_value(&bare).unwrap();
        let expected = serde_json::json!({
            "provider": "hub", "access_token": "the-access", "token_type": "Bearer", "obtained_at": 0,
        });
        assert_eq!(text, expected);
        let unknown = TokenData { scopes: None, expires_at: None, ..data() };
        let text = serde_json::to_value(Token::<Hub>::new(unknown).expose()).unwrap();
        assert!(text.get("scopes").is_none() && text.get("expires_at").is_none(), "{text}");
        let least: StoredToken =
            serde_json::from_str(r#"{"provider":"hub","access_token":"the-access"}"#).unwrap();
        let token = Token::<Hub>::from_stored(least).unwrap();
        assert_eq!(token.token_type(), "Bearer");
        assert_eq!((token.scopes(), token.expires_at()), (None, None));
    }

    #[test]
    fn stored_token_of_another_provider_is_refused() {
        let error = Token::<Hub>::from_stored(StoredToken::new("github", "x")).unwrap_err();
        assert!(error.to_string().contains("`github`"), "{error}");
    }

    #[test]
    fn stored_token_that_cannot_be_sent_is_refused() {
        let stored = |token: &str| StoredToken::new("hub", token);
        for (stored, fault) in [
            (stored(""), TokenFault::Empty),
            (stored("a\n"), TokenFault::Characters),
            (stored("a").with_token_type("DPoP"), TokenFault::Type),
            (stored("a").with_token_type("mac"), TokenFault::Type),
            (stored("a").with_refresh_token("r\r\n"), TokenFault::Characters),
            (stored("\n").with_token_secret(""), TokenFault::Characters),
        ] {
            let error = Token::<Hub>::from_stored(stored).unwrap_err();
            assert_eq!(error, CallError::UnusableToken(fault));
        }
        let empty = stored("a").with_refresh_token("");
        assert_eq!(Token::<Hub>::from_stored(empty).unwrap().data().refresh_token, None);
        let of_oauth1 = stored("a").with_token_secret("s").with_token_type("OAuth");
        assert!(Token::<Hub>::from_stored(of_oauth1).is_ok());
    }

    #[test]
    fn nothing_that_opens_an_api_is_shown() {
        let stored = Token::<Hub>::new(data()).expose();
        let shown = format!("{stored:?} {stored:#?}");
        for secret in ["the-access", "the-token-secret", "the-refresh", "the-id", "the-team"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
