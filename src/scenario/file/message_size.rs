//! `"20kB"` or `LogNormal(p50: "8kB", p99: "60kB")`: a size is a string or a named variant.

use std::fmt;

use serde::de::{self, value::EnumAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::scenario::message_size::{MessageSize, Named};
use crate::scenario::size::Size;

/// The words that may stand in front of the bracket.
pub const WORDS: &[&str] = &["Constant", "Exponential", "LogNormal", "BoundedPareto"];

impl Serialize for MessageSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = match *self {
            Self::Constant(size) => return size.serialize(serializer),
            Self::Exponential(mean) => Named::Exponential(mean),
            Self::LogNormal { p50, p99 } => Named::LogNormal { p50, p99 },
            Self::BoundedPareto { alpha, min, max } => Named::BoundedPareto { alpha, min, max },
        };
        named.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MessageSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = MessageSize;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a size with its unit, such as \"20kB\", or a distribution of sizes such as \
                     Exponential(\"20kB\")",
                )
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<MessageSize, E> {
                Size::parse(text).map(Into::into).map_err(E::custom)
            }
            fn visit_enum<A: de::EnumAccess<'de>>(
                self,
                access: A,
            ) -> Result<MessageSize, A::Error> {
                let named = Named::deserialize(EnumAccessDeserializer::new(access))?;
                Ok(match named {
                    Named::Constant(size) => MessageSize::Constant(size),
                    Named::Exponential(mean) => MessageSize::Exponential(mean),
                    Named::LogNormal { p50, p99 } => MessageSize::LogNormal { p50, p99 },
                    Named::BoundedPareto { alpha, min, max } => {
                        MessageSize::BoundedPareto { alpha, min, max }
                    }
                })
            }
        }
        // The file's decoder hands a string to the visitor where a variant could stand.
        deserializer.deserialize_enum("MessageSize", WORDS, Visitor)
    }
}
