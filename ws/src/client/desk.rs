//! Folds a change into a desk.

use crate::agent::{Change, Contact, Desk, Offer};

impl Desk {
    /// Brings the desk up to date by one change.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Offered { offer } => {
                self.offers
                    .retain(|known| known.interaction != offer.interaction);
                self.offers.push(Offer::clone(offer));
                self.offers.sort_by_key(|o| (o.deadline, o.interaction));
            }
            Change::OfferGone { interaction, .. } => self
                .offers
                .retain(|offer| offer.interaction != *interaction),
            Change::Contact { contact } => {
                let known = self
                    .contacts
                    .iter_mut()
                    .find(|known| known.interaction == contact.interaction);
                match known {
                    Some(known) => known.clone_from(contact),
                    None => self.contacts.push(Contact::clone(contact)),
                }
                self.contacts.sort_by_key(|c| (c.since, c.interaction));
            }
            Change::Released { interaction, .. } => self
                .contacts
                .retain(|contact| contact.interaction != *interaction),
            Change::Presence { presence, since } => {
                self.presence.clone_from(presence);
                self.presence_since = *since;
            }
            Change::Phone { reachable } => self.phone = *reachable,
            Change::Own { own } => self.own.clone_from(own),
            Change::Consulted { consulted } => {
                self.consulted = consulted.as_deref().cloned();
            }
            Change::Supervised { supervised } => self.supervised.clone_from(supervised),
            Change::Memos { memos } => self.memos.extend(memos),
            Change::Headset { headset } => self.headset.clone_from(headset),
        }
    }
}
