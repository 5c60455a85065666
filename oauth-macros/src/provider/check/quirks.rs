//! `quirks(...)`: the deviations that have a name.

use super::Context;
use crate::diagnostics::{Errors, all_of, nearest};
use crate::keys::QUIRKS;

/// A deviation, by the name that a declaration writes and by the variant of the runtime's `Quirk`.
#[derive(PartialEq)]
pub(super) struct Quirk {
    pub(super) name: &'static str,
    pub(super) variant: &'static str,
}

pub(super) static LOOPBACK_HTTP: Quirk = Quirk { name: "loopback_http", variant: "LoopbackHttp" };
pub(super) static NO_PKCE: Quirk = Quirk { name: "no_pkce", variant: "NoPkce" };
pub(super) static LONG_LEEWAY: Quirk = Quirk { name: "long_leeway", variant: "LongLeeway" };
pub(super) static HS256_ID_TOKEN: Quirk = Quirk { name: "hs256_id_token", variant: "Hs256IdToken" };

static ALL: &[&Quirk] = &[
    &LOOPBACK_HTTP,
    &Quirk { name: "comma_separated_scopes", variant: "CommaSeparatedScopes" },
    &Quirk { name: "missing_token_type", variant: "MissingTokenType" },
    &Quirk { name: "unencoded_basic", variant: "UnencodedBasic" },
    &NO_PKCE,
    &LONG_LEEWAY,
    &HS256_ID_TOKEN,
    &Quirk { name: "additional_audiences", variant: "AdditionalAudiences" },
    &Quirk { name: "user_in_response", variant: "UserInResponse" },
    &Quirk { name: "token_endpoint_audience", variant: "TokenEndpointAudience" },
];

/// The preset's deviations and the declaration's own.
pub(super) fn quirks(context: &Context<'_, '_>, errors: &mut Errors) -> Vec<&'static Quirk> {
    let preset = context.preset.map(|preset| preset.quirks).unwrap_or_default();
    let mut quirks: Vec<_> = preset.iter().filter_map(|name| find(name)).collect();
    let typed = context.declaration.words(&QUIRKS);
    for (index, word) in typed.iter().enumerate() {
        let name = word.to_string();
        match find(&name) {
            _ if typed[..index].contains(word) => {
                errors.push(word, format!("`{name}` is given twice: keep one"));
            }
            Some(quirk) if quirks.contains(&quirk) => {}
            Some(quirk) => quirks.push(quirk),
            None => errors.push(word, unknown(&name)),
        }
    }
    quirks
}

/// What a declaration may write in `quirks(...)`.
#[cfg(test)]
pub(crate) fn quirk_names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|quirk| quirk.name)
}

fn find(name: &str) -> Option<&'static Quirk> {
    ALL.iter().copied().find(|quirk| quirk.name == name)
}

fn unknown(name: &str) -> String {
    let names = || ALL.iter().map(|quirk| quirk.name);
    match nearest(name, names()) {
        Some(meant) => format!("unknown quirk `{name}`: write `{meant}`"),
        None => format!("unknown quirk `{name}`: the quirks are {}", all_of(names())),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth2_errors_with;

    #[test]
    fn a_deviation_has_a_known_name_and_is_given_once() {
        let errors = oauth2_errors_with("quirks(loopbak_http, no_pkce, no_pkce, magic)");
        assert_eq!(
            errors[..2],
            [
                "`loopbak_http` unknown quirk `loopbak_http`: write `loopback_http`",
                "`no_pkce` `no_pkce` is given twice: keep one",
            ]
        );
        assert!(
            errors[2]
                .starts_with("`magic` unknown quirk `magic`: the quirks are `loopback_http`, ")
        );
    }
}
