//! OAuth 2.0 Form Post Response Mode: the provider's page posts the response to the redirect URI.
//!
//! That `POST` comes from another site, so browsers attach neither the cookie of the pending login
//! nor the session cookie: both are `SameSite=Lax`. `SameSite=None` would attach them to requests
//! of every site, and is not possible on plain http during development. So the response is posted
//! twice: a `POST` without cookies is answered with a page that posts the same parameters again.
//! That request comes from this site and has all cookies. Nothing is trusted in between, the
//! response stays out of URLs, and the code is exchanged where the earlier session is visible.

use axum::http::StatusCode;
use axum::response::Response;
use url::form_urlencoded;

use super::callback::Delivery;
use crate::error::BrowserError;
use crate::pages::Text;
use crate::pages::phrase::Phrase;
use crate::protocol::authorization_response::{AuthorizationResponseError, Resubmission};
use crate::web::page::pages::{Action, Forms, Page};
use crate::web::page::viewer::Viewer;

/// The form field of the page that holds the encoded response.
const FIELD: &str = "oauth_form_post";

/// Checks that a callback may be read: it was posted, and the browser sent the cookie of its login
/// or could have sent it.
///
/// # Errors
/// [`BrowserError::CookiesWithheld`]: the parameters have to be posted again from this site.
/// [`AuthorizationResponseError::NotPosted`]: they came in the URL, where only errors are accepted;
/// some providers send errors there in any response mode.
pub(super) fn check(
    parameters: &str,
    delivery: Delivery,
    has_cookie: bool,
) -> Result<(), BrowserError> {
    match delivery {
        Delivery::Form if !has_cookie => {
            Err(BrowserError::CookiesWithheld(Resubmission::new(parameters.to_owned())))
        }
        Delivery::Query if !is_error(parameters) => {
            Err(BrowserError::Response(AuthorizationResponseError::NotPosted))
        }
        _ => Ok(()),
    }
}

fn is_error(parameters: &str) -> bool {
    form_urlencoded::parse(parameters.as_bytes()).any(|(name, _)| name == "error")
}

/// The response inside the form that the page posted; `None` for any other form.
pub(super) fn inner(form: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(form.as_bytes());
    let (name, value) = pairs.next()?;
    (name == FIELD && pairs.next().is_none()).then(|| value.into_owned())
}

/// The page that posts the response again, to the same address.
pub(crate) fn again(response: &Resubmission, viewer: &Viewer) -> Response {
    let page = Page {
        status: StatusCode::OK,
        title: Phrase::of(Text::ReturningTitle),
        text: &[Phrase::of(Text::ReturningText)],
        quote: None,
        actions: vec![Action::PostAtOnce {
            label: Phrase::of(Text::Continue),
            field: FIELD,
            value: response.form(),
        }],
    };
    page.form(Forms::PostAtOnce, viewer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_posted_again_is_what_came() {
        let form = "code=a%2Bb%26c&state=s&user=%7B%22x%22%3A%22%C3%A4%22%7D&code=twice";
        let mut again = form_urlencoded::Serializer::new(String::new());
        let again = again.append_pair(FIELD, form).finish();
        assert_eq!(inner(&again).as_deref(), Some(form));
        assert_eq!(inner(form), None);
        assert_eq!(inner(&format!("{again}&state=other")), None, "no other field is allowed");
        assert_eq!(inner(""), None);
    }

    #[test]
    fn response_is_read_only_with_its_own_cookies() {
        let is_withheld = |result| matches!(result, Err(BrowserError::CookiesWithheld(_)));
        assert!(is_withheld(check("code=1&state=s", Delivery::Form, false)));
        assert!(is_withheld(check("error=x&state=s", Delivery::Form, false)));
        assert!(
            check("code=1&state=s", Delivery::Form, true).is_ok(),
            "from a provider on this site"
        );
        assert!(
            check("code=1&state=s", Delivery::FormAgain, false).is_ok(),
            "it is posted again only once"
        );
    }

    #[test]
    fn only_errors_are_read_from_the_url() {
        let not_posted = BrowserError::Response(AuthorizationResponseError::NotPosted);
        for has_cookie in [false, true] {
            assert_eq!(
                check("code=1&state=s", Delivery::Query, has_cookie),
                Err(not_posted.clone())
            );
            assert!(check("error=access_denied&state=s", Delivery::Query, has_cookie).is_ok());
        }
    }
}
