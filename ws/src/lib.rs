//! The real-time language between hub, widget and console: ids as they are written on the wire, the frames of
//! subprotocol `tandem.v1`, and the machines that speak it at either end. Pure: no socket, clock or randomness of its own.
//!
//! | module | holds |
//! |---|---|
//! | [`id`], [`timeline`] | the small words and the numbered entries of an interaction |
//! | [`frame`], [`visitor`], [`agent`] | the envelope and the frames of either side |
//! | [`server`] | one socket seen from the server: limits, heartbeat, outbox |
//! | [`client`] | the visitor's and the agent's half, for load tests and the simulated world |
//! | [`caller`] | how far a caller's number can be relied on |
//! | [`callback`] | what may be wished of a call back |
//! | [`transfer`] | where a contact can be handed on to |
//! | [`cobrowse`] | what is done with a visitor's page seen together |
//! | [`file`] | files that are shared in a chat |
//! | [`consent`] | by what a customer may be contacted |
//! | [`close`], [`side`] | why a socket is closed; what the machines need to know of a frame |
//!
//! PROTOCOL.md tells the same to people. The browser's types in `web/src/generated/protocol.ts` are generated from these.

pub mod agent;
pub mod board;
pub mod callback;
pub mod caller;
pub mod client;
pub mod close;
pub mod cobrowse;
pub mod consent;
pub mod crossing;
pub mod file;
pub mod form;
pub mod frame;
pub mod id;
pub mod memo;
pub mod rating;
pub mod recording;
pub mod server;
pub mod side;
pub mod supervision;
pub mod timeline;
pub mod transfer;
pub mod visitor;
pub mod voice;

/// The WebSocket subprotocol that client and server must agree on.
pub const SUBPROTOCOL: &str = "tandem.v1";
