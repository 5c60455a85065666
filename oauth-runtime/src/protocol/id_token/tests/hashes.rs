//! `at_hash` and `c_hash`.

use super::*;

/// The example of OpenID Connect Core 1.0 appendix A.3.
#[test]
fn access_token_hash_of_the_specification() {
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(half_hash(JwsAlgorithm::RS256, token), "77QmUPtjPfzWtF2AnpK9RQ");
}

#[test]
fn the_access_token_hash_is_that_of_the_algorithm() {
    for algorithm in JwsAlgorithm::ASYMMETRIC {
        let bytes = match algorithm.name() {
            name if name.ends_with("256") => 16,
            name if name.ends_with("384") => 24,
            _ => 32,
        };
        let login = Login::signed_with(algorithm);
        let right = half_hash(algorithm, login.access_token.expose());
        assert_eq!(URL_SAFE_NO_PAD.decode(&right).unwrap().len(), bytes, "{algorithm}");
        assert!(login.with("at_hash", json!(right)).is_ok(), "{algorithm}");
        assert!(login.with("at_hash", Value::Null).is_ok(), "optional in the code flow");
        for wrong in [
            half_hash(algorithm, "another access token"),
            right[..right.len() - 2].to_owned(),
            format!("{right}="),
            String::new(),
        ] {
            assert_refused!(login.with("at_hash", json!(wrong)), IdTokenError::AccessTokenHash);
        }
    }
}

/// The example of OpenID Connect Core 1.0 appendix A.4.
#[test]
fn code_hash_of_the_specification() {
    let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
    assert_eq!(half_hash(JwsAlgorithm::RS256, code), "LDktKdoQak3Pk0cnXxCltA");
}

#[test]
fn code_hash_is_required_in_the_hybrid_flow() {
    for algorithm in JwsAlgorithm::ASYMMETRIC {
        let login = Login { code: Some("the code"), ..Login::signed_with(algorithm) };
        let right = half_hash(algorithm, "the code");
        assert!(login.with("c_hash", json!(right)).is_ok(), "{algorithm}");
        for wrong in [
            Value::Null,
            json!(half_hash(algorithm, "another code")),
            json!(right[..right.len() - 2]),
            json!(""),
        ] {
            assert_refused!(login.with("c_hash", wrong), IdTokenError::CodeHash);
        }
    }
    assert!(with("c_hash", json!("anything")).is_ok(), "it is ignored if there is no code");
}
