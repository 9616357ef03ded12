//! An agent's console without its pixels.

mod handing;
mod parking;
mod pushes;
mod wishes;

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use super::{
    line::{Heard, Line},
    news::AgentNews,
    thread::Thread,
};
use crate::{
    agent::{Desk, DeskResume, Done, Presence, Push, Request},
    frame::{Code, Refusal, Resume},
    id::{InteractionId, Mid, Seq},
    side::AgentSide,
};

/// After "too many" or "not now", a message or hello is asked again this much later.
const PAUSE: Duration = Duration::from_secs(5);

/// An agent's console without its pixels.
#[derive(Debug)]
pub struct Agent {
    token: String,
    link: Link,
    line: Line<AgentSide>,
    epoch: String,
    desk: Option<Known>,
    threads: BTreeMap<InteractionId, Thread>,
    unsent: Vec<Unsent>,
    pause: Option<Instant>,
    news: VecDeque<AgentNews>,
}

#[derive(Debug)]
enum Link {
    Down,
    Greeting,
    Live { desk_epoch: String },
}

#[derive(Debug)]
struct Known {
    epoch: String,
    seq: Seq,
    desk: Desk,
}

#[derive(Debug)]
struct Unsent {
    interaction: InteractionId,
    mid: Mid,
    text: String,
    asked: bool,
}

impl Agent {
    /// Begins without a socket.
    pub fn new(token: String) -> Self {
        Self {
            token,
            link: Link::Down,
            line: Line::new(),
            epoch: String::new(),
            desk: None,
            threads: BTreeMap::new(),
            unsent: Vec::new(),
            pause: None,
            news: VecDeque::new(),
        }
    }

    /// Tells that a socket is open.
    pub fn handle_open(&mut self) {
        self.greet();
    }

    /// Tells that the socket is gone.
    pub fn handle_close(&mut self) {
        self.link = Link::Down;
        self.pause = None;
        for request in self.line.drop_all() {
            match request {
                // Asked again after the next welcome.
                Request::Hello { .. } | Request::Message { .. } => {}
                // Of no worth later.
                Request::Typing { .. } | Request::Receipt { .. } | Request::Pong { .. } => {}
                Request::Presence { .. }
                | Request::Accept { .. }
                | Request::Decline { .. }
                | Request::Revise { .. }
                | Request::Escalate { .. }
                | Request::Callback { .. }
                | Request::CancelCallback { .. }
                | Request::Consent { .. }
                | Request::HangUp { .. }
                | Request::Transfer { .. }
                | Request::Consult { .. }
                | Request::Complete { .. }
                | Request::TakeBack { .. }
                | Request::Conference { .. }
                | Request::Dismiss { .. }
                | Request::Supervise { .. }
                | Request::Whisper { .. }
                | Request::Memo { .. }
                | Request::MemosRead { .. }
                | Request::Hold { .. }
                | Request::Mute { .. }
                | Request::Digits { .. }
                | Request::Record { .. }
                | Request::End { .. }
                | Request::ExtendWrapUp { .. }
                | Request::Park { .. }
                | Request::Unpark { .. }
                | Request::Note { .. }
                | Request::HandOver { .. }
                | Request::Invite { .. }
                | Request::Withdraw { .. }
                | Request::Leave { .. }
                | Request::Watch { .. }
                | Request::PresenceOf { .. }
                | Request::Cobrowse { .. }
                | Request::Voice { .. }
                | Request::WrapUp { .. } => self.news.push_back(AgentNews::Lost(request)),
            }
        }
        for unsent in &mut self.unsent {
            unsent.asked = false;
        }
    }

    /// Makes the agent ready or away.
    pub fn set_presence(&mut self, presence: Presence) {
        self.ask(Request::Presence { presence });
    }

    /// Takes an offer.
    pub fn accept(&mut self, interaction: InteractionId) {
        self.ask(Request::Accept { interaction });
    }

    /// Turns an offer down.
    pub fn decline(&mut self, interaction: InteractionId) {
        self.ask(Request::Decline { interaction });
    }

    /// Writes a message; it is kept and sent again until acknowledged or refused.
    pub fn write(&mut self, interaction: InteractionId, mid: Mid, text: String) {
        self.unsent.push(Unsent {
            interaction,
            mid,
            text,
            asked: false,
        });
        self.send_next();
    }

    /// Writes a message of the agent's own anew, or takes it back.
    pub fn revise(&mut self, interaction: InteractionId, mid: Mid, text: Option<String>) {
        self.ask(Request::Revise {
            interaction,
            mid,
            text,
        });
    }

    /// Tells that the agent is writing, or stopped.
    pub fn typing(&mut self, interaction: InteractionId, on: bool) {
        self.ask(Request::Typing { interaction, on });
    }

    /// Tells that everything that arrived of a contact was seen.
    pub fn read(&mut self, interaction: InteractionId) {
        let top = self.thread(interaction).map_or(Seq(0), Thread::top);
        self.ask(Request::Receipt {
            interaction,
            delivered: top,
            read: top,
        });
    }

    /// Takes a frame in.
    pub fn handle_text(&mut self, text: &str, now: Instant) {
        match self.line.hear(text) {
            Heard::Done(request, done) => self.handle_done(request, done),
            Heard::Refused(request, refusal) => self.handle_refused(request, refusal, now),
            Heard::Push(push) => self.handle_push(push),
            Heard::Strange => self.news.push_back(AgentNews::Strange),
        }
    }

    /// Asks again what was refused for the moment.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.pause.is_none_or(|until| until > now) {
            return;
        }
        self.pause = None;
        match self.link {
            Link::Down => {}
            Link::Greeting => self.greet(),
            Link::Live { .. } => self.send_next(),
        }
    }

    /// Returns when [`Self::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.pause
    }

    /// Takes the next frame to be sent.
    pub fn poll_frame(&mut self) -> Option<String> {
        self.line.poll_frame()
    }

    /// Takes what is to be shown next.
    pub fn poll_news(&mut self) -> Option<AgentNews> {
        self.news.pop_front()
    }

    /// Returns the desk, once it came.
    pub fn desk(&self) -> Option<&Desk> {
        self.desk.as_ref().map(|known| &known.desk)
    }

    /// Returns the timeline of a contact as far as it arrived.
    pub fn thread(&self, interaction: InteractionId) -> Option<&Thread> {
        self.threads.get(&interaction)
    }

    /// Returns the credential it says hello with.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Returns how many messages are not acknowledged yet.
    pub fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// Tells whether the server has welcomed this socket.
    pub fn is_live(&self) -> bool {
        matches!(self.link, Link::Live { .. })
    }

    fn ask(&mut self, request: Request) {
        if self.is_live() {
            self.line.ask(request);
        } else {
            self.news.push_back(AgentNews::Lost(request));
        }
    }

    fn greet(&mut self) {
        self.link = Link::Greeting;
        let timelines = self.threads.iter().map(|(&interaction, thread)| Resume {
            interaction,
            epoch: self.epoch.clone(),
            seq: thread.top(),
        });
        let timelines = timelines.collect();
        let resume = self.desk.as_ref().map(|known| DeskResume {
            epoch: known.epoch.clone(),
            seq: known.seq,
        });
        self.line.ask(Request::Hello {
            token: self.token.clone(),
            resume,
            timelines,
        });
    }

    // One message at a time in each contact, or a refusal "for the moment" would let a later one pass it.
    fn send_next(&mut self) {
        if !self.is_live() || self.pause.is_some() {
            return;
        }
        let mut seen = Vec::new();
        for unsent in &mut self.unsent {
            if seen.contains(&unsent.interaction) {
                continue;
            }
            seen.push(unsent.interaction);
            if !std::mem::replace(&mut unsent.asked, true) {
                self.line.ask(Request::Message {
                    interaction: unsent.interaction,
                    mid: unsent.mid.clone(),
                    text: unsent.text.clone(),
                });
            }
        }
    }

    fn handle_done(&mut self, request: Request, done: Done) {
        match done {
            Done::Welcome {
                desk_epoch, epoch, ..
            } => self.handle_welcome(desk_epoch, epoch),
            Done::Written {
                interaction, mid, ..
            } => self.acknowledge(interaction, &mid),
            Done::Promised { callback } => self.news.push_back(AgentNews::Promised(callback)),
            // Pages are shown, and headsets worn, at browsers only.
            Done::Code { .. } | Done::Media { .. } => {}
            Done::Ok => match request {
                Request::Typing { .. } | Request::Receipt { .. } | Request::Pong { .. } => {}
                Request::Hello { .. }
                | Request::Presence { .. }
                | Request::Accept { .. }
                | Request::Decline { .. }
                | Request::Message { .. }
                | Request::Revise { .. }
                | Request::Escalate { .. }
                | Request::Callback { .. }
                | Request::CancelCallback { .. }
                | Request::Consent { .. }
                | Request::HangUp { .. }
                | Request::Transfer { .. }
                | Request::Consult { .. }
                | Request::Complete { .. }
                | Request::TakeBack { .. }
                | Request::Conference { .. }
                | Request::Dismiss { .. }
                | Request::Supervise { .. }
                | Request::Whisper { .. }
                | Request::Memo { .. }
                | Request::MemosRead { .. }
                | Request::Hold { .. }
                | Request::Mute { .. }
                | Request::Digits { .. }
                | Request::Record { .. }
                | Request::End { .. }
                | Request::ExtendWrapUp { .. }
                | Request::Park { .. }
                | Request::Unpark { .. }
                | Request::Note { .. }
                | Request::HandOver { .. }
                | Request::Invite { .. }
                | Request::Withdraw { .. }
                | Request::Leave { .. }
                | Request::Watch { .. }
                | Request::PresenceOf { .. }
                | Request::Cobrowse { .. }
                | Request::Voice { .. }
                | Request::WrapUp { .. } => self.news.push_back(AgentNews::Done(request)),
            },
        }
    }

    fn handle_welcome(&mut self, desk_epoch: String, epoch: String) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.threads.clear();
        }
        self.link = Link::Live { desk_epoch };
        self.news.push_back(AgentNews::Welcomed);
        self.send_next();
    }

    #[allow(clippy::too_many_lines, reason = "one arm a kind of request")]
    fn handle_refused(&mut self, request: Request, refusal: Refusal, now: Instant) {
        let for_now = matches!(refusal.code, Code::RateLimited | Code::Unavailable);
        match request {
            Request::Hello { .. } if for_now => self.pause = Some(now + PAUSE),
            Request::Message {
                interaction,
                ref mid,
                ..
            } if for_now => {
                for unsent in &mut self.unsent {
                    if unsent.interaction == interaction && unsent.mid == *mid {
                        unsent.asked = false;
                    }
                }
                self.pause = Some(now + PAUSE);
            }
            Request::Message {
                interaction,
                ref mid,
                ..
            } => {
                self.forget(interaction, &mid.clone());
                self.news.push_back(AgentNews::Refused(request, refusal));
                self.send_next();
            }
            Request::Hello { .. }
            | Request::Presence { .. }
            | Request::Accept { .. }
            | Request::Decline { .. }
            | Request::Typing { .. }
            | Request::Receipt { .. }
            | Request::Revise { .. }
            | Request::Escalate { .. }
            | Request::Callback { .. }
            | Request::CancelCallback { .. }
            | Request::Consent { .. }
            | Request::HangUp { .. }
            | Request::Transfer { .. }
            | Request::Consult { .. }
            | Request::Complete { .. }
            | Request::TakeBack { .. }
            | Request::Conference { .. }
            | Request::Dismiss { .. }
            | Request::Supervise { .. }
            | Request::Whisper { .. }
            | Request::Memo { .. }
            | Request::MemosRead { .. }
            | Request::Hold { .. }
            | Request::Mute { .. }
            | Request::Digits { .. }
            | Request::Record { .. }
            | Request::End { .. }
            | Request::ExtendWrapUp { .. }
            | Request::Park { .. }
            | Request::Unpark { .. }
            | Request::Note { .. }
            | Request::HandOver { .. }
            | Request::Invite { .. }
            | Request::Withdraw { .. }
            | Request::Leave { .. }
            | Request::PresenceOf { .. }
            | Request::Cobrowse { .. }
            | Request::Voice { .. }
            | Request::WrapUp { .. }
            | Request::Watch { .. }
            | Request::Pong { .. } => self.news.push_back(AgentNews::Refused(request, refusal)),
        }
    }

    fn handle_push(&mut self, push: Push) {
        match push {
            Push::Desk { seq, desk } => self.handle_desk(seq, desk),
            Push::Change { seq, change, .. } => self.handle_change(seq, change),
            Push::Entry { interaction, entry } => self.handle_entry(interaction, &entry),
            Push::Typing {
                interaction,
                from,
                on,
            } => self
                .news
                .push_back(AgentNews::Typing(interaction, from, on)),
            // What the agent saw at another console is no news of the customer's.
            Push::Receipt { agent: Some(_), .. } => {}
            Push::Receipt {
                interaction,
                agent: None,
                delivered,
                read,
            } => self
                .news
                .push_back(AgentNews::Receipt(interaction, delivered, read)),
            Push::Queues { queues } => {
                if let Some(known) = &mut self.desk {
                    known.desk.queues = queues;
                }
            }
            // A board has no other reader here than a supervisor's page.
            Push::Board { .. } | Push::BoardChange { .. } => {}
            // No voice goes through it, and it shows no consent.
            Push::Cobrowse { .. }
            | Push::Elsewhere { .. }
            | Push::CallMoved { .. }
            | Push::CallOver { .. }
            | Push::Consents { .. } => {}
            Push::Ping { seq } => {
                let have = self.desk.as_ref().map_or(Seq(0), |known| known.seq);
                self.ask(Request::Pong { seq: have });
                if self.is_live() && seq > have {
                    self.greet();
                }
            }
        }
    }

    fn acknowledge(&mut self, interaction: InteractionId, mid: &Mid) {
        if self.forget(interaction, mid) {
            self.news
                .push_back(AgentNews::Acknowledged(interaction, mid.clone()));
        }
        self.send_next();
    }

    fn forget(&mut self, interaction: InteractionId, mid: &Mid) -> bool {
        let before = self.unsent.len();
        self.unsent
            .retain(|unsent| unsent.interaction != interaction || unsent.mid != *mid);
        self.unsent.len() < before
    }
}
