//! The caller of an API: where the token comes from, and what happens when the API refuses it.

use std::borrow::Cow;
use std::sync::Arc;

use ::http::{Request, Response, StatusCode};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use url::Url;

use super::in_hand::InHand;
use crate::declaration::spec::Quirk;
use crate::error::{CallError, OAuthError, ScopesNeeded, TokenError};
use crate::flow::access_token::AccessTokenRequest;
use crate::flow::grant::record::GrantId;
use crate::flow::protected_request;
use crate::flow::provider_client::ProviderClient;
use crate::http::{BodyStream, Limits, RequestBody};
use crate::text::shown;
use crate::token::TokenData;
use crate::url::endpoint::{EndpointError, EndpointUrl};

/// A caller, without the type of the provider.
pub(crate) struct Caller {
    pub(super) client: Arc<ProviderClient>,
    pub(super) source: Source,
    /// The subject of the login at this provider, if known.
    pub(super) subject: Option<String>,
    /// How the user can be asked for more scopes; `None` if there is no request to answer.
    pub(super) question: Option<Question>,
}

/// How a user can be asked for more scopes.
pub(crate) struct Question {
    /// The page to return to.
    pub(crate) return_to: String,
    /// Whether the request was made by a script instead of a page.
    pub(crate) wants_json: bool,
    /// The sealed cookie of the last question.
    pub(crate) asked: Option<String>,
}

/// Where the token comes from.
pub(crate) enum Source {
    /// From the store, where it is kept fresh.
    Grant(GrantId),
    /// From the application's own request, which can be repeated.
    Own(Box<AccessTokenRequest>),
    /// From the caller, who is responsible for it.
    InHand(Arc<InHand>),
    /// There is none: calls without a token.
    Absent,
}

/// The needs of one call.
pub(super) struct Needs {
    pub(super) scopes: Vec<String>,
    pub(super) no_token: bool,
    pub(super) limits: Limits,
}

impl Needs {
    pub(super) fn new(caller: &Caller) -> Self {
        let limits = caller.client.limits(Limits::API);
        Self { scopes: Vec::new(), no_token: false, limits }
    }
}

impl Caller {
    /// A caller of public resources.
    pub(crate) fn without_token(client: Arc<ProviderClient>) -> Self {
        Self { client, source: Source::Absent, subject: None, question: None }
    }

    /// Adds the configured headers to a request to the API, where those of the call replace them.
    pub(super) fn add_headers(&self, request: &mut Request<Bytes>) {
        for (name, value) in &self.client.settings.transport.headers {
            request.headers_mut().insert(name, value.clone());
        }
    }

    /// Sends the request with a fresh token. If the API refuses the token, it is sent once more
    /// with another one.
    pub(super) async fn send(
        &self,
        request: &Request<Bytes>,
        needs: &Needs,
    ) -> Result<Response<Bytes>, OAuthError> {
        let client = &*self.client;
        if needs.no_token {
            return client.send_unchanged(request.clone(), needs.limits).await;
        }
        let token = self.token_for(needs).await?;
        let answer = protected_request::send(client, request.clone(), &token, needs.limits).await?;
        match self.instead_of(&token, answer.status()).await? {
            Some(other) => {
                protected_request::send(client, request.clone(), &other, needs.limits).await
            }
            None => Ok(answer),
        }
    }

    /// Like [`send`](Self::send), but the body of the response is a stream.
    pub(super) async fn stream(
        &self,
        request: &Request<Bytes>,
        needs: &Needs,
    ) -> Result<Response<BodyStream>, OAuthError> {
        let client = &*self.client;
        if needs.no_token {
            return client.stream_unchanged(request.clone(), needs.limits).await;
        }
        let token = self.token_for(needs).await?;
        let answer =
            protected_request::stream(client, request.clone(), &token, needs.limits).await?;
        match self.instead_of(&token, answer.status()).await? {
            Some(other) => {
                protected_request::stream(client, request.clone(), &other, needs.limits).await
            }
            None => Ok(answer),
        }
    }

    /// Sends the request once, with a fresh token and a body that is a stream.
    pub(super) async fn upload(
        &self,
        request: Request<Bytes>,
        body: RequestBody,
        needs: &Needs,
    ) -> Result<Response<BodyStream>, OAuthError> {
        let client = &*self.client;
        if needs.no_token {
            return client.upload_unchanged(request.map(|_| body), needs.limits).await;
        }
        let token = self.token_for(needs).await?;
        protected_request::upload(client, request, body, &token, needs.limits).await
    }

    /// Returns the token, or an error if it is known to lack scopes that are needed.
    async fn token_for(&self, needs: &Needs) -> Result<Arc<TokenData>, OAuthError> {
        let token = self.token().await?;
        let Some(granted) = &token.scopes else { return Ok(token) };
        let missing = needs.scopes.iter().filter(|scope| !granted.contains(scope));
        let missing: Vec<_> = missing.cloned().collect();
        if missing.is_empty() {
            return Ok(token);
        }
        Err(self.client.no_token(TokenError::ScopesNeeded(self.ask_for(granted, missing)?)))
    }

    pub(super) async fn token(&self) -> Result<Arc<TokenData>, OAuthError> {
        match &self.source {
            Source::Grant(grant) => self.client.fresh_token(grant).await,
            Source::Own(request) => {
                // Boxed: most calls are on behalf of a user.
                let token = Box::pin((**request).clone().cached(&self.client)).await?;
                Ok(Arc::new(token))
            }
            Source::InHand(own) => own.token(&self.client).await,
            Source::Absent => Err(self.client.no_token(TokenError::Missing)),
        }
    }

    /// Refreshes the token, whatever its age.
    pub(super) async fn refresh(&self) -> Result<Arc<TokenData>, OAuthError> {
        match &self.source {
            Source::Grant(grant) => self.client.refreshed_now(grant).await,
            Source::Own(request) => {
                let token = Box::pin((**request).clone().renewed(&self.client)).await?;
                Ok(Arc::new(token))
            }
            Source::InHand(own) => own.renewed_now(&self.client).await,
            Source::Absent => Err(self.client.no_token(TokenError::Missing)),
        }
    }

    /// Returns another token after the API refused this one, if there is another.
    async fn instead_of(
        &self,
        token: &TokenData,
        status: StatusCode,
    ) -> Result<Option<Arc<TokenData>>, OAuthError> {
        if status != StatusCode::UNAUTHORIZED {
            return Ok(None);
        }
        match &self.source {
            Source::Grant(grant) => match self.client.other_token(grant, token).await {
                Ok(other) => Ok(Some(other)),
                Err(OAuthError::Token { error: TokenError::Refused, .. }) => Ok(None),
                Err(error) => Err(error),
            },
            Source::Own(request) => {
                let other = Box::pin((**request).clone().instead_of(&self.client, token)).await?;
                Ok(other.map(Arc::new))
            }
            Source::InHand(own) => Box::pin(own.instead_of(&self.client, token)).await,
            Source::Absent => Ok(None),
        }
    }

    /// The missing scopes, and the login that asks for them in addition to the granted ones.
    fn ask_for(
        &self,
        granted: &[String],
        missing: Vec<String>,
    ) -> Result<ScopesNeeded, OAuthError> {
        let all: Vec<_> = granted.iter().chain(&missing).cloned().collect();
        let Some(question) = &self.question else {
            return Ok(ScopesNeeded { missing, all, ..ScopesNeeded::default() });
        };
        let wants_json = question.wants_json;
        let asked = question.asked.as_deref();
        if asked.is_some_and(|asked| {
            self.client.has_asked_for(asked, &missing, self.subject.as_deref())
        }) {
            let refused = Some(how_granted(granted, &missing).into());
            return Ok(ScopesNeeded { missing, all, login: None, refused, wants_json });
        }
        let login = self.client.login_that_asks_for(&all, &question.return_to)?;
        let login = Some(login.into());
        Ok(ScopesNeeded { missing, all, login, refused: None, wants_json })
    }

    /// The URL of a path, and whether the token may be sent there: only to the API's own origin, at
    /// or below the path of its base, however the URL was made.
    pub(super) fn url(&self, path: &str) -> Result<(EndpointUrl, bool), CallError> {
        let loopback_http = self.client.settings.loopback_http;
        let bad = |reason| CallError::BadUrl { url: path.into(), reason };
        if path.chars().any(char::is_control) {
            // `Url` strips some of them, which would hide the actual URL.
            return Err(bad(EndpointError::WhiteSpace));
        }
        let base = self.client.settings.api_base.as_ref();
        let is_absolute = path.starts_with("https://") || path.starts_with("http://");
        let url = match base {
            _ if is_absolute => Url::parse(path),
            Some(base) => Url::parse(&format!("{}{}", base.as_str(), path.trim_start_matches('/'))),
            None => return Err(CallError::NoApiBase(path.into())),
        };
        let url = url.map_err(|_| bad(EndpointError::NotAUrl))?;
        let url = EndpointUrl::check(url, loopback_http).map_err(bad)?;
        let is_own = base.is_some_and(|base| {
            url.has_origin_of(base) && stays_below(base.url().path(), url.url().path())
        });
        Ok((url, is_own))
    }
}

/// The granted scopes for the log, and the quirk to declare if the missing ones are among them.
fn how_granted(granted: &[String], missing: &[String]) -> String {
    let list = granted.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(", ");
    let list = if list.is_empty() { "none".to_owned() } else { shown(&list, 400) };
    let is_separated_by = |separator| {
        let parts = granted.iter().flat_map(|scope| scope.split(separator)).map(str::trim);
        missing.iter().all(|scope| parts.clone().any(|part| part == scope))
    };
    if is_separated_by(',') {
        let quirk = Quirk::CommaSeparatedScopes.name();
        format!("{list}; a provider that separates scopes by commas needs `quirks({quirk})`")
    } else {
        list
    }
}

/// Whether a path is the base, which ends with a slash, or below it.
///
/// Servers decode a path in different ways before they look for `..` in it: some treat `%2F` or
/// `\\` as a slash, some decode twice, some first remove `;` parameters from a segment. A path that
/// leaves the base by any of these readings is rejected.
fn stays_below(base: &str, path: &str) -> bool {
    let is_below = path.starts_with(base) || base.strip_suffix('/') == Some(path);
    is_below && !climbs(path)
}

/// Maximum number of times that a path is decoded.
const MAX_DECODINGS: usize = 4;

fn climbs(path: &str) -> bool {
    let mut path = Cow::Borrowed(path);
    for _ in 0..MAX_DECODINGS {
        if path.split(['/', '\\']).any(leads_up) {
            return true;
        }
        let decoded = percent_decode_str(&path).decode_utf8_lossy();
        if decoded == path {
            return false;
        }
        path = Cow::Owned(decoded.into_owned());
    }
    // No legitimate path is encoded this often.
    true
}

fn leads_up(segment: &str) -> bool {
    let name = segment.split(';').next().unwrap_or_default();
    // Some servers cut a name at a NUL and trim white space.
    let name = name.split('\0').next().unwrap_or_default();
    name.trim_matches(|c: char| c.is_whitespace() || c.is_control()) == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_stays_below_the_base_by_every_reading() {
        for path in [
            "/api/",
            "/api",
            "/api/x",
            "/api/x/..y/z..",
            "/api/groups/a%2Fb",
            "/api/x;v=1/y",
            "/api/100%25",
            "/api/%E4%F6",
        ] {
            assert!(stays_below("/api/", path), "{path}");
        }
        for path in [
            "/",
            "/admin",
            "/apiary",
            "/API/x",
            "/api/x/%2e%2e/%2e%2e/admin",
            "/api/..%2fadmin",
            "/api/x%2f..%2F..%2fadmin",
            "/api/x%5c..%5c..%5cadmin",
            "/api/x\\..\\..\\admin",
            "/api/..%00/admin",
            "/api/..%20/admin",
            "/api/%09../admin",
            "/api/..;/admin",
            "/api/..;v=1/admin",
            "/api/%2e%2e%3b/admin",
            "/api/%252e%252e/admin",
            "/api/%25252e./admin",
            "/api/%2525252525252e./admin",
        ] {
            assert!(!stays_below("/api/", path), "{path}");
        }
        assert!(stays_below("/", "/anything"));
    }
}
