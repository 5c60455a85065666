//! Detects misspelt settings, which nothing would read, and values that are still in quotes. A
//! value is never repeated.

use super::error::Faults;
use super::source::Source;
use super::{Config, ConfigFault, FaultKind, Setting, key_of, letters};

/// A setting of the application, with other names for it.
struct Shared {
    /// The name after `OAUTH_`.
    name: &'static str,
    /// Other names after `OAUTH_` that may be written for it, beyond typing errors.
    synonyms: &'static [&'static str],
    /// Whether a value is valid for this setting, so that a name without `OAUTH_` was meant for it.
    fits: fn(&str) -> bool,
}

const SHARED: &[Shared] = &[
    Shared {
        name: "PUBLIC_URL",
        synonyms: &[
            "APP_URL",
            "SITE_URL",
            "EXTERNAL_URL",
            "PUBLIC_HOST",
            "PUBLIC_ORIGIN",
            "PUBLIC_ADDRESS",
        ],
        fits: |value| value.starts_with("https://") || value.starts_with("http://"),
    },
    Shared {
        name: "COOKIE_KEYS",
        synonyms: &[
            "COOKIES_KEY",
            "COOKIE_SECRET",
            "COOKIE_SECRETS",
            "SESSION_KEY",
            "SESSION_KEYS",
            "SESSION_SECRET",
        ],
        // 32 bytes, as base64 or hexadecimal digits.
        fits: |value| value.split(',').all(|key| key.trim().len() >= 43 && !key.contains(' ')),
    },
    Shared {
        name: "STORE_URL",
        synonyms: &["STORE", "STORAGE", "STORAGE_URL", "DATABASE_URL", "DB_URL", "REDIS_URL"],
        fits: |value| {
            let schemes = ["memory:", "sqlite:", "postgres:", "postgresql:", "redis:", "rediss:"];
            schemes.iter().any(|scheme| value.starts_with(scheme))
        },
    },
];

/// The number of typing errors tolerated after `OAUTH_`. A short name quickly becomes another word.
fn slips(name: &str) -> usize {
    1 + name.len() / 9
}

impl Config {
    /// Records variables whose name is nearly that of an application setting that is not set,
    /// because nothing reads them. For `settings`, those of the providers, it only logs a warning.
    pub(crate) fn check_names(&self, providers: &[&str], settings: &[String], faults: &mut Faults) {
        let mut names: Vec<_> = self.sources.iter().flat_map(Source::names).collect();
        names.sort();
        names.dedup();
        for name in names.iter().filter(|name| !settings.contains(name)) {
            if let Some(meant) = self.similar_shared_setting(name) {
                let is_reported = |fault: &ConfigFault| fault.key() == meant;
                if self.get(&meant).is_none() && !faults.any(is_reported) {
                    let fault = ConfigFault::new(FaultKind::Malformed, name, "is not a setting");
                    faults.push(fault.help(format!("did you mean {meant}?")));
                }
            } else if let Some(meant) = self.similar_provider_setting(name, providers, settings) {
                tracing::warn!(variable = %name, %meant, "environment variable is not a setting");
            }
        }
    }

    /// Records values in quotes, as in a file that was not read by a shell. They are read without
    /// the quotes, so that no other fault follows.
    pub(crate) fn check_quotes(&self, settings: &[String], faults: &mut Faults) {
        for key in settings {
            if let Some(setting) = self.get(key).filter(Setting::is_quoted) {
                let origin = &setting.origin;
                let what = format!("(from {origin}) is in quotes");
                let fault = ConfigFault::new(FaultKind::Malformed, key, what);
                faults.push(fault.help("write the value without them"));
            }
        }
    }

    /// The setting of the application that a name was meant for; `None` for its own name and for
    /// names that are not similar.
    pub(super) fn similar_shared_setting(&self, name: &str) -> Option<String> {
        let bare = bare(name);
        let meant = |shared: &Shared| {
            let own = letters(shared.name);
            let is_synonym =
                |rest: &str| shared.synonyms.iter().any(|synonym| letters(synonym) == rest);
            match bare.strip_prefix("OAUTH") {
                Some(rest) => is_synonym(rest) || distance(rest, &own) <= slips(&own),
                None => {
                    let singular = own.trim_end_matches('S');
                    let is_own = bare == own || bare == singular;
                    is_own && self.get(name).is_some_and(|setting| (shared.fits)(setting.text()))
                }
            }
        };
        let found = SHARED.iter().find(|shared| meant(shared))?;
        let whole = key_of("oauth", found.name);
        (whole != name).then_some(whole)
    }

    /// The unset setting of a provider that a name differs from in one letter.
    fn similar_provider_setting(
        &self,
        name: &str,
        providers: &[&str],
        settings: &[String],
    ) -> Option<String> {
        let bare = bare(name);
        let is_of = |provider: &&str| bare.starts_with(&letters(&key_of(provider, "")));
        providers.iter().copied().find(|provider| is_of(provider))?;
        let is_near = |own: &&String| distance(&bare, &letters(own)) <= 1;
        settings.iter().find(is_near).filter(|own| self.get(own).is_none()).cloned()
    }
}

/// The letters of a name, without `export` from a file that was not read by a shell.
pub(super) fn bare(name: &str) -> String {
    let name = name.trim();
    letters(name.strip_prefix("export ").unwrap_or(name))
}

/// The value inside its quotes; `None` without quotes.
pub(crate) fn unquoted(text: &str) -> Option<&str> {
    let between = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    between('"').or_else(|| between('\''))
}

/// The number of letters to insert, remove or replace until the strings are equal (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    // The distances from the part of `a` that was read to each prefix of `b`.
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (read, from) in a.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        let mut left = read + 1;
        next.push(left);
        for (before, to) in row.windows(2).zip(&b) {
            let &[diagonal, above] = before else { continue };
            left = (diagonal + usize::from(from != *to)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(config: &Config) -> Vec<String> {
        let mut faults = Faults::default();
        config.check_names(&["github"], &["GITHUB_SCOPES".to_owned()], &mut faults);
        let error = faults.finish(None::<()>).unwrap_err();
        error.faults().iter().map(|fault| fault.to_string().replace("\n    ", "; ")).collect()
    }

    #[test]
    fn misspelt_shared_setting_is_reported() {
        for (name, meant) in [
            ("OAUTH_COOKIE_KEY", "OAUTH_COOKIE_KEYS"),
            ("OAUTH_COOKIES_KEY", "OAUTH_COOKIE_KEYS"),
            ("OAUTH_COOKIE_SECRET", "OAUTH_COOKIE_KEYS"),
            ("OAUTH_PUBLIC_URI", "OAUTH_PUBLIC_URL"),
            ("OAUTH_PUBLICURL", "OAUTH_PUBLIC_URL"),
            ("OAUTH_PUBLCI_URL", "OAUTH_PUBLIC_URL"),
            ("OAUTH_APP_URL", "OAUTH_PUBLIC_URL"),
            ("oauth_public_url", "OAUTH_PUBLIC_URL"),
            ("export OAUTH_PUBLIC_URL", "OAUTH_PUBLIC_URL"),
            (" OAUTH_PUBLIC_URL", "OAUTH_PUBLIC_URL"),
            ("OAUTH_STORE", "OAUTH_STORE_URL"),
            ("OAUTH_STORE_URI", "OAUTH_STORE_URL"),
        ] {
            let config = Config::empty().set(name, "hunter2");
            assert_eq!(told(&config), [format!("{name} is not a setting; did you mean {meant}?")]);
            // It does no harm if the right one is set, too.
            assert_eq!(told(&config.set(meant, "x")), [""; 0], "{name}");
        }
        for name in [
            "OAUTH_CLIENT_ID",
            "OAUTH_URL",
            "OAUTH_PUBLIC_KEY",
            "OAUTH_TOKEN_URL",
            "OAUTHLIB_INSECURE_TRANSPORT",
            "PATH",
        ] {
            assert_eq!(told(&Config::empty().set(name, "x")), [""; 0], "{name}");
        }
    }

    /// Other programs have variables with these names, so only the value shows the purpose.
    #[test]
    fn shared_name_without_prefix_is_found_by_its_value() {
        let key = "a".repeat(43);
        for (name, fits, other) in [
            ("PUBLIC_URL", "https://app.example", "/static"),
            ("COOKIE_KEY", key.as_str(), "session"),
            ("STORE_URL", "redis://localhost", "https://shop.example"),
        ] {
            assert_eq!(told(&Config::empty().set(name, fits)).len(), 1, "{name}");
            assert_eq!(told(&Config::empty().set(name, other)), [""; 0], "{name}");
        }
    }

    #[test]
    fn distance_counts_edits() {
        for (a, b, slips) in [("", "", 0), ("a", "", 1), ("KEY", "KEYS", 1), ("URI", "URL", 1)] {
            assert_eq!(distance(a, b), slips, "{a} {b}");
        }
        assert_eq!(distance("STORE", "STOREURL"), 3);
    }

    #[test]
    fn quotes_come_in_pairs() {
        assert_eq!(unquoted("\"a\""), Some("a"));
        assert_eq!(unquoted("'a'"), Some("a"));
        for text in ["a", "\"a", "a'", "\"a'", "\"", ""] {
            assert_eq!(unquoted(text), None, "{text}");
        }
    }
}
