//! Request methods.

use std::fmt;

use super::defect::Defect;
use super::lexis;
use super::text::Text;

macro_rules! methods {
    ($($variant:ident $name:literal $doc:literal),+ $(,)?) => {
        /// A request method; those we do not know keep their name. Methods are case-sensitive.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Method {
            $(#[doc = $doc] $variant,)+
            /// A method we have no name for.
            Other(Text),
        }

        impl Method {
            /// The methods that have a name here.
            pub const KNOWN: &[Method] = &[$(Method::$variant),+];

            /// Returns the method as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Other(name) => name,
                }
            }

            pub(super) fn known(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

methods! {
    Invite "INVITE" "RFC 3261 §13.",
    Ack "ACK" "RFC 3261 §17.1.1.3.",
    Bye "BYE" "RFC 3261 §15.",
    Cancel "CANCEL" "RFC 3261 §9.",
    Options "OPTIONS" "RFC 3261 §11.",
    Register "REGISTER" "RFC 3261 §10.",
    Prack "PRACK" "RFC 3262.",
    Update "UPDATE" "RFC 3311.",
    Info "INFO" "RFC 6086.",
    Subscribe "SUBSCRIBE" "RFC 6665.",
    Notify "NOTIFY" "RFC 6665.",
    Refer "REFER" "RFC 3515.",
    Message "MESSAGE" "RFC 3428.",
    Publish "PUBLISH" "RFC 3903.",
}

impl Method {
    /// Reads a method; `share` keeps the name of an unknown one.
    pub(super) fn read(name: &str, share: impl FnOnce(&str) -> Text) -> Result<Self, Defect> {
        match Self::known(name) {
            Some(method) => Ok(method),
            None if lexis::is_token(name.as_bytes()) => Ok(Self::Other(share(name))),
            None => Err(Defect::Method),
        }
    }
}

impl std::str::FromStr for Method {
    type Err = Defect;

    fn from_str(name: &str) -> Result<Self, Defect> {
        Self::read(name, |name| Text::from(name))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
