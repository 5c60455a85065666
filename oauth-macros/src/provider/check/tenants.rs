//! `tenants(...)`: the tenants whose users may log in, if one provider serves many tenants.

use super::Context;
use super::endpoints::Url;
use crate::diagnostics::Errors;
use crate::keys::{ISSUER, SERVER_METADATA_URL};

/// The placeholder in the issuer for the tenant of each ID token.
pub(super) const PLACEHOLDER: &str = "tenantid";
/// The tenant of Microsoft's personal accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Whether this is the key whose URL may be a template for many tenants.
pub(super) fn is_template(url: &Url<'_>) -> bool {
    *url.key == ISSUER
}

/// The tenants, or only the word `any`. An empty list does not mean `any`.
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
                "`{{{PLACEHOLDER}}}` covers many issuers with one metadata document: add `{}`",
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
                "`tenants` needs an issuer with the tenant in it: write `issuer = \"https://acme.example/{{{PLACEHOLDER}}}\"`, or remove it"
            ),
        );
    }
    for (index, literal) in typed.iter().enumerate() {
        let tenant = literal.value();
        let is_first = typed[..index].iter().all(|earlier| earlier.value() != tenant);
        match tenant.as_str() {
            "any" if typed.len() == 1 => {}
            "any" => errors.push(literal, "\"any\" admits every tenant: remove the others"),
            "common" | "organizations" | "*" => errors.push(
                literal,
                format!("\"{tenant}\" is not a tenant: write tenant IDs, or \"any\""),
            ),
            "consumers" => errors.push(
                literal,
                format!("\"consumers\" is not a tenant ID: write \"{CONSUMERS}\", the ID of that tenant"),
            ),
            tenant if !is_identifier(tenant) => errors.push(
                literal,
                format!("\"{tenant}\" is not a tenant ID: write the claim `tid` of its users, such as \"{CONSUMERS}\""),
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
    fn tenant_is_an_id_or_any() {
        let two = r#"tenants("72f988bf-86f1-41af-91ab-2d7cd011db47", "9188040d-6c67-4c5b-b112-36a304b66dad")"#;
        for right in ["", r#"tenants("any")"#, two] {
            assert_eq!(of_microsoft(right), [""; 0], "{right}");
        }
        assert_eq!(
            of_microsoft(r#"tenants("any", "common", "consumers", "contoso.com")"#),
            [
                "`\"any\"` \"any\" admits every tenant: remove the others",
                "`\"common\"` \"common\" is not a tenant: write tenant IDs, or \"any\"",
                "`\"consumers\"` \"consumers\" is not a tenant ID: \
                 write \"9188040d-6c67-4c5b-b112-36a304b66dad\", the ID of that tenant",
                "`\"contoso.com\"` \"contoso.com\" is not a tenant ID: write the claim `tid` \
                 of its users, such as \"9188040d-6c67-4c5b-b112-36a304b66dad\"",
            ]
        );
    }

    #[test]
    fn tenants_need_an_issuer_with_a_placeholder() {
        assert_eq!(
            open_id_errors_with(r#"tenants("any")"#),
            ["`tenants` `tenants` needs an issuer with the tenant in it: \
             write `issuer = \"https://acme.example/{tenantid}\"`, or remove it"]
        );
        let issuer =
            r#"name = "acme", issuer = "https://acme.example/{tenantid}", scopes("openid")"#;
        assert_eq!(
            errors_with(issuer),
            ["`\"https://acme.example/{tenantid}\"` `{tenantid}` covers many issuers with one \
             metadata document: add `server_metadata_url = \
             \"https://acme.example/.well-known/openid-configuration\"`"]
        );
    }
}
