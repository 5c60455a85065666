//! A key of a declaration: its spelling, its kind of value, its term in the specifications, its
//! protocols, and the other names that are corrected to it.

use crate::protocol::Protocols;

/// One key of a declaration.
#[derive(Debug)]
pub(crate) struct Key {
    /// The name that users type.
    pub(crate) name: &'static str,
    /// The term of the specifications, and the field of the runtime's description.
    pub(crate) term: &'static str,
    /// The value it takes.
    pub(crate) value: Kind,
    /// The protocols it applies to.
    pub(crate) protocols: Protocols,
    /// A legal use of it.
    pub(crate) example: &'static str,
    /// Names from specifications, other libraries and habit that are corrected to this key.
    pub(crate) misnomers: &'static [&'static str],
    /// The missing feature that the key waits for; `None` for every key that works.
    pub(crate) awaits: Option<&'static str>,
    /// The documentation of its `ProviderDescription` method; `None` if a description has none.
    pub(crate) described: Option<&'static str>,
    /// Its name as a member of `client_kwargs`, if it is one.
    pub(crate) client_kwarg: Option<&'static str>,
    /// Whether its value is a credential.
    pub(crate) is_secret: bool,
}

/// The value that a key takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// `name = "acme"`
    Text,
    /// `authorize_url = "https://acme.example/authorize"`
    Url,
    /// `scopes("openid", "email")`
    Texts,
    /// `authorize_params(audience = "api", "x-tenant" = "7")`
    Params,
    /// `routes(login = "/login")`, with these names.
    Members(&'static [Member]),
    /// `quirks(loopback_http)`
    Words,
    /// `leeway = 30`
    Seconds,
    /// `overwrite`
    Flag,
    /// `userinfo = AcmeUser`
    Type,
    /// `on_login = signed_in`
    Path,
    /// `preset = "github"`, or `preset = company::acme`
    Preset,
    /// Any value: the key is a setting, which does not belong in source code.
    Refused,
}

/// A name inside the list of a key.
#[derive(Debug)]
pub(crate) struct Member {
    /// The name that users type.
    pub(crate) name: &'static str,
    /// Other names, which are corrected to it.
    pub(crate) misnomers: &'static [&'static str],
}

impl Key {
    pub(crate) const fn new(name: &'static str, value: Kind, example: &'static str) -> Self {
        Self {
            name,
            term: name,
            value,
            protocols: Protocols::Any,
            example,
            misnomers: &[],
            awaits: None,
            described: None,
            client_kwarg: None,
            is_secret: false,
        }
    }

    pub(crate) const fn term(self, term: &'static str) -> Self {
        Self { term, ..self }
    }

    pub(crate) const fn of(self, protocols: Protocols) -> Self {
        Self { protocols, ..self }
    }

    pub(crate) const fn instead_of(self, misnomers: &'static [&'static str]) -> Self {
        Self { misnomers, ..self }
    }

    pub(crate) const fn awaits(self, feature: &'static str) -> Self {
        Self { awaits: Some(feature), ..self }
    }

    pub(crate) const fn described(self, documentation: &'static str) -> Self {
        Self { described: Some(documentation), ..self }
    }

    /// Makes the key a member of `client_kwargs`, under its own name.
    pub(crate) const fn client_kwarg(self) -> Self {
        Self { client_kwarg: Some(self.name), ..self }
    }

    /// Makes the key a member of `client_kwargs`, under Authlib's name.
    pub(crate) const fn client_kwarg_as(self, name: &'static str) -> Self {
        Self { client_kwarg: Some(name), ..self }
    }

    pub(crate) const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// The name of the setting, which follows the provider's name: `CLIENT_ID`.
    pub(crate) fn variable(&self) -> String {
        self.name.to_ascii_uppercase()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
