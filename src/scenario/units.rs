//! Quantities as people write them: durations with a unit, rates per second.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A span of simulated time in whole nanoseconds, written `"250us"`, `"8ms"`, `"1.5s"`, `"10min"`, `"2h"`, `"30d"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

/// Units from large to small, with their length in nanoseconds.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span a scenario may name: 100 years.
    pub const MAX: Self = Self(36_500 * 86_400_000_000_000);

    /// A span of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A span of whole milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    /// A span of whole seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs * 1_000_000_000)
    }

    /// A span of `secs` seconds, rounded to the nanosecond; negative and NaN become zero.
    pub fn from_secs_f64(secs: f64) -> Self {
        Self(((secs * 1e9).round().max(0.0) as u64).min(Self::MAX.0))
    }

    /// The span in nanoseconds.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// The span in seconds.
    pub fn secs(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Reads a number with a unit.
    ///
    /// # Errors
    /// A sentence saying what is wrong and what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let split = text
            .find(|c: char| c.is_ascii_alphabetic() || c == 'µ' || c == 'μ')
            .unwrap_or(text.len());
        let (number, unit) = (text[..split].trim(), text[split..].trim());
        let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        if unit.is_empty() && !number.chars().all(is_number) {
            return Err(format!("`{number}` is no duration, such as `8ms`"));
        }
        if unit.is_empty() {
            return Err(format!(
                "a duration needs a unit: did you mean `{}ms` or `{}s`?",
                if number.is_empty() { "1" } else { number },
                if number.is_empty() { "1" } else { number },
            ));
        }
        let unit_nanos = match unit {
            "µs" | "μs" => 1_000,
            "m" => {
                return Err("`m` could be minutes or milliseconds: write `min` or `ms`".into());
            }
            unit => {
                UNITS
                    .iter()
                    .find(|(name, _)| *name == unit)
                    .ok_or_else(|| {
                        format!("`{unit}` is no unit of time: use ns, us, ms, s, min, h or d")
                    })?
                    .1
            }
        };
        let digits = number.replace('_', "");
        if digits.starts_with('-') {
            return Err("a duration can't be negative".into());
        }
        let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !is_number(whole) || !is_number(fraction) {
            return Err(format!("`{number}` is not a number"));
        }
        // In whole nanoseconds: a double would lose some in long spans.
        let part = |digits: &str, unit: u128| -> Option<u128> {
            digits.parse::<u128>().ok()?.checked_mul(unit)
        };
        let fraction = fraction.get(..18).unwrap_or(fraction);
        let unit = u128::from(unit_nanos);
        let scale = 10_u128.pow(fraction.len() as u32);
        let nanos = match (
            part(&format!("0{whole}"), unit),
            part(&format!("0{fraction}"), unit),
        ) {
            (Some(whole), Some(part)) => {
                u64::try_from(whole.saturating_add((part + scale / 2) / scale)).ok()
            }
            _ => None,
        };
        match nanos {
            Some(nanos) if nanos <= Self::MAX.0 => Ok(Self(nanos)),
            _ => Err("a duration can't be longer than 100 years (36500d)".into()),
        }
    }
}

impl fmt::Display for Duration {
    /// The shortest exact spelling: the largest unit of which the span is a whole multiple, or a
    /// decimal of the largest unit that fits when that is shorter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut best: Option<(String, usize)> = None;
        for (name, nanos) in UNITS {
            let text = if self.0.is_multiple_of(nanos) {
                format!("{}{name}", self.0 / nanos)
            } else if self.0 > nanos && nanos <= 1_000_000_000 {
                let digits = nanos.ilog10() as usize;
                let fraction = format!("{:0digits$}", self.0 % nanos);
                format!(
                    "{}.{}{name}",
                    self.0 / nanos,
                    fraction.trim_end_matches('0')
                )
            } else {
                continue;
            };
            // `10min` reads as short as `10m` would.
            let length = text.len() - if name == "min" { 2 } else { 0 };
            if best.as_ref().is_none_or(|(_, shortest)| length < *shortest) {
                best = Some((text, length));
            }
        }
        f.write_str(best.as_ref().map_or("", |(text, _)| text))
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Duration;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration with its unit, such as \"8ms\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
                Duration::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// A rate per second. Whole rates are written without a decimal point.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(pub f64);

impl Rate {
    /// Reads `80`, `80/s`, `1.2k`, `1.2k/s`, `3M/s`.
    ///
    /// # Errors
    /// A sentence saying what is wrong and what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let text = text.strip_suffix("/s").unwrap_or(text).trim();
        let (number, times) = match text.chars().last() {
            Some('k' | 'K') => (&text[..text.len() - 1], 1e3),
            Some('M') => (&text[..text.len() - 1], 1e6),
            _ => (text, 1.0),
        };
        match number.trim().replace('_', "").parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => Ok(Self(value * times)),
            Ok(value) if value < 0.0 => Err("a rate can't be negative".into()),
            _ => Err(format!("`{text}` is no rate: write 80, 1.2k or 1.2k/s")),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        plain(&self.0, serializer)
    }
}

/// Writes a number as people do: without a decimal point when it is whole.
pub(crate) fn plain<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    // Zero's sign would be lost; larger numbers would lose digits.
    if number.fract() == 0.0 && number.abs() < 1e15 && (*number != 0.0 || number.is_sign_positive())
    {
        serializer.serialize_i64(*number as i64)
    } else {
        serializer.serialize_f64(*number)
    }
}

/// [`plain`] for a number that may be unset.
pub(crate) fn plain_option<S: Serializer>(
    number: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => plain(number, serializer),
        None => serializer.serialize_none(),
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<u64, &str>) {
        let found = Duration::parse(text).map(Duration::nanos);
        assert_eq!(found, expected.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn durations_are_read_to_the_nanosecond() {
        check("8ms", Ok(8_000_000));
        check(" 1.5 s ", Ok(1_500_000_000));
        check("1_000us", Ok(1_000_000));
        check("3µs", Ok(3_000));
        check(".5ns", Ok(1));
        check("0.4ns", Ok(0));
        check("3030220149.426873674s", Ok(3_030_220_149_426_873_674));
        check("36500d", Ok(Duration::MAX.nanos()));
        check("0.0000000000000000000000000001d", Ok(0));
    }

    #[test]
    fn what_is_no_duration_is_named() {
        check(
            "8",
            Err("a duration needs a unit: did you mean `8ms` or `8s`?"),
        );
        check("99.9%", Err("`99.9%` is no duration, such as `8ms`"));
        check("ms", Err("`` is not a number"));
        check(".s", Err("`.` is not a number"));
        check("1.2.3s", Err("`1.2.3` is not a number"));
        check("-1s", Err("a duration can't be negative"));
        check(
            "5m",
            Err("`m` could be minutes or milliseconds: write `min` or `ms`"),
        );
        check(
            "5sec",
            Err("`sec` is no unit of time: use ns, us, ms, s, min, h or d"),
        );
        check(
            "36501d",
            Err("a duration can't be longer than 100 years (36500d)"),
        );
        let digits = format!("{}s", "9".repeat(1000));
        check(
            &digits,
            Err("a duration can't be longer than 100 years (36500d)"),
        );
    }

    #[test]
    fn the_shortest_spelling_is_written() {
        let check = |nanos, expected: &str| {
            assert_eq!(Duration::from_nanos(nanos).to_string(), expected);
            assert_eq!(Duration::parse(expected).unwrap().nanos(), nanos);
        };
        check(0, "0s");
        check(250_000, "250us");
        check(1_500_000_000, "1.5s");
        check(600_000_000_000, "10min");
        check(90_000_000_000, "90s");
        check(86_400_000_000_000, "1d");
        check(1_000_000_001, "1.000000001s");
    }
}
