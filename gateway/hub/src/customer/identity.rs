//! What a person is known by.

use ws::id::{Number, VisitorId};

use crate::{consent::Subject, input::Signed};

/// One thing a person is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// A telephone number; leads to whoever was known by it first.
    Number(Number),
    /// A mail address, as [`Self::mail`] writes it; leads to whoever it was vouched for last.
    Mail(String),
    /// A browser.
    Visitor(VisitorId),
    /// The subject of an identity that a website signed.
    Subject(String),
    /// The id that another system has for them.
    External {
        /// The system.
        system: String,
        /// Its id.
        id: String,
    },
}

impl Identity {
    /// Makes that of a mail address: people and websites write one in different letters, and mean the same. None of no address.
    pub fn mail(address: &str) -> Option<Self> {
        let address = address.trim().to_ascii_lowercase();
        (!address.is_empty()).then_some(Self::Mail(address))
    }

    /// Returns the word for its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::Mail(_) => "mail",
            Self::Visitor(_) => "visitor",
            Self::Subject(_) => "subject",
            Self::External { .. } => "external",
        }
    }

    /// Returns it as what something can be said of, where it is an address.
    pub fn address(&self) -> Option<Subject> {
        match self {
            Self::Number(number) => Some(Subject::Number(number.clone())),
            Self::Mail(mail) => Subject::mail(mail),
            Self::Visitor(_) | Self::Subject(_) | Self::External { .. } => None,
        }
    }

    /// Tells whether it leads to the first who was known by it, and else to the last.
    pub fn is_first_come(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Mail(_) | Self::Visitor(_) | Self::Subject(_) | Self::External { .. } => false,
        }
    }

    /// Tells whether somebody vouches for what a `CustomerKnown` fact says of a record, which is `signed` or not: the house does,
    /// which tells of it with neither a browser nor a signed identity, and who signed the record; what a visitor typed is nobody's word.
    pub fn is_vouched(
        typed: bool,
        visitor: Option<VisitorId>,
        verified: Option<&str>,
        signed: bool,
    ) -> bool {
        let by_house = visitor.is_none() && verified.is_none();
        (signed || by_house) && !typed
    }

    /// Tells whether it leads to anybody, given whether a signed identity or the house vouches for it.
    pub fn leads(&self, vouched: bool) -> bool {
        match self {
            Self::Mail(_) => vouched,
            Self::Number(_) | Self::Visitor(_) | Self::Subject(_) | Self::External { .. } => true,
        }
    }
}

impl Signed {
    /// Returns what they are known by, the subject first.
    pub(crate) fn identities(&self) -> impl Iterator<Item = Identity> {
        let mail = self.mail.as_deref().and_then(Identity::mail);
        let number = self.number.clone().map(Identity::Number);
        std::iter::once(Identity::Subject(self.subject.clone()))
            .chain(mail.into_iter().chain(number))
    }
}
