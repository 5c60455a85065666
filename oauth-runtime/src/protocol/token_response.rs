//! Access token response (RFC 6749 sections 5.1 and 5.2; OpenID Connect Core 1.0 section 3.1.3.3).

use ::http::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer;
use super::token_deviation::Straightened;
use super::token_value;
use crate::crypto::secret::Secret;
use crate::declaration::spec::Quirk;
use crate::json::{self, JsonError, Unambiguous};
use crate::protocol::endpoint_kind::Endpoint;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;

/// A lifetime beyond ten years is a mistake, not a promise.
const LONGEST_LIFETIME: u64 = 10 * 365 * 24 * 3600;

const NO_TOKEN: &str = "without a usable `access_token`";

/// A token response that can be used.
#[derive(Debug)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: Secret,
    /// As the provider writes it; `Bearer` where it writes none.
    pub(crate) token_type: String,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) id_token: Option<Secret>,
    /// Seconds after the response. `None`: the provider does not say, or says something absurd.
    pub(crate) expires_in: Option<u64>,
    /// The granted scopes. `None`: the provider does not say; never "all that was asked for".
    pub(crate) scope: Option<Vec<String>>,
    /// The members that no specification names, as a JSON object: they may be secrets too.
    pub(crate) extra: Option<Secret>,
}

/// Token types that mean something else than a bearer token, in lower case. Whoever holds such a
/// token has to prove more than that (RFC 9449, the registry of RFC 6749 section 11.1), or cannot
/// use it as one.
const OTHER_TOKEN_TYPES: [&str; 4] = ["dpop", "mac", "n_a", "pop"];

/// Deviations that change how a response is read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quirks<'a> {
    pub(crate) missing_token_type: bool,
    pub(crate) own_token_type: bool,
    pub(crate) comma_separated_scopes: bool,
    pub(crate) scopes_as_list: bool,
    pub(crate) form_encoded: bool,
    /// The path of the access token.
    pub(crate) nested_token: Option<&'a str>,
}

#[derive(Deserialize)]
struct Document {
    access_token: Option<Secret>,
    token_type: Option<String>,
    refresh_token: Option<Secret>,
    id_token: Option<Secret>,
    /// A number by the specification; some providers send text.
    expires_in: Option<Value>,
    scope: Option<Value>,
    error: Option<Value>,
    error_description: Option<Value>,
    error_uri: Option<Value>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

/// Reads the answer of a token endpoint. An `error` is believed with any status: GitHub answers
/// errors with 200.
///
/// # Errors
/// [`ProviderError::Declined`] with the provider's error response, [`ProviderError::Status`] for
/// another status, [`ProviderError::Malformed`] and [`ProviderError::Unusable`] for an answer that
/// cannot be used.
pub(crate) fn read(
    response: &Response<Bytes>,
    quirks: Quirks<'_>,
) -> Result<TokenResponse, ProviderError> {
    let status = response.status();
    let endpoint = Endpoint::Token;
    let document = Document::read(json::without_byte_order_mark(response.body()), quirks);
    if let Some(response) = document.as_ref().ok().and_then(Document::error_response) {
        return Err(ProviderError::Declined { endpoint, response });
    }
    match document {
        _ if !status.is_success() => Err(ProviderError::refused(endpoint, response)),
        Ok(document) if document.access_token.is_some() => {
            document.tokens(quirks).map_err(|(what, hint)| {
                ProviderError::unusable(endpoint, response, what).with_hint(hint)
            })
        }
        document => Err(without_token(response, document.map(|_| ()))),
    }
}

/// Why an answer of success has no access token: it declines in words of its own, cannot be read, or has
/// the token elsewhere.
fn without_token(response: &Response<Bytes>, document: Result<(), JsonError>) -> ProviderError {
    let endpoint = Endpoint::Token;
    if let Some(response) = answer::error_response(response) {
        return ProviderError::Declined { endpoint, response };
    }
    match document {
        Ok(()) => {
            let body = json::without_byte_order_mark(response.body());
            let place = json::read::<Unambiguous>(body);
            let place = place.ok().and_then(|Unambiguous(body)| answer::place_of_token(&body));
            let hint = place.map(|path| {
                format!(
                    "a provider that has the access token there needs `nested_token = \"{path}\"`"
                )
            });
            ProviderError::unusable(endpoint, response, NO_TOKEN).with_hint(hint)
        }
        Err(reason) => {
            let hint = answer::is_form_with_token(response).then(|| {
                let what = "a provider that answers with a form";
                answer::hint_at(Quirk::FormEncodedTokenResponse, what)
            });
            ProviderError::malformed(endpoint, response, reason).with_hint(hint)
        }
    }
}

impl Document {
    fn read(body: &[u8], quirks: Quirks<'_>) -> Result<Self, JsonError> {
        let Quirks { form_encoded, nested_token, .. } = quirks;
        if !form_encoded && nested_token.is_none() {
            return json::read(body);
        }
        let mut response = Straightened::read(body, form_encoded, nested_token)?;
        let members = Value::Object(std::mem::take(&mut response.members));
        let document: Self = serde_json::from_value(members)?;
        Ok(Self { extra: response.extra(document.extra), ..document })
    }

    fn error_response(&self) -> Option<ErrorResponse> {
        fn text(value: &Option<Value>) -> Option<&str> {
            value.as_ref()?.as_str()
        }
        let (description, uri) = (text(&self.error_description), text(&self.error_uri));
        let error = text(&self.error).filter(|error| !error.is_empty())?;
        Some(ErrorResponse::new(error, description, uri))
    }

    /// The tokens; otherwise what is wrong, and which quirk would accept it.
    fn tokens(self, quirks: Quirks<'_>) -> Result<TokenResponse, (&'static str, Option<String>)> {
        let access_token = self.access_token.filter(is_token).ok_or((NO_TOKEN, None))?;
        let token_type = match self.token_type {
            // RFC 6749 section 5.1: compared without regard to case.
            Some(kind) if kind.eq_ignore_ascii_case("bearer") => kind,
            Some(kind) if quirks.own_token_type && !is_of_another_kind(&kind) => {
                "Bearer".to_owned()
            }
            Some(kind) => {
                let hint = || {
                    let what = "a provider whose own word means a bearer token";
                    answer::hint_at(Quirk::OwnTokenType, what)
                };
                let hint = (!is_of_another_kind(&kind)).then(hint);
                return Err(("with a `token_type` that is not `Bearer`", hint));
            }
            None if quirks.missing_token_type => "Bearer".to_owned(),
            None => {
                let what = "a provider that sends none";
                let hint = answer::hint_at(Quirk::MissingTokenType, what);
                return Err(("without `token_type`", Some(hint)));
            }
        };
        // Any JSON that was read can be written.
        let extra = |members| serde_json::to_string(members).map(Secret::from).ok();
        Ok(TokenResponse {
            access_token,
            token_type,
            refresh_token: self.refresh_token.filter(is_token),
            id_token: self.id_token.filter(|token| !token.is_empty()),
            expires_in: self.expires_in.as_ref().and_then(lifetime),
            scope: self.scope.as_ref().and_then(|scope| scopes(scope, quirks)),
            extra: Some(&self.extra).filter(|members| !members.is_empty()).and_then(extra),
        })
    }
}

fn is_of_another_kind(token_type: &str) -> bool {
    OTHER_TOKEN_TYPES.iter().any(|kind| kind.eq_ignore_ascii_case(token_type))
}

fn is_token(token: &Secret) -> bool {
    token_value::check(token).is_ok()
}

/// A number of seconds; `None` for less than one and for more than anybody means.
pub(super) fn lifetime(value: &Value) -> Option<u64> {
    let seconds = match value {
        Value::String(text) => text.trim().parse().ok()?,
        Value::Number(number) => number.as_f64()?,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked range")]
    #[expect(clippy::cast_precision_loss, reason = "ten years fit")]
    (1.0..=LONGEST_LIFETIME as f64).contains(&seconds).then_some(seconds as u64)
}

fn scopes(value: &Value, quirks: Quirks<'_>) -> Option<Vec<String>> {
    if quirks.scopes_as_list
        && let Value::Array(list) = value
    {
        return list.iter().map(|scope| scope.as_str().map(str::to_owned)).collect();
    }
    let text = value.as_str()?;
    let is_separator = |c: char| c == ' ' || (quirks.comma_separated_scopes && c == ',');
    Some(text.split(is_separator).filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_with(
        status: u16,
        body: &str,
        quirks: Quirks<'_>,
    ) -> Result<TokenResponse, ProviderError> {
        let response =
            Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap();
        read(&response, quirks)
    }

    fn tokens(body: &str) -> Result<TokenResponse, ProviderError> {
        read_with(200, body, Quirks::default())
    }

    #[test]
    fn a_usual_response() {
        let tokens = tokens(
            r#"{"access_token":"a","token_type":"bearer","expires_in":3600,"scope":"openid email"}"#,
        )
        .unwrap();
        assert_eq!(tokens.access_token.expose(), "a");
        assert_eq!(tokens.expires_in, Some(3600));
        assert_eq!(tokens.scope.unwrap(), ["openid", "email"]);
        assert_eq!((tokens.token_type.as_str(), tokens.extra), ("bearer", None));
    }

    #[test]
    fn unspecified_members_are_kept_and_not_shown() {
        let body = r#"{"access_token":"a","token_type":"Bearer","team":{"id":7},"bot":"xoxb-1"}"#;
        let tokens = tokens(body).unwrap();
        assert!(!format!("{tokens:?}").contains("xoxb"));
        let extra: Value = serde_json::from_str(tokens.extra.unwrap().expose()).unwrap();
        assert_eq!(extra, serde_json::json!({"team": {"id": 7}, "bot": "xoxb-1"}));
    }

    #[test]
    fn missing_scope_is_unknown_not_the_requested_scope() {
        let tokens = tokens(r#"{"access_token":"a","token_type":"Bearer"}"#).unwrap();
        assert_eq!(tokens.scope, None);
    }

    #[test]
    fn an_error_with_status_200_is_an_error() {
        let error = tokens(r#"{"error":"bad_verification_code","error_description":"Expired"}"#);
        let Err(ProviderError::Declined { response, .. }) = error else { panic!("{error:?}") };
        assert_eq!(response.to_string(), "bad_verification_code (Expired)");
    }

    #[test]
    fn token_types_other_than_bearer_are_refused() {
        let mac = tokens(r#"{"access_token":"a","token_type":"mac"}"#).unwrap_err();
        assert!(mac.to_string().contains("not `Bearer`"), "{mac}");
        let none = tokens(r#"{"access_token":"a"}"#).unwrap_err();
        assert!(none.to_string().contains("without `token_type`"), "{none}");
        let quirks = Quirks { missing_token_type: true, ..Quirks::default() };
        assert!(read_with(200, r#"{"access_token":"a"}"#, quirks).is_ok());
    }

    #[test]
    fn quirk_that_would_fit_is_named() {
        for (body, hint) in [
            (r#"{"access_token":"hunter2","expires_in":3600}"#, "`quirks(missing_token_type)`"),
            (r#"{"access_token":"hunter2","token_type":"user"}"#, "`quirks(own_token_type)`"),
            (
                r#"{"ok":true,"authed_user":{"access_token":"hunter2"}}"#,
                r#"`nested_token = "authed_user.access_token"`"#,
            ),
            ("access_token=hunter2&token_type=bearer", "`quirks(form_encoded_token_response)`"),
        ] {
            let text = tokens(body).unwrap_err().to_string();
            assert!(text.contains(hint) && !text.contains("hunter2"), "{text}");
        }
        let mac = tokens(r#"{"access_token":"a","token_type":"mac"}"#).unwrap_err().to_string();
        assert!(!mac.contains("quirks"), "it asks for a proof: {mac}");
    }

    #[test]
    fn words_of_a_refusal_are_kept_in_every_shape() {
        for (status, body, words) in [
            (
                400,
                r#"{"error":{"message":"The code is malformed.","type":"OAuthException","code":100}}"#,
                "declined: 100 (OAuthException: The code is malformed.)",
            ),
            (200, r#"{"errcode":40029,"errmsg":"invalid code"}"#, "declined: 40029 (invalid code)"),
            (400, "error=bad&error_description=too+late", "declined: bad (too late)"),
            (
                503,
                r#"{"error":{"message":"busy"}}"#,
                r#"status 503; its answer: no content type: {"error":{"message":"busy"}}"#,
            ),
            (200, "<title>Attention Required!</title>", "`<title>Attention Required!</title>`"),
        ] {
            let text = read_with(status, body, Quirks::default()).unwrap_err().to_string();
            assert!(text.contains(words), "{text}");
        }
    }

    #[test]
    fn byte_order_mark_is_not_read() {
        let body = "\u{feff}{\"access_token\":\"a\",\"token_type\":\"Bearer\"}";
        assert_eq!(tokens(body).unwrap().access_token.expose(), "a");
        let quirks = Quirks { form_encoded: true, ..Quirks::default() };
        let form = "\u{feff}access_token=a&token_type=bearer";
        assert_eq!(read_with(200, form, quirks).unwrap().access_token.expose(), "a");
    }

    #[test]
    fn expires_in_may_be_text_and_absurd_is_unknown() {
        for (given, expected) in [
            ("\"3600\"", Some(3600)),
            ("3599.9", Some(3599)),
            ("0", None),
            ("-5", None),
            ("315360000", Some(315_360_000)),
            ("315360001", None),
            ("1e300", None),
            ("\"soon\"", None),
            ("[]", None),
            ("null", None),
        ] {
            let body =
                format!(r#"{{"access_token":"a","token_type":"Bearer","expires_in":{given}}}"#);
            assert_eq!(tokens(&body).unwrap().expires_in, expected, "{given}");
        }
    }

    #[test]
    fn a_token_that_breaks_out_of_a_header_is_refused() {
        let error = tokens(r#"{"access_token":"a\r\nX: y","token_type":"Bearer"}"#).unwrap_err();
        assert!(!error.to_string().contains("X: y"));
    }

    #[test]
    fn an_error_page_is_reported_by_its_status() {
        let error = read_with(503, "<html>", Quirks::default()).unwrap_err();
        assert!(matches!(error, ProviderError::Status { status: 503, .. }));
    }

    #[test]
    fn comma_separated_scopes_are_a_quirk() {
        let body = r#"{"access_token":"a","token_type":"Bearer","scope":"repo,gist"}"#;
        assert_eq!(tokens(body).unwrap().scope.unwrap(), ["repo,gist"]);
        let quirks = Quirks { comma_separated_scopes: true, ..Quirks::default() };
        assert_eq!(read_with(200, body, quirks).unwrap().scope.unwrap(), ["repo", "gist"]);
    }

    #[test]
    fn a_list_of_scopes_is_a_quirk() {
        let body = r#"{"access_token":"a","token_type":"Bearer","scope":["repo","gist"]}"#;
        assert_eq!(tokens(body).unwrap().scope, None);
        let quirks = Quirks { scopes_as_list: true, ..Quirks::default() };
        assert_eq!(read_with(200, body, quirks).unwrap().scope.unwrap(), ["repo", "gist"]);
        let mixed = r#"{"access_token":"a","token_type":"Bearer","scope":["repo",1]}"#;
        assert_eq!(read_with(200, mixed, quirks).unwrap().scope, None);
    }

    #[test]
    fn own_token_type_is_a_quirk_but_never_proof_bound() {
        let body = |kind: &str| format!(r#"{{"access_token":"a","token_type":"{kind}"}}"#);
        let quirks = Quirks { own_token_type: true, ..Quirks::default() };
        assert!(tokens(&body("user")).is_err());
        assert_eq!(read_with(200, &body("user"), quirks).unwrap().token_type, "Bearer");
        for kind in ["mac", "DPoP", "PoP", "N_A"] {
            assert!(read_with(200, &body(kind), quirks).is_err(), "{kind}");
        }
    }

    #[test]
    fn a_form_encoded_answer_is_a_quirk() {
        let body = "access_token=a%20b&token_type=bearer&expires_in=60&scope=repo+gist&team=x";
        assert!(tokens(body).is_err());
        let quirks = Quirks { form_encoded: true, ..Quirks::default() };
        let tokens = read_with(200, body, quirks).unwrap();
        assert_eq!((tokens.access_token.expose(), tokens.expires_in), ("a b", Some(60)));
        assert_eq!(tokens.scope.unwrap(), ["repo", "gist"]);
        assert_eq!(tokens.extra.unwrap().expose(), r#"{"team":"x"}"#);
        let json = read_with(200, r#" {"access_token":"a","token_type":"Bearer"}"#, quirks);
        assert_eq!(json.unwrap().access_token.expose(), "a");
        let declined = read_with(200, "error=bad_code&error_description=Expired", quirks);
        assert!(matches!(declined, Err(ProviderError::Declined { .. })), "{declined:?}");
        let twice = read_with(200, "access_token=a&token_type=bearer&access_token=b", quirks);
        assert!(matches!(twice, Err(ProviderError::Malformed { .. })), "{twice:?}");
        let page = read_with(200, "<html>", quirks);
        assert!(matches!(page, Err(ProviderError::Unusable { .. })), "{page:?}");
    }

    /// The answer of Slack, whose own token is that of a bot.
    #[test]
    fn nested_token_is_read_with_its_siblings() {
        let quirks = |path| Quirks {
            nested_token: Some(path),
            own_token_type: true,
            comma_separated_scopes: true,
            ..Quirks::default()
        };
        let slack = quirks("authed_user.access_token");
        let body = r#"{"ok":true,"access_token":"xoxb-bot","token_type":"bot","scope":"commands",
            "authed_user":{"id":"U1","access_token":"xoxp","token_type":"user","scope":"a,b",
            "refresh_token":"r","expires_in":60},"team":{"id":"T1"}}"#;
        let tokens = read_with(200, body, slack).unwrap();
        assert_eq!(tokens.access_token.expose(), "xoxp");
        assert_eq!(tokens.refresh_token.unwrap().expose(), "r");
        assert_eq!(
            (tokens.scope.unwrap(), tokens.expires_in),
            (vec!["a".to_owned(), "b".to_owned()], Some(60))
        );
        let extra: Value = serde_json::from_str(tokens.extra.unwrap().expose()).unwrap();
        assert_eq!(
            extra,
            serde_json::json!({
                "ok": true, "access_token": "xoxb-bot", "token_type": "bot", "scope": "commands",
                "authed_user": {"id": "U1"}, "team": {"id": "T1"},
            })
        );
        let without =
            r#"{"ok":true,"access_token":"xoxb-bot","token_type":"bot","authed_user":{}}"#;
        let error = read_with(200, without, slack).unwrap_err();
        assert!(error.to_string().contains("`access_token`"), "{error}");
        let declined = read_with(200, r#"{"ok":false,"error":"invalid_code"}"#, slack);
        assert!(matches!(declined, Err(ProviderError::Declined { .. })), "{declined:?}");

        let renamed = r#"{"token":"a","token_type":"Bearer","data":[{"t":"b"}],"left":1}"#;
        let tokens = read_with(200, renamed, quirks("token")).unwrap();
        assert_eq!(tokens.access_token.expose(), "a");
        let extra: Value = serde_json::from_str(tokens.extra.unwrap().expose()).unwrap();
        assert_eq!(extra, serde_json::json!({"data": [{"t": "b"}], "left": 1}));
        let quirks = Quirks { missing_token_type: true, ..quirks("data.0.t") };
        assert_eq!(read_with(200, renamed, quirks).unwrap().access_token.expose(), "b");
    }
}
