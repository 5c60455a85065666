//! Items for generated code, without any promise of stability.

pub use axum::Router;
pub use axum::extract::FromRef;
pub use oauth_macros::provider_with_preset;

pub use crate::config::{FieldValue, Fields};
pub use crate::declaration::capabilities::{
    AnyProtocol, Capabilities, Identified, NoLogin, OAuth1, OAuth1Or2, OAuth2, OpenIdConnect,
    Undecided, Unidentified,
};
pub use crate::declaration::collisions::Collisions;
pub use crate::declaration::compliance_fix::Fix;
pub use crate::declaration::spec::{
    ClientAuthMethod, Identification, IdentitySpec, ParameterTransmission, Protocol, ProviderSpec,
    PublishedSpec, Quirk, RegistrySpec, RoutesSpec, SignatureMethod,
};
pub use crate::registry::Assembly;
pub use crate::web::debug;
pub use crate::web::login::handler::{OnLogin, built_in_connection, built_in_login, on_error};
pub use crate::web::login::login_handler::{
    LoginEnd, LoginHandler, NoLoginHandler, one_login_handler,
};
pub use crate::web::member::Member;
pub use crate::web::routes::Routes;
pub use crate::web::state::{HasState, cloneable};
