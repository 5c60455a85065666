//! Checks that no two providers of a registry share a name, and no two of their routes share a
//! path. The compiler evaluates the check, because each declaration knows only itself.
//!
//! Constants are evaluated slowly, and a hundred providers make five thousand pairs. So each
//! provider is hashed once, and strings are compared only if the hashes collide. The result holds
//! no reference to the registry, because the compiler visits everything that a constant refers to.
//! A constant can neither allocate nor format; replacements for both are at the end of the file.

use crate::declaration::spec::{ProviderSpec, RegistrySpec};

/// The providers of a registry that may collide with an earlier one.
#[derive(Debug)]
pub struct Collisions(Indices);

impl Collisions {
    /// Finds the providers that may collide with an earlier one.
    pub const fn of(spec: &RegistrySpec) -> Self {
        let mut suspects = Indices::new();
        let (mut names, mut paths, mut logouts) = (Hashes::new(), Hashes::new(), Hashes::new());
        logouts.insert(Path([spec.mount, "/logout", "", ""]).hash());
        let has_stated_routes = any_states_routes(spec);
        let mut index = 0;
        while index < spec.providers.len() {
            let provider = spec.providers[index];
            let mut is_suspect = provider.name.is_empty();
            is_suspect |= names.insert(Path([provider.name, "", "", ""]).hash());
            // Paths under the mount contain the provider's name, so only stated ones can collide.
            if has_stated_routes {
                let login = Route::login(provider, spec.mount).path.hash();
                let callback = Route::callback(provider, spec.mount).path.hash();
                is_suspect |= paths.insert(login) | logouts.has(login);
                is_suspect |= paths.insert(callback) | logouts.has(callback);
                if provider.rp_initiated_logout {
                    let logged_out = Route::logged_out(provider, spec.mount).path.hash();
                    is_suspect |= paths.insert(logged_out) | logouts.has(logged_out);
                }
                if provider.backchannel_logout {
                    let reported = Route::backchannel_logout(provider, spec.mount).path.hash();
                    is_suspect |= paths.insert(reported) | logouts.has(reported);
                }
                // The route exists only if the registry has `on_connect`, so it is always reserved.
                let connect = Route::connect(provider, spec.mount).path.hash();
                is_suspect |= paths.insert(connect) | logouts.has(connect);
                if let Some(path) = provider.routes.initiate {
                    let initiate = Route::initiate(provider, path).path.hash();
                    is_suspect |= paths.insert(initiate) | logouts.has(initiate);
                }
                if let Some(path) = provider.routes.logout {
                    let logout = Route::logout(provider, path).path.hash();
                    // Two providers may share one logout.
                    logouts.insert(logout);
                    is_suspect |= paths.has(logout);
                }
            }
            if is_suspect {
                suspects.insert(index);
            }
            index += 1;
        }
        Self(suspects)
    }

    /// Refuses the provider at `index` if it collides with an earlier one.
    ///
    /// # Panics
    /// Panics at compile time, with the error message for the user.
    #[track_caller]
    pub const fn check(&self, spec: &RegistrySpec, index: usize) {
        if !self.0.has(index) {
            return;
        }
        let (provider, mount) = (spec.providers[index], spec.mount);
        assert!(
            !provider.name.is_empty(),
            "`RuntimeProvider` is not a declared provider: create its clients with `RuntimeProviders::insert`"
        );
        let routes = Route::all(provider, mount);
        let logout = Some(Route::shared_logout(provider, mount));
        let mut at = 0;
        while at < OTHERS {
            let mut next = at + 1;
            while next < OTHERS {
                assert_both_distinct(&routes[at], &routes[next]);
                next += 1;
            }
            assert_both_distinct(&routes[at], &logout);
            at += 1;
        }
        let mut other = 0;
        while other < index {
            let earlier = spec.providers[other];
            assert_other_name(earlier, provider);
            assert_other_paths(earlier, provider, mount);
            other += 1;
        }
    }
}

const fn any_states_routes(spec: &RegistrySpec) -> bool {
    let mut index = 0;
    while index < spec.providers.len() {
        let routes = &spec.providers[index].routes;
        let is_stated = routes.login.is_some()
            || routes.callback.is_some()
            || routes.logout.is_some()
            || routes.logged_out.is_some()
            || routes.initiate.is_some()
            || routes.backchannel_logout.is_some();
        if is_stated {
            return true;
        }
        index += 1;
    }
    false
}

#[track_caller]
const fn assert_other_name(earlier: &ProviderSpec<'static>, provider: &ProviderSpec<'static>) {
    let is_other = !same_text(earlier.name, provider.name);
    assert!(is_other, "{}", same_name_message(provider.name).as_str());
}

const fn same_name_message(name: &str) -> Text {
    Text::new()
        .and("two providers of this registry have the name `")
        .and(name)
        .and("`, which appears in routes and configuration keys: rename one of them, such as `name = \"")
        .and(name)
        .and("2\"`")
}

#[track_caller]
const fn assert_other_paths(
    earlier: &ProviderSpec<'static>,
    provider: &ProviderSpec<'static>,
    mount: &'static str,
) {
    let (its_routes, routes) = (Route::all(earlier, mount), Route::all(provider, mount));
    let mut its = 0;
    while its < its_routes.len() {
        let mut own = 0;
        while own < routes.len() {
            // Two providers may share one logout.
            if its < OTHERS || own < OTHERS {
                assert_both_distinct(&its_routes[its], &routes[own]);
            }
            own += 1;
        }
        its += 1;
    }
}

#[track_caller]
const fn assert_both_distinct(a: &Option<Route>, b: &Option<Route>) {
    if let (Some(a), Some(b)) = (a, b) {
        assert_distinct(a, b);
    }
}

#[track_caller]
const fn assert_distinct(a: &Route, b: &Route) {
    assert!(!a.path.is(&b.path), "{}", same_path_message(a, b).as_str());
}

const fn same_path_message(a: &Route, b: &Route) -> Text {
    Text::new()
        .and("two routes of this registry have the same path: the ")
        .and(a.what)
        .and(" of `")
        .and(a.provider)
        .and("` and the ")
        .and(b.what)
        .and(" of `")
        .and(b.provider)
        .and("` are both `")
        .and(b.path.0[0])
        .and(b.path.0[1])
        .and(b.path.0[2])
        .and(b.path.0[3])
        .and("`: change one of them in `routes(...)`")
}

/// A route and its provider.
struct Route {
    what: &'static str,
    provider: &'static str,
    path: Path,
}

/// The number of a provider's routes that it cannot share: all but the logout, which is the last.
const OTHERS: usize = 6;

impl Route {
    /// The routes that the provider has or declares.
    const fn all(
        provider: &ProviderSpec<'static>,
        mount: &'static str,
    ) -> [Option<Self>; OTHERS + 1] {
        let logged_out = match provider.rp_initiated_logout {
            true => Some(Self::logged_out(provider, mount)),
            false => None,
        };
        let backchannel_logout = match provider.backchannel_logout {
            true => Some(Self::backchannel_logout(provider, mount)),
            false => None,
        };
        let initiate = match provider.routes.initiate {
            Some(path) => Some(Self::initiate(provider, path)),
            None => None,
        };
        let logout = match provider.routes.logout {
            Some(path) => Some(Self::logout(provider, path)),
            None => None,
        };
        [
            Some(Self::login(provider, mount)),
            Some(Self::callback(provider, mount)),
            logged_out,
            Some(Self::connect(provider, mount)),
            initiate,
            backchannel_logout,
            logout,
        ]
    }

    const fn login(provider: &ProviderSpec<'static>, mount: &'static str) -> Self {
        let path = Path::of(provider.routes.login, mount, provider.name, "/login");
        Self { what: "login", provider: provider.name, path }
    }

    const fn callback(provider: &ProviderSpec<'static>, mount: &'static str) -> Self {
        let path = Path::of(provider.routes.callback, mount, provider.name, "/callback");
        Self { what: "callback", provider: provider.name, path }
    }

    const fn logged_out(provider: &ProviderSpec<'static>, mount: &'static str) -> Self {
        let path = Path::of(provider.routes.logged_out, mount, provider.name, "/logged-out");
        Self { what: "return from the logout", provider: provider.name, path }
    }

    const fn backchannel_logout(provider: &ProviderSpec<'static>, mount: &'static str) -> Self {
        let stated = provider.routes.backchannel_logout;
        let path = Path::of(stated, mount, provider.name, "/backchannel-logout");
        Self { what: "back-channel logout", provider: provider.name, path }
    }

    const fn connect(provider: &ProviderSpec<'static>, mount: &'static str) -> Self {
        let path = Path::of(None, mount, provider.name, "/connect");
        Self { what: "account connection", provider: provider.name, path }
    }

    const fn initiate(provider: &ProviderSpec<'static>, path: &'static str) -> Self {
        let what = "third-party initiated login";
        Self { what, provider: provider.name, path: Path([path, "", "", ""]) }
    }

    /// The provider's own logout, if it has one in addition to the registry's.
    const fn logout(provider: &ProviderSpec<'static>, path: &'static str) -> Self {
        Self { what: "logout", provider: provider.name, path: Path([path, "", "", ""]) }
    }

    /// The logout that all providers of the registry share.
    const fn shared_logout(provider: &ProviderSpec<'static>, mount: &'static str) -> Self {
        Self { what: "logout", provider: provider.name, path: Path([mount, "/logout", "", ""]) }
    }
}

/// A path in pieces.
struct Path([&'static str; 4]);

impl Path {
    const fn of(
        stated: Option<&'static str>,
        mount: &'static str,
        name: &'static str,
        end: &'static str,
    ) -> Self {
        match stated {
            Some(path) => Self([path, "", "", ""]),
            None => Self([mount, "/", name, end]),
        }
    }

    const fn is(&self, other: &Self) -> bool {
        let mut at = 0;
        loop {
            match (self.byte(at), other.byte(at)) {
                (None, None) => return true,
                (Some(a), Some(b)) if a == b => at += 1,
                _ => return false,
            }
        }
    }

    const fn hash(&self) -> usize {
        let (mut hash, mut piece) = (0, 0);
        while piece < self.0.len() {
            let bytes = self.0[piece].as_bytes();
            let mut at = 0;
            while at < bytes.len() {
                hash = (hash * 31 + bytes[at] as usize) % 0x00ff_fffb;
                at += 1;
            }
            piece += 1;
        }
        hash
    }

    const fn byte(&self, mut at: usize) -> Option<u8> {
        let mut piece = 0;
        while piece < self.0.len() {
            let bytes = self.0[piece].as_bytes();
            if at < bytes.len() {
                return Some(bytes[at]);
            }
            at -= bytes.len();
            piece += 1;
        }
        None
    }
}

const fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    // Compared from the end, where numbered names differ.
    let mut at = a.len();
    while at > 0 {
        at -= 1;
        if a[at] != b[at] {
            return false;
        }
    }
    true
}

/// A set of numbers that may report a number as seen if another one shares its slot.
#[derive(Debug)]
struct Seen<const WORDS: usize>([u64; WORDS]);

type Hashes = Seen<1024>;
type Indices = Seen<16>;

impl<const WORDS: usize> Seen<WORDS> {
    const fn new() -> Self {
        Self([0; WORDS])
    }

    const fn has(&self, number: usize) -> bool {
        self.0[number / 64 % WORDS] & (1 << (number % 64)) != 0
    }

    /// Returns whether the number was already in the set.
    const fn insert(&mut self, number: usize) -> bool {
        let has = self.has(number);
        self.0[number / 64 % WORDS] |= 1 << (number % 64);
        has
    }
}

/// Text that a constant assembles; anything beyond its capacity is left out.
struct Text {
    bytes: [u8; 512],
    length: usize,
}

impl Text {
    const fn new() -> Self {
        Self { bytes: [0; 512], length: 0 }
    }

    const fn and(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.length + text.len() <= self.bytes.len() {
            let (_, rest) = self.bytes.split_at_mut(self.length);
            rest.split_at_mut(text.len()).0.copy_from_slice(text);
            self.length += text.len();
        }
        self
    }

    const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

#[cfg(test)]
mod tests;
