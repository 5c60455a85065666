use std::panic::AssertUnwindSafe;

use super::*;
use crate::declaration::spec::RoutesSpec;

const ACME: ProviderSpec<'_> = ProviderSpec {
    name: "acme",
    rp_initiated_logout: true,
    backchannel_logout: true,
    ..ProviderSpec::DEFAULT
};
const BEST: ProviderSpec<'_> = ProviderSpec { name: "best", ..ACME };

fn with(provider: ProviderSpec<'static>, routes: RoutesSpec<'static>) -> ProviderSpec<'static> {
    ProviderSpec { routes, ..provider }
}

/// The error message about the second of two providers.
fn collision(first: ProviderSpec<'static>, second: ProviderSpec<'static>) -> Option<String> {
    let providers: &'static [&'static ProviderSpec<'static>] =
        Vec::leak(vec![&*Box::leak(Box::new(first)), &*Box::leak(Box::new(second))]);
    let spec = RegistrySpec { mount: "/auth", providers };
    let collisions = Collisions::of(&spec);
    collisions.check(&spec, 0);
    let panic = std::panic::catch_unwind(AssertUnwindSafe(|| collisions.check(&spec, 1))).err()?;
    panic.downcast_ref::<String>().cloned()
}

#[test]
fn different_names_and_routes_do_not_collide() {
    assert_eq!(collision(ACME, BEST), None);
    let one_logout = RoutesSpec { logout: Some("/logout"), ..RoutesSpec::DEFAULT };
    assert_eq!(collision(with(ACME, one_logout), with(BEST, one_logout)), None);
}

#[test]
fn two_providers_with_one_name_are_refused() {
    let message = collision(ACME, ACME).unwrap();
    assert!(message.starts_with("two providers of this registry have the name `acme`"));
}

#[test]
fn two_routes_with_one_path_are_refused() {
    let login = |path| RoutesSpec { login: Some(path), ..RoutesSpec::DEFAULT };
    let logout = |path| RoutesSpec { logout: Some(path), ..RoutesSpec::DEFAULT };
    let initiate = |path| RoutesSpec { initiate: Some(path), ..RoutesSpec::DEFAULT };
    let logged_out = |path| RoutesSpec { logged_out: Some(path), ..RoutesSpec::DEFAULT };
    for (acme, best, expected) in [
        (login("/in"), login("/in"), "the login of `acme` and the login of `best` are both `/in`"),
        (
            login("/auth/best/callback"),
            RoutesSpec::DEFAULT,
            "the login of `acme` and the callback of `best` are both `/auth/best/callback`",
        ),
        (
            RoutesSpec::DEFAULT,
            logout("/auth/acme/login"),
            "the login of `acme` and the logout of `best` are both `/auth/acme/login`",
        ),
        (
            RoutesSpec::DEFAULT,
            login("/auth/logout"),
            "the login of `best` and the logout of `best` are both `/auth/logout`",
        ),
        (
            initiate("/tile"),
            login("/tile"),
            "the third-party initiated login of `acme` and the login of `best` are both `/tile`",
        ),
        (
            RoutesSpec { backchannel_logout: Some("/tile"), ..RoutesSpec::DEFAULT },
            login("/tile"),
            "the back-channel logout of `acme` and the login of `best` are both `/tile`",
        ),
        (
            logged_out("/bye"),
            logged_out("/bye"),
            "the return from the logout of `acme` and the return from the logout of `best` are both `/bye`",
        ),
        (
            RoutesSpec::DEFAULT,
            logged_out("/auth/best/callback"),
            "the callback of `best` and the return from the logout of `best` are both",
        ),
    ] {
        let message = collision(with(ACME, acme), with(BEST, best)).unwrap();
        assert!(message.contains(expected), "{message}");
    }
}
