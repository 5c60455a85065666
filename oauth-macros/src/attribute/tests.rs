use crate::keys;
use crate::testing::{errors_with, oauth2_errors_with, provider_errors, registry_errors};

#[test]
fn synonym_is_corrected_to_its_key() {
    assert_eq!(
        errors_with(
            r#"name = "acme", authorization_endpoint = "https://acme.example/a",
            token_url = "https://acme.example/t", userinfo_url = "https://acme.example/u",
            scope = "read write""#
        ),
        [
            "`authorization_endpoint` unknown key `authorization_endpoint`: write `authorize_url`",
            "`token_url` unknown key `token_url`: write `access_token_url`",
            "`userinfo_url` unknown key `userinfo_url`: write `userinfo_endpoint`",
            "`scope` unknown key `scope`: write `scopes(\"read\", \"write\")`",
        ]
    );
}

#[test]
fn typo_is_corrected_to_the_nearest_key() {
    assert_eq!(
        oauth2_errors_with(r#"scoeps("read")"#),
        ["`scoeps` unknown key `scoeps`: write `scopes`"]
    );
}

#[test]
fn unknown_key_error_lists_the_keys() {
    assert_eq!(
        oauth2_errors_with("fancy = Vec<A, B>"),
        ["`fancy` unknown key `fancy`: \
             `oauth_runtime::guide::keys` lists all of them"]
    );
    assert_eq!(
        registry_errors("#[oauth_registry(fancy)] struct Providers { a: Client<A> }"),
        ["`fancy` unknown key `fancy`: \
             the keys are `mount`, `on_login`, `on_connect`, `on_error`, `state` and `crate`"]
    );
}

#[test]
fn misplaced_registry_key_is_explained() {
    assert_eq!(
        oauth2_errors_with("on_login = signed_in"),
        ["`on_login` `on_login` belongs in `#[oauth_registry(...)]` on the struct of clients: \
             write `on_login = signed_in` there"]
    );
}

#[test]
fn client_kwargs_members_are_separate_keys() {
    assert_eq!(
        oauth2_errors_with("client_kwargs()"),
        ["`client_kwargs` unknown key `client_kwargs`: its members are separate keys: \
             scopes(\"…\"), token_endpoint_auth_method = \"…\""]
    );
}

#[test]
fn token_functions_of_authlib_name_the_replacement() {
    for key in ["fetch_token", "update_token"] {
        let errors = oauth2_errors_with(&format!("{key} = load"));
        let says = |part: &str| errors.len() == 1 && errors[0].contains(part);
        assert!(says("write keep_tokens") && says(".token_hooks(…)"), "{errors:?}");
    }
}

#[test]
fn key_of_a_missing_feature_is_refused() {
    assert_eq!(
        oauth2_errors_with(r#"security_profile = "fapi2""#),
        ["`security_profile` `security_profile` needs FAPI 2.0, \
             which this version does not support: remove it"]
    );
}

#[test]
fn second_use_of_a_key_is_the_duplicate() {
    assert_eq!(
        oauth2_errors_with(r#"overwrite, leeway = "x", overwrite"#),
        [
            "`\"x\"` `leeway` takes a number of seconds: write `leeway = 30`",
            "`overwrite` `overwrite` is given twice: keep one",
        ]
    );
}

#[test]
fn value_of_wrong_kind_error_shows_a_legal_use() {
    for (keys, expected) in [
        (
            "display_name = Acme",
            r#"`Acme` `display_name` takes a string: write `display_name = "Acme"`"#,
        ),
        (
            "display_name(Acme)",
            r#"`(Acme)` `display_name` takes a string: write `display_name = "Acme"`"#,
        ),
        (
            "display_name",
            r#"`display_name` `display_name` takes a string: write `display_name = "Acme"`"#,
        ),
        (
            "display_name =",
            r#"`display_name` `display_name` takes a string: write `display_name = "Acme"`"#,
        ),
        (r#"display_name = """#, r#"`""` `display_name` is empty: write `display_name = "Acme"`"#),
        (
            r#"scopes = ["a", "b"]"#,
            r#"`["a", "b"]` `scopes` takes a list of strings: write `scopes("a", "b")`"#,
        ),
        (
            r#"scopes = "a b""#,
            r#"`"a b"` `scopes` takes a list of strings: write `scopes("a", "b")`"#,
        ),
        (
            r#"display_name "Acme""#,
            r#"`"Acme"` `display_name` takes a string: write `display_name = "Acme"`"#,
        ),
        (
            "quirks[no_pkce]",
            "`[no_pkce]` `quirks` takes a list of names: write `quirks(loopback_http)`",
        ),
        ("scopes(read)", r#"`read` `scopes` takes strings: write `"read"`"#),
        (
            "scopes()",
            r#"`scopes` `scopes` is empty: write `scopes("openid", "email")`, or remove it"#,
        ),
        ("quirks = no_pkce", "`no_pkce` `quirks` takes a list of names: write `quirks(no_pkce)`"),
        (
            r#"quirks("no_pkce")"#,
            r#"`"no_pkce"` `quirks` takes names without quotes: write `no_pkce`"#,
        ),
        ("overwrite = true", "`true` `overwrite` takes no value: write `overwrite`"),
        (r#"userinfo = "User""#, r#"`"User"` `userinfo` takes a type: write `userinfo = User`"#),
        (
            "authorize_params(a)",
            "`a` `authorize_params` takes named strings: write `authorize_params(audience = \"api\")`",
        ),
    ] {
        assert_eq!(oauth2_errors_with(keys), [expected], "{keys}");
    }
}

#[test]
fn a_type_with_generics_is_a_value() {
    assert_eq!(oauth2_errors_with("userinfo = Envelope<User, Meta>, overwrite"), [""; 0]);
}

#[test]
fn missing_comma_hides_no_other_error() {
    assert_eq!(
        errors_with(r#"name = "acme" preset = "githb""#),
        [
            "`preset` expected `,` before `preset`",
            "`\"githb\"` unknown preset \"githb\": write `preset = \"github\"`",
        ]
    );
}

#[test]
fn unknown_list_member_is_refused() {
    assert_eq!(
        oauth2_errors_with(r#"routes(redirect_uri = "/a"), identity(nmae = "b", zzz = "c")"#),
        [
            "`redirect_uri` `routes` has no `redirect_uri`: write `callback = \"/a\"`",
            "`nmae` `identity` has no `nmae`: write `name = \"b\"`",
            "`zzz` `identity` has no `zzz`: it has `id`, `name`, `username`, `email`, \
             `email_verified` and `picture`",
        ]
    );
}

#[test]
fn types_that_are_not_expressions_are_kept() {
    for keys in [
        "userinfo = Vec<Repo>",
        "userinfo = Vec<Repo> , overwrite",
        "userinfo = <Acme as Profile>::User",
        "userinfo = &'static User",
        "compliance_fix = acme::Fix::<1>",
        r#"authorize_params("x-tenant" = "7", "urn:acme" = "8")"#,
        r#"quirks(nested_token = "authed_user.access_token", no_pkce)"#,
        r#"scope_separator = " ""#,
    ] {
        assert_eq!(oauth2_errors_with(keys), [""; 0], "{keys}");
    }
}

#[test]
fn half_typed_last_entry_hides_no_other() {
    let leeway = "`leeway` `leeway` takes a number of seconds: write `leeway = 30`";
    let userinfo = "`userinfo` takes a type: write `userinfo = AcmeUser`";
    for (last, expected) in [
        ("leeway", leeway),
        ("leeway =", leeway),
        ("userinfo =", &format!("`userinfo` {userinfo}")),
        ("userinfo = Envelope<User, Meta", &format!("`Envelope<User` {userinfo}")),
        (
            "routes",
            "`routes` `routes` takes a list of named strings: \
                    write `routes(login = \"/login\", callback = \"/callback\")`",
        ),
    ] {
        let scope = r#"`scope` unknown key `scope`: write `scopes("read")`"#;
        let prompt = r#"`"none login"` "none" cannot be combined with other values: write "none""#;
        let errors =
            oauth2_errors_with(&format!(r#"scope = "read", prompt = "none login", {last}"#));
        assert_eq!(errors, [scope, prompt, expected], "{last}");
    }
}

#[test]
fn all_values_of_wrong_kind_are_reported() {
    assert_eq!(
        oauth2_errors_with(
            r#"scopes = "a", routes = "/login", display_name("Acme"), overwrite(x), token_placement = header "body", realm = 'r'"#
        ),
        [
            r#"`"a"` `scopes` takes a list of strings: write `scopes("a")`"#,
            "`\"/login\"` `routes` takes a list of named strings: \
             write `routes(login = \"/login\", callback = \"/callback\")`",
            r#"`("Acme")` `display_name` takes a string: write `display_name = "Acme"`"#,
            "`(x)` `overwrite` takes no value: write `overwrite`",
            r#"`header "body"` `token_placement` takes a string: write `token_placement = "header"`"#,
            r#"`'r'` `realm` takes a string: write `realm = "'r'"`"#,
        ]
    );
}

#[test]
fn duplicate_counts_other_names_and_wrong_values() {
    assert_eq!(
        errors_with(
            r#"name = "acme", authorize_url = 7, authorize_url = "https://acme.example/a",
            token_url = "https://acme.example/t", access_token_url = "https://acme.example/t",
            userinfo_endpoint = "https://acme.example/u",
            client_secret = "s3cr3t", client_secret = "s3cr3t""#
        ),
        [
            r#"`7` `authorize_url` takes a string: write `authorize_url = "7"`"#,
            "`authorize_url` `authorize_url` is given twice: keep one",
            "`token_url` unknown key `token_url`: write `access_token_url`",
            "`access_token_url` `access_token_url` is given twice: keep one",
            "`client_secret` a client secret does not belong in source code: \
             set ACME_CLIENT_SECRET or ACME_CLIENT_SECRET_FILE in the environment",
            "`client_secret` `client_secret` is given twice: keep one",
        ]
    );
}

#[test]
fn setting_is_refused_in_a_registry() {
    assert_eq!(
        registry_errors(
            r#"#[oauth_registry(client_secret = "s3cr3t")]
            struct Providers { #[oauth_registry(client_id = "1f3e")] a: Client<A> }"#
        ),
        [
            "`client_secret` `client_secret` belongs in the configuration of the provider: \
             write `CLIENT_SECRET` there",
            "`client_id` `client_id` belongs in the configuration of the provider: \
             write `CLIENT_ID` there",
        ]
    );
}

/// A key without a field would be read as unknown.
#[test]
fn each_key_has_a_field() {
    for (place, keys) in [("provider", keys::PROVIDER), ("registry", keys::REGISTRY)] {
        for key in keys {
            let source = format!("#[oauth_{place}({0}, {0})] struct Acme;", key.name);
            let errors = match place {
                "provider" => provider_errors(&source),
                _ => registry_errors(&source),
            };
            let name = key.name;
            assert!(
                errors.contains(&format!("`{name}` `{name}` is given twice: keep one")),
                "{name}"
            );
            assert!(!errors.iter().any(|error| error.contains("unknown key")), "{errors:?}");
        }
    }
}
