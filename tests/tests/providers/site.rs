//! An application with one declared provider, on a real socket.

use axum::Json;
use axum::extract::{FromRef, Query};
use oauth_runtime::prelude::*;
use oauth_runtime::{Clock, LoggedOut, OpenIdProvider, Standalone};
use serde_json::{Value, json};
use tests::keycloak::{CLIENT_ID, CLIENT_SECRET};
use tokio::task::JoinHandle;

/// Any OpenID Provider. The settings override the declaration.
#[derive(OAuthProvider)]
#[oauth_provider(
    name = "op",
    issuer = "{issuer}",
    scopes("openid", "profile", "email"),
    overwrite,
    quirks(loopback_http),
    routes(callback = "/callback")
)]
pub(crate) struct Op {
    issuer: String,
}

/// It encrypts ID tokens and userinfo.
#[derive(OAuthProvider)]
#[oauth_provider(
    name = "op",
    issuer = "{issuer}",
    scopes("openid", "profile", "email"),
    id_token_encrypted_response_alg = "RSA-OAEP",
    id_token_encrypted_response_enc = "A256GCM",
    userinfo_signed_response_alg = "RS256",
    userinfo_encrypted_response_alg = "RSA-OAEP",
    userinfo_encrypted_response_enc = "A128CBC-HS256",
    quirks(loopback_http),
    routes(callback = "/callback")
)]
pub(crate) struct Encrypting {
    issuer: String,
}

/// A bound socket: the application's address is known before its provider starts.
pub(crate) struct Bound {
    listener: TcpListener,
    /// The base URL.
    pub(crate) base: String,
}

/// A running application. Its clock moves only by hand.
pub(crate) struct Site {
    /// The base URL.
    pub(crate) base: String,
    /// The clock.
    pub(crate) clock: Clock,
    /// The public keys of the client.
    pub(crate) jwks: Value,
    task: JoinHandle<()>,
}

impl Bound {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        Self { listener, base }
    }

    /// Starts the application of [`Op`] for the client [`CLIENT_ID`] of this issuer.
    pub(crate) fn serve(self, issuer: &str, settings: &[(&str, &str)]) -> Site {
        self.serve_with::<Op>(&[&[("ISSUER", issuer)], settings].concat())
    }

    /// Starts the application of any declaration.
    pub(crate) fn serve_with<P>(self, settings: &[(&str, &str)]) -> Site
    where
        P: OpenIdProvider<UserInfo = UserInfo> + OAuthProvider,
        Client<P>: FromRef<Standalone<P>>,
    {
        let clock = Clock::manual(Clock::system().now());
        let mut builder =
            P::builder().public_url(&self.base).clock(clock.clone()).set("OP_CLIENT_ID", CLIENT_ID);
        for (name, value) in settings {
            builder = builder.set(format!("OP_{name}"), *value);
        }
        let oauth = builder.build().expect("valid settings");
        let jwks = oauth.client().jwks();
        let app = Router::new()
            .route("/login", get(login::<P>))
            .route("/callback", get(callback::<P>).post(callback::<P>))
            .route("/whoami", get(whoami))
            .route("/userinfo", get(userinfo::<P>))
            .route("/logout", get(logout::<P>))
            .route("/logged-out", get(logged_out::<P>))
            .with_state(oauth);
        let task = tokio::spawn(async move {
            axum::serve(self.listener, app).await.expect("to serve");
        });
        Site { base: self.base, clock, jwks, task }
    }
}

/// The setting of the secret.
pub(crate) const SECRET: (&str, &str) = ("CLIENT_SECRET", CLIENT_SECRET);

impl Site {
    /// The URL of a page.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// With `?acr=`, the login requires this authentication context.
async fn login<P: OpenIdProvider + OAuthProvider>(
    State(op): State<Client<P>>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<impl IntoResponse, OAuthError> {
    match query.as_slice() {
        [(name, acr)] if name == "acr" => op.authorize_redirect().require_acr([&**acr]).await,
        _ => op.authorize_redirect().await,
    }
}

async fn callback<P: OpenIdProvider + OAuthProvider>(
    login: Login<P>,
) -> Result<impl IntoResponse, OAuthError> {
    let seen = json!({
        "subject": login.identity().subject(),
        "name": login.identity().name(),
        "verified_email": login.identity().verified_email().map(|email| email.as_str()),
        "acr": login.id_token().and_then(|token| token.acr()),
        "refresh_token": login.token().refresh_token().map(|token| token.expose()),
    });
    Ok((login.sign_in().await?, Json(seen)))
}

async fn whoami(user: User) -> String {
    user.subject().to_owned()
}

async fn userinfo<P: OpenIdProvider<UserInfo = UserInfo>>(
    op: Api<P>,
) -> Result<Json<UserInfo>, OAuthError> {
    op.userinfo().await.map(Json)
}

async fn logout<P: OpenIdProvider>(
    State(op): State<Client<P>>,
    user: Option<User>,
) -> Result<impl IntoResponse, OAuthError> {
    op.logout_redirect().sign_out(&user).post_logout_redirect_uri("/logged-out").await
}

async fn logged_out<P: OpenIdProvider>(done: LoggedOut<P>) -> impl IntoResponse {
    (done, "signed out")
}
