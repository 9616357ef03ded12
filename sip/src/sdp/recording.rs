//! What descriptions say of recordings (RFC 7866 §6): what a party would like, and what it is told.

use sdp_types::{Attribute, Media, Session};

/// What a party of a call would like (`a=recordpref`, RFC 7866 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    /// That it is recorded, and goes on where it is paused.
    On,
    /// That it is not recorded.
    Off,
    /// That a recording is paused.
    Pause,
    /// Nothing.
    Nothing,
}

impl Preference {
    /// Reads what is said of a stream, or else of all of them.
    pub(super) fn read(session: &Session, media: &Media) -> Option<Self> {
        let said = |attributes: &[Attribute]| {
            let mut named = attributes
                .iter()
                .filter(|one| one.attribute == "recordpref");
            named.find_map(|one| Self::from_value(one.value.as_deref()?.trim()))
        };
        said(&media.attributes).or_else(|| said(&session.attributes))
    }

    fn from_value(value: &str) -> Option<Self> {
        let words = [
            ("on", Self::On),
            ("off", Self::Off),
            ("pause", Self::Pause),
            ("nopreference", Self::Nothing),
        ];
        let known = words
            .into_iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(value));
        known.map(|(_, preference)| preference)
    }
}

/// Whether what is said on a stream is recorded, as a party is told that (`a=record`, RFC 7866 §6.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recorded {
    /// It is not.
    #[default]
    Off,
    /// It is.
    On,
    /// It will be again; silence takes its place meanwhile.
    Paused,
}

impl Recorded {
    /// The attribute.
    pub(super) fn attribute(self) -> Attribute {
        let value = match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Paused => "paused",
        };
        Attribute::with_value("record", value)
    }
}
