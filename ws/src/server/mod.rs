//! The server's half of one socket: what it takes in, what it refuses, when it closes, and what waits to be sent.

mod limits;
mod outbox;
mod parts;
mod session;

pub use limits::{Limits, Rate};
pub use parts::{BATCH, Parts, SHEET};
pub use session::{Output, Session};
