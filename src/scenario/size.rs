//! How much is sent, and how much fits through: bytes, and bits per second.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An amount of data in whole bytes, written `"800B"`, `"20kB"`, `"1.5MB"`; a kilobyte is 1,000 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u64);

/// Units of data from large to small, with their bytes.
const SIZES: [(&str, f64); 5] = [
    ("TB", 1e12),
    ("GB", 1e9),
    ("MB", 1e6),
    ("kB", 1e3),
    ("B", 1.0),
];

/// Units of bandwidth from large to small, with their bits per second.
const BANDWIDTHS: [(&str, f64); 4] = [
    ("Gbit/s", 1e9),
    ("Mbit/s", 1e6),
    ("kbit/s", 1e3),
    ("bit/s", 1.0),
];

impl Size {
    /// The largest message: a terabyte.
    pub const MAX: Self = Self(1_000_000_000_000);

    /// So many bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The amount in bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// Reads a number with a unit; `KB` is as good as `kB`.
    ///
    /// # Errors
    /// A sentence saying what is wrong and what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (number, unit) = split(text);
        let same = |name: &str| name.eq_ignore_ascii_case(unit);
        let Some((_, bytes)) = SIZES.iter().find(|(name, _)| same(name)) else {
            return Err(match unit {
                "" if number == "0" => return Ok(Self(0)),
                "" => format!("a size needs a unit: did you mean `{number}B` or `{number}kB`?"),
                "KiB" | "MiB" | "GiB" | "TiB" => {
                    format!(
                        "sizes are in powers of 1,000: write `{}B`",
                        &unit[..1].replace('K', "k")
                    )
                }
                unit => format!("`{unit}` is no unit of size: use B, kB, MB, GB or TB"),
            });
        };
        let size = (amount(number, "size")? * bytes).round();
        if size > Self::MAX.0 as f64 {
            return Err("a size can't be more than 1TB".into());
        }
        Ok(Self(size as u64))
    }
}

/// How much data passes in a second, in whole bits, written `"100Mbit/s"`; a byte is eight bits. Never nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bandwidth(u64);

impl Bandwidth {
    /// 1 bit/s.
    pub const MIN: Self = Self(1);
    /// 10 Tbit/s.
    pub const MAX: Self = Self(10_000_000_000_000);

    /// So many bits a second, kept within [`Self::MIN`] and [`Self::MAX`].
    pub fn from_bits(bits: u64) -> Self {
        Self(bits.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Bits a second.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Reads a number with a unit; `100Mbps` is as good as `100Mbit/s`.
    ///
    /// # Errors
    /// A sentence saying what is wrong and what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (number, unit) = split(text);
        let spelled = match unit.strip_suffix("bps") {
            Some(prefix) => format!("{prefix}bit/s"),
            None => unit.to_owned(),
        };
        let same = |name: &str| name.eq_ignore_ascii_case(&spelled);
        let Some((_, bits)) = BANDWIDTHS.iter().find(|(name, _)| same(name)) else {
            return Err(match unit {
                "" => format!("a bandwidth needs a unit: did you mean `{number}Mbit/s`?"),
                unit => {
                    format!("`{unit}` is no unit of bandwidth: use bit/s, kbit/s, Mbit/s or Gbit/s")
                }
            });
        };
        let bandwidth = (amount(number, "bandwidth")? * bits).round();
        if !(Self::MIN.0 as f64..=Self::MAX.0 as f64).contains(&bandwidth) {
            return Err("a bandwidth must be from 1bit/s to 10000Gbit/s".into());
        }
        Ok(Self(bandwidth as u64))
    }
}

/// Number and unit.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let at = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    (text[..at].trim(), text[at..].trim())
}

fn amount(number: &str, what: &str) -> Result<f64, String> {
    match number.replace('_', "").parse::<f64>() {
        Ok(amount) if amount < 0.0 => Err(format!("a {what} can't be negative")),
        Ok(amount) if amount.is_finite() => Ok(amount),
        _ => Err(format!("`{number}` is not a number")),
    }
}

/// In the largest unit of which there is at least one.
fn written(f: &mut fmt::Formatter<'_>, amount: f64, units: &[(&str, f64)]) -> fmt::Result {
    let fits = units.iter().find(|(_, unit)| amount >= *unit);
    match fits.or(units.last()) {
        Some((name, unit)) => write!(f, "{}{name}", amount / unit),
        None => Ok(()),
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        written(f, self.0 as f64, &SIZES)
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        written(f, self.0 as f64, &BANDWIDTHS)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Bandwidth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Written {
            expecting: "a size with its unit, such as \"20kB\"",
            parse: Self::parse,
        })
    }
}

impl<'de> Deserialize<'de> for Bandwidth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Written {
            expecting: "a bandwidth with its unit, such as \"100Mbit/s\"",
            parse: Self::parse,
        })
    }
}

struct Written<T> {
    expecting: &'static str,
    parse: fn(&str) -> Result<T, String>,
}

impl<T> de::Visitor<'_> for Written<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<u64, &str>) {
        let found = Size::parse(text).map(Size::bytes);
        assert_eq!(found, expected.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn sizes_are_read_in_powers_of_a_thousand() {
        check("800B", Ok(800));
        check(" 1.5 kB ", Ok(1_500));
        check("20KB", Ok(20_000));
        check("1_000MB", Ok(1_000_000_000));
        check("0", Ok(0));
        check("1TB", Ok(Size::MAX.bytes()));
        check("8", Err("a size needs a unit: did you mean `8B` or `8kB`?"));
        check("8KiB", Err("sizes are in powers of 1,000: write `kB`"));
        check(
            "8kb/s",
            Err("`kb/s` is no unit of size: use B, kB, MB, GB or TB"),
        );
        check("-8B", Err("a size can't be negative"));
        check("1.2.3B", Err("`1.2.3` is not a number"));
        check("2TB", Err("a size can't be more than 1TB"));
    }

    #[test]
    fn bandwidths_are_bits_a_second() {
        for (text, expected) in [
            ("100Mbit/s", Ok(100_000_000)),
            ("100 Mbps", Ok(100_000_000)),
            ("1.5Gbit/s", Ok(1_500_000_000)),
            ("64kbps", Ok(64_000)),
            (
                "100",
                Err("a bandwidth needs a unit: did you mean `100Mbit/s`?"),
            ),
            (
                "0bit/s",
                Err("a bandwidth must be from 1bit/s to 10000Gbit/s"),
            ),
            (
                "1MB/s",
                Err("`MB/s` is no unit of bandwidth: use bit/s, kbit/s, Mbit/s or Gbit/s"),
            ),
        ] {
            let found = Bandwidth::parse(text).map(Bandwidth::bits);
            assert_eq!(found, expected.map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        for bytes in [0, 1, 999, 1_000, 1_234, 123_456_789, 999_999_999_999] {
            let size = Size(bytes);
            assert_eq!(Size::parse(&size.to_string()), Ok(size), "{size}");
        }
        assert_eq!(Size(20_000).to_string(), "20kB");
        for bits in [1, 999, 5_338, 8_681_641_704_333, 10_000_000_000_000] {
            let bandwidth = Bandwidth(bits);
            let text = bandwidth.to_string();
            assert_eq!(Bandwidth::parse(&text), Ok(bandwidth), "{text}");
        }
        assert_eq!(Bandwidth(100_000_000).to_string(), "100Mbit/s");
        assert_eq!(Bandwidth::MAX.to_string(), "10000Gbit/s");
    }
}
