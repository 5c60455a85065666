//! Placeholders that are filled from the fields of a provider.

use super::*;

/// Settings of `spec` whose fields have these values.
pub(super) fn filled<'s>(
    spec: &ProviderSpec<'_>,
    values: impl IntoIterator<Item = &'s str>,
    keys: &[(&str, &str)],
) -> Result<Settings, ConfigError> {
    let values: Vec<_> = values.into_iter().map(str::to_owned).collect();
    read_with(spec, &values, keys)
}

/// Keycloak in its usual form.
#[test]
fn field_may_have_the_name_of_a_foreign_key() {
    let spec = ProviderSpec {
        issuer: Some("https://{host}/realms/{realm}"),
        placeholders: &["host", "realm"],
        ..OP
    };
    for spec in [spec, overwritten(spec)] {
        let keys = [("HOST", "sso.example"), ("REALM", "staff")];
        let settings = filled(&spec, ["sso.example", "staff"], &keys).unwrap();
        assert_eq!(settings.issuer.as_deref(), Some("https://sso.example/realms/staff"));
        let kwargs = [keys[0], keys[1], ("CLIENT_KWARGS", r#"{"realm": "x"}"#)];
        let refused = filled(&spec, ["sso.example", "staff"], &kwargs).unwrap_err();
        assert!(
            refused.to_string().contains("holds `realm`, which applies to OAuth 1.0a only"),
            "{refused}"
        );
    }
    // Not even a value that is invalid for the setting of this name is read.
    let tenants = ProviderSpec {
        userinfo_endpoint: Some("https://acme.example/{tenants}"),
        placeholders: &["tenants"],
        ..ACME
    };
    assert!(filled(&tenants, ["a"], &[("TENANTS", "a")]).is_ok());
}

#[test]
fn parameters_and_scopes_are_filled_from_fields() {
    let spec = ProviderSpec {
        token_params: &[("client_key", "{client_key}"), ("claims", r#"{"a": {}, "b": "{api}"}"#)],
        scopes: &["{api}/read", "email"],
        placeholders: &["client_key", "api"],
        ..ACME
    };
    // A value is text, whatever it looks like.
    let settings = filled(&spec, ["{api}", "api://7"], &[]).unwrap();
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        settings.params(EndpointKind::Token),
        [own("client_key", "{api}"), own("claims", r#"{"a": {}, "b": "api://7"}"#)]
    );
    assert_eq!(settings.scope, "api://7/read email");
    let two = filled(&spec, ["k", "a admin"], &[]).unwrap_err();
    assert_eq!(
        two.faults()[0].to_string(),
        "ACME_API contains a character that is not allowed in the scope `{api}/read`"
    );
}

#[test]
fn a_placeholder_of_configuration_is_refused() {
    let params = [("ACCESS_TOKEN_PARAMS", r#"{"client_key": "{client_key}"}"#)];
    assert_eq!(
        faults(&ACME, &params),
        [
            "ACME_ACCESS_TOKEN_PARAMS holds `{client_key}`, and a placeholder is not filled here; write the value"
        ]
    );
    let url = [("REVOCATION_ENDPOINT", "https://acme.example/{realm}/revoke")];
    assert_eq!(
        faults(&ACME, &url),
        [
            "ACME_REVOCATION_ENDPOINT is `https://acme.example/{realm}/revoke`: a placeholder is not filled \
          here; write the value"
        ]
    );
}
