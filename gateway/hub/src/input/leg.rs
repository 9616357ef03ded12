//! What is told of legs.

use ws::id::LegId;

use super::{Cause, Referral, Rerouted};

/// One thing that was seen of a leg.
#[derive(Clone, Debug, PartialEq)]
pub enum LegNews {
    /// A leg we dialled rings.
    Ringing {
        /// Which.
        leg: LegId,
    },
    /// A leg we dialled goes to another place of its trunk, or by another trunk.
    Rerouted {
        /// Which.
        leg: LegId,
        /// By which, and why.
        to: Rerouted,
    },
    /// Whoever was dialled says that others are to be called; [`crate::Command::Follow`],
    /// [`crate::Command::PassOver`] or a release follows.
    Redirected {
        /// Which.
        leg: LegId,
        /// SIP status, 300 to 399.
        status: u16,
        /// Numbers and names, the preferred first.
        to: Vec<String>,
        /// Whether the same number at another place of its trunk stands behind them.
        more: bool,
        /// Why nobody was reached where it was sent before, where others were named by the same.
        after: Option<Cause>,
    },
    /// An unanswered inbound leg hears what is played to it.
    Early {
        /// Which.
        leg: LegId,
    },
    /// A leg answered; for an inbound leg: our answer was confirmed.
    Answered {
        /// Which.
        leg: LegId,
    },
    /// What the media plane measured of a leg: when its quality turns, and before it ends.
    Measured {
        /// Which.
        leg: LegId,
        /// Of which time.
        moment: crate::quality::Moment,
        /// How speech was carried.
        measured: crate::quality::Measured,
    },
    /// The first media of a leg arrived.
    Flowing {
        /// Which.
        leg: LegId,
    },
    /// A leg is over, at whatever stage; told once, also after [`crate::Command::Release`].
    Ended {
        /// Which.
        leg: LegId,
        /// Why.
        cause: Cause,
    },
    /// The peer of a leg wishes that the call go elsewhere.
    Referred {
        /// Which.
        leg: LegId,
        /// Where.
        referral: Referral,
    },
    /// What came of [`crate::Command::HandOut`], told once.
    HandedOut {
        /// Which.
        leg: LegId,
        /// SIP status, 200 to 699.
        status: u16,
    },
    /// The phone of a leg does not take that it is held, told once in its call. It hears music all the same.
    HoldRefused {
        /// Which.
        leg: LegId,
        /// SIP status, 300 to 699.
        status: u16,
    },
    /// What is sent to a leg is not heard by its party, or is again: told when that changes. A leg begins as one that hears.
    Hears {
        /// Which.
        leg: LegId,
        /// Whether it is heard.
        on: bool,
    },
    /// The phone of a leg says what its party would like of recordings.
    Wished {
        /// Which.
        leg: LegId,
        /// What.
        wish: crate::recording::Preference,
    },
    /// A key was pressed on a leg.
    Digit {
        /// Which.
        leg: LegId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
    },
    /// As much was said by a recorded leg as was listened for.
    Spoke {
        /// Which.
        leg: LegId,
    },
    /// A recorded leg said nothing for as long as was listened for.
    Quiet {
        /// Which.
        leg: LegId,
    },
    /// What was said to a leg by [`crate::Command::Notice`] came to its end, and its party was gone for some of it; told in place of
    /// [`Self::Heard`].
    Missed {
        /// Which.
        leg: LegId,
        /// As there.
        turn: u32,
    },
    /// What was said to a leg came to its end.
    Heard {
        /// Which.
        leg: LegId,
        /// Which of what it was asked to hear, from 1: [`crate::Command::Play`], `Notice` and `Dismiss` count.
        turn: u32,
    },
}
