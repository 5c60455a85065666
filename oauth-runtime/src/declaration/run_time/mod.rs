//! A provider that is known only at run time, described by the keys of a declaration.

mod check;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::crypto::secret::Secret;
use crate::declaration::compliance_fix::{ComplianceFix, Fix};
use crate::declaration::presets::Preset;

use self::settings::{Setting, State};

/// The types of settings: a string, a credential, seconds, a list, and parameters with their
/// values.
type Text = Option<String>;
type SecretText = Option<Secret>;
type Seconds = Option<u32>;
type Texts = Vec<String>;
type Params = BTreeMap<String, String>;

/// Defines the method that sets a field, by the type of the field.
macro_rules! method {
    ($field:ident, $method:ident, Text, $documentation:literal) => {
        #[doc = $documentation]
        #[must_use]
        pub fn $method(mut self, $field: impl Into<String>) -> Self {
            self.$field = Some($field.into());
            self
        }
    };
    ($field:ident, $method:ident, SecretText, $documentation:literal) => {
        #[doc = $documentation]
        #[must_use]
        pub fn $method(mut self, $field: impl Into<Secret>) -> Self {
            self.$field = Some($field.into());
            self
        }
    };
    ($field:ident, $method:ident, Seconds, $documentation:literal) => {
        #[doc = $documentation]
        #[must_use]
        pub fn $method(mut self, seconds: u32) -> Self {
            self.$field = Some(seconds);
            self
        }
    };
    ($field:ident, $method:ident, Texts, $documentation:literal) => {
        #[doc = $documentation]
        #[must_use]
        pub fn $method<T: Into<String>>(mut self, $field: impl IntoIterator<Item = T>) -> Self {
            self.$field = $field.into_iter().map(Into::into).collect();
            self
        }
    };
    ($field:ident, $method:ident, Params, $documentation:literal) => {
        #[doc = $documentation]
        #[must_use]
        pub fn $method(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
            self.$field.insert(name.into(), value.into());
            self
        }
    };
}

/// Defines the description, with a field and a method for each setting in the table of all keys.
macro_rules! description {
    (
        settings { $($settings:tt)* }
        client_kwargs { $($client_kwargs:tt)* }
        described { $(($field:ident, $method:ident, $name:ident, $kind:ident, $documentation:literal))* }
        declared { $($declared:tt)* }
    ) => {
        /// The description of a provider that is known only at run time, such as the row of a
        /// tenant in a database. [`RuntimeProviders::insert`](crate::RuntimeProviders::insert)
        /// checks it by the rules of declarations and creates a client.
        ///
        /// ```
        /// use oauth_runtime::ProviderDescription;
        ///
        /// let acme = ProviderDescription::new("acme")
        ///     .issuer("https://login.acme.example")
        ///     .scopes(["openid", "email"])
        ///     .credentials("my-client", "s3cr3t");
        /// assert_eq!(acme.name(), "acme");
        ///
        /// let github = ProviderDescription::preset("github").credentials("id", "s3cr3t");
        /// assert_eq!(github.name(), "github");
        /// ```
        ///
        /// It can be deserialized from JSON or any other serde format. Its members are named like
        /// the methods below, and unknown ones are refused:
        ///
        /// ```
        /// # use oauth_runtime::ProviderDescription;
        /// let row = r#"{
        ///     "name": "acme",
        ///     "issuer": "https://login.acme.example",
        ///     "scopes": ["openid", "email"],
        ///     "client_id": "my-client",
        ///     "client_secret": "s3cr3t"
        /// }"#;
        /// let acme: ProviderDescription = serde_json::from_str(row)?;
        /// assert!(serde_json::from_str::<ProviderDescription>(r#"{"name": "acme", "isuer": ""}"#).is_err());
        /// # Ok::<_, serde_json::Error>(())
        /// ```
        ///
        /// Credentials come only from the description: a tenant with the name of another provider
        /// does not get that provider's secret from the environment.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct ProviderDescription {
            $($field: $kind,)*
            name: String,
            preset: Option<String>,
            display_name: Option<String>,
            brand_color: Option<String>,
            keep_tokens: bool,
            no_login: bool,
            fetch_userinfo: bool,
            rp_initiated_logout: bool,
            backchannel_logout: bool,
            initiate_login: bool,
            listed: bool,
            /// The application's decision, so it cannot be deserialized.
            #[serde(skip)]
            shares_issuer: bool,
            /// Code, so it cannot be deserialized.
            #[serde(skip)]
            compliance_fix: Option<Fix>,
            identity: BTreeMap<String, String>,
            quirks: Vec<String>,
            fields: BTreeMap<String, String>,
        }

        impl ProviderDescription {
            $(method!($field, $method, $kind, $documentation);)*

            /// The settings that are stated, with their names in a configuration.
            fn settings(&self) -> impl Iterator<Item = (&'static str, Setting<'_>)> {
                let all = [$((stringify!($name), self.$field.setting())),*];
                all.into_iter().filter_map(|(name, setting)| Some((name, setting?)))
            }
        }
    };
}

oauth_macros::keys!(description);

impl ProviderDescription {
    /// Describes a provider without a preset. The name appears in its routes and must be unique: it
    /// has lower-case letters, digits, `_` and `-`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Describes a provider with a preset, whose name it takes unless [`named`] sets another.
    /// Values of the description take precedence over the preset.
    ///
    /// [`named`]: Self::named
    pub fn preset(preset: impl Into<String>) -> Self {
        let preset = preset.into();
        Self { name: preset.clone(), preset: Some(preset), ..Self::default() }
    }

    /// Sets the client identifier and the client secret.
    #[must_use]
    pub fn credentials(
        self,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Self {
        self.client_id(client_id).client_secret(client_secret)
    }

    /// Sets another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The name shown to users. Default: that of the preset, or else the name.
    #[must_use]
    pub fn display_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = Some(display_name.into());
        self
    }

    /// The colour of the provider's button on the sign-in page: `#` and six hexadecimal digits.
    /// Default: that of the preset, or else a colour that is derived from the name.
    #[must_use]
    pub fn brand_color(mut self, brand_color: impl Into<String>) -> Self {
        self.brand_color = Some(brand_color.into());
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the generated logout ends the provider's session too (OpenID Connect RP-Initiated
    /// Logout 1.0). The provider redirects back to `{mount}/{name}/logged-out`, which has to be
    /// registered as the post-logout redirect URI. Default: no.
    #[must_use]
    pub fn rp_initiated_logout(mut self, ends_provider_session: bool) -> Self {
        self.rp_initiated_logout = ends_provider_session;
        self
    }

    /// Whether the provider reports here that it has ended a session (OpenID Connect Back-Channel
    /// Logout 1.0), at `{mount}/{name}/backchannel-logout`: the `backchannel_logout_uri` to register
    /// there. The sessions here end too. Default: no.
    #[must_use]
    pub fn backchannel_logout(mut self, ends_sessions_here: bool) -> Self {
        self.backchannel_logout = ends_sessions_here;
        self
    }

    /// Whether another site, usually the provider's, may start a login here, at
    /// `{mount}/{name}/initiate`: the `initiate_login_uri` to register there (OpenID Connect Core
    /// 1.0 section 4). The login needs the user's click or agreement. Default: no.
    #[must_use]
    pub fn initiate_login(mut self, may_start_elsewhere: bool) -> Self {
        self.initiate_login = may_start_elsewhere;
        self
    }

    /// Whether the sign-in page has a button for the provider. Default: no, because the users of
    /// one tenant have no use for the others and need not know of them. A user who is signed in
    /// with the provider and only lacks its token sees the button in any case.
    #[must_use]
    pub fn listed(mut self, is_listed: bool) -> Self {
        self.listed = is_listed;
        self
    }

    /// A hook for deviations that no quirk covers, like `compliance_fix` in a declaration:
    /// `.compliance_fix(&AcmeFix)`. It is code, so it cannot be deserialized.
    #[must_use]
    pub fn compliance_fix(mut self, fix: &'static dyn ComplianceFix) -> Self {
        self.compliance_fix = Some(Fix(fix));
        self
    }

    /// Whether another provider may have the same issuer with another client. Default: no, and
    /// [`insert`](crate::RuntimeProviders::insert) refuses the second one.
    ///
    /// A user of both clients then has the same issuer and subject. That is right if one user is to
    /// have one account with either client, and it is possible only if the issuer's own metadata,
    /// or a preset, identifies the users. But the owner of each client can have users sign in with
    /// it for other purposes. Allow it only for descriptions whose owners you trust with all
    /// accounts, or also key accounts by [`Identity::provider`](crate::Identity::provider). It is
    /// the application's decision, so it cannot be deserialized.
    #[must_use]
    pub fn shares_issuer(mut self, shares: bool) -> Self {
        self.shares_issuer = shares;
        self
    }

    /// States that no user logs in with the provider, as `no_login` in a declaration: its tokens are
    /// the application's own, from [`client_credentials`](crate::Client::client_credentials) or
    /// [`jwt_bearer`](crate::Client::jwt_bearer). It needs no authorization endpoint and has no
    /// routes.
    #[must_use]
    pub fn no_login(mut self) -> Self {
        self.no_login = true;
        self
    }

    /// Whether every login calls the userinfo endpoint, like `userinfo = Type` in a declaration.
    /// Without an ID token, it is called in any case. Default: no.
    #[must_use]
    pub fn fetch_userinfo(mut self, is_fetched: bool) -> Self {
        self.fetch_userinfo = is_fetched;
        self
    }

    /// Lets the tokens of a login outlive its session: [`Client::api_for`](crate::Client::api_for)
    /// finds them. Default: they end with the session.
    #[must_use]
    pub fn keep_tokens(mut self) -> Self {
        self.keep_tokens = true;
        self
    }

    /// Sets the path of a part of the identity in the claims or the profile: `identity("id",
    /// "data.id")`. The members are those of
    /// [`identity(...)`](crate::guide::keys#members-of-identity).
    #[must_use]
    pub fn identity(mut self, member: impl Into<String>, path: impl Into<String>) -> Self {
        self.identity.insert(member.into(), path.into());
        self
    }

    /// The provider's [quirks](crate::guide::keys#quirks), in addition to those of the preset.
    /// `loopback_http` is accepted only while the application itself runs on this machine. The
    /// quirk with a value is written `nested_token=data.access_token`.
    #[must_use]
    pub fn quirks<T: Into<String>>(mut self, quirks: impl IntoIterator<Item = T>) -> Self {
        self.quirks = quirks.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the value of a placeholder in a URL of the preset.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }

    /// Whether another site may start a login.
    pub(crate) fn has_initiate_route(&self) -> bool {
        self.initiate_login
    }

    /// Whether the provider reports the end of its sessions.
    pub(crate) fn has_backchannel_route(&self) -> bool {
        self.backchannel_logout
    }

    /// Whether the sign-in page has a button for it.
    pub(crate) fn is_listed(&self) -> bool {
        self.listed
    }

    /// Whether another client of the same issuer may yield the same identities.
    pub(crate) fn is_sharing_issuer(&self) -> bool {
        self.shares_issuer
    }

    /// The name that is shown to users.
    pub(crate) fn shown_name(&self) -> &str {
        let preset = self.preset.as_deref().and_then(Preset::find);
        let of_preset = preset.map(Preset::display_name);
        self.display_name.as_deref().or(of_preset).unwrap_or(&self.name)
    }
}
