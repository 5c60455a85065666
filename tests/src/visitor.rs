//! A user of `oidc-provider` without a browser window: follows redirects, keeps cookies, and
//! presses the button of each page.

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use url::{Position, Url, form_urlencoded};

use crate::process::http;

/// Maximum number of requests of a login.
const MAX_STEPS: usize = 20;

/// A visitor with no cookies yet.
#[derive(Debug)]
pub struct Visitor {
    client: Client,
    jar: Vec<Cookie>,
}

#[derive(Debug)]
struct Cookie {
    /// Host and port, so that programs on one host share no cookies.
    origin: String,
    path: String,
    name: String,
    value: String,
}

impl Visitor {
    /// A visitor without cookies.
    ///
    /// # Panics
    /// If the HTTP client cannot be created.
    pub fn new() -> Self {
        let client = http().redirect(Policy::none()).build().expect("a client");
        Self { client, jar: Vec::new() }
    }

    /// Starts a login at this address, signs in as this user, and gives consent. Returns the
    /// cookies of the application.
    ///
    /// # Panics
    /// If the login does not return to the application.
    pub async fn log_in(mut self, login: &str, person: &str) -> String {
        let login: Url = login.parse().expect("a URL");
        let is_home = |url: &Url| url.path() == "/" && url.origin() == login.origin();
        match self.walk(&login, person, is_home).await {
            End::Place(url) => self.cookies_for(&url),
            End::Page(page) => panic!("the login ends at the provider: {page}"),
        }
    }

    /// Opens a page of the provider, signs in as this user, and gives consent. Returns the last
    /// page, which has no form.
    ///
    /// # Panics
    /// If there is no such page.
    pub async fn answer(mut self, page: &str, person: &str) -> String {
        let page: Url = page.parse().expect("a URL");
        match self.walk(&page, person, |_| false).await {
            End::Page(page) => page,
            End::Place(url) => panic!("led to {url}"),
        }
    }

    async fn walk(&mut self, from: &Url, person: &str, is_end: impl Fn(&Url) -> bool) -> End {
        let (mut method, mut url, mut form) = (Method::GET, from.clone(), String::new());
        for _ in 0..MAX_STEPS {
            let answer = self.send(&method, &url, &form).await;
            if let Some(location) = answer.headers().get(LOCATION) {
                let location = location.to_str().expect("an address is plain text");
                url = url.join(location).expect("an address");
                (method, form) = (Method::GET, String::new());
                if is_end(&url) {
                    return End::Place(url);
                }
                continue;
            }
            let page = answer.text().await.expect("a page");
            let Some((_, action)) = page.split_once("action=\"") else { return End::Page(page) };
            let action = action.split('"').next().unwrap_or_default();
            url = url.join(action).expect("an address");
            method = Method::POST;
            form = form_urlencoded::Serializer::new(String::new())
                .append_pair("login", person)
                .extend_pairs(hidden(&page))
                .finish();
        }
        panic!("no end of the login after {MAX_STEPS} requests: {url}")
    }

    async fn send(&mut self, method: &Method, url: &Url, form: &str) -> Response {
        let request = self
            .client
            .request(method.clone(), url.clone())
            .header(COOKIE, self.cookies_for(url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        let answer = request.send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
        self.keep(url, answer.headers());
        answer
    }

    fn cookies_for(&self, url: &Url) -> String {
        let sent = self
            .jar
            .iter()
            .filter(|cookie| cookie.origin == origin(url) && url.path().starts_with(&cookie.path));
        let pairs: Vec<_> =
            sent.map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        pairs.join("; ")
    }

    fn keep(&mut self, url: &Url, headers: &HeaderMap) {
        for header in headers.get_all(SET_COOKIE) {
            let header = header.to_str().expect("a cookie is plain text");
            let mut parts = header.split(';').map(str::trim);
            let (name, value) = parts.next().unwrap_or_default().split_once('=').expect("a cookie");
            let path = parts.find_map(|part| {
                let (name, value) = part.split_once('=')?;
                name.eq_ignore_ascii_case("path").then(|| value.to_owned())
            });
            let cookie = Cookie {
                origin: origin(url),
                path: path.unwrap_or_else(|| "/".to_owned()),
                name: name.to_owned(),
                value: value.to_owned(),
            };
            self.jar.retain(|old| {
                (&old.origin, &old.path, &old.name) != (&cookie.origin, &cookie.path, &cookie.name)
            });
            if !cookie.value.is_empty() {
                self.jar.push(cookie);
            }
        }
    }
}

/// The end of a series of redirects and forms.
enum End {
    Place(Url),
    Page(String),
}

/// The hidden fields of a form.
fn hidden(page: &str) -> Vec<(&str, &str)> {
    fn attribute<'p>(input: &'p str, name: &str) -> Option<&'p str> {
        let (_, value) = input.split_once(&format!("{name}=\""))?;
        value.split('"').next()
    }
    let inputs = page.split("<input ").skip(1).filter_map(|rest| rest.split('>').next());
    inputs
        .filter(|input| input.contains("type=\"hidden\""))
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
        .collect()
}

impl Default for Visitor {
    fn default() -> Self {
        Self::new()
    }
}

fn origin(url: &Url) -> String {
    url[..Position::BeforePath].to_owned()
}
