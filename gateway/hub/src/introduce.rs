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
    scope::{ISSUED, Lines, NAME, PAGE, check_field, check_id, check_mail, written},
};

/// Refuses what is longer than it may be, or odd, what is no mail address, and a signed identity that is nobody's id.
pub(crate) fn check(who: &Introduction) -> Result<(), Refusal> {
    check_field("name", who.name.as_ref(), NAME)?;
    Lines::One.check("name", who.name.as_deref().unwrap_or_default())?;
    let mail = who.mail.as_deref();
    mail.filter(|mail| !mail.trim().is_empty())
        .map_or(Ok(()), check_mail)?;
    if let Some(signed) = &who.verified {
        check_id("customer's id", &signed.subject, ISSUED)?;
    }
    check_field("page", who.page.as_ref(), PAGE)?;
    check_field("referrer", who.referrer.as_ref(), PAGE)
}

// What a website has proved goes before what was typed.
fn known(customer: CustomerId, who: &Introduction) -> Event {
    let signed = who.verified.clone().unwrap_or_default();
    let (proved, typed) = (written(signed.mail), written(who.mail.clone()));
    Event::CustomerKnown {
        customer,
        name: written(signed.name).or_else(|| written(who.name.clone())),
        number: signed.number,
        mail_typed: proved.is_none() && typed.is_some(),
        mail: proved.or(typed),
        visitor: Some(who.visitor),
        verified: who.verified.as_ref().map(|signed| signed.subject.clone()),
        cleared: Vec::new(),
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
