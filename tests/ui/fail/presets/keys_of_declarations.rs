oauth_runtime::oauth_preset! {
    acme {
        issuer = "https://acme.example",
        scopes("openid"),
        client_secret = "s3cr3t",
        metadata_file = "acme.json",
    }
}

fn main() {}
