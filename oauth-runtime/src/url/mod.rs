//! Checked URLs: endpoints, the application's public URL, and redirect URIs.

pub(crate) mod endpoint;
pub(crate) mod public_url;
pub(crate) mod redirect_uri;
