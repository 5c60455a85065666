//! Conversion to reqwest's requests, with a cache of parsed URLs.
//!
//! Every login calls the same few endpoints, and parsing a URL costs more than the rest of the
//! conversion.

use ::http::{Request, Uri};
use ::reqwest::{Error, Url};
use bytes::Bytes;

use crate::sync::lock::RwLock;
use crate::text::opaque_debug;

/// Maximum number of cached URLs: those that were called first.
const MAX_ENDPOINTS: usize = 16;

#[derive(Default)]
pub(super) struct Endpoints(RwLock<Vec<(Uri, Url)>>);

impl Endpoints {
    /// Converts a request to reqwest's type.
    ///
    /// # Errors
    /// Returns an error if the URI is not a URL.
    pub(super) fn request(&self, request: Request<Bytes>) -> Result<::reqwest::Request, Error> {
        let Some(url) = self.find(request.uri()) else {
            let uri = request.uri().clone();
            let request = ::reqwest::Request::try_from(request)?;
            self.remember(uri, request.url());
            return Ok(request);
        };
        let (parts, body) = request.into_parts();
        let mut request = ::reqwest::Request::new(parts.method, url);
        *request.version_mut() = parts.version;
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(body.into());
        Ok(request)
    }

    fn find(&self, uri: &Uri) -> Option<Url> {
        let known = self.0.read();
        known.iter().find(|(own, _)| own == uri).map(|(_, url)| url.clone())
    }

    /// URLs with a query are not cached: a query may hold secrets, and usually differs each time.
    fn remember(&self, uri: Uri, url: &Url) {
        let mut known = self.0.write();
        if uri.query().is_none() && known.len() < MAX_ENDPOINTS {
            known.push((uri, url.clone()));
        }
    }
}

opaque_debug!(Endpoints);

#[cfg(test)]
mod tests {
    use super::*;

    fn post(uri: &str) -> Request<Bytes> {
        let request = Request::post(uri).header("accept", "application/json");
        request.body(Bytes::from_static(b"grant_type=password")).unwrap()
    }

    fn shown(request: &::reqwest::Request) -> String {
        let body = request.body().and_then(::reqwest::Body::as_bytes);
        format!("{} {} {:?} {body:?}", request.method(), request.url(), request.headers())
    }

    #[test]
    fn request_to_a_known_endpoint_equals_the_first() {
        let endpoints = Endpoints::default();
        for uri in
            ["https://acme.example/token", "http://127.0.0.1:3000/", "https://acme.example/a"]
        {
            let first = endpoints.request(post(uri)).unwrap();
            assert!(endpoints.find(&uri.parse().unwrap()).is_some(), "{uri}");
            let second = endpoints.request(post(uri)).unwrap();
            assert_eq!(shown(&first), shown(&second));
            assert_eq!(second.url().as_str(), uri);
        }
    }

    #[test]
    fn few_urls_are_remembered_and_none_with_a_query() {
        let endpoints = Endpoints::default();
        let with_query = "https://acme.example/token?access_token=the-token";
        for _ in 0..2 {
            let request = endpoints.request(post(with_query)).unwrap();
            assert_eq!(request.url().as_str(), with_query);
        }
        assert!(endpoints.0.read().is_empty());
        for number in 0..100 {
            let uri = format!("https://acme.example/{number}");
            assert_eq!(endpoints.request(post(&uri)).unwrap().url().as_str(), uri);
        }
        assert_eq!(endpoints.0.read().len(), MAX_ENDPOINTS);
    }
}
