//! The examples are the binaries of this package.
