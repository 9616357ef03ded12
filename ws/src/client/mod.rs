//! The client's half of a socket as pure machines, for load tests and the simulated world. They do what the browsers do:
//! resume where they were, send again what was not acknowledged, drop what they have, and ask anew when something is missing.

mod agent;
mod desk;
mod line;
mod news;
mod thread;
mod visitor;

pub use agent::Agent;
pub use news::{AgentNews, VisitorNews};
pub use thread::Thread;
pub use visitor::{Opening, Visitor};
