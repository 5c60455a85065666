//! The hybrid flow `code id_token`.

use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Pair, parameter, parts};
use crate::testing::{Fault, FormPost, SigningAlgorithm, TestProvider};

const HYBRID: (&str, &str) = ("response_type", "code id_token");
const FORM_POST: (&str, &str) = ("response_mode", "form_post");

fn sign_in(pair: &Pair) -> FormPost {
    let url = pair.authorization_url(&[HYBRID, FORM_POST]);
    pair.provider.sign_in_by_form_post(url, "ada").unwrap()
}

/// The claims of the first ID token.
fn claims(form: &FormPost) -> Value {
    parts(&json!(form.parameter("id_token").unwrap())).1
}

/// The claims of the second one.
async fn second_claims(pair: &Pair, form: &FormPost) -> Value {
    let tokens = pair.redeem(form.parameter("code").unwrap(), &[]).await.json();
    parts(&tokens["id_token"]).1
}

#[tokio::test]
async fn id_token_comes_with_the_code_and_vouches_for_it() {
    for algorithm in SigningAlgorithm::ALL {
        let pair = Pair::build(TestProvider::builder().signing_algorithm(algorithm)).await;
        let form = sign_in(&pair);
        let first = claims(&form);
        let code = form.parameter("code").unwrap();
        assert_eq!(first["c_hash"], algorithm.left_half_hash(code), "{algorithm}");
        assert_eq!((&first["nonce"], first.get("at_hash")), (&json!("a nonce"), None));

        let second = second_claims(&pair, &form).await;
        for same in ["iss", "sub", "aud", "nonce", "auth_time"] {
            assert_eq!(first[same], second[same], "{algorithm}: {same}");
        }
        assert!(second["at_hash"].is_string() && second.get("c_hash").is_none());
    }
}

#[tokio::test]
async fn by_default_the_response_stands_in_the_fragment() {
    let pair = Pair::start().await;
    let location = pair.provider.sign_in(pair.authorization_url(&[HYBRID]), "ada").unwrap();
    assert_eq!(parameter(&location, "code"), None);
    let (_, fragment) = location.split_once('#').unwrap();
    let names: Vec<_> = form_urlencoded::parse(fragment.as_bytes()).map(|(name, _)| name).collect();
    assert_eq!(names, ["code", "id_token", "state", "iss"]);
}

#[tokio::test]
async fn hybrid_request_needs_nonce_openid_and_safe_mode() {
    let pair = Pair::start().await;
    for (changes, expected) in [
        ([HYBRID, ("nonce", "")], "invalid_request"),
        ([HYBRID, ("scope", "profile")], "invalid_scope"),
        ([HYBRID, ("response_mode", "query")], "invalid_request"),
        ([("response_type", "code id_token token"), FORM_POST], "unsupported_response_type"),
    ] {
        let url = pair.authorization_url(&changes);
        let response = match pair.provider.sign_in(&url, "ada") {
            Ok(location) => location.split_once('#').unwrap().1.to_owned(),
            Err(_) => pair.provider.sign_in_by_form_post(&url, "ada").unwrap().body(),
        };
        let error = format!("error={expected}&");
        assert!(response.starts_with(&error), "{changes:?}: {response}");
        assert!(!response.contains("code="), "{changes:?}: {response}");
    }
}

#[tokio::test]
async fn code_hash_is_spoiled() {
    let pair = Pair::start().await;
    let honest = claims(&sign_in(&pair))["c_hash"].as_str().unwrap().len();
    pair.provider.fault(Fault::WrongCodeHash);
    let form = sign_in(&pair);
    let wrong = claims(&form)["c_hash"].as_str().unwrap().to_owned();
    let code = form.parameter("code").unwrap();
    assert_eq!(wrong.len(), honest);
    assert_ne!(wrong, SigningAlgorithm::Rs256.left_half_hash(code));
    assert_eq!(second_claims(&pair, &form).await.get("c_hash"), None);

    pair.provider.clear_faults();
    pair.provider.fault(Fault::MissingCodeHash);
    assert_eq!(claims(&sign_in(&pair)).get("c_hash"), None);
}

#[tokio::test]
async fn second_id_token_can_be_about_another_user() {
    let pair = Pair::start().await;
    pair.provider.fault(Fault::SecondSubjectSwapped);
    let form = sign_in(&pair);
    assert_eq!(claims(&form)["sub"], "ada");
    assert_eq!(second_claims(&pair, &form).await["sub"], "alan");
}
