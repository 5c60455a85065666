//! Plan `oidcc-client-formpost-basic-certification-test-plan`: the code flow with a response in a
//! form that the provider's page posts.

use oauth_runtime::OAuthError;
use oauth_runtime::testing::Endpoint;

use crate::party::Party;

crate::modules::plan! { "posted" =>
    oidcc_client_test: happy,
    oidcc_client_test_invalid_iss: invalid_iss,
    oidcc_client_test_missing_sub: missing_sub,
    oidcc_client_test_invalid_aud: invalid_aud,
    oidcc_client_test_missing_iat: missing_iat,
    oidcc_client_test_kid_absent_single_jwks: kid_absent_single_jwks,
    oidcc_client_test_kid_absent_multiple_jwks: kid_absent_multiple_jwks,
    oidcc_client_test_idtoken_sig_rs256: sig_rs256,
    oidcc_client_test_idtoken_sig_none: sig_none,
    oidcc_client_test_invalid_sig_rs256: invalid_sig_rs256,
    oidcc_client_test_userinfo_invalid_sub: userinfo_invalid_sub,
    oidcc_client_test_nonce_invalid: nonce_invalid,
    oidcc_client_test_scope_userinfo_claims: scope_userinfo_claims,
    oidcc_client_test_client_secret_basic: client_secret_basic,
}

/// From the comprehensive plan: no user is signed in and no page may be shown, so the provider
/// responds with `login_required`, and the user sees an error.
#[tokio::test]
async fn oidcc_client_test_form_post_error() {
    let party = Party::start("silent").await;
    let url = party.app.browser().start_login("silent").await;
    for parameter in ["response_mode=form_post", "max_age=0", "prompt=none"] {
        assert!(url.contains(parameter), "{url}");
    }
    let error = party.rejects_before(Endpoint::Token).await;
    assert_eq!(error.error_response().map(|response| response.error()), Some("login_required"));
    assert_error!(error, OAuthError::Provider { .. });
}
