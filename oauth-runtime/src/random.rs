//! The only place that draws random bytes.

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::OAuthError;

/// `N` unpredictable bytes.
///
/// # Errors
/// [`OAuthError::Machine`] when the machine has none to give.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], OAuthError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| OAuthError::Machine)?;
    Ok(bytes)
}

/// `N` unpredictable bytes as base64url text.
pub(crate) fn text<const N: usize>() -> Result<String, OAuthError> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<N>()?))
}
