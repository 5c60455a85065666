//! Every back end of the store against the real thing: a file of SQLite, and servers of PostgreSQL and
//! Redis that each test starts for itself.

mod application;
mod conformance;
mod expiry;
mod recovery;
mod schema;
mod sweep;
mod tls;
mod urls;
