//! The configuration variable of each field, which must be unique.

use quote::ToTokens;

use super::{Context, name};
use crate::diagnostics::Errors;
use crate::key::{Key, Kind};
use crate::keys::SETTINGS;
use crate::protocol::Protocol;
use crate::provider::model::Field;

/// Reports fields whose variable is also a setting or the variable of another field.
///
/// Illegal: `scopes: String`, because `ACME_SCOPES` is a setting of the provider. Legal:
/// `realm: String` unless the provider speaks OAuth 1.0a, because only OAuth 1.0a has this setting;
/// and `issuer: String` with `issuer = "{issuer}"`, because the field is the setting.
pub(super) fn variables(
    context: &Context<'_>,
    fields: &[Field<'_>],
    protocol: Option<Protocol>,
    errors: &mut Errors,
) {
    // With `configured`, the configured scopes may make it OpenID Connect.
    let protocol = match protocol {
        Some(Protocol::OAuth2) if context.is_configured() => Protocol::OpenIdConnect,
        Some(protocol) => protocol,
        None => return,
    };
    let prefix = context
        .keys
        .name
        .value()
        .map_or_else(|| name::suggested(&context.input.ident), |name| name.value());
    for (index, field) in fields.iter().enumerate() {
        let setting = setting_of(&field.name);
        let variable = format!("{}_{setting}", prefix.to_uppercase());
        let known = SETTINGS.iter().copied().find(|key| key.variable() == setting);
        let earlier = fields[..index].iter().find(|earlier| setting_of(&earlier.name) == setting);
        let what = match (known, earlier) {
            (Some(key), _)
                if key.protocols.include(protocol) && !is_the_setting(context, field, key) =>
            {
                format!("{variable} is already a setting of the provider")
            }
            (_, Some(earlier)) => format!("{variable} is also the variable of `{}`", earlier.name),
            _ => continue,
        };
        let better = format!("url_{}", setting.to_lowercase().trim_matches('_'));
        let or_key = match known {
            Some(key) if earlier.is_none() && matches!(key.value, Kind::Url) => {
                format!(", or `{} = \"{{{}}}\"` next to it", key.name, field.name)
            }
            _ => String::new(),
        };
        errors.push(
            field.ident,
            format!("{what}: write `{better}: {}` and `{{{better}}}`{or_key}", type_text(field)),
        );
    }
}

/// The part after the provider's name in the variable of a field.
fn setting_of(field: &str) -> String {
    let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    field.chars().map(upper).collect()
}

/// Whether the field is the whole value of the key that has its name, as in `issuer = "{issuer}"`.
fn is_the_setting(context: &Context<'_>, field: &Field<'_>, key: &Key) -> bool {
    let whole = format!("{{{}}}", field.name);
    context.declaration.text(key).is_some_and(|text| text.value() == whole)
}

fn type_text(field: &Field<'_>) -> String {
    field.ty.to_token_stream().to_string().replace(' ', "")
}

#[cfg(test)]
mod tests {
    use crate::keys::SETTINGS;
    use crate::protocol::Protocol;
    use crate::testing::provider_errors;

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

    /// By construction: a field cannot have the name of a setting of its protocol.
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
                        "`{name}` ACME_{setting} is already a setting of the provider: \
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
                "`issuer` ACME_ISSUER is already a setting of the provider: write `url_issuer: String` \
              and `{url_issuer}`, or `issuer = \"{issuer}\"` next to it"
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
                "`Host` ACME_HOST is also the variable of `host`: write `url_host: String` and `{url_host}`"
            ]
        );
    }
}
