//! Rule 9: types with a secret cannot be printed by accident.

use std::fmt::{Display, Write as _};
use std::marker::PhantomData;

use oauth_runtime::prelude::*;
use oauth_runtime::{
    AuthorizationUrl, Connection, DeviceAuthorization, IdToken, LoginRedirect, SealedLogin, Secret,
    StoredToken, TokenUpdated,
};
use serde::Serialize;
use tests::in_process::{App, Op, Recorder, config};

use crate::secrecy::Secrets;

#[derive(Clone, Debug, OAuthRegistry)]
struct Clients {
    op: Client<Op>,
}

/// Whether a type has a trait.
macro_rules! implements {
    ($kind:ty, $bound:ident) => {{
        struct Probe<T>(PhantomData<T>);
        #[allow(dead_code, reason = "asked where the bound does not hold")]
        trait Otherwise {
            const ANSWER: bool = false;
        }
        impl<T> Otherwise for Probe<T> {}
        // If the bound holds, this takes precedence over the trait's constant.
        impl<T: $bound> Probe<T> {
            #[allow(dead_code, reason = "read where the bound holds")]
            const ANSWER: bool = true;
        }
        Probe::<$kind>::ANSWER
    }};
}

/// The names of the types that implement it.
macro_rules! those_that_implement {
    ($bound:ident: $($kind:ty),+ $(,)?) => {{
        let answers = [$((stringify!($kind), implements!($kind, $bound))),+];
        answers.iter().filter(|(_, has_it)| *has_it).map(|(name, _)| *name).collect::<Vec<_>>()
    }};
}

#[test]
fn secret_types_have_no_display_and_no_serialize() {
    let displayed = those_that_implement!(Display:
        String, Secret, Token<Op>, StoredToken, IdToken, Login<Op>, Connection<Op>, Api<Op>,
        AuthorizationUrl, LoginRedirect, SealedLogin, DeviceAuthorization<Op>, TokenUpdated,
        Client<Op>, Config,
    );
    assert_eq!(displayed, ["String"]);
    let serialised = those_that_implement!(Serialize:
        String, Secret, Token<Op>, StoredToken, IdToken, Login<Op>, Connection<Op>, Api<Op>,
        AuthorizationUrl, LoginRedirect, SealedLogin, DeviceAuthorization<Op>, TokenUpdated,
        Client<Op>, Config,
    );
    // The last two are the exceptions: one for tokens, and one for a sealed login.
    assert_eq!(serialised, ["String", "StoredToken", "SealedLogin"]);
}

#[tokio::test]
async fn debug_of_a_login_by_hand_shows_no_secret() {
    let (app, recorder) = (App::start().await, Recorder::new());
    let config = config(&app.provider, "http://127.0.0.1:3000");
    let clients = Clients::builder().config(config).http_client(recorder.clone()).build();
    let op = clients.expect("a valid configuration").op;
    let (mut secrets, mut text) = (Secrets::new(), String::new());
    let [state, nonce, verifier] = ["state", "nonce", "verifier"].map(|name| {
        let given = format!("{name}-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG");
        secrets.add(name, &given);
        given
    });
    let login = op.authorize_redirect().state(&state).nonce(&nonce).code_verifier(verifier);
    write!(text, "{login:?} {login:#?}").expect("to write");
    let started = login.into_url().await.expect("a URL");
    write!(text, "{started:?} {started:#?}").expect("to write");
    secrets.of_url(started.url());
    let callback = app.provider.sign_in(started.url(), "ada").expect("a valid request");
    secrets.of_url(callback.as_str());
    let pending = started.into_pending();
    write!(text, "{pending:?} {pending:#?}").expect("to write");
    let sealed = serde_json::to_value(&pending).expect("JSON");
    secrets.add("sealed login", sealed["value"].as_str().expect("a string"));
    let (_, query) = callback.split_once('?').expect("a query");
    let login = op.resume_login(pending, query).await.expect("a login");
    write!(text, "{login:?} {login:#?} {:?} {:#?}", login.token(), login.token().expose())
        .expect("to write");
    write!(text, "{:?} {:#?}", login.id_token(), login.id_token()).expect("to write");
    secrets.of_exchanges(&recorder);
    for what in ["state", "nonce", "verifier", "code", "access_token", "refresh_token", "id_token"]
    {
        assert!(secrets.count(what) > 0, "{what}");
    }
    for word in ["AuthorizeRedirect {", "AuthorizationUrl(", "SealedLogin(", "Login {", "IdToken"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    secrets.assert_absent(&text, "Debug");
}
