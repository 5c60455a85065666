//! Registries beside the usual one: providers known at run time, and two registries in one process.

/// Fails unless the value is of this shape, and shows what it was.
macro_rules! assert_matches {
    ($value:expr, $pattern:pat) => {
        let value = $value;
        assert!(matches!(&value, $pattern), "{value:?}");
    };
}

mod apart;
mod authority;
mod initiated;
mod lazy;
mod run_time;
mod site;
