//! The tests are the integration tests of this package.
