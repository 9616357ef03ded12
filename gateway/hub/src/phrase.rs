//! Words of the house for its customers, in one language or in several.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The language that is taken where a text is not there in the one that is wanted.
const FALLBACK: &str = "en";

/// A text: the same for everybody, or one for each of some languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phrase {
    /// The same in every language.
    Same(String),
    /// By language, of two letters of ISO 639.
    By(BTreeMap<String, String>),
}

/// Returns the language of a tag such as `de-AT` (RFC 5646), in lower case.
pub fn primary(tag: &str) -> String {
    let end = tag.find(['-', '_']).unwrap_or(tag.len());
    tag[..end].to_ascii_lowercase()
}

impl Phrase {
    /// Returns the text in a language, in English where it is not there, else in the first there is.
    pub fn in_language(&self, lang: Option<&str>) -> &str {
        match self {
            Self::Same(text) => text,
            Self::By(texts) => {
                let own = lang.and_then(|lang| texts.get(&primary(lang)));
                let other = || texts.get(FALLBACK).or_else(|| texts.values().next());
                own.or_else(other).map_or("", String::as_str)
            }
        }
    }

    /// Returns the texts by language; none where it is the same in each.
    pub fn by_language(&self) -> BTreeMap<String, String> {
        match self {
            Self::Same(_) => BTreeMap::new(),
            Self::By(texts) => texts.clone(),
        }
    }

    /// Walks all texts, each with its language where it has one.
    pub fn texts(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        let (same, by) = match self {
            Self::Same(text) => (Some((None, text.as_str())), None),
            Self::By(texts) => (None, Some(texts)),
        };
        let by = by.into_iter().flatten();
        let by = by.map(|(lang, text)| (Some(lang.as_str()), text.as_str()));
        same.into_iter().chain(by)
    }
}

impl From<&str> for Phrase {
    fn from(text: &str) -> Self {
        Self::Same(text.to_owned())
    }
}

impl Serialize for Phrase {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Same(text) => text.serialize(to),
            Self::By(texts) => texts.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Phrase {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> de::Visitor<'de> for Reader {
    type Value = Phrase;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or one by language such as { en = \"Hello\", de = \"Hallo\" }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Phrase, E> {
        Ok(Phrase::Same(text.to_owned()))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Phrase, A::Error> {
        let mut texts = BTreeMap::new();
        while let Some((lang, text)) = map.next_entry()? {
            texts.insert(lang, text);
        }
        Ok(Phrase::By(texts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_in_the_language_that_is_wanted_or_else_in_english() {
        let texts = [("de", "Hallo"), ("en", "Hello"), ("fr", "Bonjour")];
        let texts = texts.map(|(lang, text)| (lang.to_owned(), text.to_owned()));
        let hello = Phrase::By(texts.into());

        assert_eq!(hello.in_language(Some("de-AT")), "Hallo");
        assert_eq!(hello.in_language(Some("FR")), "Bonjour");
        assert_eq!(hello.in_language(Some("pl")), "Hello");
        assert_eq!(hello.in_language(None), "Hello");
    }

    #[test]
    fn without_english_the_first_language_there_is_counts() {
        let only = Phrase::By([("pl".to_owned(), "Cześć".to_owned())].into());

        assert_eq!(only.in_language(Some("de")), "Cześć");
        assert_eq!(Phrase::from("Hi").in_language(Some("de")), "Hi");
    }
}
