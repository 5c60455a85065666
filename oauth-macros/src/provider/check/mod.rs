//! CHECK: turns a parsed declaration into a provider, or into errors.
//!
//! A rule is a function: it reads the declaration, records errors, and returns a checked value. All
//! rules run, even if one of them fails.

mod additions;
mod callback;
mod claims;
mod client_authentication;
mod device;
mod encryption;
mod endpoints;
mod fields;
mod identity;
mod name;
mod names;
mod no_login;
mod oauth1;
mod params;
mod placeholders;
mod protocol;
mod published;
mod quirks;
mod requests;
mod routes;
mod scopes;
mod secrets;
mod tenants;
mod variables;

use super::input::Input;
use super::model::{Flags, Provider};
use crate::attribute::Declaration;
use crate::diagnostics::Errors;
use crate::key::Key;
use crate::keys::{self, ProviderKeys};
use crate::presets::Preset;
use crate::protocol::Protocol;

use published::{Declared, Published};

#[cfg(test)]
pub(crate) use quirks::quirk_names;

/// The input of every rule.
struct Context<'a> {
    input: &'a Input,
    declaration: &'a Declaration<ProviderKeys>,
    /// The keys of the declaration.
    keys: &'a ProviderKeys,
    preset: Option<&'a Preset>,
}

impl Context<'_> {
    /// Whether the key has a value: from the declaration or from the preset.
    fn has(&self, key: &Key) -> bool {
        self.declaration.mentions(key)
    }

    /// Whether the configuration supplies what the declaration omits.
    fn is_configured(&self) -> bool {
        self.keys.configured.is_given()
    }

    /// Whether no user logs in with the provider.
    fn has_no_login(&self) -> bool {
        self.keys.no_login.is_given()
    }

    /// Whether a key that seems missing may be misspelt, or come from a misspelt preset.
    fn is_uncertain(&self) -> bool {
        self.declaration.is_uncertain()
            || (self.preset.is_none() && self.declaration.mentions(&keys::PRESET))
    }
}

/// Checks a declaration. The result is meaningless if there are errors.
pub(super) fn check<'i>(input: &'i Input, errors: &mut Errors) -> Option<Provider<'i>> {
    let declaration = &input.attrs;
    let keys = &declaration.keys;
    if !declaration.is_present() {
        name::undeclared(&input.ident, errors);
        fields::fields(input, errors);
        return None;
    }
    let preset = input.preset.as_ref();
    provider(&Context { input, declaration, keys, preset }, errors)
}

fn provider<'i>(context: &Context<'i>, errors: &mut Errors) -> Option<Provider<'i>> {
    let Context { input, keys, preset, .. } = context;
    let (name, label) = (name::name(context, errors), name::label(context, errors));
    let fields = fields::fields(input, errors);
    secrets::not_in_source(context, errors);
    let scopes = scopes::scopes(context, errors);
    let scope_separator = scopes::separator(context, errors);
    let protocol = protocol::protocol(context, &scopes, errors);
    let quirks = quirks::quirks(context, errors);
    let nested_token = quirks::nested_token(context, errors);
    let urls = endpoints::urls(context, &quirks, errors);
    if let Some(fields) = &fields {
        placeholders::placeholders(context, fields, &urls, errors);
        variables::variables(context, fields, protocol, errors);
    }
    let tenants = tenants::tenants(context, &urls, errors);
    let oauth1 = oauth1::signature(context, &urls, errors);
    let params = parameters(context, errors);
    let method = client_authentication::method(context, errors);
    let client_authentication = client_authentication::model(context, method, errors);
    let requests = requests::requests(context, errors);
    let id_token = claims::id_token(context, &quirks, method, errors);
    let encryption = encryption::algorithms(context, errors);
    let identity = identity::identity(context, errors);
    let routes = routes::routes(context, protocol, errors);
    let declared = Declared { urls: &urls, quirks: &quirks, method };
    let metadata_file = published::metadata_file(context, &declared, errors);
    let protocol = protocol?;
    Some(Provider {
        runtime: keys::runtime(&keys.runtime),
        ident: &input.ident,
        fields: fields?,
        name: name?,
        label,
        protocol,
        registration_page: preset.map(|preset| preset.facts.registration_page.clone()),
        urls: urls.into_iter().map(|url| (url.key.term, url.text)).collect(),
        params,
        tenants,
        scopes,
        scope_separator,
        client_authentication,
        requests,
        id_token,
        encryption,
        oauth1,
        userinfo: keys.userinfo.value().cloned(),
        claims: keys.claims.value().cloned(),
        identification: identity::identification(context, protocol, metadata_file.as_ref()),
        identity,
        quirks: quirks.into_iter().map(|quirk| quirk.variant).collect(),
        nested_token,
        compliance_fix: keys.compliance_fix.value().cloned(),
        routes,
        authorizes_devices: device::authorizes_devices(context, protocol, metadata_file.as_ref()),
        metadata_file: metadata_file.map(Published::into_model),
        flags: flags(context, protocol),
    })
}

/// Everything that the declaration adds to requests, under the term for it.
fn parameters(
    context: &Context<'_>,
    errors: &mut Errors,
) -> Vec<(&'static str, Vec<(String, String)>)> {
    let mut params = params::params(context, errors);
    params.extend(additions::additions(context, errors));
    params.extend(names::names(context, errors));
    params
}

fn flags(context: &Context<'_>, protocol: Protocol) -> Flags {
    let keys = context.keys;
    Flags {
        rp_initiated_logout: keys.rp_initiated_logout.is_given(),
        backchannel_logout: keys.backchannel_logout.is_given(),
        keep_tokens: keys.keep_tokens.is_given(),
        no_login: context.has_no_login(),
        configured: context.is_configured(),
        may_be_oauth1: protocol::may_be_oauth1(context, protocol),
        overwrite: keys.overwrite.is_given(),
    }
}
