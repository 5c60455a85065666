oauth_runtime::oauth_preset! {
    acme {
        issuer = "https://acme.example",
        scope = "openid",
    }
}

fn main() {}
