//! What the faults do.
