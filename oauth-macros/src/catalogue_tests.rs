//! Compares the presets of the runtime with the files that declarations read.
//!
//! The runtime includes them as Rust, because expanding all of them would slow down each build of it.
//! `OAUTH_BLESS=1 cargo test -p oauth-macros` writes them again; review the diff.

use std::path::Path;
use std::{env, fs, io};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::presets::{self, Parameter, Preset};
use crate::provider;
use crate::testing::formatted;

#[test]
fn presets_of_the_runtime_are_up_to_date() -> io::Result<()> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../oauth-runtime/src/declaration/presets.in");
    let presets = presets::names().map(|name| describe(&presets::tests::read(name).0));
    let table = formatted(&quote! {
        static PRESETS: &[Preset] = &[#(#presets),*];
    });
    assert!(!table.contains("compile_error"), "{table}");
    let table = table.replace("::core::option::Option::", "").replace("crate::__private::", "");
    let head = "// Generated from the files in `oauth-macros/presets` by a test of that crate.\n";
    let blessed = format!("{head}{table}");
    if env::var_os("OAUTH_BLESS").is_some() {
        return fs::write(file, blessed);
    }
    assert!(fs::read_to_string(file)? == blessed, "the presets of the runtime differ");
    Ok(())
}

/// The expression for one preset.
fn describe(preset: &Preset) -> TokenStream {
    let Preset { name, facts, .. } = preset;
    let fields = facts.parameters.iter().map(|parameter| format_ident!("{}", parameter.name));
    let spec = provider::description(&syn::parse_quote! {
        #[oauth_provider(crate = crate, name = "preset", preset = #name)]
        struct Preset { #(#fields: String),* }
    });
    let (documentation, checked, notes) = (&facts.documentation, &facts.checked, &facts.notes);
    let parameters = facts.parameters.iter().map(|parameter| {
        let Parameter { name, description, default } = parameter;
        let default = match default {
            Some(default) => quote!(Some(#default)),
            None => quote!(None),
        };
        quote!(Parameter { name: #name, description: #description, default: #default })
    });
    quote! {
        Preset {
            name: #name,
            spec: #spec,
            documentation: #documentation,
            checked: #checked,
            parameters: &[#(#parameters),*],
            notes: &[#(#notes),*],
        }
    }
}
