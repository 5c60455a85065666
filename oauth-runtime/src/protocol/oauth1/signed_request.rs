//! A request with its protocol parameters and its signature (RFC 5849 sections 3.1 and 3.5).

use ::http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use bytes::Bytes;
use url::form_urlencoded;

use super::base_string::base_string;
use super::credentials::{Credentials, FORM};
use super::parameters::{Parameters, encode};
use super::signature::SignatureKey;
use crate::declaration::spec::ParameterTransmission;
use crate::protocol::media_type;
use crate::protocol::request_error::RequestError;

/// The client's identifier and key, and the place of its signatures.
#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) client_id: String,
    pub(crate) key: SignatureKey,
    pub(crate) transmission: ParameterTransmission,
    /// Visible ASCII without quotes.
    pub(crate) realm: Option<String>,
}

/// The nonce and the timestamp, which make a request unique (section 3.3).
#[derive(Debug)]
pub(crate) struct Stamp {
    /// Text that is unique among the requests of one second.
    pub(crate) nonce: String,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) timestamp: u64,
}

/// The parts of a signature that differ between requests.
#[derive(Debug, Default)]
pub(crate) struct Signing<'a> {
    /// Temporary credentials or token credentials.
    pub(crate) credentials: Option<&'a Credentials>,
    /// `oauth_callback` or `oauth_verifier` with its value.
    pub(crate) step: Option<(&'static str, &'a str)>,
    /// Replaces the signer's realm.
    pub(crate) realm: Option<&'a str>,
}

impl Signer {
    /// Signs `request`, which must not be changed afterwards.
    ///
    /// # Errors
    /// [`RequestError`] if it has protocol parameters already, or a query that is too long;
    /// [`RequestError::Cryptography`].
    pub(crate) fn sign(
        &self,
        mut request: Request<Bytes>,
        signing: &Signing<'_>,
        stamp: &Stamp,
    ) -> Result<Request<Bytes>, RequestError> {
        let is_form = is_form(request.headers());
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let form: &[u8] = if is_form { request.body() } else { b"" };
        not_signed_yet(query)?;
        not_signed_yet(form)?;

        let mut protocol = self.protocol_parameters(signing, stamp);
        if !is_form && !request.body().is_empty() {
            protocol
                .extend(self.key.body_hash(request.body()).map(|hash| ("oauth_body_hash", hash)));
        }
        let mut parameters = Parameters::default();
        parameters.add_form(query);
        parameters.add_form(form);
        protocol.iter().for_each(|(name, value)| parameters.add(name, value));
        let base_string = base_string(request.method(), request.uri(), parameters);
        let token_secret = signing.credentials.map(|credentials| &credentials.secret);
        let signature = self.key.sign(&base_string, token_secret)?;
        protocol.push(("oauth_signature", signature.expose().to_owned()));

        let realm = signing.realm.or(self.realm.as_deref());
        match self.transmission {
            ParameterTransmission::RequestUri => {
                *request.uri_mut() = with_query(request.uri(), &encoded(&protocol))?;
            }
            ParameterTransmission::FormBody if takes_form(&request) => {
                let body = joined(request.body(), &encoded(&protocol));
                *request.body_mut() = body.into();
                request.headers_mut().insert(header::CONTENT_TYPE, FORM);
            }
            ParameterTransmission::FormBody | ParameterTransmission::AuthorizationHeader => {
                let value = authorization_header(&protocol, realm)?;
                request.headers_mut().insert(header::AUTHORIZATION, value);
            }
        }
        Ok(request)
    }

    /// Section 3.1, without the signature.
    fn protocol_parameters(
        &self,
        signing: &Signing<'_>,
        stamp: &Stamp,
    ) -> Vec<(&'static str, String)> {
        let mut parameters = vec![("oauth_consumer_key", self.client_id.clone())];
        if let Some(credentials) = signing.credentials {
            parameters.push(("oauth_token", credentials.token.expose().to_owned()));
        }
        parameters.extend([
            ("oauth_signature_method", self.key.method().to_owned()),
            ("oauth_timestamp", stamp.timestamp.to_string()),
            ("oauth_nonce", stamp.nonce.clone()),
            ("oauth_version", "1.0".to_owned()),
        ]);
        parameters.extend(signing.step.map(|(name, value)| (name, value.to_owned())));
        parameters
    }
}

/// A protocol parameter must not appear twice (section 3.1), and only those of the signer may be
/// signed.
fn not_signed_yet(form: &[u8]) -> Result<(), RequestError> {
    let mut names = form_urlencoded::parse(form).map(|(name, _)| name);
    match names.find(|name| name.starts_with("oauth_")) {
        Some(name) => Err(RequestError::ReservedParameter(name.into_owned())),
        None => Ok(()),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    media_type::is(headers, "application/x-www-form-urlencoded")
}

/// Section 3.5.2: the body is a form, or is empty and could be one.
fn takes_form(request: &Request<Bytes>) -> bool {
    let could_be = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH)
        && !request.headers().contains_key(header::CONTENT_TYPE)
        && request.body().is_empty();
    is_form(request.headers()) || could_be
}

/// `name=value&…`: section 3.6 encodes more than forms and queries require, which they allow.
fn encoded(parameters: &[(&'static str, String)]) -> String {
    let pairs: Vec<_> =
        parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    pairs.join("&")
}

fn joined(before: &[u8], parameters: &str) -> Vec<u8> {
    let mut joined = before.to_vec();
    if !joined.is_empty() {
        joined.push(b'&');
    }
    joined.extend_from_slice(parameters.as_bytes());
    joined
}

/// Section 3.5.3.
fn with_query(uri: &Uri, parameters: &str) -> Result<Uri, RequestError> {
    let path = uri.path();
    let text = match uri.query() {
        Some(query) if !query.is_empty() => format!("{path}?{query}&{parameters}"),
        _ => format!("{path}?{parameters}"),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = text.parse().ok();
    Uri::from_parts(parts).map_err(|_| RequestError::Unsendable("the query is too long"))
}

/// Section 3.5.1, marked as sensitive.
fn authorization_header(
    parameters: &[(&'static str, String)],
    realm: Option<&str>,
) -> Result<HeaderValue, RequestError> {
    let realm = realm.map(|realm| format!("realm=\"{realm}\""));
    let own = parameters.iter().map(|(name, value)| format!("{name}=\"{}\"", encode(value)));
    let all: Vec<_> = realm.into_iter().chain(own).collect();
    let value = HeaderValue::try_from(format!("OAuth {}", all.join(", ")));
    let mut value =
        value.map_err(|_| RequestError::Unsendable("a header cannot carry the realm"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::secret::Secret;

    const PHOTOS_KEY: &str = "dpf43f3p2l4k3l03";
    const PHOTOS_SECRET: &str = "kd94hf93k423kf44";

    fn signer(transmission: ParameterTransmission) -> Signer {
        let key = SignatureKey::HmacSha1(Secret::from(PHOTOS_SECRET));
        Signer { client_id: PHOTOS_KEY.to_owned(), key, transmission, realm: None }
    }

    fn stamp() -> Stamp {
        Stamp { nonce: "wIjqoS".to_owned(), timestamp: 137_131_200 }
    }

    fn credentials() -> Credentials {
        Credentials { token: Secret::from("t/1"), secret: Secret::from("s 1") }
    }

    fn request(method: Method, url: &str) -> Request<Bytes> {
        Request::builder().method(method).uri(url).body(Bytes::new()).unwrap()
    }

    fn with_body(kind: &'static str, body: &'static str) -> Request<Bytes> {
        let mut request = request(Method::POST, "https://api.example/notes?a=1");
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        *request.body_mut() = body.into();
        request
    }

    fn signed(request: Request<Bytes>, transmission: ParameterTransmission) -> Request<Bytes> {
        let credentials = credentials();
        let signing = Signing { credentials: Some(&credentials), ..Signing::default() };
        signer(transmission).sign(request, &signing, &stamp()).unwrap()
    }

    fn header_of(request: &Request<Bytes>) -> &str {
        request.headers()[header::AUTHORIZATION].to_str().unwrap()
    }

    /// The signature without `oauth_version`, which the examples of the specification do not send.
    fn signature_without_version(
        request: &Request<Bytes>,
        signing: &Signing<'_>,
        stamp: &Stamp,
    ) -> String {
        let signer = signer(ParameterTransmission::AuthorizationHeader);
        let mut parameters = Parameters::default();
        parameters.add_form(request.uri().query().unwrap_or_default().as_bytes());
        for (name, value) in signer.protocol_parameters(signing, stamp) {
            if name != "oauth_version" {
                parameters.add(name, &value);
            }
        }
        let base_string = base_string(request.method(), request.uri(), parameters);
        let secret = signing.credentials.map(|credentials| &credentials.secret);
        signer.key.sign(&base_string, secret).unwrap().expose().to_owned()
    }

    /// RFC 5849 section 1.2: all three requests with their signatures.
    #[test]
    fn the_photos_of_the_specification() {
        let initiate = request(Method::POST, "https://photos.example.net/initiate");
        let signing = Signing {
            step: Some(("oauth_callback", "http://printer.example.com/ready")),
            ..Signing::default()
        };
        let signature = signature_without_version(&initiate, &signing, &stamp());
        assert_eq!(signature, "74KNZJeDHnMBp0EMJ9ZHt/XKycU=");

        let token = request(Method::POST, "https://photos.example.net/token");
        let temporary = Credentials {
            token: Secret::from("hh5s93j4hdidpola"),
            secret: Secret::from("hdhd0244k9j7ao03"),
        };
        let signing = Signing {
            credentials: Some(&temporary),
            step: Some(("oauth_verifier", "hfdp7dh39dks9884")),
            realm: None,
        };
        let stamp = Stamp { nonce: "walatlh".to_owned(), timestamp: 137_131_201 };
        let signature = signature_without_version(&token, &signing, &stamp);
        assert_eq!(signature, "gKgrFCywp7rO0OXSjdot/IHF7IU=");

        let photos = request(
            Method::GET,
            "http://photos.example.net/photos?file=vacation.jpg&size=original",
        );
        let token = Credentials {
            token: Secret::from("nnch734d00sl2jdk"),
            secret: Secret::from("pfkkdhi9sl3r4s00"),
        };
        let signing = Signing { credentials: Some(&token), ..Signing::default() };
        let stamp = Stamp { nonce: "chapoH".to_owned(), timestamp: 137_131_202 };
        let signature = signature_without_version(&photos, &signing, &stamp);
        assert_eq!(signature, "MdpQcU8iPSUjWoN/UDMsK2sui9I=");
    }

    #[test]
    fn header_has_the_realm_first_and_is_encoded() {
        let get = request(Method::GET, "https://api.example/me");
        let signer = Signer {
            realm: Some("Photos".to_owned()),
            ..signer(ParameterTransmission::AuthorizationHeader)
        };
        let credentials = credentials();
        let signing = Signing { credentials: Some(&credentials), ..Signing::default() };
        let request = signer.sign(get, &signing, &stamp()).unwrap();
        let header = header_of(&request);
        let begins = "OAuth realm=\"Photos\", oauth_consumer_key=\"dpf43f3p2l4k3l03\", \
                      oauth_token=\"t%2F1\", oauth_signature_method=\"HMAC-SHA1\", \
                      oauth_timestamp=\"137131200\", oauth_nonce=\"wIjqoS\", oauth_version=\"1.0\", \
                      oauth_signature=\"";
        assert!(header.starts_with(begins) && header.ends_with("%3D\""), "{header}");
        assert!(request.headers()[header::AUTHORIZATION].is_sensitive());
    }

    #[test]
    fn parameters_are_put_where_they_belong() {
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        let query = signed(with_body(form, "b=2"), ParameterTransmission::RequestUri);
        assert!(query.uri().query().unwrap().starts_with("a=1&oauth_consumer_key="), "{query:?}");
        assert_eq!((query.body().as_ref(), query.headers().len()), (&b"b=2"[..], 1));

        let body = signed(with_body(form, "b=2"), ParameterTransmission::FormBody);
        assert!(body.body().starts_with(b"b=2&oauth_consumer_key="), "{body:?}");
        assert_eq!(body.uri().query(), Some("a=1"));
        assert!(!body.headers().contains_key(header::AUTHORIZATION));
    }

    #[test]
    fn body_becomes_a_form_only_if_empty() {
        let post = request(Method::POST, "https://api.example/notes");
        let post = signed(post, ParameterTransmission::FormBody);
        assert_eq!(post.headers()[header::CONTENT_TYPE], FORM);
        assert!(post.body().starts_with(b"oauth_consumer_key="), "{post:?}");
        for other in
            [request(Method::GET, "https://api.example/notes"), with_body("application/json", "{}")]
        {
            let body = other.body().clone();
            let request = signed(other, ParameterTransmission::FormBody);
            assert!(header_of(&request).starts_with("OAuth oauth_consumer_key="));
            assert_eq!(request.body(), &body);
        }
    }

    #[test]
    fn body_that_is_not_a_form_is_hashed() {
        let hashed = |request| {
            let request = signed(request, ParameterTransmission::AuthorizationHeader);
            header_of(&request).contains("oauth_body_hash=\"Lve95gjOVATpfV8EL5X4nxwjKHE%3D\"")
        };
        assert!(hashed(with_body("text/plain", "Hello World!")));
        assert!(!hashed(with_body("application/x-www-form-urlencoded", "Hello World!")));
        let get = signed(
            request(Method::GET, "https://api.example/"),
            ParameterTransmission::AuthorizationHeader,
        );
        assert!(!header_of(&get).contains("oauth_body_hash"));
    }

    #[test]
    fn signature_type_does_not_change_the_signature() {
        let form = || with_body("application/x-www-form-urlencoded", "b=2&b=1&c");
        let find = |text: &str| {
            let text = text.split("oauth_signature=").nth(1).unwrap().trim_matches('"').to_owned();
            text.split('&').next().unwrap().to_owned()
        };
        let header = signed(form(), ParameterTransmission::AuthorizationHeader);
        let body = signed(form(), ParameterTransmission::FormBody);
        let query = signed(form(), ParameterTransmission::RequestUri);
        let body = std::str::from_utf8(body.body()).unwrap();
        assert_eq!(find(header_of(&header)), find(body));
        assert_eq!(find(body), find(query.uri().query().unwrap()));
    }

    #[test]
    fn foreign_protocol_parameters_are_not_signed() {
        for request in [
            request(Method::GET, "https://api.example/?a=1&oauth_token=x"),
            with_body("application/x-www-form-urlencoded", "oauth%5Fcallback=x"),
        ] {
            let signer = signer(ParameterTransmission::AuthorizationHeader);
            let refused = signer.sign(request, &Signing::default(), &stamp()).unwrap_err();
            assert!(matches!(refused, RequestError::ReservedParameter(_)), "{refused:?}");
        }
    }
}
