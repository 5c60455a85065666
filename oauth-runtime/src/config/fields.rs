//! The fields of a provider's struct, filled from the configuration.

use std::fmt::Display;
use std::str::FromStr;

use super::error::Faults;
use super::{Config, ConfigFault, FaultKind, key_of};

/// The type of a field in a provider's struct: anything that can be read from text and written as
/// text.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot be loaded from the configuration",
    label = "`{Self}` cannot be loaded",
    note = "use `String`, a number, or a type that implements `FromStr` and `Display`"
)]
pub trait FieldValue: Sized {
    /// Reads the field from its setting. Returns `None` if that fails, after recording the fault.
    #[doc(hidden)]
    fn load(fields: &mut Fields<'_>, field: &str) -> Option<Self>;

    /// The value as it appears in URLs.
    #[doc(hidden)]
    fn text(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr<Err: Display> + Display> FieldValue for T {
    fn load(fields: &mut Fields<'_>, field: &str) -> Option<Self> {
        fields.load(field, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

/// Reads the fields of one provider: `domain` of `acme` is `ACME_DOMAIN`.
#[derive(Debug)]
pub struct Fields<'a> {
    provider: &'a str,
    config: &'a Config,
    faults: &'a mut Faults,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(provider: &'a str, config: &'a Config, faults: &'a mut Faults) -> Self {
        Self { provider, config, faults }
    }

    /// Says that there is nothing to load; `what` cannot be, for the reason `why`.
    pub(crate) fn refuse<T>(&mut self, what: &str, why: &str) -> Option<T> {
        self.faults.push(ConfigFault::new(FaultKind::Malformed, what, why));
        None
    }

    fn load<T>(&mut self, field: &str, read: fn(&str) -> Result<T, String>) -> Option<T> {
        let key = key_of(self.provider, field);
        let Some(setting) = self.config.get(&key) else {
            let help = format!("the declaration of `{}` has the field `{field}`", self.provider);
            self.faults.push(ConfigFault::missing(key).help(help));
            return None;
        };
        let value = read(setting.text());
        self.faults.record(value.map_err(|why| ConfigFault::malformed(&key, &setting.origin, why)))
    }
}
