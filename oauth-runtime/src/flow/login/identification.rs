//! Identifies the user of a login, whatever the flow: from the validated ID token, and from
//! userinfo if there is no ID token or claims are missing in it. A provider without both identifies
//! no users.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::CompletedLogin;
use super::userinfo;
use crate::error::OAuthError;
use crate::flow::provider_client::ProviderClient;
use crate::identity::user_info::UserInfo;
use crate::identity::{self, Identity, Profile, UnverifiedProfile};
use crate::json;
use crate::protocol::error::ProviderError;
use crate::protocol::id_token::IdToken;
use crate::protocol::token_response::TokenResponse;
use crate::settings::Resolved;
use crate::token::TokenData;

/// The validated token response of a login. `id_token` is `None` if the provider issues none.
pub(super) struct TokenAnswer {
    pub(super) tokens: TokenResponse,
    /// Seconds since 1970-01-01 UTC.
    pub(super) received_at: u64,
    pub(super) id_token: Option<IdToken>,
    pub(super) unverified_profile: Option<UnverifiedProfile>,
}

/// Determines the user who logged in.
///
/// # Errors
/// [`OAuthError::Provider`] when the provider does not name the user or contradicts itself; the
/// error of a failed userinfo request, if the declaration demands it or nothing else names the
/// user.
pub(super) async fn identify(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    TokenAnswer { tokens, received_at, id_token, unverified_profile }: TokenAnswer,
    return_to: String,
) -> Result<Box<CompletedLogin>, OAuthError> {
    let settings = &client.settings;
    let claims = id_token.as_ref().map(|token| Arc::clone(token.members())).unwrap_or_default();
    let compact = id_token.as_ref().map(|token| token.compact().clone());
    let token = TokenData::of_response(tokens, compact, received_at);
    let of_token = of_token(client, &token);
    let known = match settings.identity.is_of_token() {
        true => identity::subject_at(&of_token, &settings.identity.id),
        false => identity::subject_at(&claims, &settings.identity.id),
    };
    let need = Need::of(client, resolved, &claims, known.is_some());
    let fetched = match need {
        Need::Nothing => None,
        // Boxed, because many logins do without it: it would enlarge the future of every login.
        _ => Box::pin(fetch(client, resolved, &token, id_token.as_ref(), need)).await?,
    };
    let members = fetched.as_ref().and_then(Value::as_object);
    let members = members.filter(|_| !settings.identity.is_of_token());
    let subject = known.or_else(|| identity::subject_at(members?, &settings.identity.id));
    let documents = Documents {
        claims: &claims,
        of_token: &of_token,
        profile: fetched.as_ref(),
        id_token: id_token.as_ref(),
        unverified: unverified_profile.as_ref(),
    };
    let identity = user(client, resolved, subject, &documents, &token).await?;
    let userinfo = match (settings.fetch_userinfo, fetched) {
        (false, Some(Value::Object(fetched))) => Some(Value::Object(joined(&claims, fetched))),
        (false, None) if !of_token.is_empty() => of_token.get("token").cloned(),
        (_, fetched) => fetched,
    };
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

/// The members of the token response as the member `token`; empty if no path of the identity begins
/// with that.
fn of_token(client: &ProviderClient, token: &TokenData) -> Map<String, Value> {
    let extra = token.extra.as_ref().filter(|_| client.settings.identity.reads_token());
    let extra: Option<Value> = extra.and_then(|extra| json::read(extra.expose().as_bytes()).ok());
    extra.map(|extra| ("token".to_owned(), extra)).into_iter().collect()
}

/// The documents of a login that describe its user.
pub(super) struct Documents<'a> {
    /// The claims of the ID token, or the members of the token response (OAuth 1.0a).
    pub(super) claims: &'a Map<String, Value>,
    /// The member `token`: the members of the token response that no specification defines, if the
    /// identity has paths in it.
    pub(super) of_token: &'a Map<String, Value>,
    /// The response of the userinfo endpoint, if it was called.
    pub(super) profile: Option<&'a Value>,
    pub(super) id_token: Option<&'a IdToken>,
    pub(super) unverified: Option<&'a UnverifiedProfile>,
}

/// The user with this subject; `None` if there is no subject and the provider need not identify a
/// user.
///
/// # Errors
/// [`ProviderError::NoIdentifier`] if the subject is missing; [`OAuthError::Provider`] if the
/// authority of the user belongs to another provider.
pub(super) async fn user(
    client: &Arc<ProviderClient>,
    resolved: &Resolved,
    subject: Option<String>,
    documents: &Documents<'_>,
    token: &TokenData,
) -> Result<Option<Identity>, OAuthError> {
    let settings = &client.settings;
    let paths = &settings.identity;
    let Some(subject) = subject.filter(|_| settings.may_identify()) else {
        if settings.must_identify() || documents.profile.is_some() {
            return Err(client.provider_error(ProviderError::NoIdentifier(paths.id.clone())));
        }
        return Ok(None);
    };
    let mut profile = Profile::read(paths, documents.claims);
    if let Some(members) = documents.profile.and_then(Value::as_object) {
        profile = Profile::read(paths, members).or(profile);
    }
    if !documents.of_token.is_empty() {
        profile = Profile::read(paths, documents.of_token).or(profile);
    }
    // If the issuer is a template, the real one is in the ID token.
    let issuer = documents.id_token.map(|token| resolved.authority.for_issuer(token.issuer()));
    let issuer = issuer.unwrap_or_else(|| resolved.authority.name().to_owned());
    client.check_authority(&issuer)?;
    let binding = Arc::clone(&settings.binding);
    let mut identity = Identity::new(&settings.name, binding, issuer, subject, profile);
    if identity.verified_email().is_none()
        && let Some(address) = Box::pin(userinfo::fetch_email(client, token)).await
    {
        identity.set_email(address);
    }
    if let Some(profile) = documents.unverified {
        identity.complete_with(profile);
    }
    Ok(Some(identity))
}

/// Why the userinfo endpoint is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    /// For claims that are optional for the login.
    Optional,
    /// For data that the declaration demands, or for the identity.
    Identity,
}

impl Need {
    fn of(
        client: &ProviderClient,
        resolved: &Resolved,
        claims: &Map<String, Value>,
        is_known: bool,
    ) -> Self {
        let is_there = resolved.userinfo_endpoint.is_some() && client.settings.may_identify();
        if client.settings.fetch_userinfo || (is_there && !is_known) {
            Self::Identity
        } else if is_there && lacks_requested_claims(client, claims) {
            Self::Optional
        } else {
            Self::Nothing
        }
    }
}

/// Fetches userinfo; a failure is ignored if the login can do without it.
///
/// # Errors
/// As [`userinfo::fetch`], unless the login can do without userinfo.
async fn fetch(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    token: &TokenData,
    id_token: Option<&IdToken>,
    need: Need,
) -> Result<Option<Value>, OAuthError> {
    let subject = id_token.map(|token| ("sub", token.subject()));
    if need == Need::Identity {
        return userinfo::fetch(client, resolved, token, subject).await.map(Some);
    }
    match userinfo::fetch_within(client, resolved, token, subject, userinfo::OPTIONAL).await {
        Ok(claims) => Ok(Some(claims)),
        Err(error) => {
            tracing::warn!(
                provider = client.name(),
                %error,
                "userinfo is unavailable; the login continues without its claims"
            );
            Ok(None)
        }
    }
}

/// Joins the claims of both documents. A claim and its verified flag come from the same document.
fn joined(claims: &Map<String, Value>, userinfo: Map<String, Value>) -> Map<String, Value> {
    let mut all = claims.clone();
    for (value, flag) in [("email", "email_verified"), ("phone_number", "phone_number_verified")] {
        if userinfo.contains_key(value) || userinfo.contains_key(flag) {
            all.remove(value);
            all.remove(flag);
        }
    }
    all.extend(userinfo);
    all
}

/// In the code flow the claims of `profile` and `email` come from the userinfo endpoint (OpenID
/// Connect Core 1.0 section 5.4). Many providers include them in the ID token as well; if it lacks
/// them, they are fetched.
fn lacks_requested_claims(client: &ProviderClient, claims: &Map<String, Value>) -> bool {
    let asked = |scope| client.settings.scope.split(' ').any(|own| own == scope);
    let lacks = |names: &[&str]| names.iter().all(|name| !claims.contains_key(*name));
    client.settings.is_open_id()
        && ((asked("profile") && lacks(&["name", "preferred_username", "given_name"]))
            || (asked("email") && lacks(&["email"])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The application's type may read both members.
    #[test]
    fn joined_claims_verify_only_their_own_address() {
        let map = |value: Value| value.as_object().unwrap().clone();
        let token = map(json!({"sub": "1", "email": "mallory@x", "email_verified": true}));
        for (userinfo, expected) in [
            (json!({"email": "boss@x"}), json!({"sub": "1", "email": "boss@x"})),
            (json!({"email_verified": false}), json!({"sub": "1", "email_verified": false})),
            (
                json!({"name": "Ada"}),
                json!({"sub": "1", "email": "mallory@x", "email_verified": true, "name": "Ada"}),
            ),
        ] {
            assert_eq!(Value::Object(joined(&token, map(userinfo))), expected);
        }
    }
}
