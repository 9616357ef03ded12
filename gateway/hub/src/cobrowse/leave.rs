//! A visitor goes to a website that is not shown: what is shared ends with the page, and not only when the visitor has been
//! waited for as if they came back.

use std::time::Duration;

use ws::{
    frame::{Code, Refusal},
    id::{InteractionId, Timestamp, VisitorId},
    timeline::Author,
};

use super::Cobrowse;
use crate::{
    hub::Hub,
    input::{Actor, Done, refuse},
};

/// How long after it was told a page may take to go: the other website has to answer first.
const WITHIN: Duration = Duration::from_secs(30);

impl Hub {
    /// Notes that a page is about to go. It may stay all the same, where what was asked for is no page but a file.
    pub(super) fn leaves_shown(
        &mut self,
        id: InteractionId,
        visitor: VisitorId,
        socket: u64,
    ) -> Result<Done, Refusal> {
        let found = self.going_on(id, &Actor::Visitor(visitor))?;
        if !found.cobrowse.as_deref().is_some_and(Cobrowse::is_shared) {
            return refuse(Code::Conflict, "no page is shared in this contact");
        }
        let widget = self.widgets.get_mut(&visitor);
        if let Some(widget) = widget.filter(|widget| widget.open.contains(&socket)) {
            widget.leaving.insert(socket, self.now);
        }
        Ok(Done::Ok)
    }

    /// Ends what is shared by a visitor whose last page closed, where it said before that it goes.
    pub(crate) fn left_shown(&mut self, visitor: VisitorId, leaving: Option<Timestamp>) {
        if leaving.is_none_or(|since| since + WITHIN <= self.now) {
            return;
        }
        let theirs = self.state.of_visitor(visitor);
        let shared = theirs.filter(|it| it.cobrowse.as_deref().is_some_and(Cobrowse::is_shared));
        let ids: Vec<_> = shared.map(|found| found.id).collect();
        for id in ids {
            let reason = "the visitor went to a website that is not shown";
            self.end_sharing(id, Author::Customer, reason);
        }
    }
}
