//! Pure decisions about interactions, queues, agents and callbacks.

pub mod command;
pub mod edge;
pub mod event;
pub mod input;
pub mod setup;

pub use command::Command;
pub use event::{Event, Fact};
pub use input::Input;
