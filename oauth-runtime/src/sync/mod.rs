//! Waiting and sharing between tasks, without any knowledge of what is shared.

pub(crate) mod future;
pub(crate) mod lock;
pub(crate) mod paced_flight;
pub(crate) mod recent;
pub(crate) mod single_flight;
