//! Applications of these tests, on real sockets.

use std::net::SocketAddr;

use axum::Extension;
use oauth_runtime::ProviderDescription;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{RegisteredClient, SigningAlgorithm, TestProvider};
use tests::in_process::{Browser, CLIENT_ID, CLIENT_SECRET, Failures};
use url::Url;

/// A running application.
pub(crate) struct Site {
    pub(crate) failures: Failures,
    url: Url,
    server: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

/// A socket, and the public URL of the application to serve there.
pub(crate) async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

impl Site {
    pub(crate) fn serve(listener: TcpListener, url: &str, app: Router) -> Self {
        let failures = Failures::default();
        let server = listener.local_addr().expect("an address");
        let app = app.layer(Extension(failures.clone()));
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("to serve");
        });
        Self { failures, url: url.parse().expect("a URL"), server, task }
    }

    /// A browser without cookies.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.url.clone(), self.server)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) async fn start_provider() -> TestProvider {
    TestProvider::builder()
        .signing_algorithm(SigningAlgorithm::Es256)
        .client(RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET))
        .start()
        .await
        .expect("a provider")
}

/// A tenant that signs in with `provider`.
pub(crate) fn tenant(name: &str, provider: &TestProvider) -> ProviderDescription {
    ProviderDescription::new(name)
        .issuer(provider.issuer())
        .api_base_url(provider.api_base_url())
        .scopes(["openid", "email", "profile"])
        .quirks(["loopback_http"])
        .client_id(CLIENT_ID)
        .client_secret(CLIENT_SECRET)
}

pub(crate) async fn visitor(user: Option<User>) -> String {
    user.map_or_else(
        || "nobody".to_owned(),
        |user| format!("{} of {}", user.subject(), user.provider()),
    )
}
