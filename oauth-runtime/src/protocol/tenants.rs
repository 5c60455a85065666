//! One provider for many issuers: the metadata names the issuer as a template, and each ID token
//! names its tenant in `tid`.
//!
//! <https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens#validate-tokens>

/// The placeholder for the tenant in a template.
pub(crate) const PLACEHOLDER: &str = "{tenantid}";
/// Allows the users of every tenant to log in.
const ANY: &str = "any";

/// The tenants whose users may log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tenants {
    Any,
    Only(Vec<String>),
}

impl Tenants {
    /// Reads a list of tenant IDs, or only the word `any`.
    ///
    /// # Errors
    /// Returns a description of the fault in the list.
    pub(crate) fn parse<'t>(names: impl IntoIterator<Item = &'t str>) -> Result<Self, String> {
        let names: Vec<_> = names.into_iter().collect();
        match names.as_slice() {
            [] => Err("it names no tenant: list tenant IDs, or write `any`".to_owned()),
            [ANY] => Ok(Self::Any),
            names => match names.iter().find(|name| !is_tenant(name)) {
                Some(name) => Err(format!("`{name}` is not a tenant ID")),
                None => Ok(Self::Only(names.iter().map(|name| (*name).to_owned()).collect())),
            },
        }
    }

    /// The tenant, if there is only one.
    pub(crate) fn one(&self) -> Option<&str> {
        match self {
            Self::Only(tenants) if tenants.len() == 1 => tenants.first().map(String::as_str),
            _ => None,
        }
    }

    /// Whether users of this tenant may log in.
    pub(crate) fn allow(&self, tenant: &str) -> bool {
        is_tenant(tenant)
            && match self {
                Self::Any => true,
                Self::Only(tenants) => tenants.iter().any(|own| own.eq_ignore_ascii_case(tenant)),
            }
    }

    /// Whether `issuer` is the template filled with a tenant whose users may log in.
    pub(crate) fn allow_issuer(&self, issuer: &str, template: &str) -> bool {
        let Some((start, end)) = template.split_once(PLACEHOLDER) else { return false };
        let tenant = issuer.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
        tenant.is_some_and(|tenant| self.allow(tenant))
    }
}

/// The issuer of one tenant.
pub(crate) fn issuer_of(template: &str, tenant: &str) -> String {
    template.replace(PLACEHOLDER, tenant)
}

/// Whether `text` is a GUID, like `tid`: not an alias such as `common`, and nothing that could
/// change a URL.
fn is_tenant(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    const OTHER: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
    const TEMPLATE: &str = "https://login.example/{tenantid}/v2.0";

    #[test]
    fn tenant_list_names_each_tenant_or_any() {
        assert_eq!(Tenants::parse(["any"]), Ok(Tenants::Any));
        let two = Tenants::parse([ONE, OTHER]).unwrap();
        assert_eq!((two.one(), two.allow(ONE), two.allow(OTHER)), (None, true, true));
        let one = Tenants::parse([ONE]).unwrap();
        assert_eq!((one.one(), one.allow(OTHER)), (Some(ONE), false));
        assert!(one.allow(&ONE.to_uppercase()));
        for wrong in [&[][..], &["common"], &["any", ONE], &[""], &["contoso.onmicrosoft.com"]] {
            assert!(Tenants::parse(wrong.iter().copied()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_issuer_is_the_template_with_one_allowed_tenant() {
        let one = Tenants::parse([ONE]).unwrap();
        assert!(one.allow_issuer(&issuer_of(TEMPLATE, ONE), TEMPLATE));
        for issuer in [
            issuer_of(TEMPLATE, OTHER),
            issuer_of(TEMPLATE, &format!("{ONE}/x")),
            TEMPLATE.to_owned(),
            format!("https://evil.example/{ONE}/v2.0"),
            format!("https://login.example/{ONE}/v2.0/"),
            String::new(),
        ] {
            assert!(!one.allow_issuer(&issuer, TEMPLATE), "{issuer}");
        }
        assert!(Tenants::Any.allow_issuer(&issuer_of(TEMPLATE, OTHER), TEMPLATE));
        assert!(!Tenants::Any.allow_issuer(&issuer_of(TEMPLATE, "../x"), TEMPLATE));
        assert!(!Tenants::Any.allow_issuer(TEMPLATE, TEMPLATE), "nobody's issuer");
    }
}
