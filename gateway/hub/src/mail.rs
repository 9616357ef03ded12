//! Mails to customers: which are due, and whether one that is due may still be sent. Sending is the gateway's.

use serde::{Deserialize, Serialize};
use ws::{
    consent::ContactChannel,
    id::{CallbackId, CustomerId, InteractionId, Timestamp},
};

use crate::{
    event::Event,
    gate::{Closed, Way},
    hub::Hub,
};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Matter {
    /// A call was promised for `due`.
    Reminder {
        /// Which.
        callback: CallbackId,
        /// When it is due.
        due: Timestamp,
    },
}

impl Matter {
    /// Returns the word it is written as.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reminder { .. } => "reminder",
        }
    }

    fn way(self) -> Way {
        match self {
            Self::Reminder { .. } => Way::Reminder,
        }
    }
}

/// Why a mail that was posted is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// The gate is closed by now.
    Closed(Closed),
    /// What it is about is over, or stands otherwise.
    Over,
    /// It would come too late.
    Late,
}

impl Hub {
    /// Posts a mail to the address that is known of the customer, if there is one and the gate lets it pass.
    pub(crate) fn post(&mut self, id: InteractionId, matter: Matter) {
        if !self.setup.mail {
            return;
        }
        let Some(customer) = self.state.interaction(id).map(|found| found.customer) else {
            return;
        };
        let known = self.state.customers().get(customer);
        let Some(to) = known.and_then(|known| known.mail.clone()) else {
            return;
        };
        let event = match self.admit_mail(&to, customer, self.now) {
            Ok(()) => Event::MailPosted {
                to,
                customer,
                matter,
            },
            Err(closed) => Event::ContactRefused {
                channel: ContactChannel::Mail,
                way: matter.way(),
                closed,
            },
        };
        self.tell(Some(id), event);
    }

    /// Tells whether a mail that was posted is still to be sent at `at`. It is asked before every attempt.
    pub fn still_mails(
        &self,
        to: &str,
        customer: CustomerId,
        matter: Matter,
        at: Timestamp,
    ) -> Result<(), Unsent> {
        self.admit_mail(to, customer, at).map_err(Unsent::Closed)?;
        match matter {
            Matter::Reminder { callback, due } => {
                let found = self.state.interaction(callback.interaction);
                let promise = found.and_then(|found| found.callback(callback));
                let stands = promise.is_some_and(|found| found.is_pending() && found.due == due);
                match (stands, at < due) {
                    (true, true) => Ok(()),
                    (true, false) => Err(Unsent::Late),
                    (false, _) => Err(Unsent::Over),
                }
            }
        }
    }
}
