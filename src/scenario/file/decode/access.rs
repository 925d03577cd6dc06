//! How serde walks over the parts of a node.

use serde::de::{self, DeserializeSeed, Visitor};

use super::{DecodeError, Decoder, Outcome, Wrong, word_deserializer};
use crate::scenario::file::tree::Shape;

/// Fields of a struct, or names and values of a map.
pub struct Fields<'t, 'de> {
    decoder: Decoder<'t, 'de>,
    left: std::vec::IntoIter<usize>,
    value: Option<Decoder<'t, 'de>>,
}

impl<'t, 'de> Fields<'t, 'de> {
    pub fn new(decoder: Decoder<'t, 'de>) -> Self {
        Self {
            decoder,
            left: decoder.items().into_iter(),
            value: None,
        }
    }
}

impl<'de> de::MapAccess<'de> for Fields<'_, 'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Outcome<Option<K::Value>> {
        let Some(position) = self.left.next() else {
            return Ok(None);
        };
        let item = self.decoder.tree.nodes[self.decoder.node].items[position];
        self.value = Some(self.decoder.at(item.value));
        let key = item.key.unwrap_or(item.value);
        seed.deserialize(self.decoder.at(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Outcome<V::Value> {
        match self.value.take() {
            Some(value) => seed
                .deserialize(value)
                .map_err(|error| error.or_at(value.node)),
            None => Err(de::Error::custom("a value was asked for without its name")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}

/// Values of a list or tuple.
pub struct Parts<'t, 'de> {
    decoder: Decoder<'t, 'de>,
    left: std::vec::IntoIter<usize>,
}

impl<'t, 'de> Parts<'t, 'de> {
    pub fn new(decoder: Decoder<'t, 'de>) -> Self {
        Self {
            decoder,
            left: decoder.items().into_iter(),
        }
    }
}

impl<'de> de::SeqAccess<'de> for Parts<'_, 'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Outcome<Option<T::Value>> {
        let Some(position) = self.left.next() else {
            return Ok(None);
        };
        let value = self.decoder.tree.nodes[self.decoder.node].items[position].value;
        seed.deserialize(self.decoder.at(value))
            .map(Some)
            .map_err(|error| error.or_at(value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}

/// A variant with or without content.
pub struct Variant<'t, 'de> {
    pub decoder: Decoder<'t, 'de>,
    pub word: &'de str,
}

impl<'t, 'de> de::EnumAccess<'de> for Variant<'t, 'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Outcome<(V::Value, Self)> {
        let value = seed.deserialize(word_deserializer(self.word))?;
        Ok((value, self))
    }
}

impl<'t, 'de> Variant<'t, 'de> {
    /// The bracket behind the word, which must be there.
    fn content(&self, what: &str) -> Outcome<Decoder<'t, 'de>> {
        if self.decoder.shape() != Shape::Struct {
            return Err(self.wrong(format!("`{}` needs {what} behind it", self.word)));
        }
        Ok(Decoder {
            named: true,
            ..self.decoder
        })
    }

    fn wrong(&self, message: String) -> DecodeError {
        DecodeError::at(self.decoder.node, Wrong::Message(message))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'_, 'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Outcome<()> {
        if self.decoder.shape() == Shape::Struct {
            return Err(self.wrong(format!("`{}` takes nothing in brackets", self.word)));
        }
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Outcome<T::Value> {
        let content = self.content("brackets with its content, `(…)`,")?;
        let node = content.node;
        let items = &content.tree.nodes[node].items;
        let inner = match items.as_slice() {
            [item] if item.key.is_none() => {
                if content.items().is_empty() {
                    // Its only value was left out because it is wrong.
                    return Err(self.wrong(format!("`{}` has no content", self.word)));
                }
                content.at(item.value)
            }
            _ => content,
        };
        seed.deserialize(inner)
            .map_err(|error| error.or_at(inner.node))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Outcome<V::Value> {
        let content = self.content("brackets with its values, `(…)`,")?;
        de::Deserializer::deserialize_tuple(content, length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        let content = self.content("its fields in brackets, `(…)`,")?;
        content
            .fields(visitor)
            .map_err(|error| error.of_variant(self.word))
    }
}
