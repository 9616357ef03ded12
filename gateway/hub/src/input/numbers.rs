//! Telephone numbers in inputs, read once, before anybody looks at them.

use ws::{frame::Refusal, id::Number, transfer::TransferTo};

use super::{Arrival, Asker, Input, Introduction, LegNews, Wish};
use crate::{consent::Subject, customer::Order, numbering::Numbering};

impl Input {
    /// Reads every number that came with it. One that is to be called, and that cannot be told, refuses the input; of all
    /// others such a number stays as it is.
    #[allow(clippy::too_many_lines, reason = "one arm a kind of input")]
    pub(crate) fn read_numbers(&mut self, numbering: &Numbering) -> Result<(), (Asker, Refusal)> {
        let typed = |number: &mut Number, re: &Asker| match numbering.read_typed(number) {
            Ok(read) => {
                *number = read;
                Ok(())
            }
            Err(refusal) => Err((*re, refusal)),
        };
        let heard = |number: &mut Number| *number = numbering.read(number);
        match self {
            Self::Escalate { number, re, .. } | Self::AskCallback { number, re, .. } => {
                return typed(number, re);
            }
            Self::OpenCallback {
                who, wanted, re, ..
            } => {
                signed(who).into_iter().for_each(heard);
                return typed(&mut wanted.number, re);
            }
            Self::InCall { wish, re, .. } => {
                if let Some(number) = wish.dialled() {
                    return typed(number, re);
                }
            }
            Self::OpenChat { who, .. } => signed(who).into_iter().for_each(heard),
            Self::CallArrived(arrival) => shown(arrival).for_each(heard),
            Self::SetConsent { said, .. } => match &mut said.subject {
                Subject::Number(number) => heard(number),
                Subject::Customer(_) | Subject::Mail(_) => {}
            },
            Self::Customer { order, .. } => match order {
                Order::Describe { number, .. } => number.iter_mut().for_each(heard),
                Order::Merge { .. }
                | Order::Unmerge { .. }
                | Order::Note { .. }
                | Order::Link { .. }
                | Order::Value(_)
                | Order::Erase { .. } => {}
            },
            // What is named there may be no number; it is read where that is known.
            Self::Leg(_)
            | Self::ConsoleOpened { .. }
            | Self::ConsoleClosed { .. }
            | Self::WidgetOpened { .. }
            | Self::WidgetClosed { .. }
            | Self::SetPresence { .. }
            | Self::SetPresenceOf { .. }
            | Self::SetHeadset { .. }
            | Self::Accept { .. }
            | Self::Decline { .. }
            | Self::Say { .. }
            | Self::Share { .. }
            | Self::Revise { .. }
            | Self::ReviseCallback { .. }
            | Self::CancelCallback { .. }
            | Self::MailTranscript { .. }
            | Self::TellConsent { .. }
            | Self::HangUp { .. }
            | Self::End { .. }
            | Self::WrapUp { .. }
            | Self::Rate { .. }
            | Self::Link { .. }
            | Self::ExtendWrapUp { .. }
            | Self::Park { .. }
            | Self::Unpark { .. }
            | Self::CobrowseOfAgent { .. }
            | Self::CobrowseOfVisitor { .. }
            | Self::Cross { .. }
            | Self::Arrive { .. }
            | Self::Note { .. }
            | Self::HandOver { .. }
            | Self::Memo { .. }
            | Self::RecordingEnded { .. }
            | Self::Recorder { .. }
            | Self::PhoneRegistered { .. }
            | Self::PhoneGone { .. }
            | Self::TrunkDown { .. }
            | Self::TrunkUp { .. }
            | Self::LookedUp { .. }
            | Self::Configure(_)
            | Self::Drain => {}
        }
        Ok(())
    }
}

impl Wish {
    /// Returns the number that is to be called for it.
    pub(crate) fn number(&self) -> Option<&Number> {
        match self {
            Self::Transfer { to, .. } | Self::Consult { to } => match to {
                TransferTo::Number(number) => Some(number),
                TransferTo::Agent(_) | TransferTo::Queue(_) => None,
            },
            Self::Complete { .. }
            | Self::Conference
            | Self::Dismiss { .. }
            | Self::Supervise { .. }
            | Self::Whisper { .. }
            | Self::Invite { .. }
            | Self::Withdraw { .. }
            | Self::Leave
            | Self::Record { .. }
            | Self::TakeBack
            | Self::Hold { .. }
            | Self::Mute { .. }
            | Self::Digits { .. } => None,
        }
    }

    fn dialled(&mut self) -> Option<&mut Number> {
        match self {
            Self::Transfer {
                to: TransferTo::Number(number),
                ..
            }
            | Self::Consult {
                to: TransferTo::Number(number),
            } => Some(number),
            Self::Transfer { .. }
            | Self::Consult { .. }
            | Self::Complete { .. }
            | Self::Conference
            | Self::Dismiss { .. }
            | Self::Supervise { .. }
            | Self::Whisper { .. }
            | Self::Invite { .. }
            | Self::Withdraw { .. }
            | Self::Leave
            | Self::Record { .. }
            | Self::TakeBack
            | Self::Hold { .. }
            | Self::Mute { .. }
            | Self::Digits { .. } => None,
        }
    }
}

impl LegNews {
    /// Returns the user parts that others are to be called by.
    pub(crate) fn users(&self) -> &[String] {
        match self {
            Self::Redirected { to, .. } => to,
            Self::Referred { referral, .. } => std::slice::from_ref(&referral.user),
            Self::Ringing { .. }
            | Self::Rerouted { .. }
            | Self::Early { .. }
            | Self::Answered { .. }
            | Self::Measured { .. }
            | Self::Flowing { .. }
            | Self::Ended { .. }
            | Self::HandedOut { .. }
            | Self::HoldRefused { .. }
            | Self::Hears { .. }
            | Self::Wished { .. }
            | Self::Digit { .. }
            | Self::Spoke { .. }
            | Self::Quiet { .. }
            | Self::Missed { .. }
            | Self::Heard { .. } => &[],
        }
    }
}

fn signed(who: &mut Introduction) -> Option<&mut Number> {
    who.verified.as_mut()?.number.as_mut()
}

fn shown(arrival: &mut Arrival) -> impl Iterator<Item = &mut Number> {
    let shown = arrival.from.as_mut();
    shown.into_iter().chain(arrival.caller.asserted.as_mut())
}
