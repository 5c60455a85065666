//! A point in time, as every JSON Web Token writes it.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::{Duration, SystemTime, SystemTimeError, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The last second of the year 9999: no later time has four digits of a year.
const LAST_OF_9999: u64 = 253_402_300_799;
const SECONDS_PER_DAY: u64 = 86_400;

/// A point in time: whole seconds since 1970-01-01 00:00:00 UTC, without leap seconds.
///
/// This is the `NumericDate` of JSON Web Tokens (RFC 7519 section 2), without fractions. Serde
/// reads and writes the number. `Display` writes the date as RFC 3339 does.
///
/// Arithmetic does not overflow: it stops at 1970 and at the largest number of seconds.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use oauth_runtime::UnixTime;
///
/// let issued_at = UnixTime::from_secs(1_767_225_600);
/// let expires_at = issued_at + Duration::from_secs(3600);
/// assert_eq!(expires_at.to_string(), "2026-01-01T01:00:00Z");
/// assert_eq!(expires_at.duration_since(issued_at), Duration::from_secs(3600));
/// assert!(SystemTime::from(expires_at) > SystemTime::UNIX_EPOCH);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(u64);

impl UnixTime {
    /// The time `seconds` after 1970-01-01 00:00:00 UTC.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01 00:00:00 UTC.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// The time that passed since `earlier`; zero if `earlier` is later.
    #[must_use]
    pub const fn duration_since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }
}

/// Fractions of a second are dropped. The sum stops at the largest time.
impl Add<Duration> for UnixTime {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()))
    }
}

/// Fractions of a second are dropped. The difference stops at 1970.
impl Sub<Duration> for UnixTime {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.as_secs()))
    }
}

/// A time after the year 9999 becomes the last second of that year, because not every platform
/// represents later ones.
impl From<UnixTime> for SystemTime {
    fn from(time: UnixTime) -> Self {
        UNIX_EPOCH + Duration::from_secs(time.0.min(LAST_OF_9999))
    }
}

/// Fractions of a second are dropped.
///
/// # Errors
/// A time before 1970.
impl TryFrom<SystemTime> for UnixTime {
    type Error = SystemTimeError;

    fn try_from(time: SystemTime) -> Result<Self, Self::Error> {
        Ok(Self(time.duration_since(UNIX_EPOCH)?.as_secs()))
    }
}

/// As RFC 3339 writes it: `2026-01-01T00:00:00Z`. A time after the year 9999 has no such form and
/// is written as a number of seconds.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > LAST_OF_9999 {
            return write!(f, "{} s after 1970", self.0);
        }
        let (days, seconds) = (self.0 / SECONDS_PER_DAY, self.0 % SECONDS_PER_DAY);
        let (year, month, day) = date(days);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// Year, month and day of the Gregorian calendar, from the days since 1970-01-01.
///
/// The years begin on 1 March here, so that a leap day is the last one of its year.
const fn date(days: u64) -> (u64, u64, u64) {
    const DAYS_IN_400_YEARS: u64 = 146_097;
    const DAYS_FROM_0000_03_01_TO_1970: u64 = 719_468;
    let days = days + DAYS_FROM_0000_03_01_TO_1970;
    let (era, day_of_era) = (days / DAYS_IN_400_YEARS, days % DAYS_IN_400_YEARS);
    let leap_days = day_of_era / 1_460 + day_of_era / 146_096 - day_of_era / 36_524;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // March to July and August to December have 153 days each; January and February follow.
    let months_since_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_since_march + 2) / 5 + 1;
    let is_next_year = months_since_march >= 10;
    let month = if is_next_year { months_since_march - 9 } else { months_since_march + 3 };
    (era * 400 + year_of_era + is_next_year as u64, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_shown_as_rfc_3339_date() {
        for (seconds, shown) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (LAST_OF_9999, "9999-12-31T23:59:59Z"),
            (u64::MAX, "18446744073709551615 s after 1970"),
        ] {
            assert_eq!(UnixTime::from_secs(seconds).to_string(), shown);
        }
    }

    #[test]
    fn dates_agree_with_those_of_http() {
        for days in (0..LAST_OF_9999 / SECONDS_PER_DAY).step_by(97) {
            let time = UnixTime::from_secs(days * SECONDS_PER_DAY + days % SECONDS_PER_DAY);
            let (year, month, day) = date(days);
            let shown = httpdate::fmt_http_date(time.into());
            let parts: Vec<_> = shown.split(' ').collect();
            assert_eq!(parts[1].parse(), Ok(day), "{shown}");
            let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
            assert_eq!(months.find(parts[2]), usize::try_from(month * 3 - 3).ok(), "{shown}");
            assert_eq!(parts[3].parse(), Ok(year), "{shown}");
            assert!(time.to_string().ends_with(&format!("T{}Z", parts[4])), "{shown}");
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        let time = UnixTime::from_secs(100);
        assert_eq!(time + Duration::MAX, UnixTime::from_secs(u64::MAX));
        assert_eq!(time - Duration::from_secs(101), UnixTime::from_secs(0));
        assert_eq!(time + Duration::from_millis(1_999), UnixTime::from_secs(101));
        assert_eq!(time.duration_since(time + Duration::from_secs(1)), Duration::ZERO);
    }

    #[test]
    fn system_time_converts_both_ways() {
        let time = UnixTime::from_secs(1_767_225_600);
        assert_eq!(UnixTime::try_from(SystemTime::from(time)).unwrap(), time);
        let late = UnixTime::from_secs(u64::MAX);
        let end = UnixTime::from_secs(LAST_OF_9999);
        assert_eq!(SystemTime::from(late), SystemTime::from(end));
        let before_1970 = UNIX_EPOCH - Duration::from_secs(1);
        assert!(UnixTime::try_from(before_1970).is_err());
    }

    #[test]
    fn serde_writes_the_number() {
        let time = UnixTime::from_secs(7);
        assert_eq!(serde_json::to_string(&time).unwrap(), "7");
        assert_eq!(serde_json::from_str::<UnixTime>("7").unwrap(), time);
        assert!(serde_json::from_str::<UnixTime>("-1").is_err());
    }
}
