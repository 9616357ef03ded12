//! The visitors' sockets: whose each is, which contact it shows, and how much of it was sent.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use ws::{
    close::Close,
    frame::{Asked, Code, Refusal, Resume, Told},
    id::{CallbackId, InteractionId, QueueId, Seq, Timestamp, VisitorId},
    timeline::Author,
    visitor::{Done, Push, Request},
};

use super::{
    Out, Output, Receipt, SOCKETS, Timelines, VisitorCredential, VisitorTold, check,
    consoles::Consoles,
    requests::{self, Opening},
};
use crate::{
    Hub,
    input::{self, Actor, Asker, Input, Reply},
};

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
    position: Option<(u32, Option<u32>)>,
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
        timelines: &Timelines,
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
        };
        self.sockets.insert(socket, widget);
        let welcome = Done::Welcome {
            visitor,
            epoch: self.epoch.clone(),
            interaction: current,
        };
        let mut told = vec![Told::Done { re, ok: welcome }];
        told.extend(self.missed(socket, timelines));
        out.outputs
            .push_back(Output::VisitorResumed { socket, told });
    }

    fn enter(&mut self, socket: u64, visitor: VisitorId, out: &mut Out) {
        let sockets = self.by_visitor.entry(visitor).or_default();
        if sockets.len() >= SOCKETS {
            out.close(sockets[0], Close::Crowded);
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
    pub(super) fn close(&mut self, socket: u64, out: &mut Out) {
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
        out.inputs
            .push_back(Input::WidgetClosed { visitor, socket });
    }

    /// Carries a request out, or hands it to the hub, which answers. All of it is about the chat this socket shows, which
    /// is its visitor's own.
    pub(super) fn handle(
        &mut self,
        socket: u64,
        asked: Asked<Request>,
        (timelines, consoles): (&mut Timelines, &Consoles),
        (rng, out): (&mut StdRng, &mut Out),
    ) -> Result<Option<Done>, Refusal> {
        let Some(widget) = self.sockets.get(&socket) else {
            return check::stranger();
        };
        let visitor = widget.credential.visitor;
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
                receive(here()?, receipt, timelines, consoles, out)?;
                return Ok(Some(Done::Ok));
            }
            Request::Open {
                zone,
                name,
                mail,
                page,
                mid,
                text,
            } => {
                let opening = Opening {
                    zone,
                    name,
                    mail,
                    page,
                    mid,
                    text,
                };
                requests::of_opening(&widget.credential, opening, re, rng)?
            }
            request => {
                match &request {
                    Request::Message { .. } => check::room(timelines.get(here()?))?,
                    Request::CancelCallback { callback } => owned(visitor, *callback, timelines)?,
                    _ => {}
                }
                requests::of_visitor(Actor::Visitor(visitor), here()?, request, re)?
            }
        };
        out.inputs.push_back(input);
        Ok(None)
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
                widget.show(*interaction);
                self.flush_socket(socket, timelines, out);
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
            Ok(input::Done::Ok) => Told::Done { re, ok: Done::Ok },
            Err(error) => Told::Refused {
                re,
                error: error.clone(),
            },
        };
        out.visitor(socket, told);
    }

    /// Sends new entries of an interaction to every socket of its visitor that shows it, or shows none that goes on.
    pub(super) fn flush(
        &mut self,
        interaction: InteractionId,
        timelines: &Timelines,
        out: &mut Out,
    ) {
        for socket in self.watching(interaction, timelines) {
            self.flush_socket(socket, timelines, out);
        }
    }

    fn watching(&mut self, interaction: InteractionId, timelines: &Timelines) -> Vec<u64> {
        let Some(timeline) = timelines.get(interaction) else {
            return Vec::new();
        };
        let Some(sockets) = timeline.visitor().and_then(|v| self.by_visitor.get(&v)) else {
            return Vec::new();
        };
        let mut watching = Vec::new();
        for socket in sockets {
            let Some(widget) = self.sockets.get_mut(socket) else {
                continue;
            };
            let zone = widget.credential.zone.as_ref();
            let fits = zone.is_none() || zone == timeline.zone();
            if widget.is_idle(timelines) && !timeline.is_ended() && fits {
                widget.show(interaction);
            }
            if widget.current == Some(interaction) {
                watching.push(*socket);
            }
        }
        watching
    }

    fn flush_socket(&mut self, socket: u64, timelines: &Timelines, out: &mut Out) {
        let mut told: Vec<_> = self.missed(socket, timelines).collect();
        match told.len() {
            0 => {}
            1 => out.visitor(socket, told.remove(0)),
            _ => out
                .outputs
                .push_back(Output::VisitorResumed { socket, told }),
        }
    }

    // Entries not sent yet; after a whole timeline also how far the other side is.
    fn missed(
        &mut self,
        socket: u64,
        timelines: &Timelines,
    ) -> impl Iterator<Item = VisitorTold> + use<> {
        let mut told = Vec::new();
        let Some(widget) = self.sockets.get_mut(&socket) else {
            return told.into_iter();
        };
        let Some(interaction) = widget.current else {
            return told.into_iter();
        };
        // Checked once more where it leaves: nobody sees what is somebody else's.
        let Some(timeline) = timelines.of(widget.credential.visitor, interaction) else {
            return told.into_iter();
        };
        let fresh = timeline.after(widget.sent);
        let resumed = fresh.len() != 1;
        told.extend(fresh.iter().map(|entry| {
            let entry = entry.clone();
            Told::Push(Push::Entry { interaction, entry })
        }));
        widget.sent = timeline.top();
        if resumed {
            told.extend(timeline.receipts().filter_map(|(agent, receipt)| {
                let agent = Some(agent?.clone());
                Some(Told::Push(push_receipt(interaction, agent, receipt)))
            }));
        }
        told.into_iter()
    }

    /// Tells every socket of an interaction that an agent is writing.
    pub(super) fn tell_typing(
        &self,
        interaction: InteractionId,
        from: &Author,
        on: bool,
        timelines: &Timelines,
        out: &mut Out,
    ) {
        let push = Push::Typing {
            interaction,
            from: from.clone(),
            on,
        };
        self.tell(interaction, &push, timelines, out);
    }

    /// Tells every socket of an interaction what an agent received and saw.
    pub(super) fn tell_receipt(
        &self,
        interaction: InteractionId,
        agent: Option<ws::id::AgentId>,
        receipt: Receipt,
        timelines: &Timelines,
        out: &mut Out,
    ) {
        let push = push_receipt(interaction, agent, receipt);
        self.tell(interaction, &push, timelines, out);
    }

    fn tell(&self, interaction: InteractionId, push: &Push, timelines: &Timelines, out: &mut Out) {
        let visitor = timelines.get(interaction).and_then(|found| found.visitor());
        let sockets = visitor.and_then(|visitor| self.by_visitor.get(&visitor));
        for socket in sockets.into_iter().flatten() {
            let widget = self.sockets.get(socket);
            if widget.is_some_and(|widget| widget.current == Some(interaction)) {
                out.visitor(*socket, Told::Push(push.clone()));
            }
        }
    }

    /// Tells one socket its place in the queue, if it waits and that changed.
    pub(super) fn tell_position(&mut self, socket: u64, hub: &Hub, now: Timestamp, out: &mut Out) {
        let Some(widget) = self.sockets.get_mut(&socket) else {
            return;
        };
        let Some(interaction) = widget.current else {
            return;
        };
        let entry = hub.state().interaction(interaction);
        let Some(entry) = entry.and_then(|found| found.entry.as_ref()) else {
            widget.position = None;
            return;
        };
        let Some(position) = hub.state().position(interaction) else {
            return;
        };
        let queue = hub.state().queues().get(&entry.queue);
        let wait = queue.and_then(|queue| queue.expected_wait(position, now));
        let wait = wait.map(|wait| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX));
        if widget.position.replace((position, wait)) != Some((position, wait)) {
            let push = Push::Position {
                interaction,
                queue: entry.queue.clone(),
                position,
                wait,
            };
            out.visitor(socket, Told::Push(push));
        }
    }

    /// Tells every socket of a visitor's interaction its place.
    pub(super) fn tell_positions(
        &mut self,
        interaction: InteractionId,
        hub: &Hub,
        now: Timestamp,
        out: &mut Out,
    ) {
        let visitor = hub
            .state()
            .interaction(interaction)
            .and_then(|found| found.visitor);
        let sockets = visitor.and_then(|visitor| self.by_visitor.get(&visitor));
        for socket in sockets.cloned().unwrap_or_default() {
            self.tell_position(socket, hub, now, out);
        }
    }

    /// Tells everybody who waits in a queue their place.
    pub(super) fn tell_queue(&mut self, queue: &QueueId, hub: &Hub, now: Timestamp, out: &mut Out) {
        let Some(found) = hub.state().queues().get(queue) else {
            return;
        };
        for key in found.line().iter() {
            self.tell_positions(key.interaction, hub, now, out);
        }
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

    fn is_idle(&self, timelines: &Timelines) -> bool {
        self.current
            .and_then(|current| timelines.get(current))
            .is_none_or(|current| current.is_ended())
    }
}

fn owned(visitor: VisitorId, callback: CallbackId, timelines: &Timelines) -> Result<(), Refusal> {
    match timelines.of(visitor, callback.interaction) {
        Some(_) => Ok(()),
        None => check::not_yours(),
    }
}

fn receive(
    interaction: InteractionId,
    receipt: Receipt,
    timelines: &mut Timelines,
    consoles: &Consoles,
    out: &mut Out,
) -> Result<(), Refusal> {
    let Some(timeline) = timelines.get_mut(interaction) else {
        return check::not_yours();
    };
    check::receipt(receipt, timeline.top())?;
    if timeline.receive(None, receipt) {
        consoles.tell_receipt(interaction, None, receipt, out);
    }
    Ok(())
}

fn push_receipt(
    interaction: InteractionId,
    agent: Option<ws::id::AgentId>,
    receipt: Receipt,
) -> Push {
    Push::Receipt {
        interaction,
        agent,
        delivered: receipt.delivered,
        read: receipt.read,
    }
}
