//! Parameters and headers that a declaration adds to requests with a token. Their values contain
//! placeholders that are filled for each request.

use ::http::{HeaderName, HeaderValue, Request, Uri, header};
use aws_lc_rs::hmac;
use bytes::Bytes;
use serde_json::Value;
use url::form_urlencoded::{self, Serializer};

use super::token_request::{FORM, JSON};
use super::token_value::TokenFault;
use crate::crypto::secret::Secret;
use crate::json;
use crate::protocol::request_error::RequestError;

/// The additions to the requests of one provider.
#[derive(Debug, Default)]
pub(crate) struct Additions {
    /// To every request with a token.
    pub(crate) api: Extras,
    /// To the userinfo request.
    pub(crate) userinfo: Extras,
    /// The GraphQL query that the userinfo request posts.
    pub(crate) userinfo_query: Option<String>,
}

/// Parameters and headers.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    pub(crate) params: Vec<(String, Template)>,
    pub(crate) headers: Vec<(HeaderName, Template)>,
}

/// A text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    ClientId,
    /// The HMAC of the access token, keyed by the client secret.
    AccessTokenHmac,
    /// A member of the token response.
    Member(String),
}

/// What fills the placeholders.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: Option<&'a Secret>,
    pub(crate) access_token: &'a Secret,
    /// The members of the token response that no specification defines, as a JSON object.
    pub(crate) members: Option<&'a Secret>,
}

impl Additions {
    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { api, userinfo, userinfo_query } = self;
        let are_empty = |extras: &Extras| extras.params.is_empty() && extras.headers.is_empty();
        are_empty(api) && are_empty(userinfo) && userinfo_query.is_none()
    }

    /// Whether a value is signed with the client secret.
    pub(crate) fn needs_secret(&self) -> bool {
        let extras = [&self.api, &self.userinfo];
        let values = extras.into_iter().flat_map(|extras| {
            let params = extras.params.iter().map(|(_, value)| value);
            params.chain(extras.headers.iter().map(|(_, value)| value))
        });
        values.flat_map(|value| &value.parts).any(|part| *part == Part::AccessTokenHmac)
    }

    /// Everything that changes the user that a userinfo request returns, in one text.
    pub(crate) fn canonical(&self) -> String {
        let mut lines = Vec::new();
        for (kind, extras) in [("api", &self.api), ("userinfo", &self.userinfo)] {
            let params = extras.params.iter().map(|(name, value)| (name.as_str(), value));
            let headers = extras.headers.iter().map(|(name, value)| (name.as_str(), value));
            lines.extend(params.map(|(name, value)| format!("{kind}?{name}={}", value.text)));
            lines.extend(headers.map(|(name, value)| format!("{kind} {name}: {}", value.text)));
        }
        lines.extend(self.userinfo_query.clone());
        lines.join("\n")
    }

    /// Adds what only the userinfo request has. A `POST` without a body gets the parameters as a
    /// form.
    ///
    /// # Errors
    /// [`RequestError`].
    pub(crate) fn add_to_userinfo(
        &self,
        request: &mut Request<Bytes>,
        values: Values<'_>,
    ) -> Result<(), RequestError> {
        if let Some(query) = &self.userinfo_query {
            *request.body_mut() = serde_json::json!({ "query": query }).to_string().into();
            request.headers_mut().insert(header::CONTENT_TYPE, JSON);
        }
        let is_form = !request.method().is_safe() && self.userinfo_query.is_none();
        if is_form && !self.userinfo.params.is_empty() {
            let mut form = Serializer::new(String::new());
            for (name, value) in &self.userinfo.params {
                form.append_pair(name, value.fill(values)?.expose());
            }
            *request.body_mut() = form.finish().into();
            request.headers_mut().insert(header::CONTENT_TYPE, FORM);
            return self.userinfo.add_headers(request, values);
        }
        self.userinfo.add(request, values)
    }
}

impl Extras {
    /// Adds the parameters and headers that the request does not set itself.
    ///
    /// # Errors
    /// [`RequestError`].
    pub(crate) fn add(
        &self,
        request: &mut Request<Bytes>,
        values: Values<'_>,
    ) -> Result<(), RequestError> {
        if !self.params.is_empty() {
            self.add_params(request, values)?;
        }
        self.add_headers(request, values)
    }

    fn add_params(
        &self,
        request: &mut Request<Bytes>,
        values: Values<'_>,
    ) -> Result<(), RequestError> {
        let query = request.uri().query().unwrap_or_default();
        let is_set =
            |name: &str| form_urlencoded::parse(query.as_bytes()).any(|(stated, _)| stated == name);
        let mut serializer = Serializer::new(query.to_owned());
        for (name, value) in self.params.iter().filter(|(name, _)| !is_set(name)) {
            serializer.append_pair(name, value.fill(values)?.expose());
        }
        let query = serializer.finish();
        *request.uri_mut() = with_query(request.uri(), &query)?;
        Ok(())
    }

    fn add_headers(
        &self,
        request: &mut Request<Bytes>,
        values: Values<'_>,
    ) -> Result<(), RequestError> {
        for (name, value) in &self.headers {
            // The library's own `Accept` is a default too.
            let is_default = *name == header::ACCEPT
                && request.headers().get(name).is_some_and(|accept| accept == JSON);
            if !request.headers().contains_key(name) || is_default {
                let mut filled = HeaderValue::try_from(value.fill(values)?.expose())
                    .map_err(|_| RequestError::Unsendable(BAD_HEADER))?;
                filled.set_sensitive(!value.is_literal());
                request.headers_mut().insert(name.clone(), filled);
            }
        }
        Ok(())
    }
}

/// Headers that a request has anyway, or that belong to its connection (RFC 9110 section 7.6.1).
pub(crate) static RESERVED_HEADERS: [HeaderName; 13] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::COOKIE,
    header::EXPECT,
    header::HOST,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

const BAD_HEADER: &str =
    "a header of the declaration is filled with a character that a header cannot have";

/// The same address with this query.
///
/// # Errors
/// [`RequestError::Unsendable`] if it is too long.
pub(super) fn with_query(uri: &Uri, query: &str) -> Result<Uri, RequestError> {
    let too_long = || RequestError::Unsendable("the query is too long");
    let mut parts = uri.clone().into_parts();
    let path = uri.path();
    let text = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    parts.path_and_query = Some(text.parse().map_err(|_| too_long())?);
    Uri::from_parts(parts).map_err(|_| too_long())
}

impl Template {
    /// Reads a text. Braces around anything but a path of letters, digits, `_`, `-` and `.` are
    /// literal.
    ///
    /// # Errors
    /// The name of a placeholder that nothing fills.
    pub(crate) fn parse(text: &str) -> Result<Self, &str> {
        let (mut parts, mut literal) = (Vec::new(), String::new());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            literal.push_str(before);
            let name = after.split_once('}').filter(|(name, _)| is_name(name));
            let Some((name, after)) = name else {
                literal.push('{');
                rest = after;
                continue;
            };
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(Part::named(name).ok_or(name)?);
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    fn is_literal(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// The text with its placeholders filled.
    ///
    /// # Errors
    /// [`TokenFault::MemberMissing`].
    pub(crate) fn fill(&self, values: Values<'_>) -> Result<Secret, TokenFault> {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::ClientId => filled.push_str(values.client_id),
                Part::AccessTokenHmac => filled.push_str(&values.access_token_hmac()),
                Part::Member(path) => filled.push_str(&values.member(path)?),
            }
        }
        Ok(Secret::from(filled))
    }
}

impl Part {
    fn named(name: &str) -> Option<Self> {
        match (name, name.split_once('.')) {
            ("client_id", _) => Some(Self::ClientId),
            ("access_token_hmac", _) => Some(Self::AccessTokenHmac),
            (_, Some(("callback", path))) if !path.is_empty() => {
                Some(Self::Member(name.to_owned()))
            }
            (_, Some(("token", path))) if path.split('.').all(|step| !step.is_empty()) => {
                Some(Self::Member(path.to_owned()))
            }
            _ => None,
        }
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
}

impl Values<'_> {
    /// Lower-case hexadecimal HMAC-SHA256 of the access token, keyed by the client secret, which is
    /// checked to be there when the application starts.
    fn access_token_hmac(&self) -> String {
        let secret = self.client_secret.map_or("", Secret::expose);
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, self.access_token.expose().as_bytes());
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn member(&self, path: &str) -> Result<String, TokenFault> {
        let missing = || TokenFault::MemberMissing(path.into());
        let members: Value = self
            .members
            .and_then(|members| json::read(members.expose().as_bytes()).ok())
            .ok_or_else(missing)?;
        match json::at(&members, path) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(Value::Bool(flag)) => Ok(flag.to_string()),
            _ => Err(missing()),
        }
    }
}

#[cfg(test)]
mod tests {
    use ::http::Method;

    use super::*;

    fn filled(text: &str) -> Result<String, TokenFault> {
        let (secret, token) = (Secret::from("the-secret"), Secret::from("the-token"));
        let members = Secret::from(r#"{"openid":"o1","org":[{"id":7}],"empty":"","no":null}"#);
        let values = Values {
            client_id: "my-client",
            client_secret: Some(&secret),
            access_token: &token,
            members: Some(&members),
        };
        Template::parse(text).unwrap().fill(values).map(|text| text.expose().to_owned())
    }

    fn extras(params: &[(&str, &str)], headers: &[(&'static str, &str)]) -> Extras {
        let template = |text: &str| Template::parse(text).unwrap();
        Extras {
            params: params.iter().map(|(n, v)| ((*n).to_owned(), template(v))).collect(),
            headers: headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), template(value)))
                .collect(),
        }
    }

    fn values(token: &Secret) -> Values<'_> {
        Values { client_id: "id", client_secret: None, access_token: token, members: None }
    }

    #[test]
    fn placeholder_is_filled_from_client_and_token() {
        for (text, expected) in [
            ("{client_id}:{token.openid}", "my-client:o1"),
            ("{token.org.0.id}", "7"),
            (r#"{"a": {}, "b": {token.openid}}"#, r#"{"a": {}, "b": o1}"#),
            ("{ viewer { id } }", "{ viewer { id } }"),
            ("a{", "a{"),
            (
                "{access_token_hmac}",
                "f5b09c8acdb18571cae3e66edf0f48355330da5a725eb5361f27207a386398f0",
            ),
        ] {
            assert_eq!(filled(text).unwrap(), expected, "{text}");
        }
        for absent in ["{token.union}", "{token.empty}", "{token.no}", "{token.org}"] {
            assert!(matches!(filled(absent), Err(TokenFault::MemberMissing(_))), "{absent}");
        }
    }

    #[test]
    fn placeholder_without_value_is_refused() {
        for (text, name) in [
            ("{access_token}", "access_token"),
            ("a {user.id}", "user.id"),
            ("{token.}", "token."),
            ("{api_key}", "api_key"),
        ] {
            assert_eq!(Template::parse(text), Err(name));
        }
    }

    #[test]
    fn request_keeps_what_it_sets_itself() {
        let token = Secret::from("t");
        let mut request = Request::builder()
            .uri("https://api.example/x?v=1&a=%20")
            .header("x-own", "mine")
            .header("accept", "application/json")
            .body(Bytes::new())
            .unwrap();
        let extras = extras(
            &[("v", "2"), ("key", "{client_id}&x")],
            &[("x-own", "theirs"), ("x-key", "{client_id}"), ("accept", "application/vnd.x+json")],
        );
        extras.add(&mut request, values(&token)).unwrap();
        assert_eq!(request.uri().query(), Some("v=1&a=%20&key=id%26x"));
        let header = |name: &str| request.headers()[name].to_str().unwrap();
        assert_eq!(header("x-own"), "mine");
        assert_eq!((header("x-key"), header("accept")), ("id", "application/vnd.x+json"));
        assert!(request.headers()["x-key"].is_sensitive());
    }

    #[test]
    fn member_cannot_break_out_of_a_header() {
        let token = Secret::from("t");
        let members = Secret::from(r#"{"a":"x\r\nhost: evil"}"#);
        let values = Values { members: Some(&members), ..values(&token) };
        let mut request = Request::new(Bytes::new());
        let refused = extras(&[], &[("x-a", "{token.a}")]).add(&mut request, values);
        assert!(matches!(refused, Err(RequestError::Unsendable(_))), "{refused:?}");
    }

    #[test]
    fn posted_userinfo_has_a_form_or_a_query() {
        let token = Secret::from("t");
        let mut additions = Additions {
            userinfo: extras(&[("fields", "id,name")], &[("x-view", "full")]),
            ..Additions::default()
        };
        let post = || {
            let builder = Request::builder().method(Method::POST).uri("https://api.example/me");
            builder.body(Bytes::new()).unwrap()
        };
        let mut request = post();
        additions.add_to_userinfo(&mut request, values(&token)).unwrap();
        assert_eq!(request.body(), "fields=id%2Cname");
        assert_eq!((request.uri().query(), &request.headers()["content-type"]), (None, &FORM));
        assert_eq!(request.headers()["x-view"], "full");
        additions.userinfo_query = Some("{ me { id } }".to_owned());
        let mut request = post();
        additions.add_to_userinfo(&mut request, values(&token)).unwrap();
        assert_eq!(request.body(), r#"{"query":"{ me { id } }"}"#);
        assert_eq!(request.uri().query(), Some("fields=id%2Cname"));
        assert_eq!(request.headers()["content-type"], JSON);
    }
}
