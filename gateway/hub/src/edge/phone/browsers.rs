//! Legs of browsers: what a page offers, and what it is answered. A browser's leg has no SIP call. It passes the same stages
//! as a phone's; what a phone would be told by SIP, a page reads off its timeline or desk.

mod holder;

use rand::RngExt;
use sip::{
    endpoint::{CallKey, Command as SipCommand},
    media::{IceCredentials, LegKey, MediaCommand},
    sdp::{BrowserAgreed, BrowserError, Codec, Fingerprints, Srtp},
};
use ws::{
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, LegId, VisitorId},
};

use holder::Holder;

use super::{
    Output, Phones,
    forks::Described,
    keys::Way,
    leg::{After, Leg, Silence, Stage, Turns, Wanted, Who},
    offers::Hold,
};
use crate::input::{
    Arrival, Asker, CauseKind, Done, Input, Introduction, LegNews, Peer, Reply, refuse,
};

/// Set in the names of calls that are none of the SIP side's.
const BROWSER: u64 = 1 << 63;

/// Whose browser a leg is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A visitor's.
    Visitor(VisitorId),
    /// An agent's.
    Agent(AgentId),
}

/// What a page asks of its leg.
#[derive(Clone, Debug, PartialEq)]
pub enum FromBrowser {
    /// To call.
    Call {
        /// Who waits for the answer.
        to: Asker,
        /// Who calls.
        who: Box<Introduction>,
        /// The id to be used if this begins a new interaction.
        candidate: InteractionId,
        /// The chat it is to be a part of.
        chat: Option<InteractionId>,
        /// What the browser offers.
        sdp: String,
    },
    /// To take a call that rings, or to take its own call up again.
    Media {
        /// Who waits for the answer.
        to: Asker,
        /// At which socket the page is told that another one took its leg.
        page: u64,
        /// Who asks.
        owner: Owner,
        /// Which leg.
        leg: LegId,
        /// What the browser offers.
        sdp: String,
    },
}

/// What is known of a browser's leg beyond what every leg has.
#[derive(Debug)]
pub struct Line {
    owner: Owner,
    /// The identifier of our descriptions, and how many there were.
    origin: (u64, u64),
    /// What is said once the hub has made it a leg.
    waiting: Option<(Asker, BrowserAgreed)>,
    /// Whether its handshake was ever done.
    secured: bool,
    /// Whether another page took it whose handshake is not done.
    anew: bool,
    holder: Holder,
}

impl Line {
    /// Whether another page took it that cannot hear yet.
    pub(super) const fn is_awaited(&self) -> bool {
        self.anew
    }
}

// Who a visitor is stands in their interaction.
fn who(owner: &Owner) -> Who {
    let user = match owner {
        Owner::Visitor(_) => "visitor".to_owned(),
        Owner::Agent(agent) => agent.to_string(),
    };
    let name = String::new();
    Who { user, name }
}

/// Tells whether a command is about a call that is none of the SIP side's.
pub(super) fn is_of_browser(command: &SipCommand) -> bool {
    let call = match command {
        SipCommand::Adopt { call, .. }
        | SipCommand::Ring { call, .. }
        | SipCommand::Answer { call, .. }
        | SipCommand::Reject { call, .. }
        | SipCommand::Press { call, .. }
        | SipCommand::HangUp { call, .. } => call,
        // Only ever asked for calls that SIP brought or was asked to make.
        SipCommand::Defer { .. }
        | SipCommand::Dial { .. }
        | SipCommand::Follow { .. }
        | SipCommand::PassOver { .. }
        | SipCommand::AcceptOffer { .. }
        | SipCommand::RefuseOffer { .. }
        | SipCommand::Offer { .. }
        | SipCommand::Describe { .. }
        | SipCommand::AcceptRefer { .. }
        | SipCommand::RefuseRefer { .. }
        | SipCommand::ReportRefer { .. }
        | SipCommand::Refer { .. }
        | SipCommand::Restore { .. }
        | SipCommand::Drain { .. } => return false,
    };
    match call {
        CallKey::In(n) | CallKey::Out(n) => n & BROWSER != 0,
    }
}

impl Phones {
    /// Takes what a page asks of its leg.
    pub fn handle_browser(&mut self, asked: FromBrowser) {
        match asked {
            FromBrowser::Call {
                to,
                who,
                candidate,
                chat,
                sdp,
            } => match self.begin_of_visitor(to, &who, &sdp) {
                Ok(call) => self.tell(Input::CallArrived(Arrival {
                    candidate,
                    call,
                    from: None,
                    name: who.name.clone(),
                    caller: Default::default(),
                    peer: Peer::Browser(who),
                    to: String::new(),
                    claims: chat.into_iter().collect(),
                    external: Vec::new(),
                    replaces: None,
                })),
                Err(refusal) => self.reply(to, Err(refusal)),
            },
            FromBrowser::Media {
                to,
                page,
                owner,
                leg,
                sdp,
            } => {
                let result = self.connect(page, &owner, leg, &sdp);
                self.reply(to, result);
            }
        }
    }

    fn begin_of_visitor(
        &mut self,
        to: Asker,
        who: &Introduction,
        sdp: &str,
    ) -> Result<u64, Refusal> {
        let origin = self.new_origin();
        let agreed = self.agree_with_browser(sdp, origin, None)?;
        let owner = Owner::Visitor(who.visitor);
        let mut holder = Holder::default();
        holder.take(to.socket, agreed.security.fingerprints)?;
        let line = Line {
            owner,
            origin,
            waiting: Some((to, agreed)),
            secured: false,
            anew: false,
            holder,
        };
        let key = self.next_key();
        let call = BROWSER | key.0;
        let stage = Stage::Arrived {
            offer: None,
            answer: bytes::Bytes::new(),
            wanted: Wanted::Nothing,
        };
        self.begin_browser(key, CallKey::In(call), line, stage);
        Ok(call)
    }

    /// Lets a headset ring.
    pub(super) fn ring_browser(&mut self, id: LegId, agent: AgentId) {
        let key = self.next_key();
        let line = Line {
            owner: Owner::Agent(agent),
            origin: self.new_origin(),
            waiting: None,
            secured: false,
            anew: false,
            holder: Holder::default(),
        };
        let stage = Stage::Dialled {
            early: Described::default(),
            ringing: true,
        };
        self.begin_browser(key, CallKey::Out(BROWSER | key.0), line, stage);
        self.name(key, id);
        if let Some(a_leg) = self.a_legs.get_mut(&id.interaction) {
            a_leg.legs += 1;
        }
        self.tell(Input::Leg(LegNews::Ringing { leg: id }));
    }

    fn begin_browser(&mut self, key: LegKey, call: CallKey, line: Line, stage: Stage) {
        let nothing = self.local(0, Vec::new(), Srtp::default());
        let leg = Leg {
            id: None,
            call,
            media: key,
            port: 0,
            sdp: self.new_sdp(nothing),
            who: who(&line.owner),
            browser: Some(Box::new(line)),
            source: None,
            remote: None,
            stage,
            open: true,
            tries: 0,
            music: false,
            silence: Silence::None,
            flowing: false,
            hushed: false,
            greeted: false,
            after: After::Music,
            awaited_by: None,
            keys: Way::Unknown,
            farewell: None,
            wish: None,
            deaf: false,
            away: false,
            turns: Turns::default(),
            hold: Hold::new(false),
        };
        self.by_call.insert(call, key);
        self.legs.insert(key, leg);
    }

    fn name(&mut self, key: LegKey, id: LegId) {
        self.by_id.insert(id, key);
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.id = Some(id);
        }
    }

    /// Tells a page that its call is a leg now, with what was agreed.
    pub(super) fn adopted(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        let waiting = leg.browser.as_mut().and_then(|line| line.waiting.take());
        let (Some((to, agreed)), Some(id)) = (waiting, leg.id) else {
            return;
        };
        let done = self.settle_browser(key, id, agreed);
        self.reply(to, Ok(done));
    }

    /// Refuses a page's call; tells whether it was one.
    pub(super) fn refuse_browser(&mut self, call: u64, status: u16, text: &str) -> bool {
        let Some(key) = self.key_of_call(CallKey::In(call)) else {
            return false;
        };
        let leg = self.legs.get_mut(&key);
        let Some(line) = leg.and_then(|leg| leg.browser.as_mut()) else {
            return false;
        };
        let waiting = line.waiting.take();
        self.drop_arrival(key);
        if let Some((to, _)) = waiting {
            let code = match status {
                404 => Code::NotFound,
                486 => Code::Full,
                480 => Code::Conflict,
                _ => Code::Unavailable,
            };
            self.reply(to, refuse(code, text));
        }
        true
    }

    // A page takes its leg, the first time or again, or from another page.
    fn connect(&mut self, page: u64, owner: &Owner, id: LegId, sdp: &str) -> Result<Done, Refusal> {
        let spoken = self.codec_in(id.interaction);
        let leg = self.leg_of(id);
        let mine = leg.and_then(|leg| {
            let line = leg.browser.as_mut().filter(|line| line.owner == *owner)?;
            line.origin.1 += 1;
            let spoken = leg.remote.as_ref().map(|remote| remote.codec).or(spoken);
            Some((leg.media, line.origin, spoken))
        });
        let Some((key, origin, spoken)) = mine else {
            return refuse(Code::NotFound, "there is no such call here, or it is over");
        };
        let agreed = self.agree_with_browser(sdp, origin, spoken)?;
        self.hand_over(key, id, page, agreed.security.fingerprints)?;
        let done = self.settle_browser(key, id, agreed);
        if let Some(leg) = self.legs.get_mut(&key)
            && let Stage::Dialled { .. } = leg.stage
        {
            leg.stage = Stage::Answered;
        }
        Ok(done)
    }

    fn hand_over(
        &mut self,
        key: LegKey,
        leg: LegId,
        socket: u64,
        page: Fingerprints,
    ) -> Result<(), Refusal> {
        let line = self.legs.get_mut(&key).and_then(|leg| leg.browser.as_mut());
        let Some(line) = line else { return Ok(()) };
        let anew = line.holder.is_other(page);
        let from = line.holder.take(socket, page)?;
        line.anew |= anew && line.secured;
        if let Some(socket) = from {
            self.outputs.push_back(Output::Elsewhere { socket, leg });
        }
        Ok(())
    }

    fn agree_with_browser(
        &mut self,
        sdp: &str,
        origin: (u64, u64),
        spoken: Option<Codec>,
    ) -> Result<BrowserAgreed, Refusal> {
        let ice = IceCredentials::new(&mut self.rng);
        let Some(local) = &self.settings.browsers else {
            return refuse(
                Code::Unavailable,
                "there are no calls in the browser here; web_rtc.listen is not set",
            );
        };
        let agreed = local.answer(sdp.as_bytes(), origin, ice, spoken);
        agreed.or_else(|error: BrowserError| refuse(Code::OutOfRange, error.to_string()))
    }

    fn settle_browser(&mut self, key: LegKey, id: LegId, agreed: BrowserAgreed) -> Done {
        let BrowserAgreed {
            answer,
            media,
            security,
        } = agreed;
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.remote = Some(media.clone());
        }
        self.media(MediaCommand::Browser { leg: key, security });
        self.media(MediaCommand::Remote { leg: key, media });
        self.adjust_hold(key);
        self.tell_hearing(key);
        Done::Media {
            leg: id,
            sdp: String::from_utf8_lossy(&answer).into_owned(),
        }
    }

    /// Takes in that a browser's handshake is done.
    pub(super) fn secured(&mut self, key: LegKey) {
        let leg = self.legs.get_mut(&key);
        if let Some(line) = leg.and_then(|leg| leg.browser.as_mut()) {
            (line.secured, line.anew) = (true, false);
        }
        self.answered_browser(key);
        self.tell_hearing(key);
    }

    /// A browser that is wanted and whose handshake is done has answered.
    pub(super) fn answered_browser(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        let secured = leg.browser.as_ref().is_some_and(|line| line.secured);
        if secured && matches!(leg.stage, Stage::Answered) {
            leg.stage = Stage::Up;
            let id = leg.id;
            self.outputs
                .extend(id.map(|leg| Output::Hub(Input::Leg(LegNews::Answered { leg }))));
        }
    }

    // A browser that was connected before may come again, until nothing was heard for long.
    pub(super) fn unsecured(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get(&key) else {
            return;
        };
        let call = leg.call;
        match &leg.browser {
            Some(line) if line.secured => {}
            Some(_) => self.lose(
                key,
                call,
                CauseKind::Unreachable,
                "the browser could not be reached for audio",
            ),
            None => self.lose(
                key,
                call,
                CauseKind::Fault,
                "no keys for its audio came of the handshake",
            ),
        }
    }

    /// Nothing comes of a browser any more, or something came again.
    pub(super) fn browser_away(&mut self, key: LegKey, on: bool) {
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.away = on;
            self.tell_hearing(key);
        }
    }

    /// A browser was waited for long enough.
    pub(super) fn browser_gone(&mut self, key: LegKey) {
        if let Some(call) = self.legs.get(&key).map(|leg| leg.call) {
            let text = "the browser gave no sign of life for too long";
            self.lose(key, call, CauseKind::MediaLost, text);
        }
    }

    /// A peer ended the connection of its sound, and did not come anew. A page of ours that is loaded again does, within the time
    /// that any browser has; a phone knows of no call that it does not hold.
    pub(super) fn peer_left(&mut self, key: LegKey) {
        let phone = self.legs.get(&key).filter(|leg| leg.browser.is_none());
        if let Some(call) = phone.map(|leg| leg.call) {
            let text = "the phone ended the connection of its sound";
            self.lose(key, call, CauseKind::MediaLost, text);
        }
    }

    fn reply(&mut self, to: Asker, result: Result<Done, Refusal>) {
        self.outputs
            .push_back(Output::Browser(Reply { to, result }));
    }

    fn new_origin(&mut self) -> (u64, u64) {
        (self.rng.random::<u64>() >> 1, 1)
    }
}

#[cfg(test)]
mod tests;
