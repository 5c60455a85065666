//! The struct itself: its shape, and the types of its fields.

use syn::Type;
use syn::ext::IdentExt;

use crate::diagnostics::Errors;
use crate::provider::input::{self, Input};
use crate::provider::model::Field;
use crate::shape::Shape;

/// A provider is a struct with named fields or without fields, and without generics.
pub(super) fn fields<'i>(input: &'i Input, errors: &mut Errors) -> Option<Vec<Field<'i>>> {
    no_generics(input, errors);
    let ident = &input.ident;
    let instead = format!(
        "write `struct {ident};`, or `struct {ident} {{ domain: String }}` where a URL needs `{{domain}}`"
    );
    match &input.data {
        Shape::Struct(fields) => {
            Some(fields.iter().map(|field| of_struct(field, errors)).collect())
        }
        Shape::Tuple(fields) => {
            let message = format!(
                "the fields of a provider need names, which URLs use as placeholders: {instead}"
            );
            errors.push(fields, message);
            None
        }
        Shape::Enum(token) => {
            errors.push(token, format!("a provider is a struct, not an enum: {instead}"));
            None
        }
        Shape::Union(token) => {
            errors.push(token, format!("a provider is a struct, not a union: {instead}"));
            None
        }
    }
}

fn of_struct<'i>(field: &'i input::Field, errors: &mut Errors) -> Field<'i> {
    loadable(&field.ty, errors);
    for attribute in &field.attrs {
        errors.push(attribute, "`#[oauth_provider(...)]` belongs on the struct, not on its fields");
    }
    Field { ident: &field.ident, name: field.ident.unraw().to_string(), ty: &field.ty }
}

/// Legal: `struct Acme;`. Illegal: `struct Acme<T>;`, `struct Acme<'a> { domain: &'a str }`.
fn no_generics(input: &Input, errors: &mut Errors) {
    let generics = &input.generics;
    if !generics.params.is_empty() {
        let ident = &input.ident;
        errors.push(
            generics,
            format!("a provider cannot be generic: write `struct {ident}`, with a separate struct for each provider"),
        );
    } else if let Some(clause) = &generics.where_clause {
        errors.push(clause, "a provider cannot be generic: remove the where clause");
    }
}

/// Legal: `domain: String`. Illegal: `domain: &'static str`.
///
/// The compiler refuses types that only lack `FromStr` or `Display`.
fn loadable(ty: &Type, errors: &mut Errors) {
    if let Type::Reference(_) = ty {
        errors.push(
            ty,
            "a field is loaded from the configuration and must own its value: write `String`",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::provider_errors;

    const KEYS: &str = r#"name = "acme", issuer = "https://{domain}/{tenant}", scopes("openid")"#;

    fn errors_of(item: &str) -> Vec<String> {
        provider_errors(&format!("#[oauth_provider({KEYS})] {item}"))
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
                format!(
                    "`(String)` the fields of a provider need names, which URLs use as placeholders: {instead}"
                ),
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
                "`<T>` a provider cannot be generic: write `struct Acme`, with a separate struct for each provider"
            ]
        );
    }

    #[test]
    fn a_field_owns_its_value() {
        assert_eq!(
            errors_of("struct Acme { domain: &'static str, tenant: u32 }"),
            [
                "`&'static str` a field is loaded from the configuration and must own its value: write `String`"
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
