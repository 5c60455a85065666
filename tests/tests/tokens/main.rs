//! Tokens that stay fresh: refreshed in time, once, whoever asks, whatever fails meanwhile.

mod api;
mod ends;
mod harness;
mod refresh;
