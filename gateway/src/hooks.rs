//! Other systems, asked what they know of who comes.

pub mod client;
pub mod guard;
pub mod lookup;
pub mod memory;
pub mod sign;
