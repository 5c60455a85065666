//! `routes(...)`: the paths of the generated routes.

use syn::LitStr;

use super::Context;
use crate::diagnostics::Errors;
use crate::keys::{BACKCHANNEL_LOGOUT, RP_INITIATED_LOGOUT};
use crate::protocol::Protocol;
use crate::route;

/// The stated paths.
pub(super) fn routes(
    context: &Context<'_>,
    protocol: Option<Protocol>,
    errors: &mut Errors,
) -> Vec<(String, String)> {
    let typed = context.keys.routes.items();
    for (index, pair) in typed.iter().enumerate() {
        let (name, path) = (&pair.name, pair.value.value());
        if let Err(message) = route::check(&path) {
            errors.push(&pair.value, message);
        }
        for earlier in &typed[..index] {
            if earlier.name == *name {
                errors.push(&pair.at, format!("`{name}` is given twice: keep one"));
            } else if earlier.value.value() == path {
                let other = &earlier.name;
                errors.push(
                    &pair.value,
                    format!("`{name}` and `{other}` have the same path: write another, such as \"{path}/{name}\""),
                );
            }
        }
    }
    let leads_back = context.declaration.mentions(&RP_INITIATED_LOGOUT);
    if let Some(pair) = typed.iter().find(|pair| pair.name == "logged_out" && !leads_back) {
        errors.push(
            &pair.at,
            "`logged_out` is where the provider redirects to after a logout: \
             add `rp_initiated_logout`, or remove it",
        );
    }
    let is_told = context.declaration.mentions(&BACKCHANNEL_LOGOUT);
    if let Some(pair) = typed.iter().find(|pair| pair.name == "backchannel_logout" && !is_told) {
        errors.push(
            &pair.at,
            "`backchannel_logout` is where the provider reports the end of a session: \
             add `backchannel_logout` to the keys too, or remove it",
        );
    }
    let has_issuer = protocol.is_none_or(|protocol| protocol == Protocol::OpenIdConnect);
    if let Some(pair) = typed.iter().find(|pair| pair.name == "initiate" && !has_issuer) {
        errors.push(
            &pair.at,
            "`initiate` is for logins that an OpenID Connect provider starts: \
             remove it, and link to the login route",
        );
    }
    let value = |literal: &LitStr| literal.value();
    typed.iter().map(|pair| (pair.name.clone(), value(&pair.value))).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::{oauth2_errors_with, open_id_errors_with};

    #[test]
    fn logged_out_route_needs_rp_initiated_logout() {
        let routes = r#"routes(logged_out = "/bye")"#;
        assert_eq!(
            open_id_errors_with(routes),
            ["`logged_out` `logged_out` is where the provider redirects to after a logout: \
              add `rp_initiated_logout`, or remove it"]
        );
        assert_eq!(open_id_errors_with(&format!("rp_initiated_logout, {routes}")), [""; 0]);
    }

    #[test]
    fn route_of_a_backchannel_logout_needs_the_key() {
        let routes = r#"routes(backchannel_logout = "/end")"#;
        assert_eq!(
            open_id_errors_with(routes),
            [
                "`backchannel_logout` `backchannel_logout` is where the provider reports the end of a \
              session: add `backchannel_logout` to the keys too, or remove it"
            ]
        );
        assert_eq!(open_id_errors_with(&format!("backchannel_logout, {routes}")), [""; 0]);
    }

    #[test]
    fn initiate_route_needs_an_issuer() {
        let routes = r#"routes(initiate = "/tile")"#;
        assert_eq!(
            oauth2_errors_with(routes),
            ["`initiate` `initiate` is for logins that an OpenID Connect provider starts: \
              remove it, and link to the login route"]
        );
        assert_eq!(open_id_errors_with(routes), [""; 0]);
    }

    #[test]
    fn each_route_has_a_literal_path_of_its_own() {
        assert_eq!(
            oauth2_errors_with(r#"routes(login = "in", callback = "/{id}", logout = "/{id}")"#),
            [
                "`\"in\"` a path begins with `/`: write \"/in\"",
                "`\"/{id}\"` captures are not supported here: write a literal path",
                "`\"/{id}\"` captures are not supported here: write a literal path",
                "`\"/{id}\"` `logout` and `callback` have the same path: write another, such as \"/{id}/logout\"",
            ]
        );
    }
}
