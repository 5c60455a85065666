//! URLs that were checked: of endpoints, of the application, of a redirect.

pub(crate) mod endpoint;
pub(crate) mod public_url;
pub(crate) mod redirect_uri;
