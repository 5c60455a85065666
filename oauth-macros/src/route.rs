//! The path of a route: literal, absolute, and free of router syntax.

/// Checks a path. The error is a message for the user.
pub(crate) fn check(path: &str) -> Result<(), String> {
    if !path.starts_with('/') {
        let path = path.trim_start_matches('.');
        return Err(format!("a path begins with `/`: write \"/{path}\""));
    }
    if path.contains(['{', '}', '*']) || path.contains("/:") {
        return Err("captures are not supported here: write a literal path".to_owned());
    }
    if path.contains(['?', '#']) {
        let without = path.split(['?', '#']).next().unwrap_or_default();
        return Err(format!("a path has no query or fragment: write \"{without}\""));
    }
    if path.contains(|char: char| char.is_whitespace() || char.is_control() || char == '\\') {
        return Err(
            "write a path without white space, control characters or backslashes".to_owned()
        );
    }
    if path.contains("//") || path.split('/').any(|segment| segment == "." || segment == "..") {
        return Err("write a path without `//`, `.` or `..`".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn literal_paths_are_accepted() {
        for path in ["/", "/login", "/auth/github/callback", "/a.b/c-d"] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn route_with_special_characters_is_refused() {
        for path in [
            "login",
            "",
            "/{id}",
            "/:id",
            "/*rest",
            "/a?b",
            "/a#b",
            "/a b",
            "//evil.example",
            "/a/../b",
        ] {
            assert!(check(path).is_err(), "{path}");
        }
    }
}
