//! `"8ms"` or `Exponential("8ms")`: a distribution is a string or a named variant.

use std::fmt;

use serde::de::{self, value::EnumAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::scenario::distribution::{Distribution, Named};
use crate::scenario::{
    Duration,
    sample::{Column, Sample, Unit},
};

/// The words that may stand in front of the bracket.
pub const WORDS: &[&str] = &[
    "Constant",
    "Exponential",
    "Uniform",
    "LogNormal",
    "Erlang",
    "Normal",
    "Gamma",
    "Weibull",
    "BoundedPareto",
    "HyperExponential",
    "Empirical",
];

impl Serialize for Distribution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = match self.clone() {
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
            Self::Normal { mean, sd } => Named::Normal { mean, sd },
            Self::Gamma { mean, cv } => Named::Gamma { mean, cv },
            Self::Weibull { shape, scale } => Named::Weibull {
                shape,
                scale: Some(scale),
                mean: None,
            },
            Self::WeibullMean { shape, mean } => Named::Weibull {
                shape,
                scale: None,
                mean: Some(mean),
            },
            Self::BoundedPareto { alpha, min, max } => Named::BoundedPareto { alpha, min, max },
            Self::HyperExponential(branches) => Named::HyperExponential {
                branches: Some(branches),
                mean: None,
                cv: None,
            },
            Self::HyperExponentialMean { mean, cv } => Named::HyperExponential {
                branches: None,
                mean: Some(mean),
                cv: Some(cv),
            },
            Self::Empirical(sample) => match sample.column() {
                Some(column) => Named::Empirical {
                    values: None,
                    file: Some(column.file.clone()),
                    column: column.name.clone(),
                    unit: (column.unit != Unit::default()).then_some(column.unit),
                },
                None => Named::Empirical {
                    values: Some(sample.times().to_vec()),
                    file: None,
                    column: None,
                    unit: None,
                },
            },
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
        Named::Normal { mean, sd } => Ok(Distribution::Normal { mean, sd }),
        Named::Gamma { mean, cv } => Ok(Distribution::Gamma { mean, cv }),
        Named::Weibull {
            shape,
            scale: Some(scale),
            mean: None,
        } => Ok(Distribution::Weibull { shape, scale }),
        Named::Weibull {
            shape,
            scale: None,
            mean: Some(mean),
        } => Ok(Distribution::WeibullMean { shape, mean }),
        Named::Weibull { .. } => Err(E::custom(
            "a Weibull needs a scale or a mean besides its shape: `Weibull(shape: 1.5, mean: \"8ms\")`",
        )),
        Named::BoundedPareto { alpha, min, max } => {
            Ok(Distribution::BoundedPareto { alpha, min, max })
        }
        Named::HyperExponential {
            branches: Some(branches),
            mean: None,
            cv: None,
        } => Ok(Distribution::HyperExponential(branches)),
        Named::HyperExponential {
            branches: None,
            mean: Some(mean),
            cv: Some(cv),
        } => Ok(Distribution::HyperExponentialMean { mean, cv }),
        Named::HyperExponential { .. } => Err(E::custom(
            "a hyperexponential needs branches, or mean and cv: `HyperExponential(mean: \"8ms\", cv: 3)`",
        )),
        Named::Empirical {
            values: Some(values),
            file: None,
            column: None,
            unit: None,
        } => Ok(Distribution::Empirical(Sample::listed(values))),
        Named::Empirical {
            values: None,
            file: Some(file),
            column,
            unit,
        } => Ok(Distribution::Empirical(Sample::from_file(Column {
            file,
            name: column,
            unit: unit.unwrap_or_default(),
        }))),
        Named::Empirical { .. } => Err(E::custom(
            "an empirical distribution needs values, or a file with its column and unit: `Empirical(values: [\"8ms\", \"9ms\"])`",
        )),
    }
}
