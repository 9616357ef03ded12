//! A visitor's widget without its pixels.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    line::{Heard, Line},
    news::VisitorNews,
    thread::{Taken, Thread},
};
use crate::{
    callback::Wish,
    cobrowse::VisitorAct,
    form::Filled,
    frame::{Code, Refusal, Resume},
    id::{CallbackId, InteractionId, Mid, Number, Timestamp, ZoneId},
    rating::Score,
    side::VisitorSide,
    timeline::{Author, Entry, What},
    visitor::{Done, Push, Request},
    voice::VisitorVoice,
};

/// After "too many" or "not now", a message or hello is asked again this much later.
const PAUSE: Duration = Duration::from_secs(5);

/// What is told when a chat is opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// The zone the page belongs to.
    pub zone: ZoneId,
    /// The name to be called by.
    pub name: Option<String>,
    /// A mail address.
    pub mail: Option<String>,
    /// The page.
    pub page: Option<String>,
    /// The page that led there.
    pub referrer: Option<String>,
    /// What was answered to the zone's form.
    pub form: Option<Box<Filled>>,
}

/// A visitor's widget without its pixels.
#[derive(Debug)]
pub struct Visitor {
    token: String,
    link: Link,
    line: Line<VisitorSide>,
    epoch: String,
    interaction: Option<InteractionId>,
    thread: Thread,
    unsent: VecDeque<Unsent>,
    pause: Option<Instant>,
    news: VecDeque<VisitorNews>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Down,
    Greeting,
    Live,
}

#[derive(Debug)]
struct Unsent {
    opening: Option<Opening>,
    /// The chat it was written in. What is sent again after that chat is over must not be written in the next.
    place: Option<InteractionId>,
    mid: Mid,
    text: String,
    asked: bool,
}

impl Visitor {
    /// Begins without a socket.
    pub fn new(token: String) -> Self {
        Self {
            token,
            link: Link::Down,
            line: Line::new(),
            epoch: String::new(),
            interaction: None,
            thread: Thread::default(),
            unsent: VecDeque::new(),
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
                Request::Hello { .. } | Request::Open { .. } | Request::Message { .. } => {}
                // Of no worth later.
                Request::Typing { .. } | Request::Receipt { .. } | Request::Pong { .. } => {}
                Request::Revise { .. }
                | Request::Call { .. }
                | Request::Callback { .. }
                | Request::CancelCallback { .. }
                | Request::End {}
                | Request::Rate { .. }
                | Request::Cobrowse { .. }
                | Request::Voice { .. }
                | Request::Cross { .. } => self.news.push_back(VisitorNews::Lost(request)),
            }
        }
        for unsent in &mut self.unsent {
            unsent.asked = false;
        }
    }

    /// Opens a chat with a first message.
    pub fn open(&mut self, opening: Opening, mid: Mid, text: String) {
        self.unsent.push_back(Unsent {
            opening: Some(opening),
            place: None,
            mid,
            text,
            asked: false,
        });
        self.send_next();
    }

    /// Writes a message; it is kept and sent again until acknowledged or refused.
    pub fn write(&mut self, mid: Mid, text: String) {
        self.unsent.push_back(Unsent {
            opening: None,
            place: self.interaction,
            mid,
            text,
            asked: false,
        });
        self.send_next();
    }

    /// Writes a message of the visitor's own anew, or takes it back.
    pub fn revise(&mut self, mid: Mid, text: Option<String>) {
        let interaction = self.interaction;
        self.ask(Request::Revise {
            mid,
            text,
            interaction,
        });
    }

    /// Tells that the visitor is writing, or stopped.
    pub fn typing(&mut self, on: bool) {
        self.ask(Request::Typing { on });
    }

    /// Tells that everything that arrived was seen.
    pub fn read(&mut self) {
        let top = self.thread.top();
        self.ask(Request::Receipt {
            delivered: top,
            read: top,
        });
    }

    /// Asks to be called now.
    pub fn call(&mut self, number: Number) {
        self.ask(Request::Call { number });
    }

    /// Asks to be called at a time, or as soon as an agent is free.
    pub fn callback(&mut self, number: Number, at: Option<Timestamp>, wish: Option<Box<Wish>>) {
        self.ask(Request::Callback { number, at, wish });
    }

    /// Takes a callback back.
    pub fn cancel_callback(&mut self, callback: CallbackId) {
        self.ask(Request::CancelCallback { callback });
    }

    /// Ends the chat.
    pub fn end(&mut self) {
        self.ask(Request::End {});
    }

    /// Tells how well one was served; none is no answer.
    pub fn rate(
        &mut self,
        interaction: InteractionId,
        score: Option<Score>,
        comment: Option<String>,
    ) {
        self.ask(Request::Rate {
            interaction,
            score,
            comment,
        });
    }

    /// Does something about a page seen together.
    pub fn cobrowse(&mut self, act: VisitorAct) {
        let act = Box::new(act);
        self.ask(Request::Cobrowse { act });
    }

    /// Does something about a call of this page.
    pub fn voice(&mut self, act: VisitorVoice) {
        let act = Box::new(act);
        self.ask(Request::Voice { act });
    }

    /// Takes a frame in.
    pub fn handle_text(&mut self, text: &str, now: Instant) {
        match self.line.hear(text) {
            Heard::Done(request, done) => self.handle_done(request, done),
            Heard::Refused(request, refusal) => self.handle_refused(request, refusal, now),
            Heard::Push(push) => self.handle_push(push),
            Heard::Strange => self.news.push_back(VisitorNews::Strange),
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
            Link::Live => self.send_next(),
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
    pub fn poll_news(&mut self) -> Option<VisitorNews> {
        self.news.pop_front()
    }

    /// Returns the timeline as far as it arrived.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// Returns the interaction, once there is one.
    pub fn interaction(&self) -> Option<InteractionId> {
        self.interaction
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
        self.link == Link::Live
    }

    fn ask(&mut self, request: Request) {
        if self.link == Link::Live {
            self.line.ask(request);
        } else {
            self.news.push_back(VisitorNews::Lost(request));
        }
    }

    fn greet(&mut self) {
        self.link = Link::Greeting;
        let resume = self.interaction.map(|interaction| Resume {
            interaction,
            epoch: self.epoch.clone(),
            seq: self.thread.top(),
        });
        self.line.ask(Request::Hello {
            token: self.token.clone(),
            resume,
        });
    }

    // One message at a time, or a refusal "for the moment" would let a later one pass it.
    fn send_next(&mut self) {
        if self.link != Link::Live || self.pause.is_some() {
            return;
        }
        let Some(unsent) = self.unsent.front_mut().filter(|unsent| !unsent.asked) else {
            return;
        };
        (unsent.asked, unsent.place) = (true, unsent.place.or(self.interaction));
        let (mid, text) = (unsent.mid.clone(), unsent.text.clone());
        let request = match unsent.opening.clone() {
            Some(opening) => Request::Open {
                zone: opening.zone,
                name: opening.name,
                mail: opening.mail,
                page: opening.page,
                referrer: opening.referrer,
                form: opening.form,
                callback: None,
                mid,
                text,
            },
            None => Request::Message {
                mid,
                text,
                interaction: unsent.place,
            },
        };
        self.line.ask(request);
    }

    fn handle_done(&mut self, request: Request, done: Done) {
        match done {
            Done::Welcome {
                epoch, interaction, ..
            } => self.handle_welcome(epoch, interaction),
            Done::Written {
                interaction, mid, ..
            } => {
                // A message may have been of the chat before the one that is shown.
                if matches!(request, Request::Open { .. }) {
                    self.follow(interaction);
                }
                self.acknowledge(&mid);
            }
            Done::Promised { callback } => self.news.push_back(VisitorNews::Promised(callback)),
            Done::Media { leg, .. } => {
                // A call may begin a contact of its own.
                self.follow(leg.interaction);
                self.news.push_back(VisitorNews::Media(leg));
            }
            // Pages are shown by browsers only.
            Done::Code { .. } | Done::Missing { .. } => {}
            Done::Ok => match request {
                Request::Typing { .. } | Request::Receipt { .. } | Request::Pong { .. } => {}
                Request::Hello { .. }
                | Request::Open { .. }
                | Request::Message { .. }
                | Request::Revise { .. }
                | Request::Call { .. }
                | Request::Callback { .. }
                | Request::CancelCallback { .. }
                | Request::End {}
                | Request::Rate { .. }
                | Request::Cobrowse { .. }
                | Request::Voice { .. }
                | Request::Cross { .. } => self.news.push_back(VisitorNews::Done(request)),
            },
        }
    }

    fn handle_welcome(&mut self, epoch: String, interaction: Option<InteractionId>) {
        self.link = Link::Live;
        if self.epoch != epoch {
            self.epoch = epoch;
            self.restart(interaction);
        } else if let Some(interaction) = interaction {
            self.follow(interaction);
        }
        self.news.push_back(VisitorNews::Welcomed(interaction));
        self.send_next();
    }

    fn handle_refused(&mut self, request: Request, refusal: Refusal, now: Instant) {
        let for_now = matches!(refusal.code, Code::RateLimited | Code::Unavailable);
        match request {
            Request::Hello { .. } if for_now => self.pause = Some(now + PAUSE),
            Request::Open { ref mid, .. } | Request::Message { ref mid, .. } if for_now => {
                for unsent in self.unsent.iter_mut().filter(|unsent| unsent.mid == *mid) {
                    unsent.asked = false;
                }
                self.pause = Some(now + PAUSE);
            }
            Request::Open { ref mid, .. } | Request::Message { ref mid, .. } => {
                self.unsent.retain(|unsent| unsent.mid != *mid);
                self.news.push_back(VisitorNews::Refused(request, refusal));
                self.send_next();
            }
            Request::Hello { .. }
            | Request::Typing { .. }
            | Request::Receipt { .. }
            | Request::Revise { .. }
            | Request::Call { .. }
            | Request::Callback { .. }
            | Request::CancelCallback { .. }
            | Request::End {}
            | Request::Rate { .. }
            | Request::Cobrowse { .. }
            | Request::Voice { .. }
            | Request::Cross { .. }
            | Request::Pong { .. } => {
                self.news.push_back(VisitorNews::Refused(request, refusal));
            }
        }
    }

    fn handle_push(&mut self, push: Push) {
        match push {
            Push::Entry { interaction, entry } => self.handle_entry(interaction, &entry),
            Push::Position {
                queue,
                position,
                wait,
                ..
            } => self
                .news
                .push_back(VisitorNews::Position(queue, position, wait)),
            Push::Typing { from, on, .. } => self.news.push_back(VisitorNews::Typing(from, on)),
            // What the visitor saw in another tab is no news of an agent's.
            Push::Receipt { agent: None, .. } => {}
            Push::Receipt {
                agent: Some(_),
                delivered,
                read,
                ..
            } => self.news.push_back(VisitorNews::Receipt(delivered, read)),
            // No voice goes through it.
            Push::Cobrowse { .. } | Push::Elsewhere { .. } => {}
            Push::Ping { seq } => {
                self.ask(Request::Pong {
                    seq: self.thread.top(),
                });
                if self.link == Link::Live && seq > self.thread.top() {
                    self.greet();
                }
            }
        }
    }

    fn handle_entry(&mut self, interaction: InteractionId, entry: &Entry) {
        if self.interaction != Some(interaction) {
            if self.interaction.is_some() && !self.thread.is_over() {
                // Another page of this visitor has its own chat.
                return;
            }
            self.follow(interaction);
        }
        match self.thread.take(entry) {
            Taken::Next => {
                self.news.push_back(VisitorNews::Entry(entry.clone()));
                if let What::Message {
                    from: Author::Customer,
                    mid,
                    ..
                } = &entry.what
                {
                    self.acknowledge(mid);
                }
            }
            Taken::Known => {}
            // What is missing is on its way when a hello is.
            Taken::Gap if self.link == Link::Live => self.greet(),
            Taken::Gap => {}
        }
    }

    fn follow(&mut self, interaction: InteractionId) {
        if self.interaction != Some(interaction) {
            self.restart(Some(interaction));
        }
    }

    fn restart(&mut self, interaction: Option<InteractionId>) {
        self.interaction = interaction;
        if self.thread != Thread::default() {
            self.thread = Thread::default();
            self.news.push_back(VisitorNews::Restarted);
        }
    }

    fn acknowledge(&mut self, mid: &Mid) {
        let before = self.unsent.len();
        self.unsent.retain(|unsent| unsent.mid != *mid);
        if self.unsent.len() < before {
            self.news.push_back(VisitorNews::Acknowledged(mid.clone()));
        }
        self.send_next();
    }
}
