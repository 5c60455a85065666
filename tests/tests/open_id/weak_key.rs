//! A provider whose RSA key is too short. Neither the test provider nor a library in good health signs
//! with one, so a small provider has `openssl` do it.

use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Json;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth_runtime::error::ProviderError;
use oauth_runtime::prelude::*;
use serde_json::{Value, json};
use tests::in_process::{Browser, CLIENT_ID, CLIENT_SECRET, COOKIE_KEY, Failures};
use tests::process::Scratch;
use url::Url;

use crate::site::failed;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "op", issuer = "{issuer}", scopes("openid"), quirks(loopback_http))]
struct Op {
    issuer: String,
}

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = failed)]
struct Providers {
    op: Client<Op>,
}

/// A key in a file, as `openssl` makes it.
struct RsaKey(Scratch);

impl RsaKey {
    fn generate(bits: u32) -> Self {
        let key = Self(Scratch::create());
        let bits = format!("rsa_keygen_bits:{bits}");
        key.openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", &bits, "-out", "key"]);
        key
    }

    fn openssl(&self, arguments: &[&str]) -> Vec<u8> {
        let output = Command::new("openssl").args(arguments).current_dir(self.0.path()).output();
        let output = output.expect("openssl is installed: run tests/setup");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn jwk(&self) -> Value {
        let text = self.openssl(&["rsa", "-in", "key", "-noout", "-modulus"]);
        let text = String::from_utf8(text).expect("text");
        let hex = text.trim().strip_prefix("Modulus=").expect("a modulus");
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("digits");
        let modulus: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        json!({ "kty": "RSA", "kid": "k", "n": URL_SAFE_NO_PAD.encode(modulus), "e": "AQAB" })
    }

    fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "RS256", "kid": "k" });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", encode(&header), encode(claims));
        fs::write(self.0.path().join("input"), &input).expect("a file");
        let signature = self.openssl(&["dgst", "-sha256", "-sign", "key", "input"]);
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A whole login at a provider with this key: whether somebody is signed in, and the error.
async fn log_in(bits: u32) -> (bool, Vec<OAuthError>) {
    let key = Arc::new(RsaKey::generate(bits));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let issuer = format!("http://{}", listener.local_addr().expect("an address"));
    let nonce = Arc::new(Mutex::new(String::new()));
    let metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    let jwks = json!({ "keys": [key.jwk()] });
    let (expected, own) = (Arc::clone(&nonce), issuer.clone());
    let token = async move || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
        let id_token = key.sign(&json!({
            "iss": own, "sub": "ada", "aud": CLIENT_ID, "iat": now, "exp": now + 600,
            "nonce": *expected.lock().expect("no panic"),
        }));
        Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": id_token }))
    };
    let op: Router = Router::new()
        .route("/.well-known/openid-configuration", get(async move || Json(metadata)))
        .route("/jwks", get(async move || Json(jwks)))
        .route("/token", post(token));
    let op = tokio::spawn(async move { axum::serve(listener, op).await.expect("to serve") });

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = listener.local_addr().expect("an address");
    let public_url = format!("http://{server}");
    let config = Config::empty()
        .set("OAUTH_PUBLIC_URL", &public_url)
        .set("OAUTH_COOKIE_KEYS", COOKIE_KEY)
        .set("OP_ISSUER", issuer)
        .set("OP_CLIENT_ID", CLIENT_ID)
        .set("OP_CLIENT_SECRET", CLIENT_SECRET);
    let oauth = Providers::builder().config(config).build().expect("a configuration in order");
    let failures = Failures::default();
    let app = oauth.routes().layer(axum::Extension(failures.clone())).with_state(oauth);
    let app = tokio::spawn(async move { axum::serve(listener, app).await.expect("to serve") });

    let mut browser = Browser::new(Url::parse(&public_url).expect("a URL"), server);
    let begun = Url::parse(&browser.begin_login("op").await).expect("a URL");
    let parameter = |wanted: &str| {
        let (_, value) = begun.query_pairs().find(|(name, _)| name == wanted).expect(wanted);
        value.into_owned()
    };
    *nonce.lock().expect("no panic") = parameter("nonce");
    browser.get(&format!("/auth/op/callback?code=c&state={}", parameter("state"))).await;
    op.abort();
    app.abort();
    (browser.session().is_some(), failures.take())
}

#[tokio::test]
async fn rsa_key_of_1024_bits_is_refused() {
    let (is_signed_in, errors) = log_in(2048).await;
    assert!(is_signed_in, "{errors:?}");
    let (is_signed_in, errors) = log_in(1024).await;
    assert!(!is_signed_in);
    assert_matches!(
        errors.as_slice(),
        [OAuthError::Provider { error: ProviderError::IdToken(_), .. }]
    );
}
