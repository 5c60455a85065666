//! The presets that no description at run time can use, because they identify no user or have their
//! metadata elsewhere: one declaration for each.

use std::future::Future;
use std::pin::Pin;

use oauth_runtime::prelude::*;

use super::awkward::log_in;
use super::fixture::Fixture;
use super::table::{report, wrong_authorization};

type Faults = Pin<Box<dyn Future<Output = Vec<String>>>>;

macro_rules! declared {
    ($($preset:literal $name:literal $type:ident { $($field:ident),* })*) => {
        $(
            #[derive(Debug, OAuthProvider)]
            #[oauth_provider(name = $name, preset = $preset)]
            #[allow(dead_code, reason = "URLs read the fields")]
            struct $type { $($field: String),* }
        )*

        /// The names of the presets.
        pub(crate) const NAMES: &[&str] = &[$($preset),*];

        static LOGINS: &[fn() -> Faults] = &[$(|| Box::pin(faults::<$type>($preset))),*];
    };
}

declared! {
    "arcgis" "arcgis" Arcgis {}
    "azure-ad-b2c" "azure_ad_b2c" AzureAdB2c { tenant, tenant_id, policy }
    "bitly" "bitly" Bitly {}
    "campaign-monitor" "campaign_monitor" CampaignMonitor {}
    "drip" "drip" Drip {}
    "echosign" "echosign" Echosign {}
    "egnyte" "egnyte" Egnyte { subdomain }
    "eveonline" "eveonline" Eveonline {}
    "exist" "exist" Exist {}
    "freeagent" "freeagent" Freeagent {}
    "garmin1a" "garmin1a" Garmin1a {}
    "goodreads" "goodreads" Goodreads {}
    "meetup" "meetup" Meetup {}
    "netsuite" "netsuite" Netsuite { account }
    "oura" "oura" Oura {}
    "quickbooks" "quickbooks" Quickbooks {}
    "salesloft" "salesloft" Salesloft {}
    "smugmug" "smugmug" Smugmug {}
    "stripe" "stripe" Stripe {}
    "trustpilot" "trustpilot" Trustpilot {}
    "tumblr" "tumblr" Tumblr {}
    "tumblr1a" "tumblr1a" Tumblr1a {}
    "vend" "vend" Vend { domain_prefix }
    "webflow" "webflow" Webflow {}
}

/// The login's differences from the fixture.
async fn faults<P: LoginProvider>(preset: &str) -> Vec<String> {
    let fixture = Fixture::of(preset);
    let visit = log_in::<P>(fixture.clone()).await;
    let mut faults = wrong_authorization(&fixture, &visit.url);
    faults.extend(visit.dialect.wrong_requests());
    if let Err(error) = visit.login {
        faults.push(report(&error));
    }
    faults.into_iter().map(|fault| format!("{preset}: {fault}")).collect()
}

#[tokio::test]
async fn providers_without_users_grant_access() {
    let mut wrong = Vec::new();
    for login in LOGINS {
        wrong.extend(login().await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_providers_without_users_are_declared() {
    let without_users =
        Fixture::names().into_iter().filter(|name| Fixture::of(name).identity.is_none());
    let declared = NAMES.iter().filter(|name| **name != "azure-ad-b2c");
    assert!(without_users.eq(declared.map(ToString::to_string)));
}
