//! Keys and values of any content.

use super::probe::{HOUR, Outcome, Probe, demand};

/// Maximum length of a key, in bytes.
const LONGEST_KEY: usize = 512;
/// Maximum length of a value, in bytes.
const LARGEST_VALUE: usize = 1 << 20;

pub(super) async fn keeps_what_is_put(probe: &Probe) -> Outcome {
    let key = probe.key("put");
    probe.expect(&key, None, "before anything is put").await?;
    probe.put(&key, b"first", HOUR).await?;
    probe.expect(&key, Some(b"first"), "after `put`").await?;
    probe.put(&key, b"second", HOUR).await?;
    probe.expect(&key, Some(b"second"), "after a second `put`").await?;
    probe.expect(&probe.key("pu"), None, "for a key that begins alike").await?;
    probe.expect(&probe.key("put2"), None, "for a key that begins alike").await
}

pub(super) async fn keeps_every_value(probe: &Probe) -> Outcome {
    let all_bytes: Vec<u8> = (0..=u8::MAX).collect();
    // No two of its parts are equal, so a lost or exchanged part is detected.
    let numbers = (0_u32..).flat_map(u32::to_le_bytes);
    let largest: Vec<u8> = numbers.take(LARGEST_VALUE).collect();
    let key = probe.key("value");
    for value in [&b""[..], b"\0", &all_bytes, b"NULL", &largest] {
        let size = format!("after {} bytes were put", value.len());
        probe.put(&key, value, HOUR).await?;
        probe.expect(&key, Some(value), &size).await?;
        probe.expect_swap(&key, Some(value), true, &size).await?;
        probe.put(&key, value, HOUR).await?;
        let taken = probe.take(&key).await?;
        demand(taken.as_deref() == Some(value), || format!("{size} `take` gives something else"))?;
        probe.expect_swap(&key, Some(value), false, "after `take`").await?;
        probe.expect_swap(&key, None, true, "after `take`").await?;
    }
    Ok(())
}

pub(super) async fn tells_all_keys_apart(probe: &Probe) -> Outcome {
    let mut keys: Vec<_> = NAMES.iter().map(|name| probe.key(name)).collect();
    let longest = probe.key("");
    let longest = format!("{longest}{}", "x".repeat(LONGEST_KEY - longest.len() - 1));
    keys.extend(["1", "2"].map(|last| format!("{longest}{last}")));
    // Without a prefix.
    keys.extend([String::new(), "\0".to_owned(), format!("{{{}", probe.prefix)]);

    for (number, key) in keys.iter().enumerate() {
        probe.put(key, &number.to_le_bytes(), HOUR).await?;
    }
    for (number, key) in keys.iter().enumerate() {
        let value = number.to_le_bytes();
        probe.expect(key, Some(&value), &format!("for the key {key:?}")).await?;
        probe.expect_swap(key, Some(&value), true, &format!("for the key {key:?}")).await?;
    }
    for key in &keys {
        let taken = probe.take(key).await?;
        demand(taken.as_deref() == Some(b"swapped"), || format!("`take` lost the key {key:?}"))?;
    }
    Ok(())
}

/// Keys that an encoding, a pattern, a query, a path or a collation could misinterpret.
const NAMES: &[&str] = &[
    "",
    "a",
    "A",
    "a ",
    " a",
    "a\t",
    "a\0",
    "a\0b",
    "\0",
    "ä",
    "a\u{308}",
    "ß",
    "ss",
    "ı",
    "i",
    "İ",
    "\u{202e}a",
    "\u{feff}a",
    "🔑",
    "\u{10ffff}",
    "a\r\nDEL a\r\n",
    "a\nb",
    "'; DROP TABLE oauth_record; --",
    "\"",
    "`",
    "\\",
    "\\x61",
    "%61",
    "%",
    "_",
    "*",
    "?",
    "[a]",
    "{a}b",
    "{b}a",
    "a:b",
    "a::b",
    "../a",
    "/a",
    "a/",
    "$1",
    "?1",
    "${a}",
    "NULL",
    "null",
    "0",
    "00",
    "1e3",
    "1000",
];
