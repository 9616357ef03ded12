//! What widgets are told unasked: new entries, and what the agents' side does meanwhile.

use ws::{
    frame::Told,
    id::{AgentId, InteractionId, VisitorId},
    timeline::Author,
    visitor::Push,
};

use super::Widgets;
use crate::edge::browser::{Out, Output, Receipt, Timelines, VisitorTold};

impl Widgets {
    /// Sends new entries of an interaction to every socket of its visitor that shows it, or shows none that goes on.
    pub(in crate::edge::browser) fn flush(
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
            // A call that a page was brought into is of no zone.
            let fits = zone.is_none() || timeline.zone().is_none() || zone == timeline.zone();
            if widget.is_idle(timelines) && !timeline.is_ended() && fits {
                widget.show(interaction);
            }
            if widget.current == Some(interaction) {
                watching.push(*socket);
            }
        }
        watching
    }

    pub(super) fn flush_socket(&mut self, socket: u64, timelines: &Timelines, out: &mut Out) {
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
    pub(super) fn missed(
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
            let entry = timeline.for_visitor(entry);
            Told::Push(Push::Entry { interaction, entry })
        }));
        widget.sent = timeline.top();
        if resumed {
            told.extend(timeline.receipts().map(|(agent, receipt)| {
                Told::Push(push_receipt(interaction, agent.cloned(), receipt))
            }));
        }
        told.into_iter()
    }

    /// Tells every socket of an interaction that an agent is writing.
    pub(in crate::edge::browser) fn tell_typing(
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
    pub(in crate::edge::browser) fn tell_receipt(
        &self,
        interaction: InteractionId,
        agent: Option<AgentId>,
        receipt: Receipt,
        timelines: &Timelines,
        out: &mut Out,
    ) {
        let push = push_receipt(interaction, agent, receipt);
        self.tell(interaction, &push, timelines, out);
    }

    /// Tells a visitor's other tabs what they received and saw in one.
    pub(super) fn tell_own_receipt(
        &self,
        interaction: InteractionId,
        (visitor, socket): (VisitorId, u64),
        receipt: Receipt,
        out: &mut Out,
    ) {
        let others = self.by_visitor.get(&visitor).into_iter().flatten();
        for other in others.filter(|other| **other != socket) {
            let shown = self.sockets.get(other).and_then(|widget| widget.current);
            if shown == Some(interaction) {
                let push = push_receipt(interaction, None, receipt);
                out.visitor(*other, Told::Push(push));
            }
        }
    }

    /// Tells every socket that shows an interaction something.
    pub(in crate::edge::browser) fn tell(
        &self,
        interaction: InteractionId,
        push: &Push,
        timelines: &Timelines,
        out: &mut Out,
    ) {
        let visitor = timelines.get(interaction).and_then(|found| found.visitor());
        let sockets = visitor.and_then(|visitor| self.by_visitor.get(&visitor));
        for socket in sockets.into_iter().flatten() {
            let widget = self.sockets.get(socket);
            if widget.is_some_and(|widget| widget.current == Some(interaction)) {
                out.visitor(*socket, Told::Push(push.clone()));
            }
        }
    }
}

fn push_receipt(interaction: InteractionId, agent: Option<AgentId>, receipt: Receipt) -> Push {
    Push::Receipt {
        interaction,
        agent,
        delivered: receipt.delivered,
        read: receipt.read,
    }
}
