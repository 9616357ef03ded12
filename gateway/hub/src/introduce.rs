//! How an interaction of a visitor begins, by chat or by call: who they are is checked, told, and known from then on.

use ws::{
    agent::Channel,
    form::Answer,
    frame::Refusal,
    id::{CustomerId, InteractionId, QueueId},
};

use crate::{
    customer::Identity,
    event::Event,
    hub::Hub,
    input::Introduction,
    scope::{ISSUED, MAIL, NAME, PAGE, check_field, check_id, written},
};

/// Refuses what is longer than it may be, and a signed identity that is nobody's id.
pub(crate) fn check(who: &Introduction) -> Result<(), Refusal> {
    check_field("name", who.name.as_ref(), NAME)?;
    check_field("mail address", who.mail.as_ref(), MAIL)?;
    if let Some(signed) = &who.verified {
        check_id("customer's id", &signed.subject, ISSUED)?;
    }
    check_field("page", who.page.as_ref(), PAGE)?;
    check_field("referrer", who.referrer.as_ref(), PAGE)
}

// What a website has proved goes before what was typed.
fn known(customer: CustomerId, who: &Introduction) -> Event {
    let signed = who.verified.clone().unwrap_or_default();
    Event::CustomerKnown {
        customer,
        name: written(signed.name).or_else(|| written(who.name.clone())),
        number: signed.number,
        mail_typed: signed.mail.is_none() && who.mail.is_some(),
        mail: signed.mail.or_else(|| who.mail.clone()),
        visitor: Some(who.visitor),
        verified: who.verified.as_ref().map(|signed| signed.subject.clone()),
    }
}

impl Hub {
    /// Begins an interaction of a visitor.
    pub(crate) fn introduce(
        &mut self,
        id: InteractionId,
        channel: Channel,
        queue: QueueId,
        who: &Introduction,
        answers: Vec<Answer>,
    ) {
        let customers = self.state.customers();
        let before = customers.by(&Identity::Visitor(who.visitor));
        let customer = customers.by_introduction(who);
        let customer = customer.unwrap_or_else(|| CustomerId::mint(&mut self.rng));
        let opened = Event::Opened {
            channel,
            queue,
            zone: Some(who.zone.clone()),
            page: who.page.clone(),
            referrer: who.referrer.clone().filter(|referrer| !referrer.is_empty()),
            customer,
            name: written(who.name.clone()),
            answers,
        };
        self.tell(Some(id), opened);
        self.tell(Some(id), known(customer, who));
        if who.verified.is_some() {
            self.merge_signed(customer, before);
            self.stand_by(customer);
        }
    }
}
