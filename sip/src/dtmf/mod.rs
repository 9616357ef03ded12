//! Telephone events in RTP (RFC 4733): keys pressed, sent and received.

mod digit;
mod event;
mod receiver;
mod sender;

pub use digit::{Digit, NotADigit};
pub use event::EventPayload;
pub use receiver::DigitReceiver;
pub use sender::{DigitSender, EventPacket};
