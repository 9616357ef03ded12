//! Session descriptions (RFC 8866) and the offer/answer model (RFC 3264) for one audio stream.
//!
//! [`SdpSession`] is the local half of one dialog's media negotiation. It writes offers and answers,
//! reads the peer's, and reduces both to [`RemoteMedia`]: everything a media path must know.
//! The crate `sdp-types` reads and writes the lines and is seen only below this module.

mod browser;
mod choice;
mod codec;
mod crypto;
mod direction;
mod error;
mod ice;
mod names;
mod protection;
mod read;
mod recording;
mod remote;
mod session;
mod streams;
mod write;

pub use browser::{BrowserAgreed, BrowserError, BrowserLocal, Fingerprint};
pub use codec::{COMFORT_NOISE, Codec, PayloadTypes};
pub use crypto::{KeyMark, MarkedKey, MasterKey, Suite};
pub use direction::Direction;
pub use error::SdpError;
pub use ice::{Lite, Offers, names_ice};
pub use names::{HostName, host_names, with_addresses};
pub use protection::{Demand, Fingerprints, Protection, SdesKeys, Srtp, Way};
pub use recording::{Preference, Recorded};
pub use remote::RemoteMedia;
pub use session::{Local, Negotiated, SdpSession};
pub use streams::{Agreed, SdpStreams};

#[cfg(test)]
mod tests;
