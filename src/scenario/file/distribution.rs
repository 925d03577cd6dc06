//! `"8ms"` or `Exponential("8ms")`: a distribution is a string or a named variant.

use ron::value::RawValue;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::scenario::{
    Distribution, Duration,
    distribution::Named,
};

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
        let raw = <&RawValue>::deserialize(deserializer)?;
        let text = raw.get_ron().trim();
        let named = if text.starts_with('"') {
            let value: Duration = super::options().from_str(text).map_err(de::Error::custom)?;
            Named::Constant(value)
        } else {
            super::options().from_str(text).map_err(de::Error::custom)?
        };
        match named {
            Named::Constant(value) => Ok(Self::Constant(value)),
            Named::Exponential(mean) => Ok(Self::Exponential(mean)),
            Named::Uniform { min, max } => Ok(Self::Uniform { min, max }),
            Named::Erlang { k, mean } => Ok(Self::Erlang { k, mean }),
            Named::LogNormal { p50: Some(p50), p99: Some(p99), mean: None, cv: None } => {
                Ok(Self::LogNormal { p50, p99 })
            }
            Named::LogNormal { p50: None, p99: None, mean: Some(mean), cv: Some(cv) } => {
                Ok(Self::LogNormalMean { mean, cv })
            }
            Named::LogNormal { .. } => Err(de::Error::custom(
                "a lognormal needs p50 and p99, or mean and cv: `LogNormal(p50: \"8ms\", p99: \"60ms\")`",
            )),
        }
    }
}
