//! CHECK: what was typed becomes a provider, or errors.
//!
//! A rule is a function: it looks at the declaration, records what is wrong, and returns what it
//! made sure of. A rule that fails keeps no other from being asked.

mod claims;
mod client_authentication;
mod device;
mod encryption;
mod endpoints;
mod fields;
mod identity;
mod name;
mod oauth1;
mod params;
mod protocol;
mod published;
mod quirks;
mod requests;
mod routes;
mod scopes;
mod secrets;
mod tenants;

use syn::LitStr;

use super::input::Input;
use super::model::Provider;
use crate::attribute::Declaration;
use crate::diagnostics::Errors;
use crate::keys::{self, Key};
use crate::presets::Preset;

use published::{Declared, Published};

#[cfg(test)]
pub(crate) use quirks::quirk_names;

/// What every rule may look at.
struct Context<'a, 'i> {
    input: &'a Input<'i>,
    declaration: &'a Declaration,
    preset: Option<&'static Preset>,
}

impl Context<'_, '_> {
    /// Whether the key has a value: from the declaration or from the preset.
    fn has(&self, key: &Key) -> bool {
        self.declaration.mentions(key)
            || self.preset.is_some_and(|preset| preset.url(key).is_some())
    }

    /// Whether the configuration says what the declaration leaves out.
    fn is_configured(&self) -> bool {
        self.declaration.entry(&keys::CONFIGURED).is_some()
    }

    /// Whether something that seems missing may have been meant: a key or the preset came out wrong.
    fn is_uncertain(&self) -> bool {
        self.declaration.is_uncertain()
            || (self.preset.is_none() && self.declaration.mentions(&keys::PRESET))
    }

    /// The text of a key.
    fn text(&self, key: &Key) -> Option<&LitStr> {
        self.declaration.text(key)
    }
}

/// Checks a declaration. `None`, or anything at all once there are errors.
pub(super) fn check<'i>(input: &Input<'i>, errors: &mut Errors) -> Option<Provider<'i>> {
    let declaration = &input.declaration;
    if !input.is_declared {
        let suggested = name::suggested(input.ident);
        errors.push(
            input.ident,
            format!(
                "`{}` is not declared: write `#[oauth_provider(name = \"{suggested}\", preset = \"…\")]` above it",
                input.ident
            ),
        );
        fields::fields(input, errors);
        return None;
    }

    let preset = name::preset(declaration, errors);
    let context = Context { input, declaration, preset };

    let name = name::name(&context, errors);
    let fields = fields::fields(input, errors);
    secrets::not_in_source(&context, errors);
    let scopes = scopes::scopes(&context, errors);
    let scope_separator = scopes::separator(&context, errors);
    let protocol = protocol::protocol(&context, &scopes, errors);
    if let Some(protocol) = protocol {
        protocol::keys_of_another(&context, protocol, &scopes, errors);
        protocol::completeness(&context, protocol, errors);
    }
    protocol::keys_to_come(&context, protocol, errors);
    let quirks = quirks::quirks(&context, errors);
    let nested_token = quirks::nested_token(&context, errors);
    let urls = endpoints::urls(&context, &quirks, errors);
    if let Some(fields) = &fields {
        fields::placeholders(&context, fields, &urls, errors);
        if let Some(protocol) = protocol {
            fields::names(&context, fields, protocol, errors);
        }
    }
    let tenants = tenants::tenants(&context, &urls, errors);
    let signature_method = oauth1::signature_method(&context, &urls, errors);
    let parameter_transmission = oauth1::signature_type(&context, errors);
    let realm = oauth1::realm(&context, errors);
    let params = params::params(&context, errors);
    let method = client_authentication::method(&context, errors);
    let method_algorithm = client_authentication::signing_algorithm(&context, method, errors);
    requests::code_challenge_method(&context, errors);
    let response_mode = requests::response_mode(&context, errors);
    let response_type = requests::response_type(&context, errors);
    let prompt = requests::prompt(&context, errors);
    let token_placement = requests::token_placement(&context, errors);
    let id_token_signed_response_alg = claims::signing_algorithm(&context, &quirks, method, errors);
    let encryption = encryption::algorithms(&context, errors);
    let leeway = claims::leeway(&context, &quirks, errors);
    let max_age = claims::max_age(&context, errors);
    let identity = identity::identity(&context, errors);
    let routes = routes::routes(&context, protocol, errors);

    let declared = Declared { urls: &urls, quirks: &quirks, method };
    let metadata_file = published::metadata_file(&context, &declared, errors);

    let userinfo = declaration.ty(&keys::USERINFO);
    let protocol = protocol?;
    let authorizes_devices = device::authorizes_devices(&context, protocol, metadata_file.as_ref());
    Some(Provider {
        runtime: declaration.runtime(),
        ident: input.ident,
        fields: fields?,
        name: name?,
        display_name: context
            .text(&keys::DISPLAY_NAME)
            .map(LitStr::value)
            .or_else(|| preset.map(|preset| preset.display_name.to_owned())),
        protocol,
        registration_page: preset.map(|preset| preset.registration_page),
        urls: urls.into_iter().map(|url| (url.key.term, url.text)).collect(),
        emails_endpoint: preset.and_then(|preset| preset.emails_endpoint),
        params,
        tenants,
        scopes,
        metadata_file: metadata_file.map(Published::into_model),
        scope_separator,
        token_endpoint_auth_method: method.map(|method| method.variant),
        token_endpoint_auth_signing_alg: method_algorithm,
        response_type,
        response_mode,
        id_token_signed_response_alg,
        encryption,
        leeway,
        max_age,
        prompt,
        token_placement,
        signature_method,
        parameter_transmission,
        realm,
        fetch_userinfo: userinfo.is_some(),
        userinfo: userinfo.cloned(),
        claims: declaration.ty(&keys::CLAIMS).cloned(),
        identity,
        quirks: quirks.into_iter().map(|quirk| quirk.variant).collect(),
        nested_token,
        compliance_fix: declaration.path(&keys::COMPLIANCE_FIX).cloned(),
        routes,
        rp_initiated_logout: declaration.entry(&keys::RP_INITIATED_LOGOUT).is_some(),
        authorizes_devices,
        keep_tokens: declaration.entry(&keys::KEEP_TOKENS).is_some(),
        configured: context.is_configured(),
        overwrite: declaration.entry(&keys::OVERWRITE).is_some(),
    })
}
