//! One telephone leg: its SIP call, its media and how far both are.

use std::net::IpAddr;

use bytes::Bytes;
use sip::{
    endpoint::{CallKey, Elsewhere, Identity, Target},
    media::LegKey,
    sdp::{Direction, RemoteMedia, SdpSession},
};
use ws::id::LegId;

use super::{forks::Described, keys::Way};

/// One leg, or an arrived call that the hub has not made a leg yet.
#[derive(Debug)]
pub struct Leg {
    /// The hub's name of it, once it has one.
    pub id: Option<LegId>,
    /// The SIP side's name of it.
    pub call: CallKey,
    /// The media side's name of it.
    pub media: LegKey,
    /// Its RTP port; 0 at the port of all browsers.
    pub port: u16,
    /// What is known of its browser; none of a phone.
    pub browser: Option<Box<super::browsers::Line>>,
    /// Who it is.
    pub who: Who,
    /// Its offers and answers.
    pub sdp: SdpSession,
    /// The host that its SIP comes from, once that is known.
    pub source: Option<IpAddr>,
    /// What was agreed with the peer, once something was.
    pub remote: Option<RemoteMedia>,
    /// How far it is.
    pub stage: Stage,
    /// Whether its ports are bound.
    pub open: bool,
    /// How often another port was tried.
    pub tries: u8,
    /// Whether it hears music because the one it talks to put it on hold.
    pub music: bool,
    /// Whether it is to hear silence.
    pub silence: Silence,
    /// Whether media ever came from it.
    pub flowing: bool,
    /// Whether nothing came from it while it held us, since it was heard last.
    pub hushed: bool,
    /// Whether it was told before that it waits.
    pub greeted: bool,
    /// Who waits for its answer, hearing ring-back tone or what comes from it before.
    pub awaited_by: Option<LegId>,
    /// By which way its keys come.
    pub keys: Way,
    /// What follows when what it hears comes to its end.
    pub after: After,
    /// What the hub was told that its party would like of recordings.
    pub wish: Option<crate::recording::Preference>,
    /// Whether nothing comes of the browser that it is at, be it a page's leg or a phone's.
    pub away: bool,
    /// Whether the hub was told that its party hears nothing.
    pub deaf: bool,
    /// Why it ends when what it hears has ended.
    pub farewell: Option<crate::input::Cause>,
    /// How much it was to hear until now.
    pub turns: Turns,
    /// Whether it is held.
    pub hold: super::offers::Hold,
}

/// How much a leg was to hear, so that the end of one thing is not taken for that of the next.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turns {
    /// What was played to it, and stopped.
    pub played: u32,
    /// What the hub asked for.
    pub asked: u32,
}

/// Who a leg is, as recorders outside are told it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// A number or an account; empty where it is not known, or withheld.
    pub user: String,
    /// A name; may be empty.
    pub name: String,
}

/// Silence that a leg is to hear, in packets, as some phones clear a call without any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Silence {
    /// It is not.
    #[default]
    None,
    /// It is played to it.
    Played,
    /// It hears who whispers to it instead.
    Whispered,
}

/// What follows on what a leg hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Music.
    Music,
    /// Silence, and the hub is told.
    Silence,
    /// What it heard before, and the hub is told.
    Before,
}

/// How far a leg is.
#[derive(Debug)]
pub enum Stage {
    /// Came in; `offer` is what the caller sent, `answer` what we will say to it.
    Arrived {
        /// The caller's offer, none when ours is wanted.
        offer: Option<Bytes>,
        /// Our answer to it, or our offer.
        answer: Bytes,
        /// What the hub asked for, be the ports bound already or not.
        wanted: Wanted,
    },
    /// Answered by us; the ACK has not come.
    Answered,
    /// To be dialled once the ports are bound.
    Opening {
        /// Whom.
        to: Target,
        /// As whom.
        from: Identity,
        /// By which trunks where the first cannot take it.
        elsewhere: Vec<Elsewhere>,
        /// Header fields of its INVITE alone.
        headers: Vec<(String, String)>,
    },
    /// Dialled.
    Dialled {
        /// What those described before the answer at whom it rings.
        early: Described,
        /// Whether ringing was told.
        ringing: bool,
    },
    /// Both sides are talking.
    Up,
}

/// What an arrived call is to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing yet.
    Nothing,
    /// Sound before the answer.
    Early,
    /// It has that.
    Speaking,
    /// The answer.
    Answer,
}

impl Leg {
    /// Begins to let it hear something else than until now; what ended before is not its end.
    pub const fn begin_turn(&mut self) -> u32 {
        self.turns.played = self.turns.played.wrapping_add(1);
        self.turns.played
    }

    /// Takes note of which host its SIP comes from: the media plane believes that host more than others.
    pub fn signals_from(&mut self, host: IpAddr) {
        self.source = Some(host);
        if let Some(remote) = &mut self.remote {
            remote.signals_from = Some(host);
        }
    }

    /// Whether the peer put us on hold without sending anything itself.
    pub fn peer_is_silent(&self) -> bool {
        let silent = |remote: &RemoteMedia| match remote.direction {
            Direction::Inactive => true,
            Direction::RecvOnly => self.hushed,
            Direction::SendRecv | Direction::SendOnly => false,
        };
        !self.hold.is_known() && self.remote.as_ref().is_some_and(silent)
    }

    /// Whether the peer put us on hold, with or without music of its own.
    pub fn peer_holds(&self) -> bool {
        self.remote
            .as_ref()
            .is_some_and(|remote| match remote.direction {
                Direction::RecvOnly | Direction::Inactive => true,
                Direction::SendRecv | Direction::SendOnly => false,
            })
    }

    /// Whether what is sent to it is heard: the peer takes sound, a page that comes anew has come, and a browser is there.
    pub fn hears(&self) -> bool {
        let awaited = self.browser.as_ref().is_some_and(|line| line.is_awaited());
        !self.peer_holds() && !awaited && !self.away
    }

    /// Whether it was answered, by us or by the peer.
    pub fn is_answered(&self) -> bool {
        match self.stage {
            Stage::Answered | Stage::Up => true,
            Stage::Arrived { .. } | Stage::Opening { .. } | Stage::Dialled { .. } => false,
        }
    }
}
