//! What the clients would show.

use crate::{
    agent::{self, Change},
    frame::Refusal,
    id::{CallbackId, InteractionId, LegId, Mid, QueueId, Seq},
    timeline::{Author, Entry},
    visitor,
};

/// What a widget would show.
#[derive(Clone, Debug, PartialEq)]
pub enum VisitorNews {
    /// The server knows us; the interaction whose timeline follows.
    Welcomed(Option<InteractionId>),
    /// What was shown is to be cleared: another timeline begins.
    Restarted,
    /// The message is in the journal.
    Acknowledged(Mid),
    /// The next entry.
    Entry(Entry),
    /// A place in the queue, from 1, with the expected wait in seconds.
    Position(QueueId, u32, Option<u32>),
    /// Somebody is writing, or stopped.
    Typing(Author, bool),
    /// What the other side received and saw.
    Receipt(Seq, Seq),
    /// A callback was promised.
    Promised(CallbackId),
    /// A call of this page is this leg.
    Media(LegId),
    /// Another request was carried out.
    Done(visitor::Request),
    /// A request was refused for good.
    Refused(visitor::Request, Refusal),
    /// The socket went before this was answered; it may or may not have been done.
    Lost(visitor::Request),
    /// The server said something outside the language.
    Strange,
}

/// What a console would show.
#[derive(Clone, Debug, PartialEq)]
pub enum AgentNews {
    /// The server knows us.
    Welcomed,
    /// The whole desk came anew.
    Desk,
    /// The desk changed.
    Change(Box<Change>),
    /// The next entry of a contact.
    Entry(InteractionId, Entry),
    /// The message is in the journal.
    Acknowledged(InteractionId, Mid),
    /// Somebody is writing, or stopped.
    Typing(InteractionId, Author, bool),
    /// What the other side received and saw.
    Receipt(InteractionId, Seq, Seq),
    /// A callback was promised.
    Promised(CallbackId),
    /// Another request was carried out.
    Done(agent::Request),
    /// A request was refused for good.
    Refused(agent::Request, Refusal),
    /// The socket went before this was answered; it may or may not have been done.
    Lost(agent::Request),
    /// The server said something outside the language.
    Strange,
}
