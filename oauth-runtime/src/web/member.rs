//! The operations of a registry on each of its providers.

use super::login::Login;
use super::login::connection::Connection;
use super::login::handler::{EndHandler, OnConnect, OnLogin, on_connect, on_login};
use crate::client::Client;
use crate::client::lazy::LazyClient;
use crate::declaration::capabilities::{Declared, assert_declared};
use crate::declaration::provider::AnyProvider;
use crate::declaration::spec::ProviderSpec;
use crate::registry::Assembly;

/// A provider as a member of a registry.
///
/// Generated code uses only this trait: the compiler reports repeated errors with the same text
/// once, so a type that is not a provider causes one error instead of one for each use.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an OAuth provider",
    label = "not declared as a provider",
    note = "declare it: #[derive(OAuthProvider)] #[oauth_provider(name = \"…\", …)]"
)]
pub trait Member: Sized {
    /// The declaration.
    const DECLARATION: &'static ProviderSpec<'static>;

    /// Whether a function with `#[oauth_login(Self)]` ends its logins.
    const HAS_LOGIN_HANDLER: bool;

    /// The argument of the handler of a login.
    type Login;

    /// The argument of the handler of a connection.
    type Connection;

    /// Builds the client; `None` once every fault has been recorded.
    fn client(assembly: &mut Assembly<'_>) -> Option<Client<Self>>;

    /// Builds the client if it is configured; `None` once every fault has been recorded.
    fn optional_client(assembly: &mut Assembly<'_>) -> Option<Option<Client<Self>>>;

    /// Builds the client, or records the missing settings in it; `None` once every other fault has
    /// been recorded.
    fn lazy_client(assembly: &mut Assembly<'_>) -> Option<LazyClient<Self>>;

    /// Wraps the application's handler for logins.
    fn on_login<S, T, H>(handler: H) -> OnLogin<S>
    where
        S: Send + Sync + 'static,
        H: EndHandler<Self::Login, T, S>;

    /// Wraps the application's handler for connections.
    fn on_connect<S, T, H>(handler: H) -> OnConnect<S>
    where
        S: Send + Sync + 'static,
        H: EndHandler<Self::Connection, T, S>;
}

/// A handler is never called for a provider without logins, but it must compile.
type LoginOf<P> = <<P as AnyProvider>::Capabilities as Declared>::LoginOf<P>;

#[diagnostic::do_not_recommend]
impl<P: AnyProvider> Member for P {
    const DECLARATION: &'static ProviderSpec<'static> = {
        assert_declared::<P::Capabilities>(P::SPEC);
        P::SPEC
    };

    const HAS_LOGIN_HANDLER: bool = P::HAS_LOGIN_HANDLER;

    type Login = Login<LoginOf<P>>;

    type Connection = Connection<LoginOf<P>>;

    fn client(assembly: &mut Assembly<'_>) -> Option<Client<P>> {
        assembly.client()
    }

    fn optional_client(assembly: &mut Assembly<'_>) -> Option<Option<Client<P>>> {
        assembly.optional_client()
    }

    fn lazy_client(assembly: &mut Assembly<'_>) -> Option<LazyClient<P>> {
        assembly.lazy_client()
    }

    fn on_login<S, T, H>(handler: H) -> OnLogin<S>
    where
        S: Send + Sync + 'static,
        H: EndHandler<Login<LoginOf<P>>, T, S>,
    {
        on_login(handler)
    }

    fn on_connect<S, T, H>(handler: H) -> OnConnect<S>
    where
        S: Send + Sync + 'static,
        H: EndHandler<Connection<LoginOf<P>>, T, S>,
    {
        on_connect(handler)
    }
}
