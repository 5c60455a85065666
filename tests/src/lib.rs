//! Shared helpers of the tests in this package: child processes that cannot outlive a test, a real
//! browser, a certified OpenID Provider and the programs under test, and an application with its
//! provider and its users in one process.
//!
//! The tests themselves are the integration tests of this package, `tests/tests/*.rs`.

pub mod anonymous;
pub mod authlib;
pub mod browser;
pub mod canaille;
pub mod django;
pub mod in_process;
pub mod keycloak;
pub mod lemonldap;
pub mod machines;
pub mod postgres;
pub mod process;
pub mod programs;
pub mod provider;
pub mod redis;
pub mod scenario;
pub mod silence;
pub mod spring;
pub mod store;
pub mod test_paths;
pub mod visitor;

oauth_runtime::oauth_preset! {
    /// A preset of a crate that applications share.
    company_preset {
        name = "company",
        display_name = "Company",
        issuer = "{issuer}",
        api_base_url = "{issuer}/api/",
        scopes("openid", "email"),
        userinfo = crate::Employee,
        leeway = 30,
        quirks(loopback_http),
    }
}

/// The userinfo of [`company_preset`].
pub type Employee = oauth_runtime::UserInfo;
