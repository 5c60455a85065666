//! How requests reach one provider, where this differs from the default.

use std::time::Duration;

use ::http::HeaderMap;

use super::reader::key::{CERT, PROXY, VERIFY};
use crate::crypto::secret::Secret;
use crate::url::proxy_url::ProxyUrl;

/// The settings of the HTTP client for one provider.
#[derive(Debug, Default)]
pub(crate) struct Transport {
    pub(crate) proxy: Option<ProxySetting>,
    /// The only authorities to trust, in PEM; `None` for those of the system.
    pub(crate) root_certificates: Option<String>,
    /// The certificate of the client and its private key, in PEM.
    pub(crate) identity: Option<Secret>,
    /// Headers for the provider's endpoints and its API.
    pub(crate) headers: HeaderMap,
    /// Time limit of each request.
    pub(crate) timeout: Option<Duration>,
}

/// A proxy, and the hosts that do not use it, separated by commas.
#[derive(Debug)]
pub(crate) struct ProxySetting {
    pub(crate) url: ProxyUrl,
    pub(crate) exceptions: String,
}

impl Transport {
    /// A stated setting that needs connections of its own, by its key.
    pub(crate) fn stated(&self) -> Option<&'static str> {
        let all = [
            (VERIFY, self.root_certificates.is_some()),
            (CERT, self.identity.is_some()),
            (PROXY, self.proxy.is_some()),
        ];
        all.iter().find(|(_, is_stated)| *is_stated).map(|(key, _)| key.name())
    }
}
