//! The border of the hub: each edge turns one protocol into the hub's inputs and its commands and facts back, purely.

pub mod browser;
pub mod phone;
