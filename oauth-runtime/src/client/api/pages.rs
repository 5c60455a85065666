//! Paginated lists, with a link to the next page on each (RFC 8288).

use std::fmt;

use ::http::{Response, Uri};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use url::Url;

use super::request::ApiRequest;
use crate::error::{CallError, OAuthError};
use crate::protocol::link;

/// Default for the maximum number of pages.
const MAX_PAGES: usize = 1000;

/// The pages of a list, in order.
///
/// The next page is named by the `Link` header of the last one (RFC 8288, `rel="next"`) and must be
/// in the API: the token is sent nowhere else.
///
/// ```
/// use oauth_runtime::prelude::*;
/// use serde::Deserialize;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
/// # struct GitHub;
///
/// #[derive(Deserialize)]
/// struct Repository {
///     full_name: String,
/// }
///
/// async fn repositories(github: Api<GitHub>) -> Result<String, OAuthError> {
///     let mut names = String::new();
///     let mut pages = github.get("user/repos").query([("per_page", "100")]).pages();
///     while let Some(page) = pages.next_json::<Vec<Repository>>().await? {
///         page.iter().for_each(|repository| names += &repository.full_name);
///     }
///     Ok(names)
/// }
/// ```
#[must_use = "nothing is sent until `next` or `next_json` is awaited"]
pub struct Pages<'a> {
    /// `None` after the last page.
    next: Option<ApiRequest<'a>>,
    left: usize,
}

impl<'a> Pages<'a> {
    pub(super) fn new(first: ApiRequest<'a>) -> Self {
        Self { next: Some(first), left: MAX_PAGES }
    }

    /// Sets the maximum number of pages. Default: 1000.
    pub fn most(mut self, pages: usize) -> Self {
        self.left = pages;
        self
    }

    /// Returns the next page; `None` after the last one.
    ///
    /// # Errors
    /// As [`ApiRequest::bytes`]; [`OAuthError::Call`] when the link names a page outside the API.
    pub async fn next(&mut self) -> Result<Option<Response<Bytes>>, OAuthError> {
        let Some(request) = self.next.take().filter(|_| self.left > 0) else { return Ok(None) };
        self.left -= 1;
        let response = request.successful().await?;
        if let Some(target) = link::next(response.headers()) {
            let uri = request.uri().unwrap_or_default();
            self.next = next_uri(&uri, target)?.map(|url| request.moved_to(&url));
        }
        Ok(Some(response))
    }

    /// Returns the next page, parsed from JSON; `None` after the last one.
    ///
    /// # Errors
    /// As [`next`](Self::next); [`OAuthError::Provider`] when it is not JSON that fits `T`.
    pub async fn next_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>, OAuthError> {
        let Some(client) = self.next.as_ref().map(ApiRequest::client) else { return Ok(None) };
        match self.next().await? {
            Some(response) => super::request::json(client, response.body()).map(Some),
            None => Ok(None),
        }
    }
}

/// The target of a link; `None` if it is the same page.
fn next_uri(uri: &Uri, target: &str) -> Result<Option<String>, CallError> {
    let bad = |_| CallError::ForeignOrigin(target.into());
    let here = Url::parse(&uri.to_string()).map_err(bad)?;
    let next = here.join(target).map_err(bad)?;
    Ok((next != here).then(|| next.into()))
}

impl fmt::Debug for Pages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("next", &self.next).field("left", &self.left).finish()
    }
}
