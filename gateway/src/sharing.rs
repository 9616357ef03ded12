//! Files that are shared in chats: what they are, how they are called, and where they lie.

pub mod kind;
pub mod name;
pub mod pixels;
pub mod room;
pub mod shelf;
