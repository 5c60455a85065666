//! The users of the provider.

use serde_json::{Map, Value, json};

use super::provider::DEFAULT_TENANT;
use super::scope::Scope;

/// A user of the [`TestProvider`](super::TestProvider).
///
/// The claims follow the scope of the request as in OpenID Connect Core 1.0 section 5.4: `name`,
/// `preferred_username` and `picture` require the scope `profile`, `email` and `email_verified` the
/// scope `email`. A claim that no standard scope covers is always released, and so is one that the
/// request names in the parameter `claims`. A claim in another language has its language tag in the
/// name: `family_name#ja-Kana-JP`.
///
/// ```
/// use oauth_runtime::testing::{Person, TestProvider};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let provider = TestProvider::builder()
///     .person(
///         Person::new("248289761001")
///             .name("Jane Doe")
///             .preferred_username("j.doe")
///             .email("jane@example.org")
///             .claim("groups", serde_json::json!(["staff", "admins"])),
///     )
///     .start()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Person {
    sub: String,
    claims: Map<String, Value>,
}

impl Person {
    /// A user with the subject identifier `sub`. Everything else is optional.
    pub fn new(sub: impl Into<String>) -> Self {
        Self { sub: sub.into(), claims: Map::new() }
    }

    /// The full name, the claim `name`.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        self.claim("name", Value::String(name.into()))
    }

    /// A verified address: `email` and `"email_verified": true`.
    #[must_use]
    pub fn email(self, email: impl Into<String>) -> Self {
        self.claim("email", Value::String(email.into())).claim("email_verified", Value::Bool(true))
    }

    /// An unverified address: `email` and `"email_verified": false`.
    #[must_use]
    pub fn unverified_email(self, email: impl Into<String>) -> Self {
        self.claim("email", Value::String(email.into())).claim("email_verified", Value::Bool(false))
    }

    /// The user name, the claim `preferred_username`.
    #[must_use]
    pub fn preferred_username(self, username: impl Into<String>) -> Self {
        self.claim("preferred_username", Value::String(username.into()))
    }

    /// The URL of a picture, the claim `picture`.
    #[must_use]
    pub fn picture(self, url: impl Into<String>) -> Self {
        self.claim("picture", Value::String(url.into()))
    }

    /// The tenant of the user, the claim `tid` of a provider of [many
    /// tenants](super::TestProviderBuilder::many_tenants).
    #[must_use]
    pub fn tenant_id(self, id: impl Into<String>) -> Self {
        self.claim("tid", Value::String(id.into()))
    }

    /// Sets any other claim, and replaces an earlier one with the same name.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: Value) -> Self {
        self.claims.insert(name.into(), value);
        self
    }

    /// The users of a provider that is built without any.
    pub(super) fn defaults() -> Vec<Self> {
        let person = |sub: &str, name: &str, email: &str| {
            Self::new(sub).name(name).preferred_username(sub).email(email)
        };
        let address = json!({
            "street_address": "12 St James's Square",
            "locality": "London",
            "country": "GB",
        });
        vec![
            person("ada", "Ada Lovelace", "ada@example.org")
                .claim("address", address)
                .claim("phone_number", json!("+442079460815"))
                .claim("phone_number_verified", json!(true)),
            person("alan", "Alan Turing", "alan@example.org"),
            Self::new("grace")
                .name("Grace Hopper")
                .preferred_username("grace")
                .unverified_email("grace@example.org"),
        ]
    }

    pub(super) fn tenant(&self) -> &str {
        self.text("tid").unwrap_or(DEFAULT_TENANT)
    }

    pub(super) fn sub(&self) -> &str {
        &self.sub
    }

    /// Whether `hint` is the user's subject identifier, user name or address.
    pub(super) fn is_called(&self, hint: &str) -> bool {
        self.sub == hint
            || self.text("preferred_username") == Some(hint)
            || self.text("email") == Some(hint)
    }

    /// The name, or else the user name or the subject identifier.
    pub(super) fn display_name(&self) -> &str {
        self.text("name").or_else(|| self.text("preferred_username")).unwrap_or(&self.sub)
    }

    pub(super) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    /// The claims that `scope` releases and those that are `requested` by name; `sub` is always one
    /// of them.
    pub(super) fn claims(
        &self,
        scope: &Scope,
        requested: impl Fn(&str) -> bool,
    ) -> Map<String, Value> {
        let in_scope = |name| scope_of(name).is_none_or(|needed| scope.contains(needed));
        let mut released: Map<String, Value> = self
            .claims
            .iter()
            .filter(|(name, _)| in_scope(name) || requested(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        released.insert("sub".to_owned(), json!(self.sub));
        released
    }
}

/// The scope that releases a standard claim (OpenID Connect Core 1.0 section 5.4) in any language:
/// `family_name#ja-Kana-JP` (section 5.2).
fn scope_of(claim: &str) -> Option<&'static str> {
    let (claim, _language) = claim.split_once('#').unwrap_or((claim, ""));
    match claim {
        "name" | "family_name" | "given_name" | "middle_name" | "nickname"
        | "preferred_username" | "profile" | "picture" | "website" | "gender" | "birthdate"
        | "zoneinfo" | "locale" | "updated_at" => Some("profile"),
        "email" | "email_verified" => Some("email"),
        "address" => Some("address"),
        "phone_number" | "phone_number_verified" => Some("phone"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Person, Scope};

    #[test]
    fn claims_follow_the_scope() {
        let person = Person::new("1")
            .name("Jane")
            .email("jane@example.org")
            .claim("name#de", json!("Johanna"))
            .claim("groups", json!(["staff"]));
        let released = |scope| {
            let claims = person.claims(&Scope::parse(scope).unwrap(), |_| false);
            let mut names: Vec<_> = claims.keys().cloned().collect();
            names.sort();
            names.join(" ")
        };
        assert_eq!(released("openid"), "groups sub");
        assert_eq!(released("openid profile"), "groups name name#de sub");
        assert_eq!(released("openid email"), "email email_verified groups sub");
    }

    #[test]
    fn person_is_found_by_subject_user_name_and_address() {
        let person = Person::new("1").preferred_username("jane").email("jane@example.org");
        assert!(["1", "jane", "jane@example.org"].iter().all(|hint| person.is_called(hint)));
        assert!(!person.is_called("Jane"));
    }
}
