//! Configures [`ReqwestClient`]: proxy, private authorities, client certificate.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::reqwest::redirect::Policy;
use ::reqwest::tls::Version;
use ::reqwest::{Certificate, Client, ClientBuilder, Identity, NoProxy, Proxy};

use super::ReqwestClient;
use crate::crypto::secret::Secret;
use crate::settings::Transport;
use crate::url::proxy_url::ProxyUrl;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Shorter than the five seconds after which Node.js and other servers close an idle connection: a
/// request on a connection that is just being closed is lost.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
const USER_AGENT: &str = concat!("oauth-runtime/", env!("CARGO_PKG_VERSION"));

/// Configures a [`ReqwestClient`]. Pass the client to
/// [`RegistryBuilder::http_client`](crate::RegistryBuilder::http_client), or to
/// [`http_client_of`](crate::RegistryBuilder::http_client_of) for one provider.
///
/// No setting weakens the duties of an [`HttpClient`](super::HttpClient): certificates are always
/// verified, TLS is at least 1.2, no redirect is followed, and no cookie is stored. Headers for a
/// provider are its setting `{NAME}_HEADERS` ([`Config`](crate::Config)): a client does not know
/// which of its requests go to the provider.
#[derive(Clone)]
#[must_use = "it does nothing until `build` is called"]
pub struct ReqwestClientBuilder {
    proxy: Option<Secret>,
    proxy_exceptions: String,
    root_certificates: Vec<Vec<u8>>,
    trusts_system: bool,
    identity: Option<Secret>,
    user_agent: String,
    connect_timeout: Duration,
    timeout: Option<Duration>,
}

/// The client cannot be built: a setting is unusable, or the system's certificate store cannot be
/// read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the HTTP client cannot be built: {0}", .source)]
pub struct BuildError {
    part: Part,
    source: Arc<dyn Error + Send + Sync>,
}

/// The setting that a client cannot be built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Proxy,
    RootCertificates,
    Identity,
    Other,
}

impl BuildError {
    pub(crate) fn part(&self) -> Part {
        self.part
    }

    /// The reason, without the words about the client.
    pub(crate) fn reason(&self) -> String {
        self.source.to_string()
    }

    /// The last cause says what is wrong; reqwest's own words are "builder error".
    fn of(part: Part, error: ::reqwest::Error) -> Self {
        let error = error.without_url();
        let mut reason: &dyn Error = &error;
        while let Some(source) = reason.source() {
            reason = source;
        }
        Self::new(part, reason.to_string())
    }

    fn new(part: Part, reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { part, source: Arc::from(reason.into()) }
    }
}

impl ReqwestClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            proxy: None,
            proxy_exceptions: String::new(),
            root_certificates: Vec::new(),
            trusts_system: true,
            identity: None,
            user_agent: USER_AGENT.to_owned(),
            connect_timeout: CONNECT_TIMEOUT,
            timeout: None,
        }
    }

    /// The settings of one provider.
    pub(crate) fn of_provider(transport: &Transport) -> Self {
        let proxy = transport.proxy.as_ref();
        Self {
            proxy: proxy.map(|proxy| Secret::from(proxy.url.expose())),
            proxy_exceptions: proxy.map_or_else(String::new, |proxy| proxy.exceptions.clone()),
            root_certificates: transport
                .root_certificates
                .iter()
                .cloned()
                .map(Into::into)
                .collect(),
            trusts_system: transport.root_certificates.is_none(),
            identity: transport.identity.clone(),
            ..Self::new()
        }
    }

    /// Sets the proxy of all `https` requests, such as `http://proxy.internal:3128`. Default: none,
    /// even if the environment names one.
    ///
    /// The proxy relays encrypted connections (`CONNECT`, RFC 9110 section 9.3.6), so it learns
    /// only the host. Requests without TLS, which exist only within this machine, do not use it.
    /// The URL may contain the user name and the password for the proxy.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(Secret::from(url.into()));
        self
    }

    /// Sets the hosts that are connected to without the proxy, in the format of the variable
    /// `NO_PROXY`: `localhost,.internal,10.0.0.0/8`. Default: none.
    pub fn proxy_exceptions(mut self, hosts: impl Into<String>) -> Self {
        self.proxy_exceptions = hosts.into();
        self
    }

    /// Trusts these certificate authorities in addition to those of the system. `pem` contains one
    /// or more certificates in PEM. Calls add up.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Trusts only the authorities of [`root_certificates`](Self::root_certificates), and not those
    /// of the system. It suits a client of one provider with a private authority.
    pub fn only_root_certificates(mut self) -> Self {
        self.trusts_system = false;
        self
    }

    /// Sets the certificate that the client presents to servers that ask for one (mutual TLS). `pem`
    /// contains the certificate, any intermediate ones, and the private key, in PEM.
    pub fn client_certificate(mut self, pem: impl Into<Secret>) -> Self {
        self.identity = Some(pem.into());
        self
    }

    /// Sets the header `User-Agent`. Default: `oauth-runtime` and its version.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = name.into();
        self
    }

    /// Sets the time limit for a connection. Default: 5 s. It counts toward the limit of a request.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Lowers the time limit of every request: the lower one of this limit and
    /// [`Limits::deadline`](super::Limits::deadline) applies.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Builds the client, with its own connection pool.
    ///
    /// # Errors
    /// [`BuildError`] when the proxy is not an `http` or `https` URL, a certificate or key cannot be
    /// used, the user agent cannot be a header, or the system's certificate store cannot be read.
    pub fn build(self) -> Result<ReqwestClient, BuildError> {
        let roots = self.roots()?;
        let mut client = bounded().user_agent(self.user_agent);
        client = client.connect_timeout(self.connect_timeout).pool_idle_timeout(IDLE_TIMEOUT);
        if let Some(url) = &self.proxy {
            client = client.proxy(proxy_of(url.expose(), &self.proxy_exceptions)?);
        }
        client = match self.trusts_system {
            true if roots.is_empty() => client,
            true => client.tls_certs_merge(roots),
            false => client.tls_certs_only(roots),
        };
        let mut part = Part::Other;
        if let Some(pem) = &self.identity {
            part = Part::Identity;
            let identity = Identity::from_pem(pem.expose().as_bytes());
            client = client.identity(identity.map_err(|error| BuildError::of(part, error))?);
        }
        let client = client.build().map_err(|error| BuildError::of(part, error))?;
        Ok(ReqwestClient::with_timeout(client, self.timeout))
    }

    /// The authorities, which a client of their own accepts: so the error of another setting is not
    /// mistaken for theirs.
    fn roots(&self) -> Result<Vec<Certificate>, BuildError> {
        let part = Part::RootCertificates;
        let mut all = Vec::new();
        for pem in &self.root_certificates {
            let found = Certificate::from_pem_bundle(pem);
            let found = found.map_err(|error| BuildError::of(part, error))?;
            if found.is_empty() {
                return Err(BuildError::new(part, "it contains no certificate in PEM"));
            }
            all.extend(found);
        }
        if all.is_empty() && !self.trusts_system {
            return Err(BuildError::new(part, "there is no authority to trust"));
        }
        if !all.is_empty() {
            let client = bounded().tls_certs_only(all.clone()).build();
            client.map_err(|error| BuildError::of(part, error))?;
        }
        Ok(all)
    }
}

/// Without the password of the proxy and the private key.
impl fmt::Debug for ReqwestClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestClientBuilder").field("proxy", &self.proxy).finish_non_exhaustive()
    }
}

/// A client within the duties of [`HttpClient`](super::HttpClient).
fn bounded() -> ClientBuilder {
    Client::builder()
        .redirect(Policy::none())
        // A proxy from the environment would see requests to the local host unencrypted.
        .no_proxy()
        // An application that enables these in reqwest must not enable them here.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .referer(false)
        .tls_backend_rustls()
        .tls_version_min(Version::TLS_1_2)
}

/// For `https` only, so that no request passes the proxy unencrypted.
fn proxy_of(url: &str, exceptions: &str) -> Result<Proxy, BuildError> {
    let url = ProxyUrl::parse(url).map_err(|error| BuildError::new(Part::Proxy, error))?;
    let proxy = Proxy::https(url.expose()).map_err(|error| BuildError::of(Part::Proxy, error))?;
    Ok(proxy.no_proxy(NoProxy::from_string(exceptions)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(builder: ReqwestClientBuilder) -> (Part, String) {
        let error = builder.build().unwrap_err();
        (error.part(), error.to_string())
    }

    #[test]
    fn unusable_proxy_is_refused_without_its_url() {
        for url in ["", "proxy:3128", "socks5://u:SECRET@proxy", "file:///SECRET", "http://"] {
            let (part, error) = refusal(ReqwestClient::builder().proxy(url));
            assert_eq!(part, Part::Proxy);
            assert!(error.contains("expected an http or https URL"), "{url}: {error}");
            assert!(!error.contains("SECRET"), "{error}");
        }
        let builder = ReqwestClient::builder().proxy("http://u:SECRET@proxy.example");
        assert!(!format!("{builder:?}").contains("SECRET"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("SECRET"));
    }

    #[test]
    fn root_certificate_must_be_one() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for pem in ["", "no certificate", broken] {
            let builder = ReqwestClient::builder().root_certificates(pem);
            assert_eq!(refusal(builder).0, Part::RootCertificates, "{pem}");
        }
        let builder = ReqwestClient::builder().only_root_certificates();
        assert_eq!(refusal(builder).0, Part::RootCertificates);
    }

    #[test]
    fn client_certificate_needs_its_key() {
        let broken = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        for pem in ["", "no certificate", broken] {
            let (part, error) = refusal(ReqwestClient::builder().client_certificate(pem));
            assert_eq!(part, Part::Identity, "{error}");
            assert!(!error.contains("AAAA"), "{error}");
        }
    }

    #[test]
    fn user_agent_must_be_a_header_value() {
        let (part, _) = refusal(ReqwestClient::builder().user_agent("a\r\nCookie: b"));
        assert_eq!(part, Part::Other);
    }
}
