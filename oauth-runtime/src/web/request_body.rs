//! Streamed request bodies from the bodies of axum.

use axum::body::Body;

use crate::http::RequestBody;

impl From<Body> for RequestBody {
    fn from(body: Body) -> Self {
        Self::new(body)
    }
}
