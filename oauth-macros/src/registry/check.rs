//! CHECK: turns a parsed struct into a registry, or into errors.
//!
//! The derive cannot see whether two providers share a name or a path, because both appear in the
//! providers' own declarations. The runtime checks it in a constant of the expansion.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Path, Type};

use super::input::{Field, Input, Presence};
use crate::diagnostics::Errors;
use crate::shape::Shape;
use crate::{keys, route};

/// A registry that is ready to expand.
pub(super) struct Registry<'a> {
    /// The runtime crate, as generated code names it.
    pub(super) runtime: Path,
    pub(super) ident: &'a Ident,
    /// Prefix of the routes; empty for the root.
    pub(super) mount: String,
    /// At least one.
    pub(super) clients: Vec<Client<'a>>,
    pub(super) on_error: Option<&'a Path>,
    /// The application's own state; any state if none is declared.
    pub(super) state: Option<&'a Type>,
}

/// A field of the registry.
pub(super) struct Client<'a> {
    pub(super) ident: &'a Ident,
    pub(super) provider: &'a Type,
    pub(super) presence: Presence,
    /// The handler of a completed login, unless the provider has one of its own. Default: the
    /// built-in session.
    pub(super) on_login: Option<&'a Path>,
    /// Whether the field names the handler, so that the provider must not have another.
    pub(super) names_on_login: bool,
    /// The handler of a connected account. Without one, only providers with stored tokens can be
    /// connected.
    pub(super) on_connect: Option<&'a Path>,
}

/// Checks a registry. The result is meaningless if there are errors.
pub(super) fn check<'a>(input: &'a Input, errors: &mut Errors) -> Option<Registry<'a>> {
    let keys = &input.attrs.keys;
    no_generics(input, errors);
    let mount = mount(input, errors);
    let clients = clients(input, errors)?;
    each_provider_once(input.data.fields(), errors);
    one_always_there(&clients, input, errors);
    Some(Registry {
        runtime: keys::runtime(&keys.runtime),
        ident: &input.ident,
        mount,
        clients,
        on_error: keys.on_error.value(),
        state: keys.state.value(),
    })
}

fn no_generics(input: &Input, errors: &mut Errors) {
    if !input.generics.params.is_empty() {
        let ident = &input.ident;
        errors.push(
            &input.generics,
            format!(
                "a registry cannot be generic: write `struct {ident}` with a field for each provider"
            ),
        );
    } else if let Some(clause) = &input.generics.where_clause {
        errors.push(clause, "a registry cannot be generic: remove the where clause");
    }
}

/// `mount = "/auth"`
fn mount(input: &Input, errors: &mut Errors) -> String {
    let Some(typed) = input.attrs.keys.mount.value() else {
        return "/auth".to_owned();
    };
    let mount = typed.value();
    let without = mount.trim_end_matches('/');
    if let Err(message) = route::check(&mount) {
        errors.push(typed, message);
    } else if mount != "/" && without != mount {
        errors.push(typed, format!("a mount must not end with `/`: write \"{without}\""));
    }
    without.to_owned()
}

/// The fields as clients; `None` if there are none.
fn clients<'a>(input: &'a Input, errors: &mut Errors) -> Option<Vec<Client<'a>>> {
    let ident = &input.ident;
    let instead = format!("write `struct {ident} {{ github: Client<GitHub> }}`");
    let fields = match &input.data {
        Shape::Struct(fields) if fields.is_empty() => {
            errors.push(ident, format!("`{ident}` has no client: {instead}"));
            return None;
        }
        Shape::Struct(fields) => fields,
        Shape::Tuple(fields) => {
            errors.push(fields, format!("the clients of a registry need names: {instead}"));
            return None;
        }
        Shape::Enum(token) => {
            errors.push(token, format!("a registry is a struct, not an enum: {instead}"));
            return None;
        }
        Shape::Union(token) => {
            errors.push(token, format!("a registry is a struct, not a union: {instead}"));
            return None;
        }
    };
    let shared = &input.attrs.keys;
    let clients = fields.iter().filter_map(|field| {
        let Some(provider) = field.provider() else {
            errors.push(&field.ty, not_a_client(field));
            return None;
        };
        let own = &field.attrs.keys;
        Some(Client {
            ident: &field.ident,
            provider,
            presence: field.presence(),
            on_login: own.on_login.value().or(shared.on_login.value()),
            names_on_login: own.on_login.is_given(),
            on_connect: own.on_connect.value().or(shared.on_connect.value()),
        })
    });
    Some(clients.collect())
}

/// Legal: `github: Client<GitHub>`. Illegal: `github: GitHub`, `pool: Pool<Postgres>`.
fn not_a_client(field: &Field) -> String {
    let (ident, ty) = (&field.ident, field.ty.to_token_stream().to_string().replace(' ', ""));
    let is_bare = syn::parse_str::<Ident>(&ty).is_ok() && ty != "Client";
    if is_bare {
        format!(
            "`{ty}` is not a client: write `{ident}: Client<{ty}>`; anything else belongs in your own state"
        )
    } else {
        format!(
            "`{ident}` is not a `Client<P>`: a registry holds clients, anything else belongs in your own state"
        )
    }
}

/// Illegal: only fields of type `Option<Client<P>>`, because sessions need a client that exists.
fn one_always_there(clients: &[Client<'_>], input: &Input, errors: &mut Errors) {
    if let [first, ..] = clients
        && clients.iter().all(|client| client.presence == Presence::IfConfigured)
    {
        let provider = first.provider.to_token_stream().to_string().replace(' ', "");
        errors.push(
            &input.ident,
            format!(
                "every client of `{}` is optional, so there may be none: make one of them a plain `Client<P>`, such as `{}: Client<{provider}>`",
                input.ident, first.ident
            ),
        );
    }
}

/// Illegal: two fields of type `Client<GitHub>`, because extractors find a client by its type.
fn each_provider_once(fields: &[Field], errors: &mut Errors) {
    let text = |field: &Field| field.provider().map(|ty| ty.to_token_stream().to_string());
    for (index, field) in fields.iter().enumerate() {
        let Some(provider) = text(field) else {
            continue;
        };
        let earlier =
            fields[..index].iter().find(|earlier| text(earlier).as_ref() == Some(&provider));
        if let Some(earlier) = earlier {
            let provider = provider.replace(' ', "");
            errors.push(
                &field.ty,
                format!(
                    "two fields of type `Client<{provider}>`: keep `{}`, or declare a second provider struct for `{}`",
                    earlier.ident, field.ident
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::registry_errors;

    #[test]
    fn a_registry_is_a_struct_of_named_clients() {
        let instead = "write `struct Providers { github: Client<GitHub> }`";
        for (item, expected) in [
            ("struct Providers;", format!("`Providers` `Providers` has no client: {instead}")),
            ("struct Providers {}", format!("`Providers` `Providers` has no client: {instead}")),
            (
                "struct Providers(Client<GitHub>);",
                format!("`(Client<GitHub>)` the clients of a registry need names: {instead}"),
            ),
            ("enum Providers {}", format!("`enum` a registry is a struct, not an enum: {instead}")),
        ] {
            assert_eq!(registry_errors(item), [expected], "{item}");
        }
    }

    #[test]
    fn a_field_is_a_client() {
        assert_eq!(
            registry_errors(
                "struct Providers { github: GitHub, pool: Pool<Postgres>, ok: oauth::Client<Google> }"
            ),
            [
                "`GitHub` `GitHub` is not a client: write `github: Client<GitHub>`; \
                 anything else belongs in your own state",
                "`Pool<Postgres>` `pool` is not a `Client<P>`: a registry holds clients, \
                 anything else belongs in your own state",
            ]
        );
    }

    #[test]
    fn a_provider_has_one_client() {
        assert_eq!(
            registry_errors("struct Providers { a: Client<GitHub>, b: oauth::LazyClient<GitHub> }"),
            ["`oauth::LazyClient<GitHub>` two fields of type `Client<GitHub>`: keep `a`, \
                 or declare a second provider struct for `b`"]
        );
    }

    #[test]
    fn one_client_is_always_there() {
        assert_eq!(
            registry_errors("struct Providers { a: Option<Client<GitHub>> }"),
            ["`Providers` every client of `Providers` is optional, so there may be none: \
                 make one of them a plain `Client<P>`, such as `a: Client<GitHub>`"]
        );
        for b in ["Client<B>", "LazyClient<B>", "oauth::LazyClient<B>"] {
            let registry = format!("struct Providers {{ a: Option<Client<GitHub>>, b: {b} }}");
            assert_eq!(registry_errors(&registry), [""; 0]);
        }
    }

    #[test]
    fn mount_is_a_path_without_trailing_slash() {
        for (mount, expected) in [
            ("auth", "a path begins with `/`: write \"/auth\""),
            ("/auth/", "a mount must not end with `/`: write \"/auth\""),
        ] {
            let item = format!(
                "#[oauth_registry(mount = \"{mount}\")] struct Providers {{ a: Client<A> }}"
            );
            assert_eq!(registry_errors(&item), [format!("`\"{mount}\"` {expected}")]);
        }
    }

    #[test]
    fn misplaced_key_error_names_the_place() {
        assert_eq!(
            registry_errors(
                r#"#[oauth_registry(preset = "github")]
                struct Providers { #[oauth_registry(mount = "/a")] a: Client<A> }"#
            ),
            [
                "`preset` `preset` belongs in `#[oauth_provider(...)]` on the provider: \
                 write `preset = \"github\"` there",
                "`mount` `mount` belongs in the `#[oauth_registry(...)]` above the struct: \
                 write `mount = \"/auth\"` there",
            ]
        );
    }
}
