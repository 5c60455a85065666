//! The request with which the browser brings an authorization response: a `GET` with the parameters
//! in its query, or a `POST` with them in a form (OAuth 2.0 Form Post Response Mode).

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use super::form_post;
use crate::error::BrowserError;
use crate::protocol::authorization_response::{AuthorizationResponseError, MAX_LENGTH};
use crate::protocol::media_type;
use crate::url::public_url::PublicUrl;
use crate::web::visit::Visit;

/// Maximum length of a body: a form inside a form is encoded twice.
const MAX_BODY: usize = 3 * MAX_LENGTH;
const FORM: &str = "application/x-www-form-urlencoded";

/// The encoded parameters of a callback and how they were sent.
pub(super) struct Received {
    pub(super) parameters: String,
    pub(super) delivery: Delivery,
}

/// How a callback sends its parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    Query,
    Form,
    /// In a form that a page of this site posted.
    FormAgain,
}

/// Reads a callback: its head and its encoded parameters. Those of a `POST` come only from its
/// body: parameters in two places could contradict each other.
///
/// Only a visit is read: a `HEAD` or a prefetch would spend the code that the user's own request
/// needs.
pub(super) async fn read(
    public_url: &PublicUrl,
    request: Request,
) -> (Parts, Result<Received, BrowserError>) {
    let (parts, body) = request.into_parts();
    let received = if let Err(error) = Visit::of(public_url, &parts) {
        Err(error)
    } else if parts.method == Method::POST {
        form(&parts.headers, body).await.map(received).map_err(BrowserError::from)
    } else {
        let parameters = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Received { parameters, delivery: Delivery::Query })
    };
    (parts, received)
}

fn received(form: String) -> Received {
    match form_post::inner(&form) {
        Some(parameters) => Received { parameters, delivery: Delivery::FormAgain },
        None => Received { parameters: form, delivery: Delivery::Form },
    }
}

async fn form(headers: &HeaderMap, body: Body) -> Result<String, AuthorizationResponseError> {
    if !is_form(headers) {
        return Err(AuthorizationResponseError::NotAForm);
    }
    let body = to_bytes(body, MAX_BODY).await;
    let body = body.map_err(|_| AuthorizationResponseError::TooLong)?;
    String::from_utf8(body.into()).map_err(|_| AuthorizationResponseError::NotAForm)
}

pub(super) fn is_form(headers: &HeaderMap) -> bool {
    media_type::is(headers, FORM)
}
