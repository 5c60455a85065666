//! Every store back end with a real database: an SQLite file, and PostgreSQL and Redis servers that
//! each test starts for itself.

mod application;
mod conformance;
mod expiry;
mod recovery;
mod schema;
mod sweep;
mod tls;
mod urls;
