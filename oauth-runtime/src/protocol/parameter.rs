//! Parameters of a query or a form (RFC 6749 section 3.1: none appears more than once).

use std::borrow::Cow;

use url::form_urlencoded;

/// The value of a parameter that appears exactly once. Of two values, another parser might take
/// either, so neither counts. Names are compared decoded: `st%61te` is `state`.
pub(crate) fn only<'p>(parameters: &'p str, name: &str) -> Option<Cow<'p, str>> {
    let mut values = form_urlencoded::parse(parameters.as_bytes()).filter(|(own, _)| own == name);
    let (_, value) = values.next()?;
    values.next().is_none().then_some(value)
}

/// Declares `Parameters`: those parameters of an authorization response that are read.
/// `Parameters::parse` ignores all others, as RFC 6749 section 4.1.2 demands, and refuses a
/// repeated one and a response of absurd length.
macro_rules! response_parameters {
    ($($name:ident),+ $(,)?) => {
        #[derive(Default)]
        struct Parameters {
            $($name: Option<String>,)+
        }

        impl Parameters {
            fn parse(query: &str) -> Result<Self, AuthorizationResponseError> {
                if query.len() > MAX_LENGTH {
                    return Err(AuthorizationResponseError::TooLong);
                }
                let mut parameters = Self::default();
                for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
                    let (name, slot) = match &*name {
                        $(stringify!($name) => (stringify!($name), &mut parameters.$name),)+
                        _ => continue,
                    };
                    if slot.replace(value.into_owned()).is_some() {
                        return Err(AuthorizationResponseError::RepeatedParameter(name));
                    }
                }
                Ok(parameters)
            }
        }
    };
}

pub(crate) use response_parameters;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_counts_if_it_comes_once() {
        for parameters in ["a=1", "b=2&a=1", "%61=1&b", "a=1&A=2&a%20=3&aa=4", "&&a=1&"] {
            assert_eq!(only(parameters, "a").as_deref(), Some("1"), "{parameters}");
        }
        for parameters in ["", "b=1", "a=1&a=2", "a=1&a=1", "%61=1&a=2", "a=1&a"] {
            assert_eq!(only(parameters, "a").as_deref(), None, "{parameters}");
        }
    }
}
