//! What is asked within a running call, by supervisors and colleagues in a chat too, and the parts of it that concern nobody else: hold, mute, keys.

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, LegId},
    recording::Record,
    supervision::Supervise,
    transfer::TransferTo,
};

use crate::{
    command::{Command, Program},
    event::{Event, InCall},
    hub::Hub,
    input::{Actor, Done, refuse},
    interaction::Call,
};

/// How many keys are pressed at once.
const KEYS: usize = 32;

/// What is asked within a running call, and by supervisors and colleagues in a running chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To hand it on at once.
    Transfer {
        /// To whom.
        to: TransferTo,
        /// For whoever takes it, and the record.
        note: Option<String>,
    },
    /// To ask somebody while the customer hears music.
    Consult {
        /// Whom.
        to: TransferTo,
    },
    /// To connect the customer with whoever is asked.
    Complete {
        /// For whoever takes it, and the record.
        note: Option<String>,
    },
    /// To let the customer, whoever is asked and everybody else in the call hear each other.
    Conference,
    /// To take one of those who were taken into the conversation out of it again.
    Dismiss {
        /// Whose leg.
        leg: LegId,
    },
    /// To hear a call or read a chat as a supervisor, to speak in it, to have it or to leave it.
    Supervise {
        /// What.
        act: Supervise,
        /// In the call, or in the chat.
        channel: Channel,
    },
    /// To write to the agent of a chat alone, as a supervisor.
    Whisper {
        /// What.
        text: String,
    },
    /// To ask a colleague into a chat.
    Invite {
        /// Whom.
        agent: AgentId,
        /// What they should know.
        note: Option<String>,
    },
    /// To take back an invitation that was not answered yet.
    Withdraw {
        /// Whom it was for.
        agent: AgentId,
    },
    /// To leave a chat that goes on without whoever asks, or a call about which they are asked or into which they were taken.
    Leave,
    /// To go back to the customer.
    TakeBack,
    /// To put the customer on hold, or take them off it.
    Hold {
        /// Whether to hold.
        on: bool,
    },
    /// To let nothing be heard of the agent, or end that.
    Mute {
        /// Whether to be mute.
        on: bool,
    },
    /// To have the call recorded, or what is recorded of it changed.
    Record {
        /// What.
        act: Record,
    },
    /// To press keys towards the customer's side, or whoever is asked.
    Digits {
        /// Which.
        digits: String,
    },
}

/// A call in which customer and agent were connected.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    pub(crate) agent: AgentId,
    pub(crate) leg: LegId,
    pub(crate) customer: LegId,
    pub(crate) call: Call,
}

impl Hub {
    pub(crate) fn wish(
        &mut self,
        id: InteractionId,
        by: &Actor,
        wish: Wish,
    ) -> Result<Done, Refusal> {
        let wish = match wish {
            // Neither call nor chat need be the supervisor's.
            Wish::Supervise { act, channel } => return self.supervise(id, by, act, channel),
            Wish::Whisper { text } => return self.whisper(id, by, text),
            Wish::Record { act } => return self.record(id, by, act),
            Wish::Invite { agent, note } => return self.invite(id, by, agent, note),
            Wish::Withdraw { agent } => return self.withdraw(id, by, agent),
            Wish::Leave => {
                let left = self.leave_call(id, by);
                return left.map_or_else(|| self.leave_chat(id, by), Ok);
            }
            other => other,
        };
        let talk = self.talk(id, by)?;
        match wish {
            Wish::Transfer { to, note } => self.transfer(id, &talk, to, note),
            Wish::Consult { to } => self.consult(id, &talk, to),
            Wish::Complete { note } => self.complete(id, &talk, note),
            Wish::Conference => self.conference(id, &talk),
            Wish::Dismiss { leg } => self.take_out(&talk, leg),
            Wish::Supervise { act, channel } => self.supervise(id, by, act, channel),
            Wish::Whisper { text } => self.whisper(id, by, text),
            Wish::Record { act } => self.record(id, by, act),
            Wish::Invite { agent, note } => self.invite(id, by, agent, note),
            Wish::Withdraw { agent } => self.withdraw(id, by, agent),
            Wish::Leave => self.leave_chat(id, by),
            Wish::TakeBack => self.take_back(id, &talk),
            Wish::Hold { on } => self.hold(id, &talk, on),
            Wish::Mute { on } => Ok(self.mute(id, &talk, on)),
            Wish::Digits { digits } => self.press(&talk, &digits),
        }
    }

    /// Finds the call that customer and agent have with each other.
    pub(crate) fn talk(&self, id: InteractionId, by: &Actor) -> Result<Talk, Refusal> {
        if matches!(by, Actor::Visitor(_) | Actor::Customer(_)) {
            return refuse(Code::Forbidden, "only the agent of a call may do this");
        }
        let found = self.going_on(id, by)?;
        let stay = found.assignment.as_ref();
        // Who asks somebody is in a call, though the customer is being moved just then.
        let on = |call: &&Call| call.bridged.is_some() || call.consult.is_some();
        let call = found.call.as_deref().filter(on);
        let call = call.filter(|_| !found.calls_outside());
        let leg = call.and_then(|call| call.agent);
        let (Some(stay), Some(call), Some(leg)) = (stay, call, leg) else {
            return refuse(
                Code::Conflict,
                "there is no call in this interaction in which customer and agent are connected",
            );
        };
        Ok(Talk {
            agent: stay.agent.clone(),
            leg,
            customer: call.customer,
            call: Call::clone(call),
        })
    }

    /// Takes that the phone of a leg does not take that it is held: its agent is told so while it is.
    pub(crate) fn leg_refused_hold(&mut self, leg: LegId, status: u16) {
        let found = self.state.interaction(leg.interaction);
        let known = found.and_then(|found| found.leg(leg));
        if known.is_some_and(|known| known.is_live() && !known.refuses_hold) {
            let step = InCall::HoldRefused { leg, status };
            self.tell(Some(leg.interaction), Event::InCall(step));
        }
    }

    /// Takes that the party of a leg hears nothing, or hears again.
    pub(crate) fn leg_hears(&mut self, leg: LegId, on: bool) {
        let found = self.state.interaction(leg.interaction);
        let known = found.and_then(|found| found.leg(leg));
        if known.is_some_and(|known| known.is_live() && known.hears != on) {
            let step = InCall::Hears { leg, on };
            self.tell(Some(leg.interaction), Event::InCall(step));
        }
    }

    fn hold(&mut self, id: InteractionId, talk: &Talk, on: bool) -> Result<Done, Refusal> {
        if talk.call.consult.is_some() {
            return refuse(
                Code::Conflict,
                "the customer hears music already while you ask somebody else",
            );
        }
        if talk.call.held == on {
            return Ok(Done::Ok);
        }
        self.tell(Some(id), Event::InCall(InCall::Held { on }));
        match on {
            true if talk.call.is_conference() => self.part_with_music(talk.customer),
            true => {
                self.part_with_music(talk.customer);
                let program = Program::Silence;
                self.ask(Command::Play {
                    leg: talk.leg,
                    program,
                });
            }
            false if talk.call.is_conference() => self.ask(Command::Join {
                leg: talk.customer,
                to: talk.leg,
            }),
            false => self.reunite(id, talk.customer, talk.leg),
        }
        Ok(Done::Ok)
    }

    /// Takes the customer out of the conversation; they hear music.
    pub(crate) fn part_with_music(&mut self, customer: LegId) {
        self.ask(Command::Part { leg: customer });
        self.ask(Command::Play {
            leg: customer,
            program: Program::Music,
        });
    }

    fn mute(&mut self, id: InteractionId, talk: &Talk, on: bool) -> Done {
        if talk.call.muted != on {
            self.tell(Some(id), Event::InCall(InCall::Muted { on }));
            self.ask(Command::Mute { leg: talk.leg, on });
        }
        Done::Ok
    }

    fn press(&mut self, talk: &Talk, digits: &str) -> Result<Done, Refusal> {
        let known = |c: char| matches!(c, '0'..='9' | '*' | '#' | 'A'..='D');
        if !(1..=KEYS).contains(&digits.len()) || !digits.chars().all(known) {
            return refuse(
                Code::OutOfRange,
                format!("digits are 1 to {KEYS} of 0-9, *, #, A-D"),
            );
        }
        let consulted = talk.call.consult.as_ref().filter(|c| c.joined);
        let leg = consulted.map_or(talk.customer, |consult| consult.leg);
        self.ask(Command::Press {
            leg,
            digits: digits.to_owned(),
        });
        Ok(Done::Ok)
    }
}
