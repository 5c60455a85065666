//! The keys of `#[oauth_registry(...)]`.

use super::CRATE;
use crate::attribute::{Path, Text, Type};

keys! {
    /// The keys of `#[oauth_registry(...)]` on a struct.
    REGISTRY, RegistryKeys:

    mount, MOUNT: Text = Key(r#"mount = "/auth""#)
        .instead_of(&["base_path", "mount_path", "path", "prefix", "route_prefix"]);
    on_login, ON_LOGIN: Path = Key("on_login = signed_in")
        .instead_of(&["login_handler", "on_callback", "on_success", "success_handler"]);
    on_connect, ON_CONNECT: Path = Key("on_connect = connected")
        .instead_of(&["connect_handler", "link_handler", "on_connection", "on_link"]);
    on_error, ON_ERROR: Path = Key("on_error = failed")
        .instead_of(&["error_handler", "on_failure"]);
    state, STATE: Type = Key("state = AppState")
        .instead_of(&["app_state", "state_type", "with_state"]);
    #[darling(rename = "crate")]
    runtime, CRATE: Path;
}

keys! {
    /// The keys of `#[oauth_login(...)]` on a function, after the provider.
    LOGIN_HANDLER, LoginHandlerKeys:

    state, STATE: Type;
    #[darling(rename = "crate")]
    runtime, CRATE: Path;
}

keys! {
    /// The keys of `#[oauth_registry(...)]` on a field of a registry.
    REGISTRY_FIELD, ClientKeys:

    on_login, ON_LOGIN: Path;
    on_connect, ON_CONNECT: Path;
}
