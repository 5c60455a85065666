//! The provider's keys, where the configuration states them.

use std::sync::Arc;

use super::Reader;
use super::key::{JWKS, JWKS_FILE, JWKS_URI};
use crate::config::FaultKind;
use crate::protocol::jwk::JwkSet;

impl Reader<'_> {
    /// `None` if none are stated, or once a fault has been recorded.
    pub(in crate::settings) fn jwks(&mut self) -> Option<Arc<JwkSet>> {
        let (key, text) = self.text_or_file(JWKS, JWKS_FILE)??;
        if self.setting(JWKS_URI).is_some() {
            let what = format!("and {} are both set", self.name_of(JWKS_URI));
            let fault = self.fault(FaultKind::Conflict, key, what);
            self.faults.push(fault.help("set one of them: stated keys are not fetched"));
        }
        let text = text.expose();
        let set = match JwkSet::parse(text.as_bytes()) {
            _ if text.len() > MAX_LENGTH => Err(format!("is longer than {MAX_LENGTH} bytes")),
            Err(why) => Err(format!("is not a key set: {why}")),
            Ok(set) if set.keys().next().is_none() => {
                Err("has no public key that can verify a signature".to_owned())
            }
            Ok(set) => Ok(Arc::new(set)),
        };
        let set = set.map_err(|what| self.fault(FaultKind::Malformed, key, what));
        self.faults.record(set)
    }
}

/// As for a set that is fetched.
const MAX_LENGTH: usize = 256 * 1024;
