//! Plans `oidcc-client-hybrid-certification-test-plan` and
//! `oidcc-client-formpost-hybrid-certification-test-plan` with the response type `code id_token`.
//! The response is posted, because a fragment does not reach a server.

crate::modules::plan! { "hybrid" =>
    oidcc_client_test: happy,
    oidcc_client_test_invalid_iss: invalid_iss,
    oidcc_client_test_missing_sub: missing_sub,
    oidcc_client_test_invalid_aud: invalid_aud,
    oidcc_client_test_missing_iat: missing_iat,
    oidcc_client_test_kid_absent_single_jwks: kid_absent_single_jwks,
    oidcc_client_test_kid_absent_multiple_jwks: kid_absent_multiple_jwks,
    oidcc_client_test_idtoken_sig_rs256: sig_rs256,
    oidcc_client_test_invalid_sig_rs256: invalid_sig_rs256,
    oidcc_client_test_userinfo_invalid_sub: userinfo_invalid_sub,
    oidcc_client_test_nonce_invalid: nonce_invalid,
    oidcc_client_test_scope_userinfo_claims: scope_userinfo_claims,
    oidcc_client_test_client_secret_basic: client_secret_basic,
    oidcc_client_test_nonce_unless_code_flow: nonce,
    oidcc_client_test_invalid_chash: invalid_chash,
    oidcc_client_test_missing_chash: missing_chash,
}
