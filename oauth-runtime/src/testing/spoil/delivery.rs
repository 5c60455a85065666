//! Faults of delivery: the response is correct, but its transport is not.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::response::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body::Frame;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::gzip;
use crate::testing::endpoint::Endpoint;
use crate::testing::fault::Fault;
use crate::testing::provider::Provider;

/// The padding of an oversized response, in bytes.
const PADDING: usize = 100 * 1024 * 1024;
/// The time for each byte of a trickling response.
const PAUSE: Duration = Duration::from_millis(100);

/// Counts a request, calls its handler, and delivers the response according to the faults.
pub(in crate::testing) async fn deliver(
    State((provider, endpoint)): State<(Arc<Provider>, Endpoint)>,
    request: Request,
    next: Next,
) -> Response {
    provider.counters.count(endpoint);
    let faults = provider.faults.active();
    for fault in &faults {
        match *fault {
            Fault::Hangs(at) if at == endpoint => {
                provider.stopped().await;
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
            Fault::Redirects(at) if at == endpoint => {
                let location = format!("{}{}", provider.bystander.url(), request.uri());
                return redirect(&location);
            }
            Fault::ServerError(at) if at == endpoint => {
                return (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable").into_response();
            }
            _ => {}
        }
    }
    let mut response = next.run(request).await;
    for fault in faults {
        response = match fault {
            Fault::ErrorsWithStatus200(at) if at == endpoint => as_success(response),
            Fault::NotJson(at) if at == endpoint => not_json(),
            Fault::GzipBomb(at) if at == endpoint => gzip_bomb(response),
            Fault::WrongContentType(at) if at == endpoint => plain_text(response),
            Fault::TruncatedJson(at) if at == endpoint => {
                rewrite(response, |body| body.slice(..body.len() / 2)).await
            }
            Fault::DuplicateMembers(at) if at == endpoint => {
                rewrite(response, |body| duplicate_members(&body)).await
            }
            Fault::InvalidUtf8(at) if at == endpoint => {
                rewrite(response, |body| after_brace(&body, b"\"\xff\xfe\":\"\xc3\x28\",")).await
            }
            Fault::Oversized(at) if at == endpoint => oversized(response).await,
            Fault::Trickles(at) if at == endpoint => trickle(provider.clone(), response).await,
            Fault::ConnectionLost(at) if at == endpoint => lose_connection(response).await,
            _ => response,
        };
    }
    response
}

/// 307 keeps method and body, so a client that follows it sends its secrets along.
fn redirect(location: &str) -> Response {
    let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn as_success(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().remove(header::WWW_AUTHENTICATE);
    response
}

fn not_json() -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let page = "<!doctype html><title>Maintenance</title><p>Back soon.";
    ([(header::CONTENT_TYPE, html)], page).into_response()
}

fn gzip_bomb(response: Response) -> Response {
    let (mut head, _) = response.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Response::from_parts(head, Body::from(gzip::bomb()))
}

fn plain_text(mut response: Response) -> Response {
    let plain = HeaderValue::from_static("text/plain");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

/// Repeats every member. A parser may take either one (RFC 8259 section 4), so a careful client
/// refuses both.
fn duplicate_members(body: &Bytes) -> Bytes {
    let members: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let duplicates: String = members
        .keys()
        .map(|name| format!("{}:\"duplicate\",", Value::from(name.as_str())))
        .collect();
    after_brace(body, duplicates.as_bytes())
}

/// The JSON object, with `members` inserted at the start.
fn after_brace(body: &Bytes, members: &[u8]) -> Bytes {
    let (brace, rest) = body.split_at(body.len().min(1));
    [brace, members, rest].concat().into()
}

async fn rewrite(response: Response, change: impl FnOnce(Bytes) -> Bytes) -> Response {
    let (head, body) = open(response).await;
    Response::from_parts(head, Body::from(change(body)))
}

async fn oversized(response: Response) -> Response {
    let (head, body) = open(response).await;
    let (sender, stream) = stream();
    tokio::spawn(async move {
        let (brace, rest) = body.split_at(body.len().min(1));
        let padding = Bytes::from_static(&[b'x'; 64 * 1024]);
        let _ = async {
            sender.send(Ok(Bytes::copy_from_slice(brace))).await?;
            sender.send(Ok(Bytes::from_static(b"\"padding\":\""))).await?;
            for _ in 0..PADDING / padding.len() {
                sender.send(Ok(padding.clone())).await?;
            }
            sender.send(Ok(Bytes::from_static(b"\","))).await?;
            sender.send(Ok(Bytes::copy_from_slice(rest))).await
        }
        .await;
    });
    Response::from_parts(head, stream)
}

async fn trickle(provider: Arc<Provider>, response: Response) -> Response {
    let (head, body) = open(response).await;
    let (sender, stream) = stream();
    tokio::spawn(async move {
        for position in 0..body.len() {
            let drop = body.slice(position..=position);
            if provider.is_stopped() || sender.send(Ok(drop)).await.is_err() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
    Response::from_parts(head, stream)
}

async fn lose_connection(response: Response) -> Response {
    let (head, body) = open(response).await;
    let (sender, stream) = stream();
    tokio::spawn(async move {
        let half = body.slice(..body.len() / 2);
        if sender.send(Ok(half)).await.is_ok() {
            let lost = io::Error::from(io::ErrorKind::ConnectionReset);
            let _ = sender.send(Err(lost)).await;
        }
    });
    Response::from_parts(head, stream)
}

/// Head and body of a correct response. The length is removed, because the new body determines it.
async fn open(response: Response) -> (Parts, Bytes) {
    let (mut head, body) = response.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    // Correct responses are in memory, so this cannot fail.
    (head, to_bytes(body, usize::MAX).await.unwrap_or_default())
}

type Chunk = io::Result<Bytes>;

/// A body that is written in chunks. The writer fails when the client has gone.
fn stream() -> (mpsc::Sender<Chunk>, Body) {
    let (sender, receiver) = mpsc::channel(1);
    (sender, Body::new(Chunks(receiver)))
}

struct Chunks(mpsc::Receiver<Chunk>);

impl HttpBody for Chunks {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }
}
