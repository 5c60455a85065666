//! The derives of `oauth-runtime`, which is the crate to depend on.
