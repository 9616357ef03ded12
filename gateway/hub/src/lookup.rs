//! What another system, such as a CRM, knows of who comes: asked once a new interaction begins, and taken whenever the
//! answer comes. Nothing waits for it: an answer before the offer improves the choice of the agent, a later one the card.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ws::{
    agent::Channel,
    id::{AgentId, CustomerId, InteractionId, Number, QueueId},
};

use crate::{
    command::Command,
    customer::{Identity, MOST_VALUE},
    event::Event,
    hub::Hub,
    redact::has_card,
    scope::{Lines, NAME, TEXT, check_id},
    screen_pop::is_link,
};

/// The most ids of other systems that are taken from an answer.
const IDS: usize = 20;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The interaction that began.
    pub interaction: InteractionId,
    /// On what.
    pub channel: Channel,
    /// Where it waits.
    pub queue: QueueId,
    /// Our record of the customer.
    pub customer: CustomerId,
    /// Their number, where it is known to be theirs: what was only typed may be anybody's, and so would be the answer.
    pub number: Option<Number>,
    /// Their mail address, likewise.
    pub mail: Option<String>,
    /// The subject of a signed identity.
    pub verified: Option<String>,
    /// Ids that other systems gave them or the interaction.
    pub external: BTreeMap<String, String>,
}

/// What was found; all empty where nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Found {
    /// Their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they are worth to the house, 0 to 9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<u8>,
    /// Ids of theirs by system.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub external: BTreeMap<String, String>,
    /// What the agent should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who should serve them, if free soon enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// The page of theirs that an agent opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_pop: Option<String>,
}

impl Found {
    /// Takes card numbers out of what was found.
    pub(crate) fn redact(&mut self) {
        for text in [&mut self.name, &mut self.note].into_iter().flatten() {
            crate::redact::clean(text);
        }
    }

    /// Takes out of its texts what no text about a person may hold.
    #[must_use]
    pub fn cleaned(mut self) -> Self {
        self.name.iter_mut().for_each(|name| Lines::One.clean(name));
        self.note
            .iter_mut()
            .for_each(|note| Lines::Many.clean(note));
        self
    }

    /// Leaves out what is beyond its bounds, so that one wrong field does not cost the others.
    pub fn within_bounds(self) -> Self {
        let short = |text: &String, most: usize| {
            !text.is_empty() && text.chars().take(most + 1).count() <= most
        };
        let sound = |text: &String| check_id("customer's id", text, NAME).is_ok();
        let ids = self.external.into_iter();
        Self {
            name: self.name.filter(|name| short(name, NAME)),
            value: self.value.filter(|value| *value <= MOST_VALUE),
            external: ids
                .filter(|(system, id)| sound(system) && sound(id))
                .take(IDS)
                .collect(),
            note: self.note.filter(|note| short(note, TEXT)),
            agent: self.agent,
            screen_pop: self
                .screen_pop
                .filter(|link| is_link(link) && !has_card(link)),
        }
    }
}

impl Hub {
    /// Asks what is known of who comes, once an interaction: again after a restart only if it is not on record what came of it.
    pub(crate) fn settle_lookup(&mut self, id: InteractionId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let asked = self.asides.get(&id).is_some_and(|aside| aside.looked_up);
        if !self.setup.lookup || asked || found.found.is_some() || found.ended.is_some() {
            return;
        }
        let known = self.state.customers().get(found.customer);
        let external = known.iter().flat_map(|known| known.identities.keys());
        let external = external
            .filter_map(|identity| match identity {
                Identity::External { system, id } => Some((system.clone(), id.clone())),
                Identity::Number(_)
                | Identity::Mail(_)
                | Identity::Visitor(_)
                | Identity::Subject(_) => None,
            })
            .collect();
        let question = Question {
            interaction: id,
            channel: found.channel,
            queue: found.queue.clone(),
            customer: found.customer,
            number: self.proved_number(found),
            mail: self.proved_mail(found.customer),
            verified: known.as_ref().and_then(|known| known.verified.clone()),
            external,
        };
        self.asides.entry(id).or_default().looked_up = true;
        self.ask(Command::LookUp {
            question: Box::new(question),
        });
    }

    /// Takes an answer in. One that comes after the contact, or a second one, is ignored: the record is as it was.
    pub(crate) fn looked_up(&mut self, id: InteractionId, found: Found) {
        let Some(known) = self.state.interaction(id) else {
            return;
        };
        if known.found.is_some() || known.ended.is_some() {
            return;
        }
        let customer = known.customer;
        let nameless = known.name.is_none();
        let found = found.cleaned().within_bounds();
        let (name, value, external) = (found.name.clone(), found.value, found.external.clone());
        let moves = found.agent.is_some() || value.is_some();
        self.tell(
            Some(id),
            Event::LookedUp {
                found: Box::new(found),
            },
        );
        if let Some(name) = name.filter(|_| nameless) {
            self.know(id, customer, Some(name), None);
        }
        // Ids of somebody else and values out of bounds are refused; the answer stands in the record all the same.
        if let Some(value) = value {
            drop(self.value_customer(customer, value, None));
        }
        for (system, other) in external {
            drop(self.link(customer, system, other, None));
        }
        if moves {
            self.queue_anew(id, "more is known of the customer");
        }
        self.touch(id);
    }

    /// What waits and is before nobody takes its place again with what is known now.
    pub(crate) fn queue_anew(&mut self, id: InteractionId, reason: &str) {
        let waits = self
            .state
            .interaction(id)
            .filter(|found| found.is_waiting())
            .and_then(|found| found.entry.as_ref());
        let Some(entry) = waits else { return };
        let waited = self.now.since(entry.key.since).as_millis();
        self.tell(
            Some(id),
            Event::Dequeued {
                waited_ms: u64::try_from(waited).unwrap_or(u64::MAX),
                reason: reason.to_owned(),
                anew: true,
            },
        );
    }
}

#[cfg(test)]
mod tests;
