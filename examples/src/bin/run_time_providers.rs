//! Tenants with their own identity providers. Each tenant is a row, here of a table in memory, and
//! can be added while the program runs.
//!
//! Run `cargo run -p examples --bin run_time_providers` and open the address that it prints. Two
//! development providers represent the providers of two tenants. The form on the page adds the
//! second one, and is filled in already.

use std::error::Error;
use std::sync::Arc;

use axum::response::{Html, Response};
use axum::{Extension, Form};
use maud::{DOCTYPE, Markup, html};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::TestProvider;
use oauth_runtime::{ProviderDescription, RuntimeProviders};
use serde::Deserialize;

/// A row of the table of tenants: only what a tenant configures.
#[derive(Deserialize)]
struct Tenant {
    name: String,
    issuer: String,
    client_id: String,
    client_secret: String,
}

impl Tenant {
    fn of(name: &str, provider: &TestProvider) -> Self {
        Self {
            name: name.to_owned(),
            issuer: provider.issuer().to_owned(),
            client_id: provider.client_id().to_owned(),
            client_secret: provider.client_secret().to_owned(),
        }
    }

    /// The application configures the rest. `loopback_http` is only for this example.
    fn description(self) -> ProviderDescription {
        ProviderDescription::new(self.name)
            .issuer(self.issuer)
            .scopes(["openid", "profile", "email"])
            .rp_initiated_logout(true)
            .quirks(["loopback_http"])
            .client_id(self.client_id)
            .client_secret(self.client_secret)
    }
}

async fn home(
    State(tenants): State<RuntimeProviders>,
    Extension(next): Extension<Arc<Tenant>>,
    user: Option<User>,
) -> Html<String> {
    let next = [
        ("name", &next.name),
        ("issuer", &next.issuer),
        ("client_id", &next.client_id),
        ("client_secret", &next.client_secret),
    ];
    page(&html! {
        @match user {
            Some(user) => {
                p { "Hello, " (user.display_name()) " of " (user.provider()) "." }
                form method="post" action="/auth/logout" { button { "Sign out" } }
            }
            None => ul {
                @for name in tenants.names() {
                    li { a href={ "/auth/" (name) "/login" } { "Sign in with " (name) } }
                }
            }
        }
        h2 { "Add a tenant" }
        form method="post" action="/tenants" {
            @for (field, value) in next {
                p { label { (field) " " input name=(field) value=(value) size="50" required; } }
            }
            button { "Add" }
        }
    })
}

/// In a real application, only an administrator may do this.
async fn add(State(tenants): State<RuntimeProviders>, Form(row): Form<Tenant>) -> Response {
    match tenants.insert(row.description()) {
        Ok(_) => Redirect::to("/").into_response(),
        Err(error) => page(&html! { pre { (error) } a href="/" { "Back" } }).into_response(),
    }
}

fn page(content: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Tenants" } link rel="icon" href="data:,"; }
            body { h1 { "Tenants" } (content) }
        }
    };
    Html(page.into_string())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let tenants =
        RuntimeProviders::builder().public_url(format!("http://localhost:{port}")).build()?;
    let (acme, best) = (TestProvider::start().await?, TestProvider::start().await?);
    tenants.insert(Tenant::of("acme", &acme).description())?;

    let app = Router::new()
        .route("/", get(home))
        .route("/tenants", post(add))
        .merge(tenants.routes())
        .layer(Extension(Arc::new(Tenant::of("best", &best))))
        .with_state(tenants);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("Open http://localhost:{port}");
    Ok(axum::serve(listener, app).await?)
}
