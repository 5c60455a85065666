//! The struct itself: its shape, and its fields as placeholders of URLs.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Data, Fields, Type};

use super::endpoints::Url;
use super::{Context, tenants};
use crate::attribute::{Entry, Value};
use crate::diagnostics::{Errors, all_of, nearest};
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

/// Every `{placeholder}` is a field, and every field is a placeholder.
pub(super) fn placeholders(
    context: &Context<'_, '_>,
    fields: &[Field<'_>],
    urls: &[Url<'_>],
    errors: &mut Errors,
) {
    let mut misspelt = Vec::new();
    for url in urls {
        for name in url.placeholders() {
            // Filled from each ID token.
            if tenants::is_template(url) && name == tenants::PLACEHOLDER {
                continue;
            }
            if !fields.iter().any(|field| field.name == name) {
                misspelt.extend(unknown_placeholder(context, fields, url, name, errors));
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
        let is_used = urls.iter().any(|url| url.text.contains(&placeholder))
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

/// Records that no field is called `name`; the field that was meant, where one is.
fn unknown_placeholder<'a>(
    context: &Context<'_, '_>,
    fields: &'a [Field<'_>],
    url: &Url<'_>,
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
    let (at, text): (TokenStream, _) = match url.typed {
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
