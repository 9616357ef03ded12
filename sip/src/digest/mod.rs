//! Digest authentication, both sides: RFC 7616 and 2617 as SIP uses them (RFC 3261 §22, RFC 8760).
//!
//! The server side ([`Authenticator`]) makes nonces that it can recognise without keeping them, and remembers only which
//! counts of recent nonces were used. The client side answers the strongest challenge with [`Challenge::answer`].

mod algorithm;
mod authenticator;
mod authorization;
mod challenge;
mod credentials;
mod fields;
mod nonces;

pub use algorithm::Algorithm;
pub use authenticator::{Authenticator, Doubt, Verdict};
pub use authorization::Authorization;
pub use challenge::{Challenge, Qop};
pub use credentials::{Credentials, Secret};
pub use fields::AuthError;
