//! Checked URLs: endpoints, the application's public URL, proxies, and redirect
//! URIs.

pub(crate) mod endpoint;
pub(crate) mod page_path;
pub(crate) mod proxy_url;
pub(crate) mod public_url;
pub(crate) mod redirect_uri;
