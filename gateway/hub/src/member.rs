//! Colleagues whom the agent of a chat asks in: they are asked as an offer is put, take a chat slot from then on, and write to
//! the customer under their own name. The chat stays with its agent; whoever leaves does not end it.

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{AgentId, AssignmentId, InteractionId},
    transfer::HandOverTo,
};

use crate::{
    event::{Event, InChat, LegCause, OfferEnd, Party},
    handing::NOTES,
    hub::Hub,
    input::{Actor, Cause, CauseKind, Done, refuse},
    interaction::{Interaction, Invited, Member},
    routing::unavailable,
    scope::{TEXT, check_field, written},
    settle::cause,
};

/// How many colleagues are in a chat beside its agent, those who are asked included.
const MEMBERS: usize = 3;

impl Hub {
    /// Asks a colleague into a chat.
    pub(crate) fn invite(
        &mut self,
        id: InteractionId,
        by: &Actor,
        colleague: AgentId,
        note: Option<String>,
    ) -> Result<Done, Refusal> {
        check_field("note", note.as_ref(), TEXT)?;
        let Actor::Agent(agent) = by else {
            return refuse(Code::Forbidden, "only the agent of a chat asks others in");
        };
        let note = written(note);
        let found = self.going_on(id, by)?;
        if !found.takes_members() {
            return refuse(
                Code::Conflict,
                "colleagues are asked into an open chat only, and not while it is parked",
            );
        }
        if found.room.company().count() >= MEMBERS {
            return refuse(
                Code::Full,
                format!("a chat takes {MEMBERS} colleagues beside its agent"),
            );
        }
        if note.is_some() && found.notes.len() >= NOTES {
            return refuse(
                Code::Full,
                format!("a contact holds {NOTES} notes; the rest belongs into the wrap-up"),
            );
        }
        self.check_guest(found, agent, &colleague)?;
        let step = InChat::Invited {
            agent: colleague,
            by: self.agent_author(agent),
            deadline: self.now + self.setup.spans.offer,
            note,
        };
        self.tell(Some(id), Event::InChat(step));
        Ok(Done::Ok)
    }

    // Whom a colleague chose need not be at the queue, but has to have room now.
    fn check_guest(
        &self,
        found: &Interaction,
        agent: &AgentId,
        colleague: &AgentId,
    ) -> Result<(), Refusal> {
        if agent == colleague {
            return refuse(Code::Conflict, "the chat is with you already");
        }
        let Some(setup) = self.setup.agents.get(colleague) else {
            return refuse(Code::NotFound, format!("there is no agent \"{colleague}\""));
        };
        let name = &setup.name;
        if found.room.company().any(|there| there == colleague) {
            return refuse(
                Code::Conflict,
                format!("{name} is in this chat already, or is asked"),
            );
        }
        let known = self.state.agents().get(colleague);
        let why = unavailable(setup, known, Channel::Chat, (false, self.now));
        match why.map(|why| self.view().nearer(why, colleague)) {
            None => Ok(()),
            Some(verdict) => refuse(
                Code::Conflict,
                format!("{name} {}; choose somebody else", verdict.words()),
            ),
        }
    }

    /// Lets a colleague in who was asked; tells whether one was.
    pub(crate) fn accept_invitation(&mut self, agent: &AgentId, id: InteractionId) -> bool {
        let Some(found) = self.invited_into(agent, id) else {
            return false;
        };
        let barged = found.room.is_barged_by(agent);
        let party = Party::AgentChat {
            agent: agent.clone(),
        };
        let Some(leg) = self.begin_leg(id, party, LegCause::Conference, None) else {
            return false;
        };
        let step = InChat::MemberStarted {
            agent: agent.clone(),
            name: self.agent_name(agent),
            leg,
        };
        self.tell(Some(id), Event::InChat(step));
        // Who barged in as a supervisor is there already.
        if !barged {
            self.tell_joined(id, agent.clone());
        }
        true
    }

    /// Turns an invitation down; tells whether there was one.
    pub(crate) fn decline_invitation(&mut self, agent: &AgentId, id: InteractionId) -> bool {
        let asked = self.invited_into(agent, id).is_some();
        if asked {
            self.end_invitation(id, agent.clone(), OfferEnd::Declined);
        }
        asked
    }

    /// Takes back the invitation of one colleague who has not answered it.
    pub(crate) fn withdraw(
        &mut self,
        id: InteractionId,
        by: &Actor,
        colleague: AgentId,
    ) -> Result<Done, Refusal> {
        if !matches!(by, Actor::Agent(_)) {
            return refuse(
                Code::Forbidden,
                "only the agent of a chat takes an invitation back",
            );
        }
        let found = self.going_on(id, by)?;
        if found.room.invitation(&colleague).is_none() {
            return refuse(
                Code::Conflict,
                "this colleague is not asked in any more: they came, or did not want to",
            );
        }
        self.end_invitation(id, colleague, OfferEnd::Withdrawn);
        Ok(Done::Ok)
    }

    fn invited_into(&self, agent: &AgentId, id: InteractionId) -> Option<&Interaction> {
        let found = self.state.interaction(id)?;
        found.room.invitation(agent).map(|_| found)
    }

    /// Ends the invitations that were not answered in time.
    pub(crate) fn expire_invitations(&mut self, id: InteractionId) {
        self.end_invitations(id, OfferEnd::Expired, |one, now| one.deadline <= now);
    }

    /// Takes all invitations back.
    pub(crate) fn withdraw_invitations(&mut self, id: InteractionId) {
        self.end_invitations(id, OfferEnd::Withdrawn, |_, _| true);
    }

    fn end_invitations(
        &mut self,
        id: InteractionId,
        end: OfferEnd,
        which: impl Fn(&Invited, ws::id::Timestamp) -> bool,
    ) {
        let found = self.state.interaction(id);
        let open = found.into_iter().flat_map(|found| &found.room.invited);
        let over = open.filter(|one| which(one, self.now));
        let over: Vec<_> = over.map(|one| one.agent.clone()).collect();
        for agent in over {
            self.end_invitation(id, agent, end);
        }
    }

    fn end_invitation(&mut self, id: InteractionId, agent: AgentId, end: OfferEnd) {
        let step = InChat::InvitationEnded { agent, end };
        self.tell(Some(id), Event::InChat(step));
    }

    /// Leaves a chat without ending it. It goes to the colleague who came first where it is the agent's own.
    pub(crate) fn leave_chat(&mut self, id: InteractionId, by: &Actor) -> Result<Done, Refusal> {
        let Actor::Agent(agent) = by else {
            return refuse(Code::Forbidden, "only agents leave a chat");
        };
        let found = self.state.interaction(id);
        if let Some(member) = found.and_then(|found| found.room.member(agent)).cloned() {
            let why = cause(CauseKind::Normal, "they left the chat");
            self.end_member(id, &member, &why);
            return Ok(Done::Ok);
        }
        let found = self.going_on(id, by)?;
        let Some(next) = found.room.members.first().map(|one| one.agent.clone()) else {
            return refuse(
                Code::Conflict,
                "nobody else is in this chat; hand it over, or end it",
            );
        };
        self.pass_to_member(id, agent, next, None)
    }

    /// Makes a colleague who is in a chat its agent, without an offer: they are there.
    pub(crate) fn pass_to_member(
        &mut self,
        id: InteractionId,
        agent: &AgentId,
        to: AgentId,
        note: Option<String>,
    ) -> Result<Done, Refusal> {
        let found = self.going_on(id, &Actor::Agent(agent.clone()))?;
        let Some(stay) = &found.assignment else {
            return refuse(Code::Conflict, "only an open chat can be handed over");
        };
        if found.call.is_some() || found.offer.is_some() {
            return refuse(
                Code::Conflict,
                "there is a call in this contact; end it before you hand the chat over",
            );
        }
        let handed = Event::HandedOver {
            assignment: stay.id,
            agent: agent.clone(),
            name: self.agent_name(agent),
            to: HandOverTo::Agent(to.clone()),
            note,
        };
        self.tell(Some(id), handed);
        self.have_member_serve(id, &to, "the chat was handed over");
        Ok(Done::Ok)
    }

    /// Gives the chat of an agent who is lost to the colleague who came first; tells whether one is there.
    pub(crate) fn pass_on_lost(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let next = found.room.members.first();
        let next = next.filter(|_| found.call.is_none() && found.offer.is_none());
        let Some(next) = next.map(|one| one.agent.clone()) else {
            return false;
        };
        self.have_member_serve(id, &next, "the agent was lost");
        true
    }

    // Their part as a colleague ends when the chat is their own, see `settle_members`.
    fn have_member_serve(&mut self, id: InteractionId, member: &AgentId, why: &str) {
        let found = self.state.interaction(id);
        let n = found.map_or(0, |found| found.assignments);
        self.end_agent_chats(id, &cause(CauseKind::Normal, why));
        self.end_stay(id, None, None, why);
        let assignment = AssignmentId {
            interaction: id,
            n: n.saturating_add(1),
        };
        self.take_chat(id, member, assignment);
    }

    /// Ends the part of a colleague, or an invitation, whose ground is gone: the chat, whose it is, or their place at a
    /// console. Tells whether one ended.
    pub(crate) fn settle_members(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let gone = |one: &&Invited| self.invitation_over(found, one).is_some();
        if let Some(one) = found.room.invited.iter().find(gone) {
            let end = self.invitation_over(found, one).expect("found above");
            self.end_invitation(id, one.agent.clone(), end);
            return true;
        }
        let mut members = found.room.members.iter();
        let over = members.find_map(|one| Some((one.clone(), self.part_over(found, &one.agent)?)));
        let Some((member, why)) = over else {
            return false;
        };
        self.end_member(id, &member, &cause(CauseKind::Normal, why));
        true
    }

    fn invitation_over(&self, found: &Interaction, one: &Invited) -> Option<OfferEnd> {
        if !found.writes() {
            Some(OfferEnd::CustomerGone)
        } else if self.is_gone(&one.agent) {
            Some(OfferEnd::AgentGone)
        } else if !found.takes_members() || found.is_with(&one.agent) {
            Some(OfferEnd::Withdrawn)
        } else {
            None
        }
    }

    fn part_over(&self, found: &Interaction, agent: &AgentId) -> Option<&'static str> {
        if !found.writes() {
            Some("the chat is over")
        } else if found.is_with(agent) {
            Some("the chat is their own now")
        } else if self.is_gone(agent) {
            Some("the agent was lost")
        } else if !found.takes_members() {
            Some("nobody has the chat now, or it is parked")
        } else {
            None
        }
    }

    fn end_member(&mut self, id: InteractionId, member: &Member, cause: &Cause) {
        let (leg, agent) = (member.leg, member.agent.clone());
        if self.is_live(leg) {
            let cause = cause.clone();
            self.tell(Some(id), Event::LegEnded { leg, cause });
        }
        let step = InChat::MemberEnded {
            agent: agent.clone(),
            leg,
            cause: cause.clone(),
        };
        self.tell(Some(id), Event::InChat(step));
        self.tell_gone(id, agent);
    }
}
