//! The real-time language between hub, widget and console: ids as they are written on the wire, and the frames of
//! subprotocol `tandem.v1`. Pure: no socket, clock or randomness of its own.

pub mod agent;
pub mod frame;
pub mod id;
pub mod timeline;
pub mod visitor;

/// The WebSocket subprotocol that client and server must agree on.
pub const SUBPROTOCOL: &str = "tandem.v1";
