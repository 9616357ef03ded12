//! Where those who wait stand.

use ws::{
    frame::Told,
    id::{InteractionId, Timestamp},
    visitor::Push,
};

use super::Widgets;
use crate::{Hub, edge::browser::Out};

/// Up to so many places each is told; beyond it, each change by that part of the place.
const STEPS: u32 = 20;

impl Widgets {
    /// Tells one socket its place in the queue, if it waits and that changed.
    pub(in crate::edge::browser) fn tell_position(
        &mut self,
        socket: u64,
        hub: &Hub,
        now: Timestamp,
        out: &mut Out,
    ) {
        let Some(widget) = self.sockets.get_mut(&socket) else {
            return;
        };
        let Some(interaction) = widget.current else {
            return;
        };
        let found = hub.state().interaction(interaction);
        let Some(entry) = found.and_then(|found| found.entry.as_ref()) else {
            widget.position = None;
            return;
        };
        let Some(position) = hub.state().position(interaction) else {
            return;
        };
        // What is told of the time it takes is on record; until that is news, the same time passes.
        let promised = found.and_then(|found| found.wait.as_ref()?.promises);
        let promised = promised.map(|promises| promises.last);
        let wait = promised.and_then(|told| told.left_ms(now));
        let wait = wait.map(|wait| u32::try_from(wait / 1_000).unwrap_or(u32::MAX));
        let promised = promised.map(|told| told.at);
        let last = widget.position;
        if last.is_none_or(|(last, at)| at != promised || is_news(last, position)) {
            widget.position = Some((position, promised));
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
    pub(in crate::edge::browser) fn tell_positions(
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
}

// Far from the front a step is nothing to somebody who waits.
fn is_news(last: u32, position: u32) -> bool {
    last != position && last.abs_diff(position).saturating_mul(STEPS) >= last
}
