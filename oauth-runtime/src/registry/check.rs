//! Checks for registries that cannot work, and for settings without effect.

use crate::config::{Config, ConfigFault, FaultKind, Faults};
use crate::declaration::spec::{ProviderSpec, RegistrySpec};
use crate::registry::application::{STORE_URL, shared_settings};
use crate::registry::assembly::is_configured;
use crate::registry::{
    backchannel_logout_path, callback_path, connect_path, logged_out_path, login_path, logout_paths,
};
use crate::settings::setting_names;
use crate::url::endpoint::RedactedUrl;
use crate::url::page_path::PagePath;
use std::collections::HashMap;

const SIGN_IN_PAGE: &str = "the sign-in page";

/// axum panics if two routes have the same path.
pub(super) fn check_paths(spec: &RegistrySpec, faults: &mut Faults) {
    let mut seen = Vec::new();
    for path in paths_of(spec) {
        if seen.contains(&path) {
            let what = "is the path of two routes";
            faults.push(ConfigFault::new(FaultKind::Conflict, path, what).help(
                "give one of the two providers another name, or another path in `routes(...)`",
            ));
        } else {
            seen.push(path);
        }
    }
}

/// The paths of all generated routes.
fn paths_of(spec: &RegistrySpec) -> Vec<String> {
    let mut paths = logout_paths(spec);
    for provider in spec.providers {
        let logged_out = || logged_out_path(provider, spec.mount);
        paths.extend([login_path(provider, spec.mount), callback_path(provider, spec.mount)]);
        paths.extend(provider.rp_initiated_logout.then(logged_out));
        paths.push(connect_path(provider, spec.mount));
        paths.extend(provider.routes.initiate.map(str::to_owned));
        paths.extend(backchannel_logout_path(provider, spec.mount));
    }
    paths
}

/// The application's sign-in page; `None` once a fault has been recorded.
pub(super) fn check_sign_in_page(
    path: &str,
    spec: &RegistrySpec,
    faults: &mut Faults,
) -> Option<PagePath> {
    let mut fault = |kind, what: String, help: &str| {
        faults.push(ConfigFault::new(kind, SIGN_IN_PAGE, what).help(help));
    };
    let Some(page) = PagePath::parse(path) else {
        let what = format!("is `{}`, which is not a path", RedactedUrl::from(path));
        fault(
            FaultKind::Malformed,
            what,
            "set it to a path of the application, such as `/sign-in`",
        );
        return None;
    };
    if paths_of(spec).iter().any(|route| page.is_of(route)) {
        let what = format!("is `{path}`, which is a generated route");
        fault(FaultKind::Conflict, what, "set it to a page that links to the login routes");
        return None;
    }
    Some(page)
}

/// Checks that the store was chosen if a provider reports the end of its sessions.
pub(super) fn check_stores_of_logouts(config: &Config, spec: &RegistrySpec, faults: &mut Faults) {
    let reports =
        |spec: &&&ProviderSpec<'_>| spec.backchannel_logout && is_configured(spec, config);
    if let Some(provider) = spec.providers.iter().find(reports) {
        check_store_of_logouts(provider.name, faults);
    }
}

/// A back-channel logout reaches one instance and has to end sessions on all of them, so a store in
/// the memory of the process must be the application's decision.
pub(super) fn check_store_of_logouts(provider: &str, faults: &mut Faults) {
    let what = format!(
        "is missing, and `backchannel_logout` of `{provider}` ends sessions on all instances only through a \
         store that they share"
    );
    faults.push(ConfigFault::new(FaultKind::Missing, STORE_URL, what).help(
        "set it to `sqlite:`, `postgres:` or `redis:`, or to `memory:` if there is only one instance",
    ));
}

/// Checks for values in quotes and for names that are nearly those of settings.
pub(super) fn check_names(config: &Config, spec: &RegistrySpec, faults: &mut Faults) {
    let mut settings = shared_settings().to_vec();
    settings.extend(spec.providers.iter().copied().flat_map(setting_names));
    let providers: Vec<_> = spec.providers.iter().map(|provider| provider.name).collect();
    config.check_quotes(&settings, faults);
    config.check_names(&providers, &settings, faults);
}

/// A field's variable consists of the provider's name and its own, and may collide with a variable
/// of another provider or of the application.
pub(super) fn check_variables(spec: &RegistrySpec, faults: &mut Faults) {
    let mut owners: HashMap<String, &str> =
        shared_settings().into_iter().map(|name| (name, "the application")).collect();
    for provider in spec.providers {
        for variable in setting_names(provider) {
            let owner = owners.insert(variable.clone(), provider.name);
            if let Some(owner) = owner.filter(|owner| *owner != provider.name) {
                let what = format!("is read for two things: for {owner} and for {}", provider.name);
                faults.push(
                    ConfigFault::new(FaultKind::Conflict, variable, what)
                        .help("give one of the two providers another name, or its field"),
                );
            }
        }
    }
}

/// Tables of providers outside this registry belong to other programs.
pub(super) fn check_files(config: &Config, spec: &RegistrySpec, faults: &mut Faults) {
    config.check_table("oauth", &shared_settings(), faults);
    for provider in spec.providers {
        config.check_table(provider.name, &setting_names(provider), faults);
    }
}
