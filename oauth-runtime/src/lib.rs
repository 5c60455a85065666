//! Declarative OAuth login for axum.
