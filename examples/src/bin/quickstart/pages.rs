//! The pages of the example. `maud` escapes all external text.

use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use oauth_runtime::Email;
use oauth_runtime::prelude::*;
use serde::Deserialize;

use crate::users::Linked;

/// The icon of the tab, a key. Without one, browsers request `/favicon.ico`.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' \
                    fill='none' stroke='%232456d6' stroke-width='2'%3E%3Ccircle cx='5' cy='8' r='3'/%3E\
                    %3Cpath d='M8 8h6v3M11 8v2'/%3E%3C/svg%3E";

/// A repository in the API.
#[derive(Deserialize)]
pub(crate) struct Repository {
    full_name: String,
    description: String,
    stargazers_count: u32,
}

/// The page for a visitor without a session.
pub(crate) fn sign_in(providers: &[(&str, &str)]) -> Html<String> {
    let content = html! {
        h1 { "Welcome" }
        p.lead { "Choose how to sign in." }
        nav.choices aria-label="Sign in" {
            @for (index, (name, display_name)) in providers.iter().enumerate() {
                a.button.primary[index == 0] href={ "/auth/" (name) "/login" } {
                    "Continue with " (display_name)
                }
            }
        }
        p.hint {
            "The development provider and Acme are part of this program, so no account is needed. "
            @if !providers.iter().any(|(name, _)| *name == "github") {
                "Set " code { "GITHUB_CLIENT_ID" } " and " code { "GITHUB_CLIENT_SECRET" }
                " to offer GitHub as well."
            }
        }
    };
    page("Sign in", &content)
}

/// The page of the signed-in user.
pub(crate) fn profile(user: &User, linked: &[Linked], providers: &[(&str, &str)]) -> Html<String> {
    let content = html! {
        header.person {
            (portrait(user))
            div {
                h1 { (user.display_name()) }
                p.lead { "Signed in with " (display_name(user.provider(), providers)) }
            }
        }
        dl {
            @if let Some(email) = user.email() {
                dt { "E-mail" }
                @match email {
                    Email::Verified(email) => dd { (email.as_str()) " " span.good { "verified" } },
                    Email::Unverified(email) => dd { (email.as_str()) " " span.open { "not verified" } },
                }
            }
            @if let Some(username) = user.username() {
                dt { "User name" }
                dd { (username) }
            }
            dt { "Subject" }
            dd { code { (user.subject()) } }
            dt { "Issuer" }
            dd { code { (user.issuer()) } }
        }
        div.choices {
            @if user.provider() == "development" {
                a.button.primary href="/repositories" { "Call the API" }
            }
            (sign_out())
        }
        (ways_to_sign_in(linked, providers))
    };
    page(user.display_name(), &content)
}

/// The API's response.
pub(crate) fn repositories(
    user: &User,
    resource: &serde_json::Value,
    repositories: &[Repository],
) -> Html<String> {
    let content = html! {
        h1 { "Repositories" }
        p.lead { "Fetched with the access token of " (user.display_name()) "." }
        ul.cards {
            @for repository in repositories {
                li {
                    strong { (repository.full_name) }
                    p { (repository.description) }
                    p.stars { (repository.stargazers_count) " stars" }
                }
            }
        }
        details {
            summary { "The request as the API received it" }
            pre { (format!("{resource:#}")) }
        }
        div.choices {
            a.button href="/" { "Back to the profile" }
            (sign_out())
        }
    };
    page("Repositories", &content)
}

/// The identities of a user, and the providers that the user can still link.
fn ways_to_sign_in(linked: &[Linked], providers: &[(&str, &str)]) -> Markup {
    html! {
        section.ways {
            h2 { "Ways to sign in" }
            ul {
                @for identity in linked {
                    li {
                        span { (identity.display_name) " at " (display_name(&identity.provider, providers)) }
                        // The last one cannot be unlinked, because the user could not return.
                        @if linked.len() > 1 { (unlink(identity, providers)) }
                    }
                }
            }
            div.choices {
                @for (name, display_name) in providers {
                    @if !linked.iter().any(|identity| identity.provider == *name) {
                        form method="post" action={ "/auth/" (name) "/connect" } {
                            button.button { "Link " (display_name) }
                        }
                    }
                }
            }
        }
    }
}

fn unlink(identity: &Linked, providers: &[(&str, &str)]) -> Markup {
    html! {
        form method="post" action="/unlink" {
            input type="hidden" name="issuer" value=(identity.issuer);
            input type="hidden" name="subject" value=(identity.subject);
            button.quiet { "Unlink " (display_name(&identity.provider, providers)) }
        }
    }
}

/// The page for an identity of another user. Users are not merged, because the identity may belong
/// to someone else at this computer.
pub(crate) fn conflict(display_name: &str) -> Html<String> {
    let content = html! {
        h1 { "Already linked" }
        p.lead {
            "The account of " (display_name) " belongs to another user of this site. Nothing has changed."
        }
        p.hint {
            "If that user is also you, sign in with it and unlink it there first."
        }
        div.choices { a.button href="/" { "Back to the profile" } }
    };
    page("Already linked", &content)
}

fn display_name<'a>(provider: &'a str, providers: &[(&'a str, &'a str)]) -> &'a str {
    providers.iter().find(|(name, _)| *name == provider).map_or(provider, |(_, name)| name)
}

/// A form, not a link: signing out changes something.
fn sign_out() -> Markup {
    html! {
        form method="post" action="/auth/logout" {
            button.button { "Sign out" }
        }
    }
}

fn portrait(user: &User) -> Markup {
    let initial = user.display_name().chars().next().unwrap_or('?');
    html! {
        @match user.picture() {
            Some(picture) => img.portrait src=(picture) alt="" referrerpolicy="no-referrer" {},
            None => span.portrait aria-hidden="true" { (initial) },
        }
    }
}

fn page(title: &str, content: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="icon" href=(ICON);
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body { main { (content) } }
        }
    };
    Html(page.into_string())
}
