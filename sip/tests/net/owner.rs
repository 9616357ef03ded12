//! The owner of an endpoint's calls: takes what is offered, and keeps what both sides agreed on, each as it knows it.

use std::collections::BTreeMap;

use bytes::Bytes;
use sip::endpoint::{Arrival, CallKey, Command, Event, Fork, Refer, SessionId, Tag};

use super::{Net, OFFER};

/// What one side says and what the other says, as one of them knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreed {
    pub ours: Option<Bytes>,
    pub theirs: Option<Bytes>,
}

/// What an owner knows of a call.
#[derive(Debug, Default)]
pub struct Known {
    /// By the end of a forked call.
    pub early: BTreeMap<Option<Fork>, Agreed>,
    pub agreed: Agreed,
    /// Our offer that is not answered.
    pub open: Option<Bytes>,
    pub is_up: bool,
    /// How often its end was told, or said.
    pub over: u32,
    pub changed: u32,
    pub refused: u32,
    pub asked: Option<Refer>,
    pub told: Vec<(u16, bool)>,
    pub replaces: Option<CallKey>,
}

/// The owner of the calls of one end.
pub struct Owner {
    pub end: usize,
    pub calls: BTreeMap<CallKey, Known>,
    /// The last that arrived.
    pub last: Option<CallKey>,
    /// Whether it refuses what is offered within a call.
    pub refuses: bool,
    described: u32,
}

impl Owner {
    pub fn new(end: usize) -> Self {
        Self {
            end,
            calls: BTreeMap::new(),
            last: None,
            refuses: false,
            described: 0,
        }
    }

    /// A description that nobody made before.
    pub fn describe(&mut self) -> Bytes {
        self.described += 1;
        let Self { end, described, .. } = self;
        let port = 10_000 + 2 * *described;
        format!(
            "v=0\r\no=- {end} {described} IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP 0\r\n"
        )
        .into()
    }

    pub fn known(&mut self, call: CallKey) -> &mut Known {
        self.calls.get_mut(&call).expect("it was begun")
    }

    pub fn dials(&mut self, net: &mut Net, command: Command) {
        let Command::Dial { call, .. } = &command else {
            panic!("not a dial: {command:?}");
        };
        let ours = Some(Bytes::from_static(OFFER));
        let agreed = Agreed { ours, theirs: None };
        let known = Known {
            agreed,
            ..Known::default()
        };
        assert!(self.calls.insert(*call, known).is_none());
        net.tell(self.end, command);
    }

    /// Rings with sound.
    pub fn rings(&mut self, net: &mut Net, call: CallKey) {
        let fresh = self.describe();
        let agreed = &mut self.known(call).agreed;
        let sdp = Some(agreed.ours.get_or_insert(fresh).clone());
        let (code, reason) = (183, None);
        net.tell(
            self.end,
            Command::Ring {
                call,
                code,
                reason,
                sdp,
            },
        );
    }

    pub fn answers(&mut self, net: &mut Net, call: CallKey) {
        let fresh = self.describe();
        let agreed = &mut self.known(call).agreed;
        let sdp = agreed.ours.get_or_insert(fresh).clone();
        net.tell(self.end, Command::Answer { call, sdp });
    }

    pub fn offers(&mut self, net: &mut Net, call: CallKey) {
        let sdp = self.describe();
        self.known(call).open = Some(sdp.clone());
        net.tell(self.end, Command::Offer { call, sdp });
    }

    /// Takes what was reported.
    pub fn read(&mut self, net: &mut Net) {
        for event in std::mem::take(&mut net.ends[self.end].events) {
            match event {
                Event::Arrived { call, arrival } => self.arrived(net, call, &arrival),
                Event::Offered { call, fork, sdp } => {
                    self.offered(net, call, fork, sdp);
                }
                Event::Progress {
                    call, fork, sdp, ..
                } => {
                    if let Some(sdp) = sdp {
                        self.early(call, fork).theirs = Some(sdp);
                    }
                }
                Event::Answered {
                    call, fork, sdp, ..
                } => {
                    let mut agreed = self.early(call, fork).clone();
                    agreed.theirs = sdp.or(agreed.theirs);
                    let known = self.known(call);
                    (known.agreed, known.is_up) = (agreed, true);
                }
                Event::Confirmed { call, sdp } => {
                    let known = self.known(call);
                    known.is_up = true;
                    if sdp.is_some() {
                        known.agreed.theirs = sdp;
                    }
                }
                Event::OfferAnswered { call, sdp } => {
                    let known = self.known(call);
                    known.agreed = Agreed {
                        ours: known.open.take(),
                        theirs: Some(sdp),
                    };
                    known.changed += 1;
                }
                Event::OfferRefused { call, .. } => {
                    let known = self.known(call);
                    known.open = None;
                    known.refused += 1;
                }
                Event::Referred { call, refer } => self.known(call).asked = Some(*refer),
                Event::ReferProgress { call, code, over } => {
                    self.known(call).told.push((code, over));
                }
                Event::Failed { call, .. }
                | Event::Cancelled { call, .. }
                | Event::Ended { call, .. } => self.known(call).over += 1,
                Event::Refreshed { call, .. } => {
                    self.known(call);
                }
                other => panic!("nobody asked for {other:?}"),
            }
        }
    }

    fn arrived(&mut self, net: &mut Net, call: CallKey, arrival: &Arrival) {
        let agreed = Agreed {
            ours: None,
            theirs: arrival.offer.clone(),
        };
        let known = Known {
            agreed,
            replaces: arrival.replaces,
            ..Known::default()
        };
        assert!(self.calls.insert(call, known).is_none(), "{call:?} twice");
        self.last = Some(call);
        let tag = Tag {
            session: SessionId(9),
            headers: Vec::new(),
        };
        net.tell(self.end, Command::Adopt { call, tag });
    }

    // What stands with one end of a call that is not answered yet; all of them were offered the same.
    fn early(&mut self, call: CallKey, fork: Option<Fork>) -> &mut Agreed {
        let known = self.known(call);
        let offered = known.agreed.clone();
        known.early.entry(fork).or_insert(offered)
    }

    fn offered(&mut self, net: &mut Net, call: CallKey, fork: Option<Fork>, sdp: Option<Bytes>) {
        if self.refuses {
            let (code, warning) = (488, None);
            return net.tell(
                self.end,
                Command::RefuseOffer {
                    call,
                    fork,
                    code,
                    warning,
                },
            );
        }
        let ours = self.describe();
        let agreed = Agreed {
            ours: Some(ours.clone()),
            theirs: sdp,
        };
        if fork.is_some() && !self.known(call).is_up {
            *self.early(call, fork) = agreed;
        } else {
            self.known(call).agreed = agreed;
        }
        let sdp = ours;
        net.tell(self.end, Command::AcceptOffer { call, fork, sdp });
    }
}
