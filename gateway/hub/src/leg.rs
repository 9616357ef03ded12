//! One party's live participation on one channel, and how far it got.

use ws::id::{AgentId, LegId, Number, Timestamp};

use crate::{
    event::{LegCause, Party},
    input::Cause,
    quality::{Measured, Moment},
};

/// A leg of an interaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Leg {
    /// Whose it is, and on what.
    pub party: Party,
    /// Why it exists.
    pub cause: LegCause,
    /// The leg it was made for.
    pub parent: Option<LegId>,
    /// When it began.
    pub started: Timestamp,
    /// How far it got.
    pub stage: Stage,
    /// When its first media came.
    pub flowing: Option<Timestamp>,
    /// Whether its silence was noted already.
    pub silent: bool,
    /// What was measured of it last, and of which time.
    pub measured: Option<(Moment, Measured)>,
    /// Whether its phone does not take that it is held.
    pub refuses_hold: bool,
    /// Whether its party hears what is sent to it: not while its phone holds the call.
    pub hears: bool,
    /// Who was asked before, and sent it elsewhere or was not reached: one each time that it was sent elsewhere.
    pub asked: Vec<Option<Number>>,
}

/// How far a leg got.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// It began; nothing was heard of it.
    Started,
    /// It rings.
    Ringing,
    /// It was answered.
    Answered {
        /// When.
        at: Timestamp,
    },
    /// It is over.
    Ended {
        /// When.
        at: Timestamp,
        /// Why.
        cause: Cause,
    },
}

impl Leg {
    pub(crate) fn new(
        party: Party,
        cause: LegCause,
        parent: Option<LegId>,
        started: Timestamp,
    ) -> Self {
        Self {
            party,
            cause,
            parent,
            started,
            stage: Stage::Started,
            flowing: None,
            silent: false,
            measured: None,
            refuses_hold: false,
            hears: true,
            asked: Vec::new(),
        }
    }

    /// Tells whether it goes on.
    pub fn is_live(&self) -> bool {
        !matches!(self.stage, Stage::Ended { .. })
    }

    /// Tells whether it was answered and goes on.
    pub fn is_answered(&self) -> bool {
        matches!(self.stage, Stage::Answered { .. })
    }

    /// Returns when it was answered, if it was and goes on.
    pub fn answered_at(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Answered { at } => Some(at),
            Stage::Started | Stage::Ringing | Stage::Ended { .. } => None,
        }
    }

    /// Tells whether it is a call's from a page.
    pub fn is_from_page(&self) -> bool {
        matches!(self.party, Party::CustomerBrowser { .. })
    }

    /// Tells whether it is a telephone's, or a browser's that is used as one.
    pub fn is_phone(&self) -> bool {
        match self.party {
            Party::CustomerPhone { .. }
            | Party::AgentPhone { .. }
            | Party::OutsidePhone { .. }
            | Party::CustomerBrowser { .. }
            | Party::AgentBrowser { .. } => true,
            Party::CustomerChat { .. }
            | Party::AgentChat { .. }
            | Party::CustomerPage { .. }
            | Party::AgentPage { .. } => false,
        }
    }

    /// Returns the agent whose console's headset it is, if it is one.
    pub fn headset(&self) -> Option<&AgentId> {
        match &self.party {
            Party::AgentBrowser { agent } => Some(agent),
            Party::CustomerPhone { .. }
            | Party::AgentPhone { .. }
            | Party::OutsidePhone { .. }
            | Party::CustomerChat { .. }
            | Party::AgentChat { .. }
            | Party::CustomerBrowser { .. }
            | Party::CustomerPage { .. }
            | Party::AgentPage { .. } => None,
        }
    }

    /// Tells whether it is a page that is seen together.
    pub fn is_page(&self) -> bool {
        match self.party {
            Party::CustomerPage { .. } | Party::AgentPage { .. } => true,
            Party::CustomerPhone { .. }
            | Party::AgentPhone { .. }
            | Party::OutsidePhone { .. }
            | Party::CustomerBrowser { .. }
            | Party::AgentBrowser { .. }
            | Party::CustomerChat { .. }
            | Party::AgentChat { .. } => false,
        }
    }

    /// Tells whether it is a supervisor's.
    pub fn is_supervisor(&self) -> bool {
        match self.cause {
            LegCause::Monitor | LegCause::Whisper | LegCause::Barge => true,
            LegCause::Inbound
            | LegCause::Outbound
            | LegCause::Escalation
            | LegCause::Callback
            | LegCause::TransferBlind
            | LegCause::TransferAttended
            | LegCause::Consult
            | LegCause::Conference
            | LegCause::Cobrowse
            | LegCause::Pairing => false,
        }
    }

    /// Tells whether it is a colleague's who was asked in.
    pub fn is_member(&self) -> bool {
        self.cause == LegCause::Conference
    }

    /// Tells whether it is the customer's.
    pub fn is_customer(&self) -> bool {
        match self.party {
            Party::CustomerPhone { .. }
            | Party::CustomerChat { .. }
            | Party::CustomerBrowser { .. }
            | Party::CustomerPage { .. } => true,
            Party::AgentPhone { .. }
            | Party::AgentBrowser { .. }
            | Party::AgentChat { .. }
            | Party::AgentPage { .. }
            | Party::OutsidePhone { .. } => false,
        }
    }

    /// Tells whether we dialled it.
    pub fn is_dialled(&self) -> bool {
        self.is_phone() && self.cause != LegCause::Inbound
    }

    /// Returns whose it is, when it is an agent's.
    pub fn agent(&self) -> Option<&AgentId> {
        match &self.party {
            Party::AgentPhone { agent }
            | Party::AgentBrowser { agent }
            | Party::AgentChat { agent }
            | Party::AgentPage { agent } => Some(agent),
            Party::CustomerPhone { .. }
            | Party::CustomerChat { .. }
            | Party::CustomerBrowser { .. }
            | Party::CustomerPage { .. }
            | Party::OutsidePhone { .. } => None,
        }
    }

    pub(crate) fn ring(&mut self) {
        if self.stage == Stage::Started {
            self.stage = Stage::Ringing;
        }
    }

    pub(crate) fn answer(&mut self, at: Timestamp) {
        if matches!(self.stage, Stage::Started | Stage::Ringing) {
            self.stage = Stage::Answered { at };
        }
    }

    pub(crate) fn end(&mut self, at: Timestamp, cause: Cause) {
        if self.is_live() {
            self.stage = Stage::Ended { at, cause };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::CauseKind;

    #[test]
    fn a_leg_that_is_over_neither_rings_nor_answers_nor_ends_again() {
        let mut leg = Leg::new(
            Party::AgentPhone {
                agent: "anna".parse().unwrap(),
            },
            LegCause::Outbound,
            None,
            Timestamp(1),
        );
        let busy = Cause {
            kind: CauseKind::Busy,
            status: Some(486),
            text: "busy".into(),
        };
        leg.end(Timestamp(2), busy.clone());

        leg.ring();
        leg.answer(Timestamp(3));
        leg.end(
            Timestamp(4),
            Cause {
                kind: CauseKind::Normal,
                ..busy.clone()
            },
        );

        assert_eq!(
            leg.stage,
            Stage::Ended {
                at: Timestamp(2),
                cause: busy
            }
        );
    }
}
