//! The authority of an identity: the name that a subject is unique under.
//!
//! Many providers call their users `1`, `2` and `3`. So if an attacker could choose the authority
//! of an identity, they could become any user of the provider that it belongs to. The authority
//! comes from what identifies the user, never from what redirects there: from an issuer confirmed
//! by its own metadata, or else from the endpoint that returns the subject. The authorization
//! endpoint proves nothing.

use url::Url;

use super::{Endpoints, Settings};
use crate::crypto::seal::fingerprint;
use crate::declaration::spec::{Protocol, PublishedSpec};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::metadata::{self, Metadata};
use crate::url::endpoint::EndpointUrl;

/// The member for the subject in OpenID Connect (OpenID Connect Core 1.0 section 2).
const SUBJECT: &str = "sub";
/// Maximum length of a name in bytes: it is part of the session cookie.
const MAX_LENGTH: usize = 512;

/// The endpoints that determine who a user is: one issues the token, one has the keys, one has the
/// claims.
const IDENTIFYING: [EndpointKind; 3] =
    [EndpointKind::Token, EndpointKind::JwkSet, EndpointKind::UserInfo];

/// The origin of the provider's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The code of the application and its configuration.
    Declared,
    /// A description at run time, possibly by a stranger.
    Described,
    /// A description at run time that keeps all identifying settings of the preset.
    DescribedPreset,
}

/// Evidence for the stated endpoints before the provider is asked.
#[derive(Debug)]
pub(crate) struct Evidence {
    source: Source,
    /// The issuer of the document that the compiler compared the declaration with.
    issuer: Option<String>,
    /// The endpoints in that document.
    published: Vec<(EndpointKind, Url)>,
}

impl Evidence {
    pub(super) fn new(source: Source, published: Option<&PublishedSpec<'_>>) -> Self {
        let urls = published.into_iter().flat_map(|published| {
            [
                (EndpointKind::Token, published.token_endpoint),
                (EndpointKind::JwkSet, published.jwks_uri),
                (EndpointKind::UserInfo, published.userinfo_endpoint),
            ]
        });
        let urls = urls.filter_map(|(endpoint, url)| Some((endpoint, Url::parse(url?).ok()?)));
        Self {
            source,
            issuer: published.map(|published| published.issuer.to_owned()),
            published: urls.collect(),
        }
    }

    /// Whether a stated endpoint needs no confirmation by the issuer: a declared one at the
    /// issuer's origin, or in the document that the compiler compared the declaration with.
    fn vouches(&self, issuer: &str, endpoint: EndpointKind, url: &EndpointUrl) -> bool {
        let is_published = || {
            let mut published = self.published.iter();
            self.issuer.as_deref() == Some(issuer)
                && published.any(|(own, published)| *own == endpoint && published == url.url())
        };
        self.source == Source::Declared && (is_of_origin(issuer, url.url()) || is_published())
    }

    /// Whether the issuer's own metadata have to confirm the stated endpoints.
    pub(super) fn is_lacking(&self, issuer: &str, endpoints: &Endpoints) -> bool {
        let stated = IDENTIFYING.into_iter().filter_map(|one| Some((one, endpoints.get(one)?)));
        let mut stated = stated;
        stated.any(|(endpoint, url)| !self.vouches(issuer, endpoint, url))
    }

    /// Whether the provider is described at run time.
    pub(crate) fn is_described(&self) -> bool {
        self.source != Source::Declared
    }
}

/// The authority for the identities of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    name: String,
    /// The member that the subject is read from, if it is part of the name.
    member: Option<String>,
    /// Whether it is proven, regardless of its source: an issuer confirmed by its metadata, or a
    /// preset.
    is_genuine: bool,
}

impl Authority {
    /// The name: [`Identity::issuer`](crate::Identity::issuer).
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is proven, regardless of its source.
    pub(crate) fn is_genuine(&self) -> bool {
        self.is_genuine
    }

    /// Whether the name is short enough for the session cookie.
    pub(crate) fn is_short(&self) -> bool {
        self.name.len() <= MAX_LENGTH
    }

    /// The name for an ID token of this issuer, which differs if the issuer is a template.
    pub(crate) fn for_issuer(&self, issuer: &str) -> String {
        qualified(issuer, self.member.as_deref())
    }
}

/// A URL contains no `#` before its fragment, and neither an issuer nor an endpoint has a fragment:
/// so no other authority has this name.
fn qualified(name: &str, member: Option<&str>) -> String {
    member.map_or_else(|| name.to_owned(), |member| format!("{name}#{member}"))
}

/// The known facts about the provider of a client.
#[derive(Clone, Copy)]
pub(super) struct ProviderFacts<'a> {
    pub(super) issuer: Option<&'a str>,
    /// The metadata of the issuer itself.
    pub(super) metadata: Option<&'a Metadata>,
    pub(super) token_endpoint: &'a EndpointUrl,
    pub(super) userinfo_endpoint: Option<&'a EndpointUrl>,
}

impl Settings {
    /// The authority for the identities of this client.
    ///
    /// # Errors
    /// [`ProviderError::UnconfirmedEndpoint`], [`ProviderError::UnrelatedEndpoints`].
    pub(super) fn authority(&self, found: ProviderFacts<'_>) -> Result<Authority, ProviderError> {
        if !self.has_login {
            // There is no user to identify.
            return Ok(Authority { name: self.anchor(), member: None, is_genuine: false });
        }
        let Some(issuer) = found.issuer else { return self.of_endpoint(found) };
        if self.protocol == Protocol::OpenIdConnect {
            self.confirm(issuer, &IDENTIFYING, found.metadata)?;
            return Ok(self.of_issuer(issuer));
        }
        let is_published = self.endpoints.get(EndpointKind::UserInfo).is_none();
        if self.evidence.source != Source::Declared && is_published {
            self.confirm(issuer, &[EndpointKind::Token], found.metadata)?;
            return Ok(self.of_issuer(issuer));
        }
        // Stated endpoints are judged separately, so that a changed document never splits one user
        // into two.
        let is_of_issuer = |endpoint| {
            let stated = self.endpoints.get(endpoint);
            stated.is_none_or(|url| self.evidence.vouches(issuer, endpoint, url))
        };
        if [EndpointKind::Token, EndpointKind::UserInfo].into_iter().all(is_of_issuer) {
            return Ok(self.of_issuer(issuer));
        }
        self.of_endpoint(found)
    }

    /// The authority as known before the provider is asked. `None` if it follows only from the
    /// metadata.
    ///
    /// # Errors
    /// [`ProviderError::UnrelatedEndpoints`].
    pub(crate) fn stated_authority(&self) -> Result<Option<Authority>, ProviderError> {
        let userinfo_endpoint = self.endpoints.get(EndpointKind::UserInfo);
        let is_of_token = self.protocol == Protocol::OAuth1 || self.identity.is_of_token();
        if self.is_open_id() || (userinfo_endpoint.is_none() && !is_of_token) {
            let url = self.metadata_url.as_ref();
            let issuer = self.issuer.clone().or_else(|| metadata::issuer_of_url(url?.url()));
            return Ok(issuer.map(|issuer| self.of_issuer(&issuer)));
        }
        let stated = self.endpoints.get(EndpointKind::Token);
        let Some(token_endpoint) = stated.or(userinfo_endpoint) else { return Ok(None) };
        let issuer = self.issuer.as_deref();
        let found = ProviderFacts { issuer, metadata: None, token_endpoint, userinfo_endpoint };
        self.authority(found).map(Some)
    }

    /// Binds sessions, stored tokens and pending logins to their client. For a declared provider
    /// these are the client identifier and the authority for its users; a description is bound to
    /// all its endpoints.
    pub(super) fn binding_of(&self) -> String {
        let anchor = self.anchor();
        let additions =
            self.additions.as_ref().map_or_else(String::new, |additions| additions.canonical());
        let mut all = vec![anchor.as_str(), &self.identity.id, &self.client_id];
        if self.evidence.source != Source::Declared {
            all.push(&self.nested_token);
            all.push(&additions);
            all.extend(self.endpoints.0.iter().map(|(_, url)| url.as_str()));
            let others = [&self.metadata_url, &self.api_base, &self.emails_endpoint];
            all.extend(others.map(|url| url.as_ref().map_or("", EndpointUrl::as_str)));
        }
        fingerprint(&all.join("\n"))
    }

    /// The substitute for the authority before the provider is asked.
    pub(crate) fn anchor(&self) -> String {
        if let Some(issuer) = &self.issuer {
            return issuer.trim_end_matches('/').to_owned();
        }
        if let Some(url) = &self.metadata_url {
            return metadata::issuer_of_url(url.url()).unwrap_or_else(|| url.as_str().to_owned());
        }
        let endpoint = self.endpoints.get(EndpointKind::UserInfo);
        let endpoint = endpoint.filter(|_| !self.identity.is_of_token());
        let endpoint = endpoint.or(self.endpoints.get(EndpointKind::Token));
        endpoint.map_or_else(String::new, origin)
    }

    fn of_issuer(&self, issuer: &str) -> Authority {
        // Otherwise a member that users can edit could name any user of the issuer.
        let is_own = self.evidence.source == Source::Described && self.identity.id != SUBJECT;
        let is_selected = self.evidence.source == Source::Described && self.selects_user();
        let member = (is_own || is_selected).then(|| self.member());
        Authority { name: qualified(issuer, member.as_deref()), member, is_genuine: true }
    }

    fn of_endpoint(&self, found: ProviderFacts<'_>) -> Result<Authority, ProviderError> {
        let profile = found.userinfo_endpoint.filter(|_| !self.identity.is_of_token());
        let endpoint = profile.unwrap_or(found.token_endpoint);
        if self.evidence.source != Source::Described {
            let is_genuine = self.evidence.source == Source::DescribedPreset;
            return Ok(Authority { name: origin(endpoint), member: None, is_genuine });
        }
        // A token endpoint elsewhere could present a token that a user gave to another application.
        let temporary = self.endpoints.get(EndpointKind::TemporaryCredentials);
        for other in [Some(found.token_endpoint), temporary].into_iter().flatten() {
            if !other.has_origin_of(endpoint) {
                return Err(ProviderError::UnrelatedEndpoints {
                    token_endpoint: origin(other),
                    userinfo_endpoint: origin(endpoint),
                });
            }
        }
        let member = Some(self.member());
        let name = qualified(endpoint.as_str(), member.as_deref());
        Ok(Authority { name, member, is_genuine: false })
    }

    /// Whether parameters of the description may select the user of a userinfo response. An ID token
    /// names the user itself.
    fn selects_user(&self) -> bool {
        !self.is_open_id() && self.additions.is_some()
    }

    /// The member that the subject is read from, with the parameters that may select the user: a
    /// description that adds `id=1` to a profile request must not name the users of one that does
    /// not.
    fn member(&self) -> String {
        match self.additions.as_ref().filter(|_| self.selects_user()) {
            Some(additions) => {
                format!("{}?{}", self.identity.id, fingerprint(&additions.canonical()))
            }
            None => self.identity.id.clone(),
        }
    }

    /// Compares stated endpoints with what the issuer publishes.
    fn confirm(
        &self,
        issuer: &str,
        endpoints: &[EndpointKind],
        metadata: Option<&Metadata>,
    ) -> Result<(), ProviderError> {
        for endpoint in endpoints.iter().copied() {
            let Some(url) = self.endpoints.get(endpoint) else { continue };
            let published = metadata.and_then(|metadata| metadata.endpoint(endpoint));
            let is_published = published.is_some_and(|published| {
                EndpointUrl::parse(published, self.loopback_http).as_ref() == Ok(url)
            });
            if !is_published && !self.evidence.vouches(issuer, endpoint, url) {
                let issuer = issuer.to_owned();
                return Err(ProviderError::UnconfirmedEndpoint { endpoint, issuer });
            }
        }
        Ok(())
    }
}

/// Whether a URL has the origin of an issuer.
pub(super) fn is_of_origin(issuer: &str, url: &Url) -> bool {
    Url::parse(issuer).is_ok_and(|issuer| issuer.origin() == url.origin())
}

fn origin(url: &EndpointUrl) -> String {
    url.url().origin().ascii_serialization()
}
