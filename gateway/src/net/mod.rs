//! The network shells: HTTP and WebSocket, SIP over UDP and TCP, and the listener for operations.

pub mod api;
pub mod app;
pub mod assets;
pub mod headers;
pub mod limits;
pub mod listen;
pub mod ops;
pub mod origin;
pub mod problem;
pub mod sip;
pub mod socket;
pub mod tcp;
pub mod tls;
pub mod udp;
pub mod upgrade;
