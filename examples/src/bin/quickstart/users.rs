//! The users of this site and their identities. A map replaces two tables:
//!
//! ```sql
//! create table users (
//!     id bigint generated always as identity primary key
//! );
//! create table identities (
//!     issuer   text not null,
//!     subject  text not null,
//!     provider text not null,
//!     user_id  bigint not null references users,
//!     primary key (issuer, subject)
//! );
//! ```

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Extension;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::Response;
use oauth_runtime::SignOutError;
use oauth_runtime::prelude::*;
use oauth_runtime::{Connection, Identity};
use serde::Deserialize;

use crate::pages;

/// The table `identities`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users(Arc<Mutex<Vec<Linked>>>);

/// An identity of a user.
#[derive(Clone, Debug)]
pub(crate) struct Linked {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) provider: String,
    pub(crate) display_name: String,
    user: usize,
}

impl Linked {
    fn of(identity: &Identity, user: usize) -> Self {
        Self {
            issuer: identity.issuer().to_owned(),
            subject: identity.subject().to_owned(),
            provider: identity.provider().to_owned(),
            display_name: identity.display_name().to_owned(),
            user,
        }
    }
}

impl Users {
    /// The identities of the signed-in user.
    pub(crate) fn identities_of(&self, user: &Identity) -> Vec<Linked> {
        let table = self.table();
        let user = find(&table, user.issuer(), user.subject());
        table.iter().filter(|linked| Some(linked.user) == user).cloned().collect()
    }

    fn find_or_create(&self, identity: &Identity) -> usize {
        let mut table = self.table();
        let found = find(&table, identity.issuer(), identity.subject());
        found.unwrap_or_else(|| {
            let user = table.iter().map(|linked| linked.user).max().unwrap_or_default() + 1;
            table.push(Linked::of(identity, user));
            user
        })
    }

    /// Links an identity to the signed-in user. Returns `false` if it belongs to another user.
    fn link(&self, user: &Identity, identity: &Identity) -> bool {
        let mut table = self.table();
        let Some(user) = find(&table, user.issuer(), user.subject()) else { return false };
        match find(&table, identity.issuer(), identity.subject()) {
            Some(owner) => owner == user,
            None => {
                table.push(Linked::of(identity, user));
                true
            }
        }
    }

    /// Unlinks an identity of the signed-in user, unless it is the last one.
    fn unlink(&self, user: &Identity, issuer: &str, subject: &str) {
        let mut table = self.table();
        let user = find(&table, user.issuer(), user.subject());
        let is_own = user.is_some() && find(&table, issuer, subject) == user;
        if is_own && table.iter().filter(|linked| Some(linked.user) == user).count() > 1 {
            table.retain(|linked| linked.issuer != issuer || linked.subject != subject);
        }
    }

    fn table(&self) -> MutexGuard<'_, Vec<Linked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find(table: &[Linked], issuer: &str, subject: &str) -> Option<usize> {
    let own = table.iter().find(|linked| linked.issuer == issuer && linked.subject == subject);
    own.map(|linked| linked.user)
}

/// Completes every login.
pub(crate) async fn signed_in<P: OAuthProvider>(
    Extension(users): Extension<Users>,
    login: Login<P>,
) -> Result<impl IntoResponse, OAuthError> {
    // Stored tokens and linked accounts belong to the user, not to one identity.
    let user = users.find_or_create(login.identity()) as u64;
    Ok((login.sign_in_as(user).await?, Redirect::to(login.return_to())))
}

/// Links an identity to the user of the session.
pub(crate) async fn linked<P: OAuthProvider>(
    Extension(users): Extension<Users>,
    connection: Connection<P>,
) -> Result<Response, OAuthError> {
    let identity = connection.identity();
    if !users.link(connection.user(), identity) {
        return Ok((StatusCode::CONFLICT, pages::conflict(identity.display_name())).into_response());
    }
    Ok((connection.connect().await?, Redirect::to(connection.return_to())).into_response())
}

/// The identity to unlink.
#[derive(Deserialize)]
pub(crate) struct Unlink {
    issuer: String,
    subject: String,
}

/// Unlinks an identity. If it is that of the session, the user is signed out.
pub(crate) async fn unlink(
    user: User,
    Extension(users): Extension<Users>,
    Form(unlink): Form<Unlink>,
) -> Result<Response, SignOutError> {
    users.unlink(&user, &unlink.issuer, &unlink.subject);
    if users.identities_of(&user).is_empty() {
        return Ok((user.sign_out().await?, Redirect::to("/")).into_response());
    }
    Ok(Redirect::to("/").into_response())
}
