oauth_runtime::oauth_preset! {
    acme {
        authorize_url = "https://acme.example/authorize",
    }
}

fn main() {}
