use oauth_runtime::prelude::*;
use oauth_runtime::{DeviceProvider, KeepsTokens, OAuth1Provider, OAuth2Provider, OpenIdProvider};

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "plain",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
)]
struct Plain;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "signed",
    request_token_url = "https://acme.example/request_token",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
)]
struct Signed;

impl OpenIdProvider for Plain {}
impl DeviceProvider for Plain {}
impl KeepsTokens for Plain {}
impl OAuth1Provider for Plain {}
impl OAuth2Provider for Signed {}

fn main() {}
