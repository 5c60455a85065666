//! The fields as placeholders: in URLs, parameters and scopes.

use quote::quote;
use syn::LitStr;

use super::endpoints::Url;
use super::{Context, additions, params, tenants};
use crate::attribute::{KeyField, KeyValue};
use crate::diagnostics::{Errors, all_of, nearest};
use crate::keys::PRESET;
use crate::presets::Parameter;
use crate::provider::model::Field;
use crate::url;

/// A string that may contain placeholders.
struct Template<'a> {
    /// The literal it was typed as; `None` if it comes from the preset.
    typed: Option<&'a LitStr>,
    names: Vec<String>,
}

/// The strings that are filled from the fields: URLs, parameters and scopes.
fn templates<'a>(context: &'a Context<'_>, urls: &[Url<'a>]) -> Vec<Template<'a>> {
    let of_url = |url: &Url<'a>| {
        // Filled from each ID token.
        let is_tenant = |name: &str| tenants::is_template(url) && name == tenants::PLACEHOLDER;
        let names = url.placeholders().into_iter().filter(|name| !is_tenant(name));
        Template { typed: url.typed, names: names.map(str::to_owned).collect() }
    };
    let keys = context.keys;
    let params = params::requests(keys).into_iter().flat_map(|(_, given, _)| given.items());
    let texts = params
        .map(|pair| &pair.value)
        .chain(keys.scopes.items())
        .chain(keys.redirect_id.value())
        .map(|typed| {
            let text = typed.value();
            let names = url::placeholders_in_text(&text).into_iter().map(str::to_owned);
            Template { typed: Some(typed), names: names.collect() }
        });
    let values = additions::given(keys).into_iter().flat_map(|(_, given)| given.items());
    let values = values.map(|pair| Template {
        typed: Some(&pair.value),
        names: additions::fields_in(&pair.value.value()).map(str::to_owned).collect(),
    });
    urls.iter().map(of_url).chain(texts).chain(values).collect()
}

/// Every `{placeholder}` is a field, and every field is a placeholder.
pub(super) fn placeholders(
    context: &Context<'_>,
    fields: &[Field<'_>],
    urls: &[Url<'_>],
    errors: &mut Errors,
) {
    not_filled(context, errors);
    let templates = templates(context, urls);
    let mut misspelt = missing_parameters(context, fields, &templates, errors);
    let parameters = || context.preset.into_iter().flat_map(|preset| &preset.facts.parameters);
    for template in &templates {
        for name in &template.names {
            let is_parameter = parameters().any(|parameter| parameter.name == *name);
            if !is_parameter && !fields.iter().any(|field| field.name == *name) {
                misspelt.extend(unknown_placeholder(context, fields, template.typed, name, errors));
            }
        }
    }
    if context.is_uncertain() || context.declaration.attempts_url() {
        return;
    }
    for field in fields.iter().filter(|field| !misspelt.contains(&field.name.as_str())) {
        let placeholder = format!("{{{}}}", field.name);
        // A URL with another mistake still uses its placeholders.
        let is_typed = |entry: &dyn KeyField| {
            entry.text().map(LitStr::value).is_some_and(|text| {
                text.contains(&placeholder) || url::placeholders(&text).is_err()
            })
        };
        let is_used = templates.iter().any(|template| template.names.contains(&field.name))
            || context.declaration.entries().any(|(_, _, entry)| is_typed(entry));
        if !is_used {
            let (ident, name) = (field.ident, &field.name);
            errors.push(
                ident,
                format!("no URL uses `{name}`: write `{placeholder}` in one, or remove the field"),
            );
        }
    }
}

/// Illegal: `display_name = "{tenant}"`, which would not be filled.
fn not_filled(context: &Context<'_>, errors: &mut Errors) {
    let keys = context.keys;
    let texts = [&keys.display_name, &keys.metadata_file, &keys.prompt, &keys.realm];
    let texts = texts.into_iter().filter_map(KeyValue::value);
    // A picture has members of the profile in it.
    let identity = keys.identity.items().iter().filter(|pair| pair.name != "picture");
    let identity = identity.map(|pair| &pair.value);
    let quirks = keys.quirks.items().iter().filter_map(|word| word.value.as_ref());
    for typed in texts.chain(identity).chain(quirks) {
        if let Some(name) = url::placeholders_in_text(&typed.value()).first() {
            errors.push(
                typed,
                format!(
                    "`{{{name}}}` is not filled here: placeholders work only in URLs, parameters and scopes"
                ),
            );
        }
    }
}

/// The fields that a preset needs, each once, and the fields that were meant.
fn missing_parameters<'a>(
    context: &Context<'_>,
    fields: &'a [Field<'_>],
    templates: &[Template<'_>],
    errors: &mut Errors,
) -> Vec<&'a str> {
    let Some(preset) = context.preset else { return Vec::new() };
    let is_missing = |parameter: &&Parameter| {
        parameter.default.is_none() && fields.iter().all(|field| field.name != parameter.name)
    };
    let mut misspelt = Vec::new();
    for Parameter { name, description, .. } in preset.facts.parameters.iter().filter(is_missing) {
        if templates.iter().any(|template| template.names.contains(name)) {
            let (advice, meant) = instead(context, fields, name);
            let at = context.declaration.text(&PRESET);
            let text = format!("this preset needs a field `{name}`, {description}: {advice}");
            errors.push(quote!(#at), text);
            misspelt.extend(meant);
        }
    }
    misspelt
}

/// Records that no field is called `name`, and returns the field that was meant, if any.
fn unknown_placeholder<'a>(
    context: &Context<'_>,
    fields: &'a [Field<'_>],
    typed: Option<&LitStr>,
    name: &str,
    errors: &mut Errors,
) -> Option<&'a str> {
    let (advice, meant) = instead(context, fields, name);
    let ident = &context.input.ident;
    errors.push(typed, format!("`{{{name}}}` is not a field of `{ident}`: {advice}"));
    meant
}

/// What to write if no field is called `name`, and the field that was meant, if any.
fn instead<'a>(
    context: &Context<'_>,
    fields: &'a [Field<'_>],
    name: &str,
) -> (String, Option<&'a str>) {
    let ident = &context.input.ident;
    let names = || fields.iter().map(|field| field.name.as_str());
    let meant = nearest(name, names());
    let advice = match meant {
        Some(field) => format!("write `{{{field}}}`"),
        None if fields.is_empty() => format!("write `struct {ident} {{ {name}: String }}`"),
        None => format!("add the field `{name}: String` next to {}", all_of(names())),
    };
    (advice, meant)
}

#[cfg(test)]
mod tests {
    use crate::testing::provider_errors;

    const KEYS: &str = r#"name = "acme", issuer = "https://{domain}/{tenant}", scopes("openid")"#;

    fn errors_of(item: &str) -> Vec<String> {
        provider_errors(&format!("#[oauth_provider({KEYS})] {item}"))
    }

    #[test]
    fn every_placeholder_is_a_field() {
        assert_eq!(errors_of("struct Acme { domain: String, tenant: u32 }"), [""; 0]);
        let url = r#"`"https://{domain}/{tenant}"`"#;
        assert_eq!(
            errors_of("struct Acme;"),
            [
                format!(
                    "{url} `{{domain}}` is not a field of `Acme`: write `struct Acme {{ domain: String }}`"
                ),
                format!(
                    "{url} `{{tenant}}` is not a field of `Acme`: write `struct Acme {{ tenant: String }}`"
                ),
            ]
        );
        assert_eq!(
            errors_of("struct Acme { domain: String, tenat: u32 }"),
            [format!("{url} `{{tenant}}` is not a field of `Acme`: write `{{tenat}}`")]
        );
    }

    #[test]
    fn a_placeholder_of_a_parameter_or_scope_is_a_field() {
        let keys = r#"name = "acme", authorize_url = "https://a.example/a",
            access_token_url = "https://a.example/t", userinfo_endpoint = "https://a.example/u",
            authorize_params(claims = "{\"a\": {}}"), access_token_params(client_key = "{client_key}"),
            scopes("{api}/read")"#;
        let errors = |item: &str| provider_errors(&format!("#[oauth_provider({keys})] {item}"));
        assert_eq!(errors("struct Acme { client_key: String, api: String }"), [""; 0]);
        assert_eq!(
            errors("struct Acme;"),
            [
                "`\"{client_key}\"` `{client_key}` is not a field of `Acme`: \
                 write `struct Acme { client_key: String }`",
                "`\"{api}/read\"` `{api}` is not a field of `Acme`: write `struct Acme { api: String }`",
            ]
        );
    }

    #[test]
    fn a_placeholder_that_nothing_fills_is_refused() {
        let keys =
            format!(r#"{KEYS}, display_name = "{{domain}}", identity(name = "a.{{tenant}}")"#);
        let said = |name: &str| {
            format!(
                "`{{{name}}}` is not filled here: placeholders work only in URLs, parameters and scopes"
            )
        };
        assert_eq!(
            provider_errors(&format!(
                "#[oauth_provider({keys})] struct Acme {{ domain: String, tenant: u32 }}"
            )),
            [
                format!("`\"{{domain}}\"` {}", said("domain")),
                format!("`\"a.{{tenant}}\"` {}", said("tenant")),
            ]
        );
    }
}
