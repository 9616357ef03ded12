//! Other systems: asked what they know of who comes, and told what happens.

pub mod answer;
pub mod client;
pub mod courier;
pub mod guard;
mod line;
pub mod lookup;
pub mod memory;
pub mod message;
pub mod office;
pub mod reader;
pub mod sign;
pub mod spool;
