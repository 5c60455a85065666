//! Checks of a description beyond the settings of its client, which have their own rules.

use super::ProviderDescription;
use crate::config::{Config, ConfigFault, FaultKind, Faults};
use crate::declaration::presets::{Parameter, Preset};
use crate::declaration::spec::{IdentitySpec, Protocol, ProviderSpec, Quirk};
use crate::pages::color::Color;
use crate::text::has_hidden;

/// Longest name of a provider.
const MAX_NAME: usize = 64;
/// Maximum bytes of all strings of a description, which may come from an attacker.
pub(super) const MAX_BYTES: usize = 16 * 1024;

impl ProviderDescription {
    /// Checks the name and everything else that is not a setting of the client. `on_this_machine`
    /// says whether the application is under development.
    pub(crate) fn check<'a>(
        &'a self,
        on_this_machine: bool,
        faults: &mut Faults,
    ) -> Option<Checked<'a>> {
        self.check_size(faults)?;
        self.check_name(faults)?;
        let (preset, parameters) = self.check_preset(faults)?;
        let quirks = self.check_quirks(preset, on_this_machine, faults);
        let nested_token = self.check_nested_token(preset, faults);
        let identity = self.check_identity(preset, faults);
        let fields = self.check_fields(parameters, faults);
        self.check_protocol(preset, faults);
        self.check_texts(faults);
        let brand_color = self.check_brand_color(faults);
        let config = self.config(faults)?;
        Some(Checked {
            description: self,
            preset,
            quirks: quirks?,
            nested_token,
            identity,
            fields: fields?,
            brand_color: brand_color?,
            config,
        })
    }

    pub(super) fn fault(&self, key: &str, what: impl Into<String>) -> ConfigFault {
        ConfigFault::new(FaultKind::Malformed, format!("{}.{key}", self.name), what)
    }

    fn check_size(&self, faults: &mut Faults) -> Option<()> {
        let settings = self.settings().map(|(_, setting)| setting.len());
        let maps = [&self.identity, &self.fields].into_iter().flatten();
        let maps = maps.map(|(name, value)| name.len() + value.len());
        let texts =
            self.quirks.iter().chain(&self.display_name).chain(&self.brand_color).map(String::len);
        let length: usize = settings.chain(maps).chain(texts).sum();
        if length > MAX_BYTES {
            let what = format!("of a provider is longer than {MAX_BYTES} bytes");
            faults.push(ConfigFault::new(FaultKind::Malformed, "the description", what));
        }
        (length <= MAX_BYTES).then_some(())
    }

    /// Untrusted text is shown on pages and in logs, so it must not contain hidden characters.
    fn check_texts(&self, faults: &mut Faults) {
        for (key, _) in self.texts().filter(|(_, text)| has_hidden(text)) {
            let what = "has control characters, or others that change the text around them";
            faults.push(self.fault(&key.to_lowercase(), what));
        }
    }

    fn check_brand_color(&self, faults: &mut Faults) -> Option<Option<u32>> {
        let Some(text) = &self.brand_color else { return Some(None) };
        let color = Color::parse(text);
        if color.is_none() {
            let what = "is not a colour: it is `#` and six hexadecimal digits, such as `#2456d6`";
            faults.push(self.fault("brand_color", what));
        }
        color.map(|color| Some(color.rgb()))
    }

    fn check_name(&self, faults: &mut Faults) -> Option<()> {
        let is_legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        let is_name = self.name.len() <= MAX_NAME
            && self.name.chars().all(is_legal)
            && self.name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !is_name {
            let what = format!(
                "is not a name: it has at most {MAX_NAME} lower-case letters, digits, `_` and `-`, and \
                 begins with one of the first two"
            );
            faults.push(ConfigFault::new(FaultKind::Malformed, "name", what));
        }
        is_name.then_some(())
    }

    fn check_preset(
        &self,
        faults: &mut Faults,
    ) -> Option<(&'static ProviderSpec<'static>, &'static [Parameter])> {
        let Some(name) = &self.preset else { return Some((&ProviderSpec::DEFAULT, &[])) };
        let preset = Preset::find(name);
        if preset.is_none() {
            let help = "the guide on presets, `oauth_runtime::guide::presets`, lists all of them";
            faults.push(self.fault("preset", "is unknown").help(help));
        }
        preset.map(|preset| (preset.spec(), preset.parameters()))
    }

    fn check_quirks(
        &self,
        preset: &ProviderSpec<'_>,
        on_this_machine: bool,
        faults: &mut Faults,
    ) -> Option<Vec<Quirk>> {
        let mut quirks = preset.quirks.to_vec();
        let mut are_known = true;
        for name in &self.quirks {
            let fault = match Quirk::from_name(name_and_value(name).0) {
                Some(Quirk::LoopbackHttp) if !on_this_machine => {
                    let what = "holds `loopback_http`, which a provider described at run time may have only \
                                while the application itself runs on this machine";
                    self.fault("quirks", what)
                        .help("otherwise a description could have requests sent to services on this machine")
                }
                Some(quirk) => {
                    quirks.push(quirk);
                    continue;
                }
                None => {
                    let known = Quirk::names().collect::<Vec<_>>().join(", ");
                    self.fault("quirks", "holds an unknown one")
                        .help(format!("the known ones are {known}"))
                }
            };
            faults.push(fault);
            are_known = false;
        }
        if [Quirk::GetTokenRequest, Quirk::JsonTokenRequest].iter().all(|own| quirks.contains(own))
        {
            let what = "holds `get_token_request` and `json_token_request`";
            faults.push(self.fault("quirks", what).help("a request by `GET` has no JSON body"));
            are_known = false;
        }
        are_known.then_some(quirks)
    }

    /// Only the quirk that takes a value has one.
    fn check_nested_token<'a>(&'a self, preset: &ProviderSpec<'a>, faults: &mut Faults) -> &'a str {
        let mut path = preset.nested_token;
        for (name, value) in self.quirks.iter().map(|quirk| name_and_value(quirk)) {
            let takes_value = Quirk::from_name(name) == Some(Quirk::NestedToken);
            match value {
                Some(value) if takes_value && value.split('.').all(|step| !step.is_empty()) => {
                    path = value;
                }
                None if !takes_value => {}
                _ => {
                    let what = "holds one with a wrong value";
                    let help =
                        "write `nested_token=data.access_token`, and the others without a value";
                    faults.push(self.fault("quirks", what).help(help));
                }
            }
        }
        path
    }

    /// Refuses members that only another protocol has and that would be ignored, beyond the
    /// settings of the client.
    fn check_protocol(&self, preset: &ProviderSpec<'_>, faults: &mut Faults) {
        if self.no_login {
            return self.check_no_login(faults);
        }
        let scopes = self.scopes.iter().map(String::as_str);
        let mut scopes =
            scopes.chain(preset.scopes.iter().copied().filter(|_| self.scopes.is_empty()));
        let is_open_id = scopes.any(|scope| scope == "openid");
        for (key, is_stated) in [
            ("rp_initiated_logout", self.rp_initiated_logout),
            ("backchannel_logout", self.backchannel_logout),
            ("initiate_login", self.initiate_login),
        ] {
            if is_stated && !is_open_id {
                let what = "applies to OpenID Connect only, which needs the scope `openid`";
                faults.push(self.fault(key, what));
            }
        }
        if !self.is_oauth1() {
            return;
        }
        if self.compliance_fix.is_some() {
            let what = "applies to OAuth 2.0 only, but `request_token_url` makes this an OAuth 1.0a provider";
            faults.push(self.fault("compliance_fix", what));
        }
        if self.userinfo_endpoint.is_none() && !self.identity.contains_key("id") {
            let what = "is missing, and so is `identity.id`: nothing identifies the user";
            faults.push(self.fault("userinfo_endpoint", what));
        }
    }

    /// Refuses members that only a login uses, beyond the settings of the client.
    fn check_no_login(&self, faults: &mut Faults) {
        for (key, is_stated) in [
            ("request_token_url", self.request_token_url.is_some()),
            ("rp_initiated_logout", self.rp_initiated_logout),
            ("initiate_login", self.initiate_login),
            ("keep_tokens", self.keep_tokens),
            ("fetch_userinfo", self.fetch_userinfo),
            ("identity", !self.identity.is_empty()),
            ("listed", self.listed),
        ] {
            if is_stated {
                let what = "applies to logins only, but the description has `no_login`";
                faults.push(self.fault(key, what).help("remove one of them"));
            }
        }
    }

    /// Only OAuth 1.0a requests temporary credentials.
    fn is_oauth1(&self) -> bool {
        self.preset.is_none() && self.request_token_url.is_some()
    }

    fn check_identity<'a>(
        &'a self,
        preset: &ProviderSpec<'a>,
        faults: &mut Faults,
    ) -> IdentitySpec<'a> {
        let mut spec = preset.identity;
        for (member, path) in &self.identity {
            let place = match member.as_str() {
                "id" => &mut spec.id,
                "name" => &mut spec.name,
                "username" => &mut spec.username,
                "email" => &mut spec.email,
                "email_verified" => &mut spec.email_verified,
                "picture" => &mut spec.picture,
                _ => {
                    let known =
                        "the known ones are id, name, username, email, email_verified, picture";
                    faults.push(self.fault("identity", "holds an unknown member").help(known));
                    continue;
                }
            };
            let last = path.rsplit('.').next().unwrap_or(path);
            let can_change =
                matches!(last, "email" | "mail" | "login" | "username" | "preferred_username");
            let is_plain = path.chars().all(|c| c.is_ascii_graphic());
            if member == "id" && (path.is_empty() || can_change || !is_plain) {
                let what = "holds an `id` that is empty or can be reassigned to another user";
                let help = "write the path of a member that never changes, such as `sub` or `id`";
                faults.push(self.fault("identity", what).help(help));
            }
            *place = path;
        }
        spec
    }

    /// Whether it adds something to the userinfo request, which may select the user.
    fn selects_user(&self) -> bool {
        let additions =
            [&self.api_params, &self.api_headers, &self.userinfo_params, &self.userinfo_headers];
        self.userinfo_query.is_some() || additions.iter().any(|added| !added.is_empty())
    }

    /// The values of the preset's parameters, in the preset's order.
    fn check_fields(
        &self,
        parameters: &'static [Parameter],
        faults: &mut Faults,
    ) -> Option<Vec<String>> {
        let is_parameter = |name: &str| parameters.iter().any(|own| own.name() == name);
        for name in self.fields.keys().filter(|name| !is_parameter(name)) {
            let what = format!("holds `{name}`, which no URL of a preset contains");
            faults.push(self.fault("fields", what));
        }
        let value = |parameter: &Parameter| {
            let name = parameter.name();
            let stated = self.fields.get(name).cloned();
            let value = stated.or_else(|| parameter.default().map(str::to_owned));
            if value.is_none() {
                let what = format!("lacks `{name}`, {}", parameter.description());
                faults.push(self.fault("fields", what));
            }
            value
        };
        // Collected first, so that every missing one is reported.
        let values: Vec<_> = parameters.iter().map(value).collect();
        values.into_iter().collect()
    }
}

/// Splits `nested_token=data.access_token` into the name of a quirk and its value, if any.
fn name_and_value(quirk: &str) -> (&str, Option<&str>) {
    match quirk.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (quirk, None),
    }
}

/// A description that has passed its own checks. The settings of its client have others.
pub(crate) struct Checked<'a> {
    description: &'a ProviderDescription,
    preset: &'static ProviderSpec<'static>,
    quirks: Vec<Quirk>,
    nested_token: &'a str,
    identity: IdentitySpec<'a>,
    /// Values of the preset's placeholders.
    pub(crate) fields: Vec<String>,
    /// The colour that the description states.
    brand_color: Option<u32>,
    /// The settings that the description states, as configuration.
    pub(crate) config: Config,
}

impl Checked<'_> {
    /// Whether everything that identifies a user comes from a preset: the endpoints, the member
    /// that is read, and the path of the access token.
    pub(crate) fn identifies_as_preset(&self) -> bool {
        let own = self.description;
        let stated = [
            &own.issuer,
            &own.server_metadata_url,
            &own.access_token_url,
            &own.request_token_url,
            &own.userinfo_endpoint,
            &own.jwks_uri,
        ];
        own.preset.is_some()
            && stated.iter().all(|url| url.is_none())
            && !own.selects_user()
            && self.preset.placeholders.is_empty()
            && self.identity.id == self.preset.identity.id
            && self.nested_token == self.preset.nested_token
    }

    /// The preset, with the description's values in precedence.
    pub(crate) fn spec(&self) -> ProviderSpec<'_> {
        ProviderSpec {
            name: &self.description.name,
            display_name: self.description.shown_name(),
            brand_color: self.brand_color.or(self.preset.brand_color),
            quirks: &self.quirks,
            nested_token: self.nested_token,
            identity: self.identity,
            keep_tokens: self.description.keep_tokens,
            no_login: self.description.no_login,
            // Those of a preset are for logins.
            scopes: if self.description.no_login { &[] } else { self.preset.scopes },
            fetch_userinfo: self.description.fetch_userinfo,
            rp_initiated_logout: self.description.rp_initiated_logout,
            backchannel_logout: self.description.backchannel_logout,
            compliance_fix: self.description.compliance_fix,
            protocol: match self.description.is_oauth1() {
                true => Protocol::OAuth1,
                false if self.description.no_login => Protocol::OAuth2,
                false => self.preset.protocol,
            },
            configured: true,
            overwrite: true,
            ..*self.preset
        }
    }
}
