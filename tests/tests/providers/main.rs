//! Real OpenID Providers, in Chromium: a login, a refresh and a logout with each. Keycloak, the most
//! used of them, is tried in every situation that it knows.

mod canaille;
mod django;
mod keycloak;
mod site;
mod spring;
