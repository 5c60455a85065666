//! All modules of the suite for relying parties, plan by plan, and their verdicts.

use std::collections::BTreeSet;
use std::env;
use std::process::Command;

use Verdict::{NotApplicable, Passes, PassesIn};

/// A test plan of the suite.
struct Plan {
    name: &'static str,
    /// The file of its tests.
    tests: &'static str,
    modules: &'static [(&'static str, Verdict)],
}

/// The verdict on a module.
enum Verdict {
    /// A test in the file of the plan has its name.
    Passes,
    /// A test in the file of another plan covers it, because this plan does not differ.
    PassesIn(&'static str),
    /// It does not apply, for this reason.
    NotApplicable(&'static str),
}

const NO_REGISTRATION: Verdict = NotApplicable(
    "clients are registered by hand: the identifier is configuration, so no issuer is found, and no \
     client made, at run time",
);
const NO_REQUEST_URI: Verdict = NotApplicable(
    "the suite registers the `request_uris` at run time, and fetches the request from the client; \
     a request that must not be changed is pushed to the provider instead (RFC 9126)",
);
const OTHER_RESPONSE_TYPE: Verdict = NotApplicable(
    "it is about an access token from the authorization endpoint (`code id_token token`), which \
     OAuth 2.1 has no more",
);

const FOREIGN_CLAIMS: Verdict = NotApplicable(
    "claims of a third party are handed to the application as they come (`_claim_sources`): whose keys \
     to trust for them, and whether to call an address that a response names, is not a login's to decide",
);
const NO_MUTUAL_TLS: Verdict = NotApplicable(
    "the aliases are for clients that authenticate with a certificate, which is not supported",
);

const PLANS: &[Plan] = &[
    Plan {
        name: "oidcc-client-basic-certification-test-plan",
        tests: "basic",
        modules: &[
            ("oidcc-client-test", Passes),
            ("oidcc-client-test-invalid-iss", Passes),
            ("oidcc-client-test-missing-sub", Passes),
            ("oidcc-client-test-invalid-aud", Passes),
            ("oidcc-client-test-missing-iat", Passes),
            ("oidcc-client-test-kid-absent-single-jwks", Passes),
            ("oidcc-client-test-kid-absent-multiple-jwks", Passes),
            ("oidcc-client-test-idtoken-sig-rs256", Passes),
            ("oidcc-client-test-idtoken-sig-none", Passes),
            ("oidcc-client-test-invalid-sig-rs256", Passes),
            ("oidcc-client-test-userinfo-invalid-sub", Passes),
            ("oidcc-client-test-nonce-invalid", Passes),
            ("oidcc-client-test-scope-userinfo-claims", Passes),
            ("oidcc-client-test-client-secret-basic", Passes),
        ],
    },
    Plan {
        name: "oidcc-client-config-certification-test-plan",
        tests: "config",
        modules: &[
            ("oidcc-client-test-discovery-openid-config", Passes),
            ("oidcc-client-test-discovery-jwks-uri-keys", Passes),
            ("oidcc-client-test-discovery-issuer-mismatch", Passes),
            ("oidcc-client-test-idtoken-sig-none", Passes),
            ("oidcc-client-test-signing-key-rotation-just-before-signing", Passes),
            ("oidcc-client-test-signing-key-rotation", Passes),
        ],
    },
    Plan {
        name: "oidcc-client-dynamic-certification-test-plan",
        tests: "config",
        modules: &[
            ("oidcc-client-test-discovery-webfinger-acct", NO_REGISTRATION),
            ("oidcc-client-test-discovery-webfinger-url", NO_REGISTRATION),
            ("oidcc-client-test-discovery-openid-config", Passes),
            ("oidcc-client-test-discovery-jwks-uri-keys", Passes),
            ("oidcc-client-test-discovery-issuer-mismatch", Passes),
            ("oidcc-client-test-dynamic-registration", NO_REGISTRATION),
            ("oidcc-client-test-request-uri-signed-rs256", NO_REQUEST_URI),
            ("oidcc-client-test-request-uri-signed-none", NO_REQUEST_URI),
            ("oidcc-client-test-userinfo-signed", Passes),
            ("oidcc-client-test-idtoken-sig-none", Passes),
            ("oidcc-client-test-signing-key-rotation-just-before-signing", Passes),
            ("oidcc-client-test-signing-key-rotation", Passes),
        ],
    },
    Plan {
        name: "oidcc-client-formpost-basic-certification-test-plan",
        tests: "form_post",
        modules: &[
            ("oidcc-client-test", Passes),
            ("oidcc-client-test-invalid-iss", Passes),
            ("oidcc-client-test-missing-sub", Passes),
            ("oidcc-client-test-invalid-aud", Passes),
            ("oidcc-client-test-missing-iat", Passes),
            ("oidcc-client-test-kid-absent-single-jwks", Passes),
            ("oidcc-client-test-kid-absent-multiple-jwks", Passes),
            ("oidcc-client-test-idtoken-sig-rs256", Passes),
            ("oidcc-client-test-idtoken-sig-none", Passes),
            ("oidcc-client-test-invalid-sig-rs256", Passes),
            ("oidcc-client-test-userinfo-invalid-sub", Passes),
            ("oidcc-client-test-nonce-invalid", Passes),
            ("oidcc-client-test-scope-userinfo-claims", Passes),
            ("oidcc-client-test-client-secret-basic", Passes),
        ],
    },
    // With the response type `code id_token`. In the others a token passes through the browser.
    Plan {
        name: "oidcc-client-hybrid-certification-test-plan",
        tests: "hybrid",
        modules: &[
            ("oidcc-client-test", Passes),
            ("oidcc-client-test-invalid-iss", Passes),
            ("oidcc-client-test-missing-sub", Passes),
            ("oidcc-client-test-invalid-aud", Passes),
            ("oidcc-client-test-missing-iat", Passes),
            ("oidcc-client-test-kid-absent-single-jwks", Passes),
            ("oidcc-client-test-kid-absent-multiple-jwks", Passes),
            ("oidcc-client-test-idtoken-sig-rs256", Passes),
            ("oidcc-client-test-invalid-sig-rs256", Passes),
            ("oidcc-client-test-userinfo-invalid-sub", Passes),
            ("oidcc-client-test-nonce-invalid", Passes),
            ("oidcc-client-test-scope-userinfo-claims", Passes),
            ("oidcc-client-test-client-secret-basic", Passes),
            ("oidcc-client-test-nonce-unless-code-flow", Passes),
            ("oidcc-client-test-invalid-chash", Passes),
            ("oidcc-client-test-missing-chash", Passes),
        ],
    },
    Plan {
        name: "oidcc-client-test-3rd-party-init-login-test-plan",
        tests: "initiated",
        modules: &[("oidcc-client-test-3rd-party-init-login", Passes)],
    },
    Plan {
        name: "oidcc-client-refreshtoken-test-plan",
        tests: "refresh",
        modules: &[
            ("oidcc-client-test-refresh-token", Passes),
            ("oidcc-client-test-refresh-token-invalid-issuer", Passes),
            ("oidcc-client-test-refresh-token-invalid-sub", Passes),
        ],
    },
    Plan {
        name: "oidcc-client-rp-initiated-logout-rp-basic",
        tests: "logout",
        modules: &[
            ("oidcc-client-test-rp-init-logout", Passes),
            ("oidcc-client-test-rp-init-logout-other-state", Passes),
            ("oidcc-client-test-rp-init-logout-no-state", Passes),
        ],
    },
    Plan {
        name: "oidcc-client-back-channel-logout-rp-basic",
        tests: "logout",
        modules: &[
            ("oidcc-client-test-rp-backchannel-rpinitlogout", Passes),
            ("oidcc-client-test-rp-backchannel-rpinitlogout-alg-none", Passes),
            ("oidcc-client-test-rp-backchannel-rpinitlogout-no-event", Passes),
            ("oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce", Passes),
            ("oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg", Passes),
            ("oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud", Passes),
            ("oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event", Passes),
            ("oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss", Passes),
        ],
    },
    Plan {
        name: "oidcc-client-test-plan",
        tests: "comprehensive",
        modules: &[
            ("oidcc-client-test", PassesIn("basic")),
            ("oidcc-client-test-nonce-invalid", PassesIn("basic")),
            ("oidcc-client-test-client-secret-basic", PassesIn("basic")),
            ("oidcc-client-test-scope-userinfo-claims", PassesIn("basic")),
            ("oidcc-client-test-kid-absent-single-jwks", PassesIn("basic")),
            ("oidcc-client-test-kid-absent-multiple-jwks", PassesIn("basic")),
            ("oidcc-client-test-missing-iat", PassesIn("basic")),
            ("oidcc-client-test-missing-aud", Passes),
            ("oidcc-client-test-invalid-aud", PassesIn("basic")),
            ("oidcc-client-test-idtoken-sig-none", PassesIn("basic")),
            ("oidcc-client-test-idtoken-sig-rs256", PassesIn("basic")),
            ("oidcc-client-test-missing-sub", PassesIn("basic")),
            ("oidcc-client-test-invalid-sig-rs256", PassesIn("basic")),
            ("oidcc-client-test-invalid-iss", PassesIn("basic")),
            ("oidcc-client-test-userinfo-invalid-sub", PassesIn("basic")),
            ("oidcc-client-test-userinfo-bearer-header", Passes),
            (
                "oidcc-client-test-userinfo-bearer-body",
                NotApplicable(
                    "header and body are two ways to do the same: the header is the one that every provider \
                     must take (RFC 6750 section 2)",
                ),
            ),
            ("oidcc-client-test-nonce-unless-code-flow", Passes),
            ("oidcc-client-test-missing-chash", PassesIn("hybrid")),
            ("oidcc-client-test-invalid-chash", PassesIn("hybrid")),
            ("oidcc-client-test-invalid-athash", Passes),
            ("oidcc-client-test-missing-athash", OTHER_RESPONSE_TYPE),
            ("oidcc-client-test-form-post-error", PassesIn("form_post")),
            ("oidcc-client-test-invalid-sig-hs256", Passes),
            ("oidcc-client-test-invalid-sig-es256", Passes),
            ("oidcc-client-test-aggregated-claims", FOREIGN_CLAIMS),
            ("oidcc-client-test-distributed-claims", FOREIGN_CLAIMS),
            ("oidcc-client-test-mtls-endpoint-aliases", NO_MUTUAL_TLS),
            ("oidcc-client-test-discovery-openid-config", PassesIn("config")),
            ("oidcc-client-test-discovery-jwks-uri-keys", PassesIn("config")),
            ("oidcc-client-test-discovery-issuer-mismatch", PassesIn("config")),
            ("oidcc-client-test-signing-key-rotation-just-before-signing", PassesIn("config")),
            ("oidcc-client-test-signing-key-rotation", PassesIn("config")),
            ("oidcc-client-test-discovery-webfinger-acct", NO_REGISTRATION),
            ("oidcc-client-test-discovery-webfinger-url", NO_REGISTRATION),
            ("oidcc-client-test-dynamic-registration", NO_REGISTRATION),
            ("oidcc-client-test-request-uri-signed-rs256", NO_REQUEST_URI),
            ("oidcc-client-test-request-uri-signed-none", NO_REQUEST_URI),
            ("oidcc-client-test-userinfo-signed", PassesIn("config")),
        ],
    },
];

/// Number of modules in each plan, as of August 2026.
const COUNTS: &[(&str, usize)] = &[
    ("oidcc-client-basic-certification-test-plan", 14),
    ("oidcc-client-config-certification-test-plan", 6),
    ("oidcc-client-dynamic-certification-test-plan", 12),
    ("oidcc-client-formpost-basic-certification-test-plan", 14),
    ("oidcc-client-hybrid-certification-test-plan", 16),
    ("oidcc-client-test-3rd-party-init-login-test-plan", 1),
    ("oidcc-client-refreshtoken-test-plan", 3),
    ("oidcc-client-rp-initiated-logout-rp-basic", 3),
    ("oidcc-client-back-channel-logout-rp-basic", 8),
    ("oidcc-client-test-plan", 39),
];

#[test]
fn the_table_has_every_module_of_its_plans() {
    let counted: Vec<_> = PLANS.iter().map(|plan| (plan.name, plan.modules.len())).collect();
    assert_eq!(counted, COUNTS);
}

/// The test of a module, as this binary lists it.
fn test(file: &str, module: &str) -> String {
    format!("{file}::{}", module.replace('-', "_"))
}

#[test]
fn the_table_and_the_tests_are_the_same() {
    let mut promised = BTreeSet::new();
    for plan in PLANS {
        let mut seen = BTreeSet::new();
        for (module, verdict) in plan.modules {
            assert!(seen.insert(module), "{}: {module} is listed twice", plan.name);
            match verdict {
                Passes => _ = promised.insert(test(plan.tests, module)),
                PassesIn(file) => _ = promised.insert(test(file, module)),
                NotApplicable(reason) => assert!(!reason.is_empty()),
            }
        }
    }
    let program = env::current_exe().expect("this program");
    let listed = Command::new(program).args(["--list", "--format", "terse"]).output();
    let listed = String::from_utf8(listed.expect("a list").stdout).expect("text");
    let present: BTreeSet<_> = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .filter(|test| test.contains("::oidcc_"))
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = promised.difference(&present).collect();
    let unlisted: Vec<_> = present.difference(&promised).collect();
    assert!(missing.is_empty(), "tests of the table do not exist: {missing:?}");
    assert!(unlisted.is_empty(), "tests are not in the table: {unlisted:?}");
}
