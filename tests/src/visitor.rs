//! A user without a browser window: follows redirects, keeps cookies, also secure ones on loopback
//! as browsers do, and submits the form of each page.

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use url::{Position, Url, form_urlencoded};

use crate::process::http;

/// Maximum number of requests of a login.
const MAX_STEPS: usize = 20;

/// A visitor. A clone is another one with the same cookies.
#[derive(Clone, Debug)]
pub struct Visitor {
    client: Client,
    jar: Vec<Cookie>,
}

#[derive(Clone, Debug)]
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

    /// Opens an address and follows redirects to a page.
    ///
    /// # Panics
    /// If it leads to no page.
    pub async fn open(&mut self, url: &str) -> Seen {
        self.follow(Method::GET, url.parse().expect("a URL"), "").await
    }

    /// Submits the form of a page with these fields, in addition to its hidden fields, and follows
    /// redirects to the next page.
    ///
    /// # Panics
    /// If the page has no form.
    pub async fn submit(&mut self, page: &Seen, fields: &[(&str, &str)]) -> Seen {
        let (target, form) = page.form(fields);
        self.follow(Method::POST, target, &form).await
    }

    async fn follow(&mut self, method: Method, url: Url, form: &str) -> Seen {
        let (mut method, mut url, mut form) = (method, url, form);
        for _ in 0..MAX_STEPS {
            let answer = self.send(&method, &url, form).await;
            let Some(location) = answer.headers().get(LOCATION) else {
                let status = answer.status().as_u16();
                return Seen { url, status, body: answer.text().await.expect("a page") };
            };
            let location = location.to_str().expect("an address is plain text");
            url = url.join(location).expect("an address");
            (method, form) = (Method::GET, "");
        }
        panic!("no page after {MAX_STEPS} redirects: {url}")
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
            let status = answer.status().as_u16();
            let page = Seen { url, status, body: answer.text().await.expect("a page") };
            if !page.has_form() {
                return End::Page(page.body);
            }
            (url, form) = page.form(&[("login", person)]);
            method = Method::POST;
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

/// A page that a visitor sees.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its address.
    pub url: Url,
    /// Its status.
    pub status: u16,
    /// Its source.
    pub body: String,
}

impl Seen {
    /// Whether the page has a form.
    pub fn has_form(&self) -> bool {
        self.tags("form").next().is_some()
    }

    /// The target of the form, and its content: these fields and the hidden ones.
    fn form(&self, fields: &[(&str, &str)]) -> (Url, String) {
        let form = self.tags("form").next();
        let form = form.unwrap_or_else(|| panic!("no form on {}: {}", self.url, self.body));
        let target = attribute(form, "action").unwrap_or_default();
        let target = self.url.join(&target).expect("an address");
        let hidden = self.tags("input").filter(|input| {
            attribute(input, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"))
        });
        let hidden = hidden.filter_map(|input| {
            Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default()))
        });
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .extend_pairs(hidden.filter(|(name, _)| fields.iter().all(|(given, _)| given != name)))
            .finish();
        (target, form)
    }

    /// The attributes of every tag with this name, in any case.
    fn tags<'p>(&'p self, name: &str) -> impl Iterator<Item = &'p str> {
        let start = format!("<{name} ");
        let lower = self.body.to_ascii_lowercase();
        let starts: Vec<_> = lower.match_indices(&start).map(|(at, _)| at + start.len()).collect();
        starts.into_iter().filter_map(|at| self.body[at..].split('>').next())
    }
}

/// The value of an attribute in double quotes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let name = format!("{name}=\"");
    let at = tag.to_ascii_lowercase().find(&name)? + name.len();
    let value = tag[at..].split('"').next()?;
    let entities = [("&#39;", "'"), ("&quot;", "\""), ("&gt;", ">"), ("&lt;", "<"), ("&amp;", "&")];
    Some(
        entities.iter().fold(value.to_owned(), |value, (entity, text)| value.replace(entity, text)),
    )
}

impl Default for Visitor {
    fn default() -> Self {
        Self::new()
    }
}

fn origin(url: &Url) -> String {
    url[..Position::BeforePath].to_owned()
}
