//! One socket, seen from the server: takes frames in, holds them to the limits, pings, and queues what is to be sent.

use std::{collections::VecDeque, time::Instant};

use serde::Deserialize;

use super::{
    limits::{Bucket, Limits},
    outbox::{Outbox, PageNews},
};
use crate::{
    close::Close,
    frame::{Asked, Code, Refusal, Told},
    id::Seq,
    side::{Kind, Side},
};

/// What is to be done to the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A text frame is to be sent.
    Text(String),
    /// The socket is to be closed; nothing follows.
    Close(Close),
}

/// The server's half of one socket.
///
/// The credential in a `hello` is not judged here: the shell takes the request by [`Self::poll_request`], and either
/// lets the hub answer it or tells a refusal and calls [`Self::close`].
#[derive(Debug)]
pub struct Session<S: Side> {
    limits: Limits,
    state: State,
    frames: Bucket,
    messages: Bucket,
    passing: Bucket,
    parts: Bucket,
    hellos: Bucket,
    strikes: Bucket,
    unreadable: u8,
    requests: VecDeque<Asked<S::Request>>,
    outbox: Outbox,
    top: Seq,
    beat: Beat,
    /// When the credential ends that the client was let in by.
    ends: Option<Instant>,
    /// Whether the client can send; else pings only tell it how far it should be.
    answers: bool,
}

#[derive(Debug)]
enum State {
    Fresh { deadline: Instant },
    Open,
    Closing(Close),
    Closed,
}

#[derive(Debug)]
struct Beat {
    next: Instant,
    pinged: Seq,
    unanswered: u8,
    behind: u8,
}

impl<S: Side> Session<S> {
    /// Begins with the first byte after the upgrade.
    pub fn new(limits: Limits, now: Instant) -> Self {
        Self {
            limits,
            state: State::Fresh {
                deadline: now + limits.hello_within,
            },
            frames: Bucket::new(now),
            messages: Bucket::new(now),
            passing: Bucket::new(now),
            parts: Bucket::new(now),
            hellos: Bucket::new(now),
            strikes: Bucket::new(now),
            unreadable: 0,
            requests: VecDeque::new(),
            outbox: Outbox::default(),
            top: Seq(0),
            beat: Beat {
                next: now + limits.ping,
                pinged: Seq(0),
                unanswered: 0,
                behind: 0,
            },
            ends: None,
            answers: true,
        }
    }

    /// Begins for a client that was let in before, and only listens.
    pub fn listening(limits: Limits, now: Instant) -> Self {
        Self {
            state: State::Open,
            answers: false,
            ..Self::new(limits, now)
        }
    }

    /// Closes the socket when the credential ends that its `hello` brought; a later `hello` may bring one that ends later.
    pub fn end_at(&mut self, at: Instant) {
        self.ends = Some(at);
    }

    /// Takes a text frame in.
    pub fn handle_text(&mut self, text: &str, now: Instant) {
        if self.is_closing() {
            return;
        }
        if text.len() > self.limits.frame {
            return self.close(Close::TooBig);
        }
        let read = serde_json::from_str::<Asked<S::Request>>(text);
        // A page has many parts, and a bucket of its own for them.
        let part = |asked: &Asked<S::Request>| S::kind(&asked.request) == Kind::Stream;
        let in_rate = read.as_ref().is_ok_and(part) || self.frames.take(self.limits.frames, now);
        match read {
            Ok(asked) if in_rate => self.handle_request(asked, now),
            Ok(asked) => self.strike(asked.id, "frames", now),
            Err(error) => self.handle_malformed(text, &error, now),
        }
    }

    /// Takes a binary frame in, which is an error.
    pub fn handle_binary(&mut self) {
        self.close(Close::Binary);
    }

    /// Queues an answer or push.
    pub fn tell(&mut self, told: &Told<S::Done, S::Push>) {
        if self.is_closing() {
            return;
        }
        let text = self.note_and_write(told);
        if let Told::Push(push) = told
            && let Some((interaction, shows)) = S::stream(push)
        {
            let news = PageNews {
                interaction,
                shows,
                text,
            };
            let behind = || {
                let push = S::behind(interaction).map(Told::<S::Done, _>::Push);
                serde_json::to_string(&push).expect("frames have text keys and finite numbers only")
            };
            return self.outbox.show(news, self.limits.page, behind);
        }
        match Self::key(told) {
            Some(key) => self.outbox.replace(key, text),
            None => self.outbox.keep(text),
        }
        if self.outbox.counted() > self.limits.outbox {
            self.outbox.clear();
            self.close(Close::Slow);
        }
    }

    /// Queues the answer to a `hello` with all that follows from it; it is let through whole, whatever its size.
    pub fn tell_resumed(&mut self, told: &[Told<S::Done, S::Push>]) {
        if self.is_closing() {
            return;
        }
        for told in told {
            let text = self.note_and_write(told);
            self.outbox.keep_uncounted(text);
        }
    }

    /// Closes the socket after what is queued; the first reason counts.
    pub fn close(&mut self, close: Close) {
        if !self.is_closing() {
            self.requests.clear();
            self.state = State::Closing(close);
        }
    }

    /// Takes the next request that passed the limits.
    pub fn poll_request(&mut self) -> Option<Asked<S::Request>> {
        let asked = self.requests.pop_front();
        if self.requests.is_empty() {
            // An idle socket holds no buffer.
            self.requests = VecDeque::new();
        }
        asked
    }

    /// Takes what is to be done next; call it only while the socket takes writes, so that the bound is felt.
    pub fn poll_output(&mut self) -> Option<Output> {
        if let Some(text) = self.outbox.pop() {
            return Some(Output::Text(text));
        }
        match self.state {
            State::Closing(close) => {
                self.state = State::Closed;
                Some(Output::Close(close))
            }
            State::Fresh { .. } | State::Open | State::Closed => None,
        }
    }

    /// Returns when [`Self::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Fresh { deadline } => Some(deadline),
            State::Open => Some(
                self.ends
                    .map_or(self.beat.next, |at| at.min(self.beat.next)),
            ),
            State::Closing(_) | State::Closed => None,
        }
    }

    /// Closes a socket that said no hello in time, or whose credential ends; pings.
    pub fn handle_timeout(&mut self, now: Instant) {
        match self.state {
            State::Fresh { deadline } if deadline <= now => self.close(Close::NoHello),
            State::Open if self.ends.is_some_and(|at| at <= now) => {
                self.close(Close::Unauthorized);
            }
            State::Open if self.beat.next <= now => self.ping(now),
            // Called early.
            State::Fresh { .. } | State::Open => {}
            State::Closing(_) | State::Closed => {}
        }
    }

    fn handle_request(&mut self, asked: Asked<S::Request>, now: Instant) {
        let kind = S::kind(&asked.request);
        if matches!(self.state, State::Fresh { .. }) {
            if kind != Kind::Hello {
                return self.close(Close::NoHello);
            }
            self.state = State::Open;
            self.beat.next = now + self.limits.ping;
        }
        let (fits, what) = match kind {
            Kind::Hello => (self.hellos.take(self.limits.hellos, now), "hellos"),
            Kind::Message => (self.messages.take(self.limits.messages, now), "messages"),
            Kind::Passing => (
                self.passing.take(self.limits.passing, now),
                "typing and receipts",
            ),
            Kind::Stream => (self.parts.take(self.limits.parts, now), "parts of a page"),
            Kind::Act => (true, ""),
            Kind::Pong(seq) => return self.handle_pong(asked.id, seq),
        };
        if fits {
            self.requests.push_back(asked);
        } else {
            self.strike(asked.id, what, now);
        }
    }

    fn handle_pong(&mut self, id: u64, seq: Seq) {
        let answers_ping = std::mem::take(&mut self.beat.unanswered) > 0;
        if seq >= self.beat.pinged {
            self.beat.behind = 0;
        } else if answers_ping {
            self.beat.behind += 1;
        }
        self.tell(&Told::Done {
            re: id,
            ok: S::ok(),
        });
        if self.beat.behind >= 2 {
            self.close(Close::Behind);
        }
    }

    fn ping(&mut self, now: Instant) {
        if self.beat.unanswered >= 2 {
            return self.close(Close::Silent);
        }
        self.beat.unanswered += u8::from(self.answers);
        self.beat.pinged = self.top;
        self.beat.next = now + self.limits.ping;
        self.tell(&Told::Push(S::ping(self.top)));
    }

    fn strike(&mut self, re: u64, what: &str, now: Instant) {
        self.refuse(
            re,
            Code::RateLimited,
            format!("too many {what}; slow down and send this again in a second"),
        );
        self.count_strike(now);
    }

    fn count_strike(&mut self, now: Instant) {
        if !self.strikes.take(self.limits.strikes, now) {
            self.close(Close::Flooding);
        }
    }

    fn handle_malformed(&mut self, text: &str, error: &serde_json::Error, now: Instant) {
        if let Some(re) = id_of(text) {
            self.refuse(re, Code::Malformed, error.to_string());
            return self.count_strike(now);
        }
        self.unreadable = self.unreadable.saturating_add(1);
        if self.unreadable >= self.limits.unreadable {
            self.close(Close::Unreadable);
        }
    }

    fn refuse(&mut self, re: u64, code: Code, text: String) {
        self.tell(&Told::Refused {
            re,
            error: Refusal { code, text },
        });
    }

    fn note_and_write(&mut self, told: &Told<S::Done, S::Push>) -> String {
        if let Told::Push(push) = told
            && let Some(seq) = S::place(push)
        {
            self.top = seq;
        }
        serde_json::to_string(told).expect("frames have text keys and finite numbers only")
    }

    fn key(told: &Told<S::Done, S::Push>) -> Option<crate::side::Key> {
        match told {
            Told::Done { .. } | Told::Refused { .. } => None,
            Told::Push(push) => S::key(push),
        }
    }

    fn is_closing(&self) -> bool {
        match self.state {
            State::Fresh { .. } | State::Open => false,
            State::Closing(_) | State::Closed => true,
        }
    }
}

fn id_of(text: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Named {
        id: u64,
    }
    // A struct is read from an array too, by position.
    let object = text.trim_start_matches([' ', '\t', '\n', '\r']);
    if !object.starts_with('{') {
        return None;
    }
    let named: Named = serde_json::from_str(object).ok()?;
    Some(named.id)
}

#[cfg(test)]
mod tests;
