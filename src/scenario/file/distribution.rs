//! `"8ms"` or `Exponential("8ms")`: a distribution is a string or a named variant.

use std::fmt;

use serde::de::{self, value::EnumAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::scenario::{Distribution, Duration, distribution::Named};

/// The words that may stand in front of the bracket.
const WORDS: &[&str] = &["Constant", "Exponential", "Uniform", "LogNormal", "Erlang"];

impl Serialize for Distribution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = match *self {
            Self::Constant(value) => return value.serialize(serializer),
            Self::Exponential(mean) => Named::Exponential(mean),
            Self::Uniform { min, max } => Named::Uniform { min, max },
            Self::LogNormal { p50, p99 } => Named::LogNormal {
                p50: Some(p50),
                p99: Some(p99),
                mean: None,
                cv: None,
            },
            Self::LogNormalMean { mean, cv } => Named::LogNormal {
                p50: None,
                p99: None,
                mean: Some(mean),
                cv: Some(cv),
            },
            Self::Erlang { k, mean } => Named::Erlang { k, mean },
        };
        named.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Distribution {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Distribution;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a duration such as \"8ms\" or a distribution such as Exponential(\"8ms\")",
                )
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Distribution, E> {
                Duration::parse(text)
                    .map(Distribution::Constant)
                    .map_err(E::custom)
            }
            fn visit_enum<A: de::EnumAccess<'de>>(
                self,
                access: A,
            ) -> Result<Distribution, A::Error> {
                Named::deserialize(EnumAccessDeserializer::new(access)).and_then(from_named)
            }
        }
        // The file's decoder hands a string to the visitor where a variant could stand.
        deserializer.deserialize_enum("Distribution", WORDS, Visitor)
    }
}

fn from_named<E: de::Error>(named: Named) -> Result<Distribution, E> {
    match named {
        Named::Constant(value) => Ok(Distribution::Constant(value)),
        Named::Exponential(mean) => Ok(Distribution::Exponential(mean)),
        Named::Uniform { min, max } => Ok(Distribution::Uniform { min, max }),
        Named::Erlang { k, mean } => Ok(Distribution::Erlang { k, mean }),
        Named::LogNormal {
            p50: Some(p50),
            p99: Some(p99),
            mean: None,
            cv: None,
        } => Ok(Distribution::LogNormal { p50, p99 }),
        Named::LogNormal {
            p50: None,
            p99: None,
            mean: Some(mean),
            cv: Some(cv),
        } => Ok(Distribution::LogNormalMean { mean, cv }),
        Named::LogNormal { .. } => Err(E::custom(
            "a lognormal needs p50 and p99, or mean and cv: `LogNormal(p50: \"8ms\", p99: \"60ms\")`",
        )),
    }
}
