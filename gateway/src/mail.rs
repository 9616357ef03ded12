//! Mails to customers: handed to a mail server, which takes them on. The hub says which are due; a courier carries each
//! at least once, as webhooks are carried. Nothing is received.

pub mod conversation;
pub mod letter;
pub mod post;
pub mod server;
pub mod words;
