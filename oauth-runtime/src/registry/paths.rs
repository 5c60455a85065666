//! The paths at which the routes of a registry are served.

use crate::config::Config;
use crate::declaration::spec::{Identification, ProviderSpec, RegistrySpec};
use crate::deployment::ProviderLink;
use crate::pages::color::Color;
use crate::registry::assembly::is_configured;
use crate::settings::Paths;
use crate::url::public_url::PublicUrl;

/// The addresses of a provider's client.
pub(crate) fn paths(spec: &ProviderSpec<'_>, mount: &str, public_url: Option<&PublicUrl>) -> Paths {
    let (login_path, callback_path) = (login_path(spec, mount), callback_path(spec, mount));
    let redirect_uri = match public_url {
        Some(url) => url.join(&callback_path),
        None => callback_path.clone(),
    };
    let logged_out_path = logged_out_path(spec, mount);
    let connect_path = connect_path(spec, mount);
    let initiate_path = spec.routes.initiate.map(str::to_owned);
    let backchannel_logout_path = backchannel_logout_path(spec, mount);
    Paths {
        login_path,
        callback_path,
        logged_out_path,
        connect_path,
        initiate_path,
        backchannel_logout_path,
        redirect_uri,
    }
}

/// The path that starts a login.
pub(crate) fn login_path(spec: &ProviderSpec<'_>, mount: &str) -> String {
    spec.routes.login.map_or_else(|| format!("{mount}/{}/login", spec.name), str::to_owned)
}

/// The path of the redirect URI.
pub(crate) fn callback_path(spec: &ProviderSpec<'_>, mount: &str) -> String {
    spec.routes.callback.map_or_else(|| format!("{mount}/{}/callback", spec.name), str::to_owned)
}

/// The path of the post-logout redirect URI.
pub(crate) fn logged_out_path(spec: &ProviderSpec<'_>, mount: &str) -> String {
    let path = || format!("{mount}/{}/logged-out", spec.name);
    spec.routes.logged_out.map_or_else(path, str::to_owned)
}

/// The path at which the provider reports the end of a session, if it does.
pub(crate) fn backchannel_logout_path(spec: &ProviderSpec<'_>, mount: &str) -> Option<String> {
    let path = || format!("{mount}/{}/backchannel-logout", spec.name);
    let stated = spec.routes.backchannel_logout;
    spec.backchannel_logout.then(|| stated.map_or_else(path, str::to_owned))
}

/// The path at which a signed-in user connects an account.
pub(crate) fn connect_path(spec: &ProviderSpec<'_>, mount: &str) -> String {
    format!("{mount}/{}/connect", spec.name)
}

pub(crate) fn provider_links(
    spec: &RegistrySpec,
    public_url: &PublicUrl,
    config: &Config,
) -> Vec<ProviderLink> {
    let link = |provider: &&ProviderSpec<'static>| ProviderLink {
        name: provider.name.into(),
        display_name: provider.display_name().into(),
        color: Color::of_provider(provider.brand_color, provider.name),
        path: public_url.outside(&login_path(provider, spec.mount)),
        signs_in: provider.identification != Identification::Unidentified,
        connect_path: (provider.keep_tokens
            || provider.identification == Identification::Unidentified)
            .then(|| public_url.outside(&connect_path(provider, spec.mount))),
    };
    let with_login = spec.providers.iter().filter(|spec| !spec.no_login);
    with_login.filter(|spec| is_configured(spec, config)).map(link).collect()
}

/// The paths that end the session: that of the registry, and those of providers.
pub(crate) fn logout_paths(spec: &RegistrySpec) -> Vec<String> {
    let stated = spec.providers.iter().filter_map(|provider| provider.routes.logout);
    let mut paths: Vec<_> =
        stated.map(str::to_owned).chain([format!("{}/logout", spec.mount)]).collect();
    paths.sort();
    paths.dedup();
    paths
}
