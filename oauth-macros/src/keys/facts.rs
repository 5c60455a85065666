//! The facts of a preset that are not keys of a declaration.

use crate::attribute::{Params, Text, Texts};

keys! {
    /// The keys that only the files in `presets` have, next to those of a declaration.
    FACTS, Facts:

    registration_page, REGISTRATION_PAGE: Text =
        Key(r#"registration_page = "https://acme.example/apps""#);
    documentation, DOCUMENTATION: Text = Key(r#"documentation = "https://acme.example/docs""#);
    checked, CHECKED: Text = Key(r#"checked = "2026-11-29""#);
    parameters, PARAMETERS: Params = Key(r#"parameters(domain = "the domain of your tenant")"#);
    defaults, DEFAULTS: Params = Key(r#"defaults(domain = "acme.example")"#);
    known_scopes, KNOWN_SCOPES: Texts = Key(r#"known_scopes("read", "write")"#);
    also_known_as, ALSO_KNOWN_AS: Texts = Key(r#"also_known_as("acme-cloud")"#);
    notes, NOTES: Texts = Key(r#"notes("A refresh token needs the scope `offline`.")"#);
}
