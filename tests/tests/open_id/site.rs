//! An application with the registry and routes of one test.

use std::sync::Arc;

use axum::Extension;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{
    RegisteredClient, SigningAlgorithm, TestProvider, TestProviderBuilder,
};
use tests::in_process::{Browser, CLIENT_ID, CLIENT_SECRET, COOKIE_KEY, Failures, Page};
use tokio::task::JoinHandle;
use url::Url;

/// A running application with its provider.
pub(crate) struct Site {
    pub(crate) provider: Arc<TestProvider>,
    /// The errors that the error handler received.
    pub(crate) failures: Failures,
    pub(crate) browser: Browser,
    task: JoinHandle<()>,
}

/// An `on_error` handler that keeps the error for the test.
pub(crate) async fn failed(
    Extension(failures): Extension<Failures>,
    error: OAuthError,
) -> impl IntoResponse {
    let status = error.status();
    failures.push(error);
    status
}

/// Loopback redirect URIs need no registration.
pub(crate) fn provider() -> TestProviderBuilder {
    TestProvider::builder()
        // Its keys are generated quickly.
        .signing_algorithm(SigningAlgorithm::Es256)
        .client(RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET))
}

/// The settings of providers with these names, which are all `provider`.
pub(crate) fn config(names: &[&str], provider: &TestProvider) -> Config {
    let mut config = Config::empty().set("OAUTH_COOKIE_KEYS", COOKIE_KEY);
    for name in names {
        let name = name.to_ascii_uppercase();
        config = config
            .set(&format!("{name}_ISSUER"), provider.issuer())
            .set(&format!("{name}_CLIENT_ID"), CLIENT_ID)
            .set(&format!("{name}_CLIENT_SECRET"), CLIENT_SECRET);
    }
    config
}

impl Site {
    /// Serves the registry `R` with its generated routes and `routes`.
    pub(crate) async fn start<R>(
        provider: Arc<TestProvider>,
        config: Config,
        routes: Router<R>,
    ) -> Self
    where
        R: OAuthRegistry + OAuthRoutes<R> + Clone + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = listener.local_addr().expect("an address");
        let public_url = format!("http://{server}");
        let builder = R::builder().config(config.set("OAUTH_PUBLIC_URL", public_url.as_str()));
        let oauth = builder.build().expect("a valid configuration");
        let failures = Failures::default();
        let app = oauth.routes().merge(routes).layer(Extension(failures.clone())).with_state(oauth);
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("to serve");
        });
        let browser = Browser::new(Url::parse(&public_url).expect("a URL"), server);
        Self { provider, failures, browser, task }
    }

    /// The application's response after `person` signed in at `authorization_url`.
    pub(crate) async fn finish(&mut self, authorization_url: &str, person: &str) -> Page {
        let callback = self.provider.sign_in(authorization_url, person).expect("valid settings");
        self.browser.finish(callback).await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}
