//! What generated code may name. No promise is made to anyone else.

pub use axum::Router;
pub use axum::extract::FromRef;

pub use crate::config::Fields;
pub use crate::registry::{Assembly, check_registry};
pub use crate::spec::{
    ClientAuthMethod, IdentitySpec, Protocol, ProviderSpec, Quirk, RegistrySpec, RoutesSpec,
};
pub use crate::web::handler::{built_in_login, on_error, on_login};
pub use crate::web::routes::Routes;
