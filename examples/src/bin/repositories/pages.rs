//! The pages of the example. `maud` escapes all external text.

use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use oauth_runtime::prelude::*;

use crate::Repository;
use crate::instances::Instance;

/// The icon of the tab, a key. Without one, browsers request `/favicon.ico`.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' \
                    fill='none' stroke='%232456d6' stroke-width='2'%3E%3Ccircle cx='5' cy='8' r='3'/%3E\
                    %3Cpath d='M8 8h6v3M11 8v2'/%3E%3C/svg%3E";

/// The page for a visitor without a session.
pub(crate) fn welcome(instance: &Instance) -> Html<String> {
    let content = html! {
        section.welcome {
            h1 { "Your repositories" }
            p.lead { "All of them in one list, most recently pushed first." }
            a.button href="/auth/github/login" { "Continue with GitHub" }
            @if instance.uses_test_provider {
                p.hint {
                    "This example uses a development provider instead of GitHub, so no account is needed. "
                    "Set " code { "GITHUB_CLIENT_ID" } " and " code { "GITHUB_CLIENT_SECRET" }
                    " to use GitHub."
                }
            }
        }
    };
    page("Your repositories", &content, instance)
}

/// The list of repositories.
pub(crate) fn repositories(
    user: &User,
    repositories: &[Repository],
    all: bool,
    instance: &Instance,
) -> Html<String> {
    let stars: u32 = repositories.iter().map(|repository| repository.stargazers_count).sum();
    let content = html! {
        header.person {
            (portrait(user))
            div {
                h1 { (user.display_name()) }
                p.lead {
                    (counted(repositories.len(), "repository", "repositories")) ", "
                    (counted(stars as usize, "star", "stars"))
                }
            }
            form method="post" action="/auth/logout" { button.quiet { "Sign out" } }
        }
        ul.repositories {
            @for repository in repositories { (card(repository)) }
        }
        @if !all {
            a.more href="/repositories?all=true" { "Show private ones too" }
        }
    };
    page(user.display_name(), &content, instance)
}

fn card(repository: &Repository) -> Markup {
    let (owner, name) = repository.full_name.split_once('/').unwrap_or_default();
    let title = html! { span.owner { (owner) "/" } (name) };
    html! {
        li {
            h2 {
                @match &repository.html_url {
                    Some(url) => a href=(url) { (title) },
                    None => (title),
                }
                @if repository.private { span.badge { "private" } }
            }
            @if let Some(description) = &repository.description { p { (description) } }
            p.facts {
                @if let Some(language) = &repository.language { span { (language) } }
                span { span aria-hidden="true" { "★ " } (repository.stargazers_count)
                    span.unseen { " stars" } }
            }
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

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn page(title: &str, content: &Markup, instance: &Instance) -> Html<String> {
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
            body {
                main { (content) }
                @if let Some(number) = &instance.number {
                    footer { "This page was served by instance " strong { (number) } "." }
                }
            }
        }
    };
    Html(page.into_string())
}
