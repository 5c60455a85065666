//! `tenants(...)`: whose people may log in, where one provider serves many tenants.

use super::Context;
use super::endpoints::Url;
use crate::diagnostics::Errors;
use crate::keys::{ISSUER, SERVER_METADATA_URL};

/// What stands in the issuer for the tenant of each ID token.
pub(super) const PLACEHOLDER: &str = "tenantid";
/// The tenant of Microsoft's personal accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Whether this is the key whose URL may be a template for many tenants.
pub(super) fn is_template(url: &Url<'_>) -> bool {
    *url.key == ISSUER
}

/// The tenants, or the word `any` alone. An empty list is no way to let everybody in.
pub(super) fn tenants(context: &Context<'_>, urls: &[Url<'_>], errors: &mut Errors) -> Vec<String> {
    let template = urls
        .iter()
        .find(|url| is_template(url) && url.text.contains(&format!("{{{PLACEHOLDER}}}")));
    if let Some(typed) = template.and_then(|url| url.typed)
        && !context.has(&SERVER_METADATA_URL)
    {
        errors.push(
            typed,
            format!(
                "`{{{PLACEHOLDER}}}` stands for many issuers, which have one metadata document: add `{}`",
                SERVER_METADATA_URL.example
            ),
        );
    }
    let Some(typed) = context.keys.tenants.value() else { return Vec::new() };
    if let (None, Some(at)) = (template, context.keys.tenants.at())
        && !context.is_uncertain()
        && !context.declaration.attempts_url()
    {
        errors.push(
            at,
            format!(
                "`tenants` needs an issuer with the tenant in it: write `issuer = \"https://acme.example/{{{PLACEHOLDER}}}\"`, or leave it out"
            ),
        );
    }
    for (index, literal) in typed.iter().enumerate() {
        let tenant = literal.value();
        let is_first = typed[..index].iter().all(|earlier| earlier.value() != tenant);
        match tenant.as_str() {
            "any" if typed.len() == 1 => {}
            "any" => errors.push(literal, "\"any\" lets everybody in and stands alone"),
            "common" | "organizations" | "*" => errors.push(
                literal,
                format!("\"{tenant}\" is no tenant: write the identifiers of tenants, or \"any\""),
            ),
            "consumers" => errors.push(
                literal,
                format!("\"consumers\" is no identifier: write \"{CONSUMERS}\", which is that tenant's"),
            ),
            tenant if !is_identifier(tenant) => errors.push(
                literal,
                format!("\"{tenant}\" is no identifier of a tenant: write the claim `tid` of its people, such as \"{CONSUMERS}\""),
            ),
            _ if !is_first => {
                errors.push(literal, format!("the tenant \"{tenant}\" is given twice: keep one"));
            }
            _ => {}
        }
    }
    typed.iter().map(syn::LitStr::value).collect()
}

/// A GUID.
fn is_identifier(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use crate::testing::{errors_with, open_id_errors_with};

    fn of_microsoft(tenants: &str) -> Vec<String> {
        errors_with(&format!(r#"name = "ms", preset = "microsoft", {tenants}"#))
    }

    #[test]
    fn a_tenant_is_an_identifier_and_any_is_said() {
        let two = r#"tenants("72f988bf-86f1-41af-91ab-2d7cd011db47", "9188040d-6c67-4c5b-b112-36a304b66dad")"#;
        for right in ["", r#"tenants("any")"#, two] {
            assert_eq!(of_microsoft(right), [""; 0], "{right}");
        }
        assert_eq!(
            of_microsoft(r#"tenants("any", "common", "consumers", "contoso.com")"#),
            [
                "`\"any\"` \"any\" lets everybody in and stands alone",
                "`\"common\"` \"common\" is no tenant: write the identifiers of tenants, or \"any\"",
                "`\"consumers\"` \"consumers\" is no identifier: \
                 write \"9188040d-6c67-4c5b-b112-36a304b66dad\", which is that tenant's",
                "`\"contoso.com\"` \"contoso.com\" is no identifier of a tenant: write the claim `tid` \
                 of its people, such as \"9188040d-6c67-4c5b-b112-36a304b66dad\"",
            ]
        );
    }

    #[test]
    fn tenants_need_an_issuer_with_a_placeholder() {
        assert_eq!(
            open_id_errors_with(r#"tenants("any")"#),
            ["`tenants` `tenants` needs an issuer with the tenant in it: \
             write `issuer = \"https://acme.example/{tenantid}\"`, or leave it out"]
        );
        let issuer =
            r#"name = "acme", issuer = "https://acme.example/{tenantid}", scopes("openid")"#;
        assert_eq!(
            errors_with(issuer),
            [
                "`\"https://acme.example/{tenantid}\"` `{tenantid}` stands for many issuers, which have one \
             metadata document: add `server_metadata_url = \
             \"https://acme.example/.well-known/openid-configuration\"`"
            ]
        );
    }
}
