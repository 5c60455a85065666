#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| oauth_runtime::fuzz_internals::cookies(data));
