//! Tokens become a person, whichever flow they come from: by the validated ID token, and by userinfo
//! where there is none or it says too little.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::discovery::ProviderClient;
use super::login::CompletedLogin;
use super::userinfo;
use crate::error::{OAuthError, ProviderError};
use crate::identity::{Identity, UnverifiedProfile};
use crate::protocol::id_token::IdToken;
use crate::protocol::token_response::TokenResponse;
use crate::resolve::Resolved;
use crate::token::TokenData;
use crate::userinfo::UserInfo;

/// What the token endpoint gave for a login. Its ID token has answered that login; `None` where the
/// provider issues none.
pub(super) struct Answer {
    pub(super) tokens: TokenResponse,
    /// Seconds since 1970-01-01 UTC.
    pub(super) received_at: u64,
    pub(super) id_token: Option<IdToken>,
    pub(super) unverified_profile: Option<UnverifiedProfile>,
}

/// Who logged in.
///
/// # Errors
/// [`OAuthError::Provider`] when the provider does not say so, or contradicts itself; what keeps
/// userinfo from being fetched.
pub(super) async fn identify(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    Answer { tokens, received_at, id_token, unverified_profile }: Answer,
    return_to: String,
) -> Result<Box<CompletedLogin>, OAuthError> {
    let settings = &client.settings;
    let claims = id_token.as_ref().map(|token| Arc::clone(token.members())).unwrap_or_default();
    let compact = id_token.as_ref().map(|token| token.compact().clone());
    let token = TokenData::of_response(tokens, compact, received_at);
    let mut all = Cow::Borrowed(&*claims);
    let mut userinfo = None;
    if settings.fetch_userinfo || lacks_what_was_asked_for(client, resolved, &claims) {
        let subject = id_token.as_ref().map(|token| ("sub", token.subject()));
        // What many logins do without is boxed: the future of every login would be larger.
        let fetched = Box::pin(userinfo::fetch(client, resolved, &token, subject)).await?;
        if let Value::Object(members) = &fetched {
            all.to_mut().extend(members.clone());
        }
        let is_declared = settings.fetch_userinfo;
        userinfo = Some(if is_declared { fetched } else { Value::Object(all.to_mut().clone()) });
    }
    // Where the issuer is a template, the real one stands in the ID token.
    let authority = id_token.as_ref().map_or(&*resolved.authority, IdToken::issuer);
    let mut identity = Identity::from_claims(&settings.name, authority, &settings.identity, &all)
        .ok_or_else(|| {
        client.blame(ProviderError::NoIdentifier(settings.identity.id.clone()))
    })?;
    if identity.verified_email().is_none()
        && let Some(address) = Box::pin(userinfo::fetch_verified_email(client, &token)).await
    {
        identity.set_verified_email(&address);
    }
    if let Some(profile) = &unverified_profile {
        identity.complete_with(profile);
    }
    Ok(Box::new(CompletedLogin {
        identity,
        token,
        id_token,
        claims: UserInfo::new(claims),
        userinfo,
        unverified_profile,
        return_to,
        connects_in: None,
    }))
}

/// In the code flow the claims of `profile` and `email` come from the userinfo endpoint (OpenID
/// Connect Core 1.0 section 5.4). Many providers put them into the ID token as well; where they do
/// not, they are fetched.
fn lacks_what_was_asked_for(
    client: &ProviderClient,
    resolved: &Resolved,
    claims: &Map<String, Value>,
) -> bool {
    let asked = |scope| client.settings.scope.split(' ').any(|own| own == scope);
    let lacks = |names: &[&str]| names.iter().all(|name| !claims.contains_key(*name));
    resolved.userinfo_endpoint.is_some()
        && client.settings.is_open_id()
        && ((asked("profile") && lacks(&["name", "preferred_username", "given_name"]))
            || (asked("email") && lacks(&["email"])))
}
