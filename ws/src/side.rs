//! The two languages of `tandem.v1`, visitor's and agent's, as one border for the machines that speak either.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    agent,
    cobrowse::{AgentAct, AgentNews, Guide, VisitorAct, VisitorNews},
    id::{AgentId, InteractionId, Seq},
    timeline::Author,
    visitor,
};

/// One of the two languages.
pub trait Side {
    /// What its clients ask.
    type Request: DeserializeOwned + Serialize + Clone + Debug + PartialEq;
    /// What they are answered.
    type Done: Serialize + DeserializeOwned + Clone + Debug + PartialEq;
    /// What they are told unasked.
    type Push: Serialize + DeserializeOwned + Clone + Debug + PartialEq;

    /// Tells what a request is to limits and heartbeat.
    fn kind(request: &Self::Request) -> Kind;
    /// Makes the plain answer.
    fn ok() -> Self::Done;
    /// Makes a ping.
    fn ping(seq: Seq) -> Self::Push;
    /// Returns the place in a numbered stream that a push stands for.
    fn place(push: &Self::Push) -> Option<Seq>;
    /// Returns the key under which only the latest push counts; none if each counts.
    fn key(push: &Self::Push) -> Option<Key>;
    /// Returns whose page a push shows, and what of it; none if it shows none.
    fn stream(push: &Self::Push) -> Option<(InteractionId, Shows)>;
    /// Makes what is told in place of a page's news that did not fit.
    fn behind(interaction: InteractionId) -> Option<Self::Push>;
}

/// What a request is to limits and heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Comes first.
    Hello,
    /// Writes into the journal.
    Message,
    /// Typing and receipts.
    Passing,
    /// A part of what happened on a page.
    Stream,
    /// Answers a ping.
    Pong(Seq),
    /// Everything else.
    Act,
}

/// What a push shows of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// The whole of it: what came before is void.
    Whole,
    /// What happened on it.
    Change,
    /// A style sheet, which is good for the whole pages to come too.
    Sheet,
}

/// Under which only the latest push counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Somebody's typing in an interaction; no agent means the customer.
    Typing(InteractionId, Option<AgentId>),
    /// What one party received and saw; no agent means the customer.
    Receipt(InteractionId, Option<AgentId>),
    /// A place in a queue.
    Position(InteractionId),
    /// The lengths of an agent's queues.
    Queues,
    /// How a page is shared.
    Sharing(InteractionId),
    /// The recording is to begin anew.
    Fresh(InteractionId),
    /// Where an agent points.
    Pointer(InteractionId),
    /// Where an agent scrolls the page to, or an element of it.
    Scroll(InteractionId, Option<i32>),
    /// The heartbeat.
    Ping,
}

fn writer(author: &Author) -> Option<AgentId> {
    match author {
        Author::Agent { agent, .. } => Some(agent.clone()),
        Author::Customer | Author::Program { .. } | Author::System => None,
    }
}

fn visitor_key(interaction: InteractionId, news: &VisitorNews) -> Option<Key> {
    match news {
        VisitorNews::State { .. } => Some(Key::Sharing(interaction)),
        VisitorNews::Fresh {} => Some(Key::Fresh(interaction)),
        VisitorNews::Lapsed {} | VisitorNews::Code { .. } => None,
        VisitorNews::Guide { guide, .. } => match guide {
            Guide::Pointer { .. } => Some(Key::Pointer(interaction)),
            Guide::Scroll { node, .. } => Some(Key::Scroll(interaction, *node)),
            Guide::Mark { .. }
            | Guide::Draw { .. }
            | Guide::Clear {}
            | Guide::Fill { .. }
            | Guide::Press { .. } => None,
        },
    }
}

/// The language of `/ws/visitor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitorSide {}

impl Side for VisitorSide {
    type Request = visitor::Request;
    type Done = visitor::Done;
    type Push = visitor::Push;

    fn kind(request: &Self::Request) -> Kind {
        match request {
            visitor::Request::Hello { .. } => Kind::Hello,
            visitor::Request::Open { .. }
            | visitor::Request::Message { .. }
            | visitor::Request::Revise { .. } => Kind::Message,
            visitor::Request::Typing { .. } | visitor::Request::Receipt { .. } => Kind::Passing,
            visitor::Request::Call { .. }
            | visitor::Request::Callback { .. }
            | visitor::Request::CancelCallback { .. }
            | visitor::Request::End {}
            | visitor::Request::Rate { .. } => Kind::Act,
            visitor::Request::Cobrowse { act } => match **act {
                VisitorAct::Sheets { .. } | VisitorAct::Sheet(_) | VisitorAct::Part(_) => {
                    Kind::Stream
                }
                VisitorAct::Answer { .. }
                | VisitorAct::Leave {}
                | VisitorAct::Undone { .. }
                | VisitorAct::Revoke { .. }
                | VisitorAct::Page { .. }
                | VisitorAct::Suggest { .. }
                | VisitorAct::Code {}
                | VisitorAct::Pair { .. } => Kind::Act,
            },
            visitor::Request::Voice { .. } | visitor::Request::Cross { .. } => Kind::Act,
            visitor::Request::Pong { seq } => Kind::Pong(*seq),
        }
    }

    fn ok() -> Self::Done {
        visitor::Done::Ok
    }

    fn ping(seq: Seq) -> Self::Push {
        visitor::Push::Ping { seq }
    }

    fn place(push: &Self::Push) -> Option<Seq> {
        match push {
            visitor::Push::Entry { entry, .. } => Some(entry.seq),
            visitor::Push::Position { .. }
            | visitor::Push::Typing { .. }
            | visitor::Push::Receipt { .. }
            | visitor::Push::Cobrowse { .. }
            | visitor::Push::Elsewhere { .. }
            | visitor::Push::Ping { .. } => None,
        }
    }

    fn key(push: &Self::Push) -> Option<Key> {
        match push {
            visitor::Push::Entry { .. } | visitor::Push::Elsewhere { .. } => None,
            visitor::Push::Position { interaction, .. } => Some(Key::Position(*interaction)),
            visitor::Push::Typing {
                interaction, from, ..
            } => Some(Key::Typing(*interaction, writer(from))),
            visitor::Push::Receipt {
                interaction, agent, ..
            } => Some(Key::Receipt(*interaction, agent.clone())),
            visitor::Push::Cobrowse { interaction, news } => visitor_key((*interaction)?, news),
            visitor::Push::Ping { .. } => Some(Key::Ping),
        }
    }

    fn stream(_: &Self::Push) -> Option<(InteractionId, Shows)> {
        None
    }

    fn behind(_: InteractionId) -> Option<Self::Push> {
        None
    }
}

/// The language of `/ws/agent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentSide {}

impl Side for AgentSide {
    type Request = agent::Request;
    type Done = agent::Done;
    type Push = agent::Push;

    fn kind(request: &Self::Request) -> Kind {
        match request {
            agent::Request::Hello { .. } => Kind::Hello,
            agent::Request::Message { .. }
            | agent::Request::Revise { .. }
            | agent::Request::Whisper { .. }
            | agent::Request::Memo { .. } => Kind::Message,
            agent::Request::Typing { .. } | agent::Request::Receipt { .. } => Kind::Passing,
            agent::Request::Presence { .. }
            | agent::Request::Accept { .. }
            | agent::Request::Decline { .. }
            | agent::Request::Escalate { .. }
            | agent::Request::Callback { .. }
            | agent::Request::CancelCallback { .. }
            | agent::Request::Consent { .. }
            | agent::Request::HangUp { .. }
            | agent::Request::Transfer { .. }
            | agent::Request::Consult { .. }
            | agent::Request::Complete { .. }
            | agent::Request::TakeBack { .. }
            | agent::Request::Conference { .. }
            | agent::Request::Dismiss { .. }
            | agent::Request::Supervise { .. }
            | agent::Request::Hold { .. }
            | agent::Request::Mute { .. }
            | agent::Request::Digits { .. }
            | agent::Request::Record { .. }
            | agent::Request::End { .. }
            | agent::Request::WrapUp { .. }
            | agent::Request::ExtendWrapUp { .. }
            | agent::Request::Park { .. }
            | agent::Request::Unpark { .. }
            | agent::Request::Note { .. }
            | agent::Request::HandOver { .. }
            | agent::Request::Invite { .. }
            | agent::Request::Withdraw { .. }
            | agent::Request::Leave { .. }
            | agent::Request::Voice { .. }
            | agent::Request::Watch { .. }
            | agent::Request::MemosRead { .. }
            | agent::Request::PresenceOf { .. } => Kind::Act,
            agent::Request::Cobrowse { act, .. } => match &**act {
                AgentAct::Guide { guide, .. } if guide.is_passing() => Kind::Passing,
                AgentAct::Guide { .. }
                | AgentAct::Ask { .. }
                | AgentAct::Stop {}
                | AgentAct::Watch { .. }
                | AgentAct::Leave {}
                | AgentAct::Page { .. }
                | AgentAct::Code {}
                | AgentAct::Pair { .. } => Kind::Act,
            },
            agent::Request::Pong { seq } => Kind::Pong(*seq),
        }
    }

    fn ok() -> Self::Done {
        agent::Done::Ok
    }

    fn ping(seq: Seq) -> Self::Push {
        agent::Push::Ping { seq }
    }

    fn place(push: &Self::Push) -> Option<Seq> {
        match push {
            agent::Push::Desk { seq, .. } | agent::Push::Change { seq, .. } => Some(*seq),
            agent::Push::Entry { .. }
            | agent::Push::Typing { .. }
            | agent::Push::Receipt { .. }
            | agent::Push::Queues { .. }
            | agent::Push::Board { .. }
            | agent::Push::BoardChange { .. }
            | agent::Push::Cobrowse { .. }
            | agent::Push::Elsewhere { .. }
            | agent::Push::CallMoved { .. }
            | agent::Push::CallOver { .. }
            | agent::Push::Consents { .. }
            | agent::Push::Ping { .. } => None,
        }
    }

    fn key(push: &Self::Push) -> Option<Key> {
        match push {
            agent::Push::Desk { .. }
            | agent::Push::Change { .. }
            | agent::Push::Entry { .. }
            | agent::Push::Board { .. }
            | agent::Push::BoardChange { .. }
            | agent::Push::Elsewhere { .. }
            | agent::Push::CallMoved { .. }
            | agent::Push::CallOver { .. }
            | agent::Push::Consents { .. } => None,
            agent::Push::Typing {
                interaction, from, ..
            } => Some(Key::Typing(*interaction, writer(from))),
            agent::Push::Receipt {
                interaction, agent, ..
            } => Some(Key::Receipt(*interaction, agent.clone())),
            agent::Push::Queues { .. } => Some(Key::Queues),
            agent::Push::Cobrowse { interaction, news } => match **news {
                AgentNews::State { .. } => Some(Key::Sharing(*interaction)),
                AgentNews::Batch { .. }
                | AgentNews::Sheet { .. }
                | AgentNews::Behind {}
                | AgentNews::Code { .. }
                | AgentNews::Lapsed {} => None,
            },
            agent::Push::Ping { .. } => Some(Key::Ping),
        }
    }

    fn stream(push: &Self::Push) -> Option<(InteractionId, Shows)> {
        match push {
            agent::Push::Cobrowse { interaction, news } => match **news {
                AgentNews::Batch { fresh: true, .. } => Some((*interaction, Shows::Whole)),
                AgentNews::Batch { fresh: false, .. } => Some((*interaction, Shows::Change)),
                AgentNews::Sheet { .. } => Some((*interaction, Shows::Sheet)),
                AgentNews::State { .. }
                | AgentNews::Behind {}
                | AgentNews::Lapsed {}
                | AgentNews::Code { .. } => None,
            },
            agent::Push::Desk { .. }
            | agent::Push::Change { .. }
            | agent::Push::Entry { .. }
            | agent::Push::Typing { .. }
            | agent::Push::Receipt { .. }
            | agent::Push::Queues { .. }
            | agent::Push::Board { .. }
            | agent::Push::BoardChange { .. }
            | agent::Push::Elsewhere { .. }
            | agent::Push::CallMoved { .. }
            | agent::Push::CallOver { .. }
            | agent::Push::Consents { .. }
            | agent::Push::Ping { .. } => None,
        }
    }

    fn behind(interaction: InteractionId) -> Option<Self::Push> {
        let news = Box::new(AgentNews::Behind {});
        Some(agent::Push::Cobrowse { interaction, news })
    }
}
