//! A minimal proxy. It sends each request to the next instance, or to the one after that if the
//! next one is down. In production, use nginx, HAProxy or a similar proxy.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use reqwest::Client;
use reqwest::redirect::Policy;

/// Maximum length of a request body, in bytes. The forms of a login are short.
const MAX_BODY: usize = 1024 * 1024;

struct Instances {
    client: Client,
    ports: Vec<u16>,
    next: AtomicUsize,
}

/// Forwards the requests at `port` to each of `ports` in turn.
pub(crate) async fn serve(port: u16, ports: Vec<u16>) -> Result<(), Box<dyn Error>> {
    let client = Client::builder().redirect(Policy::none()).no_proxy().build()?;
    let instances = Instances { client, ports, next: AtomicUsize::new(0) };
    let app = Router::new().fallback(forward).with_state(Arc::new(instances));
    let listener = crate::listen(port).await?;
    Ok(axum::serve(listener, app).await?)
}

async fn forward(State(instances): State<Arc<Instances>>, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    remove_connection_headers(&mut head.headers);
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let first = instances.next.fetch_add(1, Ordering::Relaxed);
    for attempt in 0..instances.ports.len() {
        let port = instances.ports[(first + attempt) % instances.ports.len()];
        let request = instances
            .client
            .request(head.method.clone(), format!("http://127.0.0.1:{port}{target}"))
            .headers(head.headers.clone())
            .body(body.clone());
        match request.send().await {
            Ok(answer) => return forward_response(answer).await,
            // The instance has not received the request, so another one may.
            Err(error) if error.is_connect() => {}
            Err(_) => break,
        }
    }
    (StatusCode::BAD_GATEWAY, "no instance is available").into_response()
}

async fn forward_response(mut answer: reqwest::Response) -> Response {
    let (status, mut headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    remove_connection_headers(&mut headers);
    match answer.bytes().await {
        Ok(body) => (status, headers, Body::from(body)).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

/// Removes the headers of the connection (RFC 9110 section 7.6.1). The library does not read `Host`
/// and `X-Forwarded-…`, so the proxy does not send them.
fn remove_connection_headers(headers: &mut HeaderMap) {
    for name in [CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING] {
        headers.remove(name);
    }
}
