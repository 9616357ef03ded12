//! Numbers a client's requests, keeps them until answered, and queues the frames to be sent.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    frame::{Asked, Refusal, Told},
    side::Side,
};

#[derive(Debug)]
pub(super) struct Line<S: Side> {
    next_id: u64,
    open: BTreeMap<u64, S::Request>,
    frames: VecDeque<String>,
}

/// A frame from the server, an answer together with what it answers.
#[derive(Debug)]
pub(super) enum Heard<S: Side> {
    Done(S::Request, S::Done),
    Refused(S::Request, Refusal),
    Push(S::Push),
    /// An answer to nothing that was asked on this socket, or no frame of this language.
    Strange,
}

impl<S: Side> Line<S> {
    pub(super) fn new() -> Self {
        Self {
            next_id: 1,
            open: BTreeMap::new(),
            frames: VecDeque::new(),
        }
    }

    pub(super) fn ask(&mut self, request: S::Request) {
        let id = self.next_id;
        self.next_id += 1;
        let asked = Asked { id, request };
        let text =
            serde_json::to_string(&asked).expect("frames have text keys and finite numbers only");
        self.frames.push_back(text);
        self.open.insert(id, asked.request);
    }

    pub(super) fn hear(&mut self, text: &str) -> Heard<S> {
        match serde_json::from_str::<Told<S::Done, S::Push>>(text) {
            Ok(Told::Done { re, ok }) => match self.open.remove(&re) {
                Some(request) => Heard::Done(request, ok),
                None => Heard::Strange,
            },
            Ok(Told::Refused { re, error }) => match self.open.remove(&re) {
                Some(request) => Heard::Refused(request, error),
                None => Heard::Strange,
            },
            Ok(Told::Push(push)) => Heard::Push(push),
            Err(_) => Heard::Strange,
        }
    }

    /// The socket is gone: returns what was not answered.
    pub(super) fn drop_all(&mut self) -> Vec<S::Request> {
        self.frames.clear();
        std::mem::take(&mut self.open).into_values().collect()
    }

    pub(super) fn poll_frame(&mut self) -> Option<String> {
        self.frames.pop_front()
    }
}
