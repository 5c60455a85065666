//! The flows by hand, for applications without generated routes.

mod api_base;
mod authorization;
mod callback;
mod client_authenticator;
mod compliance;
mod device;
mod id_token;
mod in_hand;
mod logout;
mod own_sessions;
mod placement;
mod quirks;
mod requests;
mod scripted;
mod site;
mod streamed;
mod token_requests;
mod vocabulary;
