//! The struct itself: its shape, the names of its fields, and its fields as placeholders.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Data, Fields, Type};

use super::endpoints::Url;
use super::{Context, name, params, tenants};
use crate::attribute::{Entry, Value};
use crate::diagnostics::{Errors, all_of, nearest};
use crate::keys::{DISPLAY_NAME, IDENTITY, METADATA_FILE, PROMPT, QUIRKS, REALM, SCOPES, SETTINGS};
use crate::protocol::Protocol;
use crate::provider::input::Input;
use crate::provider::model::Field;
use crate::{keys, url};

/// A provider is a struct with named fields or with none, and without generics.
pub(super) fn fields<'i>(input: &Input<'i>, errors: &mut Errors) -> Option<Vec<Field<'i>>> {
    no_generics(input, errors);
    let ident = input.ident;
    let instead = format!(
        "write `struct {ident};`, or `struct {ident} {{ domain: String }}` where a URL needs `{{domain}}`"
    );
    let data = match input.data {
        Data::Struct(data) => data,
        Data::Enum(data) => {
            let message = format!("a provider is a struct, not an enum: {instead}");
            errors.push(data.enum_token, message);
            return None;
        }
        Data::Union(data) => {
            let message = format!("a provider is a struct, not a union: {instead}");
            errors.push(data.union_token, message);
            return None;
        }
    };
    match &data.fields {
        Fields::Unit => Some(Vec::new()),
        Fields::Named(fields) => Some(
            fields
                .named
                .iter()
                .filter_map(|field| {
                    let ident = field.ident.as_ref()?;
                    loadable(&field.ty, errors);
                    no_attribute(field, errors);
                    Some(Field { ident, name: ident.unraw().to_string(), ty: &field.ty })
                })
                .collect(),
        ),
        Fields::Unnamed(fields) => {
            let message = format!("a provider's fields have names, which URLs use: {instead}");
            errors.push(fields, message);
            None
        }
    }
}

/// Legal: `struct Acme;`. Illegal: `struct Acme<T>;`, `struct Acme<'a> { domain: &'a str }`.
fn no_generics(input: &Input<'_>, errors: &mut Errors) {
    let generics = input.generics;
    if !generics.params.is_empty() {
        let ident = input.ident;
        errors.push(
            generics,
            format!("a provider has no generics: write `struct {ident}`, and one struct for each provider"),
        );
    } else if let Some(clause) = &generics.where_clause {
        errors.push(clause, "a provider has no generics: leave out the where clause");
    }
}

/// Legal: `domain: String`. Illegal: `domain: &'static str`.
///
/// Types that merely lack `FromStr` or `Display` are the compiler's to refuse.
fn loadable(ty: &Type, errors: &mut Errors) {
    if let Type::Reference(_) = ty {
        errors.push(
            ty,
            "a field is loaded from the configuration and owns its value: write `String`",
        );
    }
}

fn no_attribute(field: &syn::Field, errors: &mut Errors) {
    for attribute in &field.attrs {
        if attribute.path().is_ident("oauth_provider") {
            errors.push(
                attribute,
                "`#[oauth_provider(...)]` belongs on the struct, not on its fields",
            );
        }
    }
}

/// A field has a variable of its own, which nothing else reads.
///
/// Illegal: `scopes: String`, for `ACME_SCOPES` is a setting of the provider. Legal: `realm: String`
/// unless the provider speaks OAuth 1.0a, for only that has such a setting, and `issuer: String` with
/// `issuer = "{issuer}"`, where the field and the setting are one thing.
pub(super) fn names(
    context: &Context<'_, '_>,
    fields: &[Field<'_>],
    protocol: Protocol,
    errors: &mut Errors,
) {
    // With `configured` the scopes of the configuration may make it OpenID Connect.
    let protocol = match protocol {
        Protocol::OAuth2 if context.is_configured() => Protocol::OpenIdConnect,
        protocol => protocol,
    };
    let prefix = context
        .text(&keys::NAME)
        .map_or_else(|| name::suggested(context.input.ident), |name| name.value());
    for (index, field) in fields.iter().enumerate() {
        let setting = setting_of(&field.name);
        let variable = format!("{}_{setting}", prefix.to_uppercase());
        let known = SETTINGS.iter().copied().find(|key| key.variable() == setting);
        let earlier = fields[..index].iter().find(|earlier| setting_of(&earlier.name) == setting);
        let what = match (known, earlier) {
            (Some(key), _)
                if key.protocols.include(protocol) && !is_the_setting(context, field, key) =>
            {
                format!("{variable} is a setting of the provider already")
            }
            (_, Some(earlier)) => format!("{variable} is the variable of `{}` too", earlier.name),
            _ => continue,
        };
        let better = format!("url_{}", setting.to_lowercase().trim_matches('_'));
        let or_key = match known {
            Some(key) if earlier.is_none() && matches!(key.value, keys::Kind::Url) => {
                format!(", or `{} = \"{{{}}}\"` beside it", key.name, field.name)
            }
            _ => String::new(),
        };
        errors.push(
            field.ident,
            format!("{what}: write `{better}: {}` and `{{{better}}}`{or_key}", type_text(field)),
        );
    }
}

/// What stands behind the provider's name in the variable of a field.
fn setting_of(field: &str) -> String {
    let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    field.chars().map(upper).collect()
}

/// Whether the field is the whole value of the key that has its name, as in `issuer = "{issuer}"`.
fn is_the_setting(context: &Context<'_, '_>, field: &Field<'_>, key: &keys::Key) -> bool {
    let whole = format!("{{{}}}", field.name);
    context.text(key).is_some_and(|text| text.value() == whole)
}

fn type_text(field: &Field<'_>) -> String {
    field.ty.to_token_stream().to_string().replace(' ', "")
}

/// Text that may hold placeholders.
struct Template<'a> {
    /// The literal it was typed as; `None` where the preset has it.
    typed: Option<&'a syn::LitStr>,
    names: Vec<String>,
}

/// What is filled from the fields: URLs, parameters, and scopes.
fn templates<'a>(context: &'a Context<'_, '_>, urls: &[Url<'a>]) -> Vec<Template<'a>> {
    let of_url = |url: &Url<'a>| {
        // Filled from each ID token.
        let is_tenant = |name: &str| tenants::is_template(url) && name == tenants::PLACEHOLDER;
        let names = url.placeholders().into_iter().filter(|name| !is_tenant(name));
        Template { typed: url.typed, names: names.map(str::to_owned).collect() }
    };
    let declaration = context.declaration;
    let params = params::REQUESTS.iter().filter_map(|(key, _)| declaration.pairs(key)).flatten();
    let scopes = declaration.texts(&SCOPES).unwrap_or_default();
    let texts = params.map(|pair| &pair.value).chain(scopes).map(|typed| {
        let text = typed.value();
        let names = url::placeholders_in_text(&text).into_iter().map(str::to_owned);
        Template { typed: Some(typed), names: names.collect() }
    });
    urls.iter().map(of_url).chain(texts).collect()
}

/// Every `{placeholder}` is a field, and every field is a placeholder.
pub(super) fn placeholders(
    context: &Context<'_, '_>,
    fields: &[Field<'_>],
    urls: &[Url<'_>],
    errors: &mut Errors,
) {
    not_filled(context, errors);
    let templates = templates(context, urls);
    let mut misspelt = Vec::new();
    for template in &templates {
        for name in &template.names {
            if !fields.iter().any(|field| field.name == *name) {
                misspelt.extend(unknown_placeholder(context, fields, template.typed, name, errors));
            }
        }
    }
    if context.is_uncertain() || context.declaration.attempts_url() {
        return;
    }
    for field in fields.iter().filter(|field| !misspelt.contains(&field.name.as_str())) {
        let placeholder = format!("{{{}}}", field.name);
        // A URL that is wrong in another respect uses its placeholders all the same.
        let is_typed = |entry: &Entry| match &entry.value {
            Value::Text(text) => {
                let text = text.value();
                text.contains(&placeholder) || url::placeholders(&text).is_err()
            }
            _ => false,
        };
        let is_used = templates.iter().any(|template| template.names.contains(&field.name))
            || context.declaration.entries().iter().any(is_typed);
        if !is_used {
            let (ident, name) = (field.ident, &field.name);
            errors.push(
                ident,
                format!(
                    "no URL uses `{name}`: write `{placeholder}` in one, or leave the field out"
                ),
            );
        }
    }
}

/// Illegal: `display_name = "{tenant}"`, which nothing would fill.
fn not_filled(context: &Context<'_, '_>, errors: &mut Errors) {
    let declaration = context.declaration;
    let texts = [&DISPLAY_NAME, &METADATA_FILE, &PROMPT, &REALM];
    let texts = texts.into_iter().filter_map(|key| declaration.text(key));
    let identity = declaration.pairs(&IDENTITY).unwrap_or_default().iter().map(|pair| &pair.value);
    let quirks = declaration.words(&QUIRKS).iter().filter_map(|word| word.value.as_ref());
    for typed in texts.chain(identity).chain(quirks) {
        if let Some(name) = url::placeholders_in_text(&typed.value()).first() {
            errors.push(
                typed,
                format!(
                    "`{{{name}}}` is not filled here: a placeholder stands in a URL, a parameter or a scope"
                ),
            );
        }
    }
}

/// Records that no field is called `name`; the field that was meant, where one is.
fn unknown_placeholder<'a>(
    context: &Context<'_, '_>,
    fields: &'a [Field<'_>],
    typed: Option<&syn::LitStr>,
    name: &str,
    errors: &mut Errors,
) -> Option<&'a str> {
    let ident = context.input.ident;
    let names = || fields.iter().map(|field| field.name.as_str());
    let meant = nearest(name, names());
    let advice = match meant {
        Some(field) => format!("write `{{{field}}}`"),
        None if fields.is_empty() => format!("write `struct {ident} {{ {name}: String }}`"),
        None => format!("add the field `{name}: String` beside {}", all_of(names())),
    };
    let (at, text): (TokenStream, _) = match typed {
        Some(typed) => {
            (typed.to_token_stream(), format!("`{{{name}}}` is not a field of `{ident}`"))
        }
        None => {
            let preset = context.text(&keys::PRESET);
            (quote!(#preset), format!("this preset needs a field `{name}`"))
        }
    };
    errors.push(at, format!("{text}: {advice}"));
    meant
}

#[cfg(test)]
mod tests {
    use crate::keys::SETTINGS;
    use crate::protocol::Protocol;
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

    fn errors_of_field(protocol: &str, field: &str) -> Vec<String> {
        let keys = match protocol {
            "OAuth 1.0a" => {
                r#"request_token_url = "https://a.example/r", authorize_url = "https://a.example/a",
                access_token_url = "https://a.example/t", identity(id = "id")"#
            }
            "OAuth 2.0" => {
                r#"authorize_url = "https://a.example/a", access_token_url = "https://a.example/t",
                userinfo_endpoint = "https://a.example/u""#
            }
            _ => {
                r#"server_metadata_url = "https://a.example/.well-known/openid-configuration", scopes("openid")"#
            }
        };
        let url = format!(r#"api_base_url = "https://a.example/{{{field}}}/""#);
        provider_errors(&format!(
            r#"#[oauth_provider(name = "acme", {keys}, {url})] struct Acme {{ {field}: String }}"#
        ))
    }

    /// By construction: the settings of a protocol are the names that its fields cannot have.
    #[test]
    fn a_field_and_a_setting_never_share_a_variable() {
        for protocol in [Protocol::OAuth1, Protocol::OAuth2, Protocol::OpenIdConnect] {
            for key in SETTINGS {
                let setting = key.variable();
                let name = setting.to_lowercase();
                let errors = errors_of_field(protocol.name(), &name);
                if key.protocols.include(protocol) {
                    assert_eq!(errors.len(), 1, "{}, {name}: {errors:?}", protocol.name());
                    let expected = format!(
                        "`{name}` ACME_{setting} is a setting of the provider already: \
                         write `url_{name}: String` and `{{url_{name}}}`"
                    );
                    assert!(errors[0].starts_with(&expected), "{errors:?}");
                } else {
                    assert_eq!(errors, [""; 0], "{}, {name}", protocol.name());
                }
            }
        }
    }

    #[test]
    fn a_field_may_be_the_setting_that_it_fills() {
        let issuer = r#"name = "acme", issuer = "{issuer}", scopes("openid")"#;
        let errors = |keys: &str| {
            provider_errors(&format!("#[oauth_provider({keys})] struct Acme {{ issuer: String }}"))
        };
        assert_eq!(errors(issuer), [""; 0]);
        let metadata = r#"name = "acme", scopes("openid"),
            server_metadata_url = "{issuer}/.well-known/openid-configuration""#;
        assert_eq!(
            errors(metadata),
            [
                "`issuer` ACME_ISSUER is a setting of the provider already: write `url_issuer: String` \
              and `{url_issuer}`, or `issuer = \"{issuer}\"` beside it"
            ]
        );
    }

    #[test]
    fn two_fields_never_share_a_variable() {
        let errors = provider_errors(
            r#"#[oauth_provider(name = "acme", issuer = "https://{host}/{Host}", scopes("openid"))]
            struct Acme { host: String, Host: String }"#,
        );
        assert_eq!(
            errors,
            [
                "`Host` ACME_HOST is the variable of `host` too: write `url_host: String` and `{url_host}`"
            ]
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
                "`{{{name}}}` is not filled here: a placeholder stands in a URL, a parameter or a scope"
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

    #[test]
    fn only_a_struct_with_named_fields_is_a_provider() {
        let instead = "write `struct Acme;`, or `struct Acme { domain: String }` where a URL needs `{domain}`";
        for (item, expected) in [
            ("enum Acme { A }", format!("`enum` a provider is a struct, not an enum: {instead}")),
            (
                "union Acme { a: u8 }",
                format!("`union` a provider is a struct, not a union: {instead}"),
            ),
            (
                "struct Acme(String);",
                format!("`(String)` a provider's fields have names, which URLs use: {instead}"),
            ),
        ] {
            assert_eq!(errors_of(item), [expected], "{item}");
        }
    }

    #[test]
    fn generics_are_refused() {
        assert_eq!(
            errors_of("struct Acme<T> { domain: T, tenant: u32 }"),
            [
                "`<T>` a provider has no generics: write `struct Acme`, and one struct for each provider"
            ]
        );
    }

    #[test]
    fn a_field_owns_its_value() {
        assert_eq!(
            errors_of("struct Acme { domain: &'static str, tenant: u32 }"),
            [
                "`&'static str` a field is loaded from the configuration and owns its value: write `String`"
            ]
        );
    }

    #[test]
    fn the_attribute_is_not_for_fields() {
        assert_eq!(
            errors_of(
                r#"struct Acme { #[oauth_provider(name = "x")] domain: String, tenant: u32 }"#
            ),
            [
                "`#[oauth_provider(name = \"x\")]` `#[oauth_provider(...)]` belongs on the struct, not on its fields"
            ]
        );
    }
}
