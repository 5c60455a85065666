use oauth_runtime::prelude::*;

struct Fix;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github", compliance_fix = Fix)]
struct GitHub;

fn main() {}
