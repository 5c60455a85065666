//! Keycloak as a child process, with a realm for each test, and its pages as a user operates them.

use std::env;
use std::path::Path;
use std::process::Command;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::browser::{Browser, Page};
use crate::process::{Process, free_port, http};
use crate::scenario::Scenario;
use crate::visitor::{Seen, Visitor};

/// The identifier of the client in every realm.
pub const CLIENT_ID: &str = "relying-party";
/// The secret of that client, long enough for HMAC.
pub const CLIENT_SECRET: &str = "a-secret-only-for-these-tests-0123456789";

/// A realm with one client, the users `ada` and `grace`, whose passwords are their names, and
/// refresh tokens that are valid once.
#[derive(Debug)]
pub struct Realm {
    /// The name.
    pub name: String,
    /// Base URL of the server, as browsers see it.
    pub server: String,
    /// Base URL of the server, as in a private network: another host.
    pub internal: String,
    http: Client,
}

impl Realm {
    /// Creates the realm in the Keycloak of this process, which starts with the first realm.
    ///
    /// The client belongs to an application with this base URL. `changes` are members of the realm
    /// and `client` those of its client, both as in the Admin REST API.
    ///
    /// # Panics
    /// If Keycloak does not start or refuses the realm.
    pub async fn create(scenario: &Scenario, base: &str, changes: Value, client: Value) -> Self {
        let port = port(scenario).await;
        let mut of_client = json!({
            "clientId": CLIENT_ID,
            "secret": CLIENT_SECRET,
            "redirectUris": [format!("{base}/callback")],
            "attributes": {
                "post.logout.redirect.uris": format!("{base}/logged-out"),
                "pkce.code.challenge.method": "S256",
            },
        });
        merge(&mut of_client, client);
        let users = ["ada", "grace"].map(|name| {
            json!({
                "username": name,
                "enabled": true,
                "email": format!("{name}@example.com"),
                "emailVerified": name == "ada",
                "firstName": if name == "ada" { "Ada" } else { "Grace" },
                "lastName": if name == "ada" { "Lovelace" } else { "Hopper" },
                "credentials": [{"type": "password", "value": name}],
            })
        });
        let mut realm = json!({
            "realm": scenario.name(),
            "enabled": true,
            "revokeRefreshToken": true,
            "refreshTokenMaxReuse": 0,
            "clients": [of_client],
            "users": users,
        });
        merge(&mut realm, changes);
        let created = Self {
            name: scenario.name().to_owned(),
            server: format!("http://localhost:{port}"),
            internal: format!("http://127.0.0.1:{port}"),
            http: http().build().expect("an HTTP client"),
        };
        // A server that was started elsewhere may have it from an earlier run.
        let known = created.request(Method::GET, "?briefRepresentation=true", &Value::Null).await;
        if known.as_array().into_iter().flatten().any(|it| it["realm"] == *created.name) {
            created.request(Method::DELETE, &format!("/{}", created.name), &Value::Null).await;
        }
        created.request(Method::POST, "", &realm).await;
        created
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> String {
        format!("{}/realms/{}", self.server, self.name)
    }

    /// Adds a key with this algorithm, which signs from now on, and makes the client ask for it.
    ///
    /// # Panics
    /// If Keycloak refuses it.
    pub async fn sign_with(&self, algorithm: &str) {
        let (provider, name, value) = match algorithm {
            "ES256" => ("ecdsa-generated", "ecdsaEllipticCurveKey", "P-256"),
            "ES384" => ("ecdsa-generated", "ecdsaEllipticCurveKey", "P-384"),
            "ES512" => ("ecdsa-generated", "ecdsaEllipticCurveKey", "P-521"),
            "EdDSA" => ("eddsa-generated", "eddsaEllipticCurveKey", "Ed25519"),
            algorithm => ("rsa-generated", "algorithm", algorithm),
        };
        let realm = self.request(Method::GET, &format!("/{}", self.name), &Value::Null).await;
        let key = json!({
            "name": algorithm,
            "providerId": provider,
            "providerType": "org.keycloak.keys.KeyProvider",
            "parentId": realm["id"],
            "config": {"priority": ["1000"], "active": ["true"], "enabled": ["true"], name: [value]},
        });
        self.request(Method::POST, &format!("/{}/components", self.name), &key).await;
        self.change_client(json!({
            "attributes": {"id.token.signed.response.alg": algorithm},
        }))
        .await;
    }

    /// Changes members of the client.
    ///
    /// # Panics
    /// If Keycloak refuses them.
    pub async fn change_client(&self, changes: Value) {
        let clients = format!("/{}/clients", self.name);
        let found = format!("{clients}?clientId={CLIENT_ID}");
        let mut client = self.request(Method::GET, &found, &Value::Null).await[0].take();
        merge(&mut client, changes);
        let id = client["id"].as_str().expect("an id").to_owned();
        self.request(Method::PUT, &format!("{clients}/{id}"), &client).await;
    }

    /// Presents a refresh token of the client and returns the response.
    ///
    /// # Panics
    /// If Keycloak does not answer with JSON.
    pub async fn refresh(&self, refresh_token: &str) -> Value {
        let url = format!("{}/protocol/openid-connect/token", self.issuer());
        let form = format!("grant_type=refresh_token&refresh_token={refresh_token}");
        let request = self.http.post(url).basic_auth(CLIENT_ID, Some(CLIENT_SECRET)).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let body = request.send().await.expect("an answer").text().await.expect("a body");
        serde_json::from_str(&body).expect("JSON")
    }

    /// Ends all sessions of a user, as an administrator.
    ///
    /// # Panics
    /// If there is no such user.
    pub async fn sign_out_user(&self, name: &str) {
        let users = format!("/{}/users", self.name);
        let found =
            self.request(Method::GET, &format!("{users}?username={name}"), &Value::Null).await;
        let id = found[0]["id"].as_str().expect("a user");
        self.request(Method::POST, &format!("{users}/{id}/logout"), &Value::Null).await;
    }

    /// Calls the Admin REST API below `/admin/realms`.
    async fn request(&self, method: Method, path: &str, body: &Value) -> Value {
        let token = format!("{}/realms/master/protocol/openid-connect/token", self.server);
        let form = "grant_type=password&client_id=admin-cli&username=admin&password=admin";
        let request = self.http.post(token).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let token = json(request).await;
        let token = token["access_token"].as_str().expect("an access token");
        let url = format!("{}/admin/realms{path}", self.server);
        let mut request = self.http.request(method, url).bearer_auth(token);
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        json(request).await
    }
}

/// The JSON document of a successful response; null if there is none.
async fn json(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.expect("Keycloak answers");
    let (status, url) = (answer.status(), answer.url().clone());
    let body = answer.text().await.expect("a body");
    assert!(status.is_success(), "{url}: {status} {body}");
    serde_json::from_str(&body).unwrap_or_default()
}

/// Overwrites members of an object, and those of its objects.
fn merge(object: &mut Value, changes: Value) {
    match changes {
        Value::Object(changes) => {
            for (name, value) in changes {
                merge(&mut object[name], value);
            }
        }
        value => *object = value,
    }
}

/// The port of the server: of the one in the variable `KEYCLOAK_PORT`, which `tests/run` starts, or
/// else of one that ends with this process.
async fn port(scenario: &Scenario) -> u16 {
    static SERVER: OnceCell<(u16, Option<Process>)> = OnceCell::const_new();
    let (port, _) = SERVER
        .get_or_init(|| async {
            let given = env::var("KEYCLOAK_PORT").ok().map(|port| port.parse().expect("a port"));
            let port = given.unwrap_or_else(free_port);
            let ready = format!("http://localhost:{port}/realms/master");
            if given.is_some() {
                crate::process::answers(&ready).await;
                return (port, None);
            }
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/keycloak");
            assert!(folder.join("target").exists(), "Keycloak is not installed: run tests/setup");
            let mut command = Command::new(folder.join("kc"));
            command.arg("start").arg(port.to_string());
            let mut process = Process::start(scenario, "keycloak", &command);
            process.answers(&ready).await;
            (port, Some(process))
        })
        .await;
    *port
}

/// Signs in on Keycloak's page as this user and returns the next page.
pub async fn sign_in(browser: &Browser, person: &str) -> Page {
    browser.fill("Username or email", person).await;
    browser.fill("Password", person).await;
    browser.press("Sign In").await
}

/// Logs in at this address without a browser window. Returns the last page of the application.
pub async fn log_in(visitor: &mut Visitor, login: &str, person: &str) -> Seen {
    let page = visitor.open(login).await;
    visitor.submit(&page, &[("username", person), ("password", person)]).await
}
