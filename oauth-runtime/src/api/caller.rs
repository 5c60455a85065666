//! Who calls an API: where the token comes from, and what happens when it is not taken.

use std::sync::Arc;

use ::http::{Request, Response, StatusCode};
use bytes::Bytes;
use url::Url;

use crate::endpoint::{EndpointError, EndpointUrl};
use crate::error::{CallError, OAuthError, ScopesNeeded, TokenError};
use crate::flow::discovery::ProviderClient;
use crate::flow::grant_record::GrantId;
use crate::flow::protected_request;
use crate::http::{BodyStream, Limits};
use crate::token::TokenData;

/// A caller, without the brand of the provider.
pub(crate) struct Caller {
    pub(super) client: Arc<ProviderClient>,
    pub(super) source: Source,
    /// Who is logged in, at this provider; `None` where nobody has said.
    pub(super) subject: Option<String>,
    /// Where the person can be asked for more; `None` where there is no page to come back to.
    pub(super) return_to: Option<String>,
}

/// Where the token comes from.
pub(crate) enum Source {
    /// The store: it is kept fresh.
    Grant(GrantId),
    /// The caller, who answers for it.
    InHand(Arc<TokenData>),
}

/// What a call needs of the grant.
#[derive(Default)]
pub(super) struct Needs {
    pub(super) scopes: Vec<String>,
    pub(super) no_token: bool,
}

impl Caller {
    /// Sends the request with a fresh token; once more with another one, if the API does not take
    /// the first.
    pub(super) async fn send(
        &self,
        request: &Request<Bytes>,
        needs: &Needs,
    ) -> Result<Response<Bytes>, OAuthError> {
        let client = &*self.client;
        if needs.no_token {
            return client.send(request.clone(), Limits::API).await;
        }
        let token = self.token_for(needs).await?;
        let answer = protected_request::send(client, request.clone(), &token, Limits::API).await?;
        match self.instead_of(&token, answer.status()).await? {
            Some(other) => {
                protected_request::send(client, request.clone(), &other, Limits::API).await
            }
            None => Ok(answer),
        }
    }

    /// The same with a body that comes in pieces.
    pub(super) async fn stream(
        &self,
        request: &Request<Bytes>,
        needs: &Needs,
    ) -> Result<Response<BodyStream>, OAuthError> {
        let client = &*self.client;
        if needs.no_token {
            return client.stream(request.clone(), Limits::API).await;
        }
        let token = self.token_for(needs).await?;
        let answer =
            protected_request::stream(client, request.clone(), &token, Limits::API).await?;
        match self.instead_of(&token, answer.status()).await? {
            Some(other) => {
                protected_request::stream(client, request.clone(), &other, Limits::API).await
            }
            None => Ok(answer),
        }
    }

    /// The token; an error when it is known to open less than is needed.
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
            Source::InHand(token) if token.is_expired(self.client.now()) => {
                Err(self.client.no_token(TokenError::Expired))
            }
            Source::InHand(token) => Ok(Arc::clone(token)),
        }
    }

    /// Another token, where the API refused this one and there is another.
    async fn instead_of(
        &self,
        token: &TokenData,
        status: StatusCode,
    ) -> Result<Option<Arc<TokenData>>, OAuthError> {
        let Source::Grant(grant) = &self.source else { return Ok(None) };
        if status != StatusCode::UNAUTHORIZED {
            return Ok(None);
        }
        match self.client.other_token(grant, token).await {
            Ok(other) => Ok(Some(other)),
            Err(OAuthError::Token { error: TokenError::Refused, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is missing, and the login that asks for it beside what is granted already.
    fn ask_for(
        &self,
        granted: &[String],
        missing: Vec<String>,
    ) -> Result<ScopesNeeded, OAuthError> {
        let all: Vec<_> = granted.iter().chain(&missing).cloned().collect();
        let login = self.return_to.as_deref();
        let login = login.map(|return_to| self.client.login_that_asks_for(&all, return_to));
        Ok(ScopesNeeded { missing, all, login: login.transpose()? })
    }

    /// Where a path leads, and whether the token may go there: to the API's own origin and nowhere
    /// else, and by a relative path only below the API's base.
    pub(super) fn url(&self, path: &str) -> Result<(EndpointUrl, bool), CallError> {
        let loopback_http = self.client.settings.loopback_http;
        let bad = |reason| CallError::BadUrl { url: path.to_owned(), reason };
        let base = self.client.settings.api_base.as_ref();
        let is_absolute = path.starts_with("https://") || path.starts_with("http://");
        let url = match base {
            _ if is_absolute => Url::parse(path),
            Some(base) => Url::parse(&format!("{base}{}", path.trim_start_matches('/'))),
            None => return Err(CallError::NoApiBase(path.to_owned())),
        };
        let url = url.map_err(|_| bad(EndpointError::NotAUrl))?;
        let stays_below =
            is_absolute || base.is_some_and(|base| url.path().starts_with(base.url().path()));
        let url = EndpointUrl::check(url, loopback_http).map_err(bad)?;
        let is_own = stays_below && base.is_some_and(|base| url.has_origin_of(base));
        Ok((url, is_own))
    }
}
