//! A provider that is known at run time alone, described by the keys that a declaration has.

mod check;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::crypto::secret::Secret;
use crate::declaration::compliance_fix::{ComplianceFix, Fix};
use crate::declaration::presets;
use crate::declaration::spec::ProviderSpec;

use self::settings::{Setting, State};

/// A setting as text, as a credential, in seconds, as a list, and as parameters with their values.
type Text = Option<String>;
type SecretText = Option<Secret>;
type Seconds = Option<u32>;
type Texts = Vec<String>;
type Params = BTreeMap<String, String>;

/// The method that states a setting, by the type of its field.
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

/// The description has a field and a method for each setting that the table of all keys gives it.
macro_rules! description {
    (
        settings { $($settings:tt)* }
        client_kwargs { $($client_kwargs:tt)* }
        described { $(($field:ident, $method:ident, $name:ident, $kind:ident, $documentation:literal))* }
        declared { $($declared:tt)* }
    ) => {
        /// What a declaration says of a provider, for one that is known at run time alone: the row of a
        /// tenant in a database, say. [`RuntimeProviders::insert`](crate::RuntimeProviders::insert) checks
        /// it, by the rules of declarations, and makes it a client.
        ///
        /// ```
        /// use oauth_runtime::ProviderDescription;
        ///
        /// let acme = ProviderDescription::new("acme")
        ///     .issuer("https://login.acme.example")
        ///     .scopes(["openid", "email"])
        ///     .client_id("my-client")
        ///     .client_secret("s3cr3t");
        /// assert_eq!(acme.name(), "acme");
        ///
        /// let github = ProviderDescription::preset("github").client_id("id").client_secret("s3cr3t");
        /// assert_eq!(github.name(), "github");
        /// ```
        ///
        /// It can be read from JSON or any other format of serde. Its members are the methods below, and no
        /// other is accepted:
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
        /// Credentials come from the description and from nowhere else: a tenant that is called like
        /// another provider does not get its secret from the environment.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct ProviderDescription {
            $($field: $kind,)*
            name: String,
            preset: Option<String>,
            display_name: Option<String>,
            keep_tokens: bool,
            rp_initiated_logout: bool,
            initiate_login: bool,
            listed: bool,
            /// The application's word: no text stands for it.
            #[serde(skip)]
            shares_issuer: bool,
            /// Code: no text stands for it.
            #[serde(skip)]
            compliance_fix: Option<Fix>,
            identity: BTreeMap<String, String>,
            quirks: Vec<String>,
            fields: BTreeMap<String, String>,
        }

        impl ProviderDescription {
            $(method!($field, $method, $kind, $documentation);)*

            /// The settings that are stated, with the names that a configuration has for them.
            fn settings(&self) -> impl Iterator<Item = (&'static str, Setting<'_>)> {
                let all = [$((stringify!($name), self.$field.setting())),*];
                all.into_iter().filter_map(|(name, setting)| Some((name, setting?)))
            }
        }
    };
}

oauth_macros::keys!(description);

impl ProviderDescription {
    /// A provider without a preset. The name stands in its routes, and tells it from all others: it
    /// has lower-case letters, digits, `_` and `-`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// A provider of whom most is known, called by the name of the preset unless [`named`] says
    /// otherwise. What the description states wins over the preset.
    ///
    /// [`named`]: Self::named
    pub fn preset(preset: impl Into<String>) -> Self {
        let preset = preset.into();
        Self { name: preset.clone(), preset: Some(preset), ..Self::default() }
    }

    /// Another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Name that users are shown. Default: the preset's, else the name.
    #[must_use]
    pub fn display_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = Some(display_name.into());
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the generated logout ends the provider's session too (OpenID Connect RP-Initiated
    /// Logout 1.0). The way back is `{mount}/{name}/logged-out`, which has to be registered as the
    /// post-logout redirect URI. Default: no.
    #[must_use]
    pub fn rp_initiated_logout(mut self, ends_there_too: bool) -> Self {
        self.rp_initiated_logout = ends_there_too;
        self
    }

    /// Whether another site, mostly the provider, may begin a login here, at `{mount}/{name}/initiate`:
    /// the `initiate_login_uri` to register there (OpenID Connect Core 1.0 section 4). The login takes
    /// a person's click, or their agreement. Default: no.
    #[must_use]
    pub fn initiate_login(mut self, may_begin_elsewhere: bool) -> Self {
        self.initiate_login = may_begin_elsewhere;
        self
    }

    /// Whether the page that asks people to sign in has a button for the provider. Default: no, for
    /// the people of one tenant have no use for the others, and need not know of them. Who was signed
    /// in with the provider, and only lacks a token of it, is shown the button in any case.
    #[must_use]
    pub fn listed(mut self, is_listed: bool) -> Self {
        self.listed = is_listed;
        self
    }

    /// A hook for what no quirk names, as of `compliance_fix` in a declaration:
    /// `.compliance_fix(&AcmeFix)`. It is code, so no text can ask for it.
    #[must_use]
    pub fn compliance_fix(mut self, fix: &'static dyn ComplianceFix) -> Self {
        self.compliance_fix = Some(Fix(fix));
        self
    }

    /// Whether another provider may have the same issuer with another client. Default: no, and
    /// [`insert`](crate::RuntimeProviders::insert) refuses the second one.
    ///
    /// Issuer and subject are then the same for a user of both. That is right where one user is to
    /// have one account, whichever client leads there, and it is only possible where the issuer's own
    /// metadata, or a preset, say who the users are. But each client has an owner, who can have users
    /// sign in with it for other purposes: say it only for descriptions whose owners you trust with the
    /// accounts of all, or keep accounts by [`Identity::provider`](crate::Identity::provider) as well.
    /// It is the application's decision, so no text can ask for it.
    #[must_use]
    pub fn shares_issuer(mut self, shares: bool) -> Self {
        self.shares_issuer = shares;
        self
    }

    /// The tokens of a login outlive its session: [`Client::api_for`](crate::Client::api_for) finds
    /// them. Default: they end with it.
    #[must_use]
    pub fn keep_tokens(mut self) -> Self {
        self.keep_tokens = true;
        self
    }

    /// Where a part of the identity lies in the claims or in the profile: `identity("id", "data.id")`.
    /// The members are those of [`identity(...)`](crate::guide::keys#members-of-identity).
    #[must_use]
    pub fn identity(mut self, member: impl Into<String>, path: impl Into<String>) -> Self {
        self.identity.insert(member.into(), path.into());
        self
    }

    /// Known [deviations](crate::guide::keys#quirks), beside the preset's. `loopback_http` is
    /// accepted only while the application itself stands on this machine. The one with a value is
    /// written `nested_token=data.access_token`.
    #[must_use]
    pub fn quirks<T: Into<String>>(mut self, quirks: impl IntoIterator<Item = T>) -> Self {
        self.quirks = quirks.into_iter().map(Into::into).collect();
        self
    }

    /// The value of a placeholder in a URL of the preset.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }

    /// Whether a login may begin elsewhere.
    pub(crate) fn has_initiate_route(&self) -> bool {
        self.initiate_login
    }

    /// Whether the page that asks people to sign in has a button for it.
    pub(crate) fn is_listed(&self) -> bool {
        self.listed
    }

    /// Whether another client of the same issuer may yield the same identities.
    pub(crate) fn is_sharing_issuer(&self) -> bool {
        self.shares_issuer
    }

    /// The name that people are shown.
    pub(crate) fn shown_name(&self) -> &str {
        let preset = self.preset.as_deref().and_then(presets::find);
        let of_preset = preset.map(ProviderSpec::display_name);
        self.display_name.as_deref().or(of_preset).unwrap_or(&self.name)
    }
}
