//! The visitors' sockets: whose each is, which contact it shows, and how much of it was sent.

mod news;
mod place;

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use ws::{
    close::Close,
    cobrowse::VisitorNews,
    frame::{Asked, Code, Refusal, Resume, Told},
    id::{InteractionId, Mid, Seq, Timestamp, VisitorId},
    timeline::Author,
    visitor::{Done, Push, Request},
};

use super::{
    Out, Output, Receipt, SOCKETS, Timelines, VisitorCredential, check,
    consoles::Consoles,
    requests::{self, Opening},
};
use crate::input::{self, Actor, Asker, Input, Reply};

/// All visitors' sockets.
#[derive(Debug)]
pub(super) struct Widgets {
    epoch: String,
    sockets: BTreeMap<u64, Widget>,
    by_visitor: BTreeMap<VisitorId, Vec<u64>>,
}

#[derive(Debug)]
struct Widget {
    credential: VisitorCredential,
    current: Option<InteractionId>,
    sent: Seq,
    /// What it was told: the place, and when the time was told that goes with it.
    position: Option<(u32, Option<Timestamp>)>,
    /// Questions about another chat than the one that is shown, which their answers do not change.
    asides: BTreeSet<u64>,
}

impl Widgets {
    pub(super) fn new(epoch: String) -> Self {
        Self {
            epoch,
            sockets: BTreeMap::new(),
            by_visitor: BTreeMap::new(),
        }
    }

    /// Welcomes a socket and sends what it missed.
    pub(super) fn open(
        &mut self,
        (socket, re): (u64, u64),
        credential: VisitorCredential,
        resume: Option<&Resume>,
        (timelines, now): (&Timelines, Timestamp),
        out: &mut Out,
    ) {
        let visitor = credential.visitor;
        match self.sockets.get(&socket) {
            Some(known) if known.credential.visitor != visitor => {
                let error = Refusal {
                    code: Code::Unauthorized,
                    text: "this socket belongs to another visitor".to_owned(),
                };
                out.visitor(socket, Told::Refused { re, error });
                return out.close(socket, Close::Unauthorized);
            }
            Some(_) => {}
            None => self.enter(socket, visitor, out),
        }
        let (current, sent) = self.taken_up(&credential, resume, timelines);
        let widget = Widget {
            credential,
            current,
            sent,
            position: None,
            asides: BTreeSet::new(),
        };
        self.sockets.insert(socket, widget);
        let welcome = Done::Welcome {
            visitor,
            epoch: self.epoch.clone(),
            interaction: current,
            at: now,
        };
        let mut told = vec![Told::Done { re, ok: welcome }];
        told.extend(self.missed(socket, timelines));
        out.outputs
            .push_back(Output::VisitorResumed { socket, told });
    }

    fn enter(&mut self, socket: u64, visitor: VisitorId, out: &mut Out) {
        let sockets = self.by_visitor.entry(visitor).or_default();
        // Each goes once, however many come before it is gone.
        if sockets.len() >= SOCKETS {
            out.close(sockets.remove(0), Close::Crowded);
        }
        sockets.push(socket);
        out.inputs
            .push_back(Input::WidgetOpened { visitor, socket });
    }

    // What was resumed while it lives, else what lives, else the end of what was resumed.
    fn taken_up(
        &self,
        credential: &VisitorCredential,
        resume: Option<&Resume>,
        timelines: &Timelines,
    ) -> (Option<InteractionId>, Seq) {
        let resumed = resume.and_then(|resume| {
            let found = timelines.of(credential.visitor, resume.interaction)?;
            Some((resume, found))
        });
        let lives = || timelines.live(credential.visitor, credential.zone.as_ref());
        match resumed {
            Some((resume, found)) if !found.is_ended() || lives().is_none() => {
                let known = resume.epoch == self.epoch;
                let sent = if known { resume.seq } else { Seq(0) };
                (Some(resume.interaction), sent)
            }
            Some(_) | None => (lives(), Seq(0)),
        }
    }

    /// Forgets a socket.
    pub(super) fn close(&mut self, socket: u64, went: bool, out: &mut Out) {
        let Some(widget) = self.sockets.remove(&socket) else {
            return;
        };
        let visitor = widget.credential.visitor;
        if let Some(sockets) = self.by_visitor.get_mut(&visitor) {
            sockets.retain(|known| *known != socket);
            if sockets.is_empty() {
                self.by_visitor.remove(&visitor);
            }
        }
        out.inputs.push_back(Input::WidgetClosed {
            visitor,
            socket,
            went,
        });
    }

    // What a visitor saw in one tab is told to staff and in the visitor's others.
    fn receive(
        &self,
        (visitor, socket): (VisitorId, u64),
        interaction: InteractionId,
        receipt: Receipt,
        (timelines, consoles): (&mut Timelines, &Consoles),
        out: &mut Out,
    ) -> Result<(), Refusal> {
        let Some(timeline) = timelines.get_mut(interaction) else {
            return check::not_yours();
        };
        check::receipt(receipt, timeline.top())?;
        if timeline.receive(None, receipt) {
            consoles.tell_receipt(interaction, None, receipt, out);
            self.tell_own_receipt(interaction, (visitor, socket), receipt, out);
        }
        Ok(())
    }

    /// Carries a request out, or hands it to the hub, which answers. All of it is about the chat this socket shows, which
    /// is its visitor's own, or about an earlier one that it names.
    pub(super) fn handle(
        &mut self,
        socket: u64,
        asked: Asked<Request>,
        (timelines, consoles): (&mut Timelines, &Consoles),
        (rng, out): (&mut StdRng, &mut Out),
    ) -> Result<Option<Done>, Refusal> {
        if let Some(known) = self.known(socket, &asked.request, timelines, out) {
            return known.map(Some);
        }
        let Some(widget) = self.sockets.get_mut(&socket) else {
            return check::stranger();
        };
        let current = widget.current;
        let here = || current.map_or_else(check::no_chat, Ok);
        let re = Asker {
            socket,
            id: asked.id,
        };
        let input = match asked.request {
            Request::Pong { .. } => return Ok(Some(Done::Ok)),
            Request::Typing { on } => {
                consoles.tell_typing(here()?, &Author::Customer, on, out);
                return Ok(Some(Done::Ok));
            }
            Request::Receipt { delivered, read } => {
                let receipt = Receipt { delivered, read };
                let who = (widget.credential.visitor, socket);
                self.receive(who, here()?, receipt, (timelines, consoles), out)?;
                return Ok(Some(Done::Ok));
            }
            Request::Open {
                zone,
                name,
                mail,
                page,
                referrer,
                form,
                callback,
                mid,
                text,
            } => {
                let opening = Opening {
                    zone,
                    name,
                    mail,
                    page,
                    referrer,
                    form,
                    callback,
                    mid,
                    text,
                };
                requests::of_opening(&widget.credential, opening, re, rng)?
            }
            Request::Cross { to, pass, carried } => {
                requests::of_crossing(&widget.credential, here()?, (to, pass, *carried), re)?
            }
            request => widget.within(request, re, timelines)?,
        };
        out.inputs.push_back(input);
        Ok(None)
    }

    /// Returns what a socket proved.
    pub(super) fn credential_of(&self, socket: u64) -> Option<&VisitorCredential> {
        self.sockets.get(&socket).map(|widget| &widget.credential)
    }

    /// Returns whose socket it is, and which contact it shows.
    pub(super) fn shown_by(
        &self,
        socket: u64,
    ) -> Option<(&VisitorCredential, Option<InteractionId>)> {
        let widget = self.sockets.get(&socket)?;
        Some((&widget.credential, widget.current))
    }

    /// Answers what the hub was asked.
    pub(super) fn handle_reply(&mut self, reply: &Reply, timelines: &Timelines, out: &mut Out) {
        let (socket, re) = (reply.to.socket, reply.to.id);
        let Some(widget) = self.sockets.get_mut(&socket) else {
            return;
        };
        let told = match &reply.result {
            Ok(input::Done::Written {
                interaction,
                mid,
                seq,
            }) => {
                if !widget.asides.remove(&re) {
                    self.show(socket, *interaction, timelines, out);
                }
                let ok = Done::Written {
                    interaction: *interaction,
                    mid: mid.clone(),
                    seq: *seq,
                };
                Told::Done { re, ok }
            }
            Ok(input::Done::Promised { callback }) => Told::Done {
                re,
                ok: Done::Promised {
                    callback: *callback,
                },
            },
            Ok(input::Done::Code { code, until, .. }) => {
                let (code, until) = (code.clone(), *until);
                self.lapse(socket, out);
                Told::Done {
                    re,
                    ok: Done::Code { code, until },
                }
            }
            Ok(input::Done::Media { leg, sdp }) => {
                // The page knows by this which contact the entries that follow are of.
                let (leg, sdp) = (*leg, sdp.clone());
                let ok = Done::Media { leg, sdp };
                out.visitor(socket, Told::Done { re, ok });
                return self.show(socket, leg.interaction, timelines, out);
            }
            // Told to who asks by HTTP.
            Ok(input::Done::Arrived(_)) => return,
            Ok(input::Done::Ok) => Told::Done { re, ok: Done::Ok },
            Err(error) => {
                widget.asides.remove(&re);
                let error = error.clone();
                Told::Refused { re, error }
            }
        };
        out.visitor(socket, told);
    }

    // A page had a code made: what another page of the same visitor shows is good no more.
    fn lapse(&self, socket: u64, out: &mut Out) {
        let Some(Widget { credential: by, .. }) = self.sockets.get(&socket) else {
            return;
        };
        let theirs = self.by_visitor.get(&by.visitor).into_iter().flatten();
        for other in theirs.filter(|&other| *other != socket) {
            let widget = self.sockets.get(other);
            if let Some(widget) = widget.filter(|widget| widget.credential.zone == by.zone) {
                let (interaction, news) = (widget.current, Box::new(VisitorNews::Lapsed {}));
                let push = Push::Cobrowse { interaction, news };
                out.visitor(*other, Told::Push(push));
            }
        }
    }

    // What is sent again after its chat was over must not begin another, nor be written in the next: it is answered by the
    // timeline it stands in, or refused where that is closed.
    fn known(
        &mut self,
        socket: u64,
        request: &Request,
        timelines: &Timelines,
        out: &mut Out,
    ) -> Option<Result<Done, Refusal>> {
        let widget = self.sockets.get(&socket)?;
        let visitor = widget.credential.visitor;
        let written = |interaction, mid: &Mid, seq| {
            Ok(Done::Written {
                interaction,
                mid: mid.clone(),
                seq,
            })
        };
        match request {
            Request::Open { zone, mid, .. } => {
                let (interaction, seq) = timelines.said(visitor, zone, mid)?;
                self.show(socket, interaction, timelines, out);
                Some(written(interaction, mid, seq))
            }
            Request::Message {
                mid,
                interaction: Some(named),
                ..
            } if widget.current != Some(*named) => {
                let Some(found) = timelines.of(visitor, *named) else {
                    return Some(check::closed());
                };
                match found.said(mid) {
                    Some(seq) => Some(written(*named, mid, seq)),
                    None => found.is_ended().then(check::closed),
                }
            }
            _ => None,
        }
    }

    fn show(
        &mut self,
        socket: u64,
        interaction: InteractionId,
        timelines: &Timelines,
        out: &mut Out,
    ) {
        if let Some(widget) = self.sockets.get_mut(&socket) {
            widget.show(interaction);
        }
        self.flush_socket(socket, timelines, out);
    }
}

impl Widget {
    fn show(&mut self, interaction: InteractionId) {
        if self.current != Some(interaction) {
            self.current = Some(interaction);
            self.sent = Seq(0);
            self.position = None;
        }
    }

    // A question within a contact of this visitor, as an input of the hub.
    fn within(
        &mut self,
        request: Request,
        re: Asker,
        timelines: &Timelines,
    ) -> Result<Input, Refusal> {
        let visitor = self.credential.visitor;
        let here = || self.current.map_or_else(check::no_chat, Ok);
        let at = match &request {
            Request::Rate { interaction, .. } => {
                owned(visitor, *interaction, timelines)?;
                *interaction
            }
            Request::CancelCallback { callback } => {
                owned(visitor, callback.interaction, timelines)?;
                here()?
            }
            Request::Message {
                interaction: Some(named),
                ..
            }
            | Request::Revise {
                interaction: Some(named),
                ..
            } => *named,
            _ => here()?,
        };
        if let Request::Message { .. }
        | Request::Revise { .. }
        | Request::Call { .. }
        | Request::Callback { .. } = &request
        {
            check::room(timelines.get(at))?;
        }
        let words = matches!(request, Request::Message { .. } | Request::Revise { .. });
        if words && self.current != Some(at) {
            self.asides.insert(re.id);
        }
        requests::of_visitor(Actor::Visitor(visitor), at, request, re)
    }

    fn is_idle(&self, timelines: &Timelines) -> bool {
        self.current
            .and_then(|current| timelines.get(current))
            .is_none_or(|current| current.is_ended())
    }
}

fn owned(
    visitor: VisitorId,
    interaction: InteractionId,
    timelines: &Timelines,
) -> Result<(), Refusal> {
    match timelines.of(visitor, interaction) {
        Some(_) => Ok(()),
        None => check::not_yours(),
    }
}
