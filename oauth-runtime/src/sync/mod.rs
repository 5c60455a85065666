//! Waiting and sharing between tasks, for any type of value.

pub(crate) mod future;
pub(crate) mod lock;
pub(crate) mod paced_flight;
pub(crate) mod recent;
pub(crate) mod single_flight;
