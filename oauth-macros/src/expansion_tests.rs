//! The expansions of declarations, recorded as formatted files under `expansions/`.
//!
//! `OAUTH_BLESS=1 cargo test -p oauth-macros` writes the records again; review the diff.

use std::path::Path;
use std::{env, fs, io};

use crate::testing::formatted;
use crate::{provider, registry};

#[test]
fn a_preset() -> io::Result<()> {
    provider(
        "preset",
        r#"
        #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
        struct GitHub;
        "#,
    )
}

#[test]
fn a_preset_with_a_key() -> io::Result<()> {
    provider(
        "preset_apple",
        r#"
        #[oauth_provider(name = "apple", preset = "apple")]
        struct Apple;
        "#,
    )
}

#[test]
fn fields_in_urls() -> io::Result<()> {
    provider(
        "fields",
        r#"
        #[oauth_provider(
            name = "acme",
            server_metadata_url = "https://{domain}/{type}/.well-known/openid-configuration",
            scopes("openid", "email"),
            routes(login = "/login", callback = "/authorize", logout = "/logout"),
            userinfo = AcmeUser,
        )]
        struct Acme { domain: String, r#type: u32 }
        "#,
    )
}

#[test]
fn a_metadata_file() -> io::Result<()> {
    provider(
        "metadata_file",
        r#"
        #[oauth_provider(
            name = "acme",
            issuer = "https://acme.example",
            metadata_file = "fixtures/acme.json",
            scopes("openid", "email"),
            token_endpoint_auth_method = "client_secret_post",
        )]
        struct Acme;
        "#,
    )
}

#[test]
fn a_configured_provider() -> io::Result<()> {
    provider(
        "configured",
        r#"
        #[oauth_provider(name = "acme", configured)]
        struct Acme;
        "#,
    )
}

#[test]
fn every_key() -> io::Result<()> {
    provider(
        "every_key",
        r#"
        #[oauth_provider(
            crate = my_oauth,
            name = "acme",
            display_name = "Acme",
            issuer = "http://localhost:9000",
            authorize_url = "http://localhost:9000/authorize",
            access_token_url = "http://localhost:9000/token",
            refresh_token_url = "http://localhost:9000/refresh",
            userinfo_endpoint = "me",
            jwks_uri = "http://localhost:9000/keys",
            end_session_endpoint = "http://localhost:9000/logout",
            revocation_endpoint = "http://localhost:9000/revoke",
            introspection_endpoint = "http://localhost:9000/introspect",
            device_authorization_endpoint = "http://localhost:9000/device",
            api_base_url = "http://localhost:9000/api",
            authorize_params(audience = "api", "access_type" = "offline"),
            access_token_params(audience = "api"),
            refresh_token_params(scope = "openid"),
            scopes("openid", "email"),
            scope_separator = ",",
            token_endpoint_auth_method = "private_key_jwt",
            token_endpoint_auth_signing_alg = "ES256",
            code_challenge_method = "S256",
            response_type = "code id_token",
            response_mode = "form_post",
            id_token_signed_response_alg = "ES256",
            id_token_encrypted_response_alg = "ECDH-ES",
            userinfo_signed_response_alg = "ES256",
            leeway = 30,
            max_age = 3600,
            prompt = "login consent",
            token_placement = "body",
            userinfo = Envelope<User>,
            claims = AcmeClaims,
            identity(id = "data.id", name = "data.name", email = ""),
            quirks(loopback_http, missing_token_type, nested_token = "data.access_token"),
            compliance_fix = fixes::AcmeFix,
            rp_initiated_logout,
            backchannel_logout,
            keep_tokens,
            routes(
                callback = "/callback",
                logged_out = "/logged-out",
                initiate = "/initiate",
                backchannel_logout = "/backchannel-logout",
            ),
            configured,
            overwrite,
        )]
        struct Acme;
        "#,
    )
}

#[test]
fn oauth1() -> io::Result<()> {
    provider(
        "oauth1",
        r#"
        #[oauth_provider(
            name = "acme",
            request_token_url = "https://acme.example/request_token",
            authorize_url = "https://acme.example/authorize",
            access_token_url = "https://acme.example/token",
            request_token_params(realm = "login"),
            signature_method = "HMAC-SHA256",
            signature_type = "QUERY",
            realm = "api",
            identity(id = "user_id", username = "screen_name"),
        )]
        struct Acme;
        "#,
    )
}

#[test]
fn errors_with_a_fallback() -> io::Result<()> {
    provider(
        "errors",
        r#"
        #[oauth_provider(name = "acme", issuer = "acme.example", scope = "openid")]
        struct Acme<T>(T);
        "#,
    )
}

#[test]
fn a_registry() -> io::Result<()> {
    registry(
        "registry",
        r#"
        #[oauth_registry(on_login = signed_in, on_error = failed)]
        struct Providers {
            #[oauth_registry(on_login = github_signed_in)]
            github: Client<GitHub>,
            google: Client<Google>,
        }
        "#,
    )
}

#[test]
fn a_registry_with_state() -> io::Result<()> {
    registry(
        "registry_with_state",
        r#"
        #[oauth_registry(mount = "/", state = AppState)]
        struct Providers { google: Option<Client<Google>>, github: LazyClient<GitHub> }
        "#,
    )
}

#[test]
fn registry_errors_with_a_fallback() -> io::Result<()> {
    registry(
        "registry_errors",
        r#"
        #[oauth_registry(on_logn = signed_in)]
        struct Providers { github: Client<GitHub>, again: Client<GitHub>, pool: Pool }
        "#,
    )
}

fn provider(name: &str, source: &str) -> io::Result<()> {
    let input = syn::parse_str(source).map_err(io::Error::other)?;
    recorded(name, &formatted(&provider::derive(&input)))
}

fn registry(name: &str, source: &str) -> io::Result<()> {
    let input = syn::parse_str(source).map_err(io::Error::other)?;
    recorded(name, &formatted(&registry::derive(&input)))
}

fn recorded(name: &str, expansion: &str) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("expansions");
    let record = folder.join(name).with_extension("rs");
    if env::var_os("OAUTH_BLESS").is_some() {
        return fs::write(record, expansion);
    }
    assert_eq!(
        fs::read_to_string(record)?,
        expansion,
        "the expansion of {name} differs from its record"
    );
    Ok(())
}
