//! What pages ask of calls: handed to the telephone edge, which answers offers, or to the hub.

use ws::{
    agent,
    frame::{Code, Refusal, Told},
    id::{AgentId, InteractionId, LegId},
    visitor,
    voice::{AgentVoice, VisitorVoice},
};

use super::{Browsers, check};
use crate::{
    edge::phone::{FromBrowser, Owner},
    input::{Actor, Asker, Input, Introduction, refuse},
};

impl Browsers {
    /// Takes what a visitor does about a call of their page; none means that the answer comes later.
    pub(super) fn voice_of_visitor(
        &mut self,
        to: Asker,
        act: VisitorVoice,
    ) -> Result<Option<visitor::Done>, Refusal> {
        let Some(credential) = self.widgets.credential_of(to.socket).cloned() else {
            return check::stranger();
        };
        let shown = self.widgets.shown_by(to.socket).and_then(|(_, at)| at);
        match act {
            VisitorVoice::Call {
                zone,
                name,
                page,
                referrer,
                sdp,
            } => {
                let own = credential.zone.as_ref();
                if own.is_some_and(|own| *own != zone) {
                    let text = "the credential was given out for another zone";
                    return refuse(Code::Forbidden, text);
                }
                let open = |at: &InteractionId| {
                    let found = self.timelines.get(*at);
                    found.is_some_and(|found| !found.is_ended())
                };
                let chat = shown.filter(open);
                let who = Introduction {
                    visitor: credential.visitor,
                    zone,
                    name,
                    mail: None,
                    verified: credential.verified,
                    page,
                    referrer,
                    form: None,
                };
                self.out.voices.push_back(FromBrowser::Call {
                    to,
                    who: Box::new(who),
                    candidate: InteractionId::mint(&mut self.rng),
                    chat,
                    sdp,
                });
            }
            VisitorVoice::Media { leg, sdp } => self.out.voices.push_back(FromBrowser::Media {
                to,
                page: to.socket,
                owner: Owner::Visitor(credential.visitor),
                leg,
                sdp,
            }),
            VisitorVoice::HangUp {} => {
                let Some(interaction) = shown else {
                    return check::no_chat();
                };
                self.out.inputs.push_back(Input::HangUp {
                    interaction,
                    by: Actor::Visitor(credential.visitor),
                    re: to,
                });
            }
        }
        Ok(None)
    }

    /// Tells a page that another one took its leg; one whose socket is gone is refused when it asks again.
    pub fn tell_elsewhere(&mut self, socket: u64, leg: LegId) {
        let interaction = leg.interaction;
        if self.widgets.credential_of(socket).is_some() {
            let push = visitor::Push::Elsewhere { interaction, leg };
            self.out.visitor(socket, Told::Push(push));
        } else if self.consoles.agent_of(socket).is_some() {
            let push = agent::Push::Elsewhere { interaction, leg };
            self.out.agent(socket, Told::Push(push));
        }
    }

    /// Takes what an agent does about calls at a console; none means that the answer comes later.
    pub(super) fn voice_of_agent(
        &mut self,
        to: Asker,
        (agent, console): (AgentId, Option<u64>),
        act: AgentVoice,
    ) -> Result<Option<agent::Done>, Refusal> {
        match act {
            AgentVoice::Headset { on } => {
                let socket = check::console(console)?;
                self.consoles.note_desk(agent.clone());
                self.out.inputs.push_back(Input::SetHeadset {
                    agent,
                    socket,
                    on,
                    re: to,
                });
            }
            AgentVoice::Media { leg, sdp } => self.out.voices.push_back(FromBrowser::Media {
                to,
                page: console.unwrap_or(to.socket),
                owner: Owner::Agent(agent),
                leg,
                sdp,
            }),
        }
        Ok(None)
    }
}
