//! The network shells: HTTP and WebSocket, SIP over UDP, TCP, TLS and WebSocket, and the listener for operations.

pub mod api;
pub mod app;
pub mod assets;
pub mod caller;
pub mod dns;
pub mod gate;
pub mod headers;
pub mod hosts;
pub mod intake;
pub mod limits;
pub mod linger;
mod link;
pub mod listen;
pub mod lobby;
pub mod mirror;
pub mod ops;
pub mod origin;
pub mod problem;
pub mod sip;
pub mod socket;
pub mod streams;
pub mod tls;
pub mod trunks;
pub mod udp;
pub mod upgrade;
pub mod url;
