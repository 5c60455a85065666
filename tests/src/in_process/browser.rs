//! A browser without a window: keeps cookies, returns every response, and follows redirects only
//! when told to.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use oauth_runtime::testing::FormPost;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode};
use url::{Url, form_urlencoded};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The headers of a click on a link of the application.
const CLICK: [(&str, &str); 4] = [
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-user", "?1"),
];

/// A browser without a window. A clone is another browser with the same cookies, as if they were
/// stolen.
#[derive(Clone, Debug)]
pub struct Browser {
    client: Client,
    /// The server that all host names resolve to.
    server: SocketAddr,
    /// The public address of the application, as in the address bar.
    origin: Url,
    /// Cookies by host, in the order of their creation, which is the order in which browsers send
    /// them (RFC 6265 section 5.4).
    jar: BTreeMap<String, Vec<(String, String)>>,
}

/// A parsed `Set-Cookie` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// The attributes, in lower case and in alphabetical order.
    pub attributes: Vec<String>,
}

/// A response.
#[derive(Clone, Debug)]
pub struct Page {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as text.
    pub body: String,
}

impl Page {
    /// The target of the redirect.
    ///
    /// # Panics
    /// If it does not redirect.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert!(self.status.is_redirection(), "no redirect: {} {}", self.status, self.body);
        self.header("location")
    }

    /// A header; empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The form that the page submits by itself, encoded; `None` for other pages.
    pub fn form_to_post(&self) -> Option<String> {
        if !self.body.contains(".submit()") {
            return None;
        }
        let between = |text: &str, start: &str| -> Option<String> {
            let (_, rest) = text.split_once(start)?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        let (_, input) = self.body.split_once("<input type=\"hidden\"")?;
        let (name, value) = (between(input, "name=\"")?, between(input, "value=\"")?);
        let value =
            [("&#39;", "'"), ("&quot;", "\""), ("&gt;", ">"), ("&lt;", "<"), ("&amp;", "&")]
                .iter()
                .fold(value, |value, (entity, text)| value.replace(entity, text));
        Some(form_urlencoded::Serializer::new(String::new()).append_pair(&name, &value).finish())
    }

    /// The cookies that it sets or clears.
    pub fn cookies(&self) -> Vec<Cookie> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .map(Cookie::parse)
            .collect()
    }
}

impl Cookie {
    fn parse(text: &str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap_or_default().split_once('=').unwrap_or_default();
        let mut attributes: Vec<_> = parts.map(str::to_ascii_lowercase).collect();
        attributes.sort();
        Self { name: name.to_owned(), value: value.to_owned(), attributes }
    }

    /// Whether it deletes the cookie.
    pub fn clears(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute == "max-age=0")
    }
}

impl Browser {
    /// A browser without cookies, for the application with the public URL `origin`, served at
    /// `server`.
    ///
    /// # Panics
    /// If the HTTP client cannot be created.
    pub fn new(origin: Url, server: SocketAddr) -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build();
        Self { client: client.expect("a client"), server, origin, jar: BTreeMap::new() }
    }

    /// Another browser, without cookies.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self { jar: BTreeMap::new(), ..self.clone() }
    }

    /// This browser, after the name of the application resolves to another server.
    #[must_use]
    pub fn resolved_to(&self, server: SocketAddr) -> Self {
        Self { server, ..self.clone() }
    }

    /// Visits a path of the application, or a URL.
    pub async fn get(&mut self, target: &str) -> Page {
        self.send(Method::GET, target, &[]).await
    }

    /// Presses a button of a form.
    pub async fn post(&mut self, target: &str, headers: &[(&str, &str)]) -> Page {
        self.send(Method::POST, target, headers).await
    }

    /// Posts the form of a provider's page: from another site, so without cookies, which are
    /// `SameSite=Lax`. If the response submits a form by itself, that form is posted with cookies.
    pub async fn post_form(&mut self, form: &FormPost) -> Page {
        let page = self.post_from_elsewhere(form.action(), form.body()).await;
        match page.form_to_post() {
            Some(form_again) => self.post_here(form.action(), form_again).await,
            None => page,
        }
    }

    /// Posts a form from a page of another site, without cookies.
    pub async fn post_from_elsewhere(&mut self, target: &str, form: String) -> Page {
        let jar = std::mem::take(&mut self.jar);
        let headers = [FORM, ("origin", "null"), ("sec-fetch-site", "cross-site")];
        let page = self.send_body(Method::POST, target, &headers, form).await;
        let new = std::mem::replace(&mut self.jar, jar);
        for (host, cookies) in new {
            cookies.iter().for_each(|(name, value)| self.put(&host, name, value));
        }
        page
    }

    /// Posts a form from a page of this application.
    pub async fn post_here(&mut self, target: &str, form: String) -> Page {
        let origin = self.origin.origin().ascii_serialization();
        let headers = [FORM, ("origin", origin.as_str()), ("sec-fetch-site", "same-origin")];
        self.send_body(Method::POST, target, &headers, form).await
    }

    /// Sends a request with cookies and stores those of the response. A `host` header replaces that
    /// of the address bar, as a proxy or an attacker could do.
    ///
    /// # Panics
    /// If there is no response.
    pub async fn send(&mut self, method: Method, target: &str, headers: &[(&str, &str)]) -> Page {
        self.send_body(method, target, headers, String::new()).await
    }

    /// Posts a body with cookies and these headers.
    pub async fn post_body(
        &mut self,
        target: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Page {
        self.send_body(Method::POST, target, headers, body).await
    }

    async fn send_body(
        &mut self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Page {
        let url = self.origin.join(target).expect("a URL");
        let host = url.host_str().expect("a host").to_owned();
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut request = self
            .client
            .request(method, format!("http://{}{path}", self.server))
            .header("host", url.authority());
        if let Some(cookies) = self.cookie_header(&host) {
            request = request.header("cookie", cookies);
        }
        let mut more = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a header name");
            more.insert(name, HeaderValue::from_str(value).expect("a header value"));
        }
        let response = request.headers(more).body(body).send().await.expect("a response");
        let (status, headers) = (response.status(), response.headers().clone());
        let page = Page { status, headers, body: response.text().await.expect("a body") };
        for cookie in page.cookies() {
            self.keep(&host, &cookie);
        }
        page
    }

    /// Clicks on a link of the application.
    pub async fn click(&mut self, target: &str) -> Page {
        self.send(Method::GET, target, &CLICK).await
    }

    /// Starts a login with a provider and returns the URL of its authorization endpoint.
    pub async fn start_login(&mut self, provider: &str) -> String {
        self.click(&format!("/auth/{provider}/login")).await.location().to_owned()
    }

    /// Follows the provider's redirect back to the application.
    pub async fn finish(&mut self, callback: impl AsRef<str>) -> Page {
        self.get(callback.as_ref()).await
    }

    /// The cookies for the application's own host, oldest first.
    pub fn cookies(&self) -> &[(String, String)] {
        let host = self.origin.host_str().unwrap_or_default();
        self.jar.get(host).map(Vec::as_slice).unwrap_or_default()
    }

    /// The cookies of sessions, and of logins and logouts in progress: all but the one that
    /// remembers the last used provider.
    pub fn states(&self) -> Vec<(String, String)> {
        let cookies = self.cookies().iter();
        cookies.filter(|(name, _)| !name.contains("oauth-last-")).cloned().collect()
    }

    /// The cookies of pending logins.
    pub fn pending(&self) -> Vec<(String, String)> {
        let is_pending = |(name, _): &&(String, String)| {
            name.strip_prefix("__Host-").unwrap_or(name).starts_with("oauth-login-")
        };
        self.cookies().iter().filter(is_pending).cloned().collect()
    }

    /// The cookie of the only pending login.
    ///
    /// # Panics
    /// If there is none, or more than one.
    #[track_caller]
    pub fn only_pending(&self) -> (String, String) {
        let pending = self.pending();
        assert_eq!(pending.len(), 1, "{pending:?}");
        pending[0].clone()
    }

    /// The address that the application listens on.
    pub fn server(&self) -> SocketAddr {
        self.server
    }

    /// The session cookie.
    pub fn session(&self) -> Option<(String, String)> {
        self.cookies().iter().find(|(name, _)| name.contains("oauth-session-")).cloned()
    }

    /// Puts a cookie into the jar, as an attacker with access to this browser could.
    pub fn plant(&mut self, name: &str, value: &str) {
        let host = self.origin.host_str().unwrap_or_default().to_owned();
        self.put(&host, name, value);
    }

    /// Removes a cookie from the jar.
    pub fn forget(&mut self, name: &str) {
        for cookies in self.jar.values_mut() {
            cookies.retain(|(own, _)| own != name);
        }
    }

    fn keep(&mut self, host: &str, cookie: &Cookie) {
        if cookie.clears() {
            self.jar.entry(host.to_owned()).or_default().retain(|(name, _)| *name != cookie.name);
        } else {
            self.put(host, &cookie.name, &cookie.value);
        }
    }

    /// An existing cookie keeps its position (RFC 6265 section 5.3 step 11).
    fn put(&mut self, host: &str, name: &str, value: &str) {
        let cookies = self.jar.entry(host.to_owned()).or_default();
        match cookies.iter_mut().find(|(own, _)| own == name) {
            Some(cookie) => value.clone_into(&mut cookie.1),
            None => cookies.push((name.to_owned(), value.to_owned())),
        }
    }

    fn cookie_header(&self, host: &str) -> Option<String> {
        let cookies = self.jar.get(host).filter(|cookies| !cookies.is_empty())?;
        let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Some(pairs.join("; "))
    }
}
