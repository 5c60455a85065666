//! Traces of exchanges show their shape and no secret. The tests of secrecy search them too, because
//! they read all traces.

use oauth_runtime::testing::Fault;
use tests::in_process::{App, Paged};

use crate::traces::Traces;

fn exchanges(traces: &Traces) -> Vec<String> {
    let heard = traces.heard();
    let lines = heard.lines().filter(|line| line.contains("oauth_runtime::exchange"));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn trace_of_a_login_shows_each_exchange() {
    let (traces, _collecting) = Traces::collect();
    let app = App::builder::<Paged>().start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "plain").await.location();
    let lines = exchanges(&traces);
    let expected = [
        "redirect http://",
        "callback: code=<string> state=<string>",
        "/token, authorization Basic …: grant_type=authorization_code code=<string>",
        "200 application/json: access_token=<string>",
        "/userinfo, authorization Bearer …:",
        "sub=<string>",
    ];
    let mut rest = lines.iter();
    for part in expected {
        assert!(rest.any(|line| line.contains(part)), "{part}: {lines:#?}");
    }
    assert!(lines.iter().all(|line| line.starts_with("DEBUG ")), "{lines:#?}");
}

#[tokio::test]
async fn trace_of_a_refused_login_shows_the_error_code() {
    let (traces, _collecting) = Traces::collect();
    let app = App::builder::<Paged>().start().await;
    app.provider.fault(Fault::TokenErrorWithMarkup);
    let mut browser = app.browser();
    app.log_in(&mut browser, "plain").await;
    let lines = exchanges(&traces);
    assert!(lines.iter().any(|line| line.contains("400 application/json")), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("alert")), "{lines:#?}");
}
