//! The grant of a user to a client, with its code and tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::authorization_request::AuthorizationRequest;
use super::claims_request::ClaimsRequest;
use super::person::Person;
use super::provider::Provider;
use super::scope::Scope;

/// Lifetime of a code, in seconds; RFC 6749 section 4.1.2 allows ten minutes.
const CODE_LIFETIME: i64 = 60;
/// Lifetime of a refresh token from its last rotation, in seconds: thirty days.
const REFRESH_TOKEN_LIFETIME: i64 = 30 * 24 * 60 * 60;

/// The consent of a user, or a client that acts for itself.
pub(super) struct Grant {
    pub(super) client_id: String,
    /// `None` for the client credentials grant.
    pub(super) person: Option<Arc<Person>>,
    pub(super) scope: Scope,
    /// The session of the user; `None` without a sign-in.
    pub(super) sid: Option<String>,
    /// The nonce of the authorization request; `None` if it had none.
    pub(super) nonce: Option<String>,
    /// The requested single claims.
    pub(super) claims: ClaimsRequest,
    /// The authentication context of the user; `None` if it was not requested.
    pub(super) acr: Option<String>,
    /// The time of the sign-in, in seconds since the epoch.
    pub(super) auth_time: i64,
    revoked: AtomicBool,
}

impl Grant {
    pub(super) fn to_client(client_id: &str, scope: Scope) -> Self {
        Self {
            client_id: client_id.to_owned(),
            person: None,
            scope,
            sid: None,
            nonce: None,
            claims: ClaimsRequest::default(),
            acr: None,
            auth_time: 0,
            revoked: AtomicBool::new(false),
        }
    }

    pub(super) fn by_person(
        request: &AuthorizationRequest,
        person: Arc<Person>,
        auth_time: i64,
        sid: String,
    ) -> Self {
        Self {
            person: Some(person),
            sid: Some(sid),
            nonce: request.nonce.clone(),
            claims: request.claims.clone(),
            acr: request.acr.clone(),
            auth_time,
            ..Self::to_client(&request.client_id, request.scope.clone())
        }
    }

    /// A grant for a user without an authorization request of this client.
    pub(super) fn without_login(
        client_id: &str,
        person: Arc<Person>,
        scope: Scope,
        auth_time: i64,
    ) -> Self {
        Self { person: Some(person), auth_time, ..Self::to_client(client_id, scope) }
    }

    /// The user's subject identifier, or the client identifier.
    pub(super) fn sub(&self) -> &str {
        self.person.as_ref().map_or(&self.client_id, |person| person.sub())
    }

    /// Revokes the grant, and with it all of its codes and tokens.
    pub(super) fn revoke(&self) {
        self.revoked.store(true, Ordering::Release);
    }

    fn is_valid(&self) -> bool {
        !self.revoked.load(Ordering::Acquire)
    }
}

/// An authorization code, and the values that its redemption must match.
pub(super) struct Code {
    pub(super) grant: Arc<Grant>,
    pub(super) redirect_uri: String,
    pub(super) code_challenge: String,
    pub(super) use_once: UseOnce,
}

/// An access token. Its scope can be narrower than that of the grant.
pub(super) struct AccessToken {
    pub(super) grant: Arc<Grant>,
    pub(super) scope: Scope,
    pub(super) issued_at: i64,
    pub(super) expires_at: i64,
}

/// A refresh token.
pub(super) struct RefreshToken {
    pub(super) grant: Arc<Grant>,
    pub(super) issued_at: i64,
    pub(super) expires_at: i64,
    pub(super) use_once: UseOnce,
}

/// Records a use. A second use indicates theft.
#[derive(Default)]
pub(super) struct UseOnce(AtomicBool);

impl UseOnce {
    /// Whether this is the first use. Of several concurrent callers, only one receives `true`.
    pub(super) fn first(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Provider {
    pub(super) fn issue_code(&self, grant: Arc<Grant>, request: &AuthorizationRequest) -> String {
        let code = Arc::new(Code {
            grant,
            redirect_uri: request.redirect_uri_text.clone(),
            code_challenge: request.code_challenge.clone(),
            use_once: UseOnce::default(),
        });
        let text = self.random.identifier();
        self.codes.insert(text.clone(), code, self.clock.now() + CODE_LIFETIME);
        text
    }

    /// A code that has not expired. It may have been used.
    pub(super) fn find_code(&self, text: &str) -> Option<Arc<Code>> {
        self.codes.get(text, self.clock.now())
    }

    pub(super) fn issue_access_token(&self, grant: &Arc<Grant>, scope: Scope) -> String {
        let issued_at = self.clock.now();
        let expires_at = issued_at.saturating_add(self.token_lifetime);
        let token =
            Arc::new(AccessToken { grant: Arc::clone(grant), scope, issued_at, expires_at });
        let text = self.random.identifier();
        self.access_tokens.insert(text.clone(), token, expires_at);
        text
    }

    /// An access token that is neither expired nor revoked.
    pub(super) fn find_access_token(&self, text: &str) -> Option<Arc<AccessToken>> {
        let token = self.access_tokens.get(text, self.clock.now())?;
        token.grant.is_valid().then_some(token)
    }

    pub(super) fn issue_refresh_token(&self, grant: &Arc<Grant>) -> String {
        let issued_at = self.clock.now();
        let expires_at = issued_at.saturating_add(REFRESH_TOKEN_LIFETIME);
        let token = Arc::new(RefreshToken {
            grant: Arc::clone(grant),
            issued_at,
            expires_at,
            use_once: UseOnce::default(),
        });
        let text = self.random.identifier();
        self.refresh_tokens.insert(text.clone(), token, expires_at);
        text
    }

    /// A refresh token that is neither expired nor revoked. It may have been used.
    pub(super) fn find_refresh_token(&self, text: &str) -> Option<Arc<RefreshToken>> {
        let token = self.refresh_tokens.get(text, self.clock.now())?;
        token.grant.is_valid().then_some(token)
    }
}
