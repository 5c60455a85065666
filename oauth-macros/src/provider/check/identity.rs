//! `identity(...)`: the paths of the identity in the claims or in the profile.

use super::Context;
use crate::attribute::Pair;
use crate::diagnostics::Errors;

/// The preset's map, overridden by the declaration's entries.
pub(super) fn identity(context: &Context<'_>, errors: &mut Errors) -> Vec<(String, String)> {
    let preset = context.preset.map(|preset| preset.identity).unwrap_or_default();
    let typed = context.keys.identity.items();
    for (index, pair) in typed.iter().enumerate() {
        if typed[..index].iter().any(|earlier| earlier.name == pair.name) {
            let name = &pair.name;
            errors.push(&pair.at, format!("`{name}` is given twice: keep one"));
        }
        well_formed(pair, errors);
    }
    let overridden = |name: &str| typed.iter().any(|pair| pair.name == name);
    let declared = typed.iter().map(|pair| (pair.name.clone(), pair.value.value()));
    preset
        .iter()
        .filter(|(name, _)| !overridden(name))
        .map(|(name, path)| ((*name).to_owned(), (*path).to_owned()))
        .chain(declared)
        .collect()
}

/// Legal: `name = "profile.names.0"`, `email_verified = ""`. Illegal: `id = ""`, `id = "email"`,
/// `name = "profile..name"`.
fn well_formed(pair: &Pair, errors: &mut Errors) {
    let path = pair.value.value();
    let is_id = pair.name == "id";
    if path.is_empty() && !is_id {
        return;
    }
    if path.is_empty() {
        errors.push(
            &pair.value,
            "without an id, users cannot be told apart: write its path, such as \"sub\" or \"id\"",
        );
    } else if path.split('.').any(|segment| segment.trim().is_empty()) {
        errors.push(
            &pair.value,
            "a path consists of names separated by dots, such as \"data.user.id\"",
        );
    } else if is_id && is_reassignable(&path) {
        errors.push(
            &pair.value,
            format!("`{path}` can be reassigned to another user: write the path of an id that never changes, such as \"sub\" or \"id\""),
        );
    }
}

/// Whether the path is an e-mail address or a login name, which can be reassigned to another user.
fn is_reassignable(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    matches!(last, "email" | "mail" | "login" | "username" | "preferred_username")
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth2_errors_with;

    #[test]
    fn an_id_is_never_an_address_or_a_login_name() {
        assert_eq!(
            oauth2_errors_with(
                r#"identity(id = "user.email", name = "login", email_verified = "")"#
            ),
            ["`\"user.email\"` `user.email` can be reassigned to another user: \
                 write the path of an id that never changes, such as \"sub\" or \"id\""]
        );
    }

    #[test]
    fn a_path_is_names_with_dots() {
        assert_eq!(
            oauth2_errors_with(r#"identity(id = "", name = "a..b", name = "c")"#),
            [
                "`\"\"` without an id, users cannot be told apart: write its path, such as \"sub\" or \"id\"",
                "`\"a..b\"` a path consists of names separated by dots, such as \"data.user.id\"",
                "`name` `name` is given twice: keep one",
            ]
        );
    }
}
