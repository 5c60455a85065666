use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://{domain}",
    scopes("openid"),
)]
struct Acme {
    domain: Domain,
}

struct Domain(String);

impl std::str::FromStr for Domain {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

fn main() {}
