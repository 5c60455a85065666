//! A stolen code is worthless: each login has its own code challenge, and each OpenID Connect login
//! its own nonce.

use std::collections::HashSet;

use tests::in_process::App;
use url::Url;

#[tokio::test]
async fn login_has_a_fresh_challenge_and_nonce() {
    let app = App::start().await;
    let mut seen = HashSet::new();
    for (provider, is_open_id) in [("op", true), ("twin", true), ("plain", false), ("op", true)] {
        let url = app.browser().start_login(provider).await;
        let url = Url::parse(&url).expect("a URL");
        let value = |wanted: &str| {
            url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
        };
        assert_eq!(value("code_challenge_method").as_deref(), Some("S256"), "{provider}");
        let challenge = value("code_challenge").expect(provider);
        assert_eq!(challenge.len(), 43, "{provider}: SHA-256 in base64url");
        assert!(seen.insert(challenge), "{provider}: the challenge of another login");
        assert!(seen.insert(value("state").expect(provider)), "{provider}");
        assert_eq!(value("nonce").is_some(), is_open_id, "{provider}");
        assert!(value("nonce").is_none_or(|nonce| seen.insert(nonce)), "{provider}");
    }
}
