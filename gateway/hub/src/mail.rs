//! Mails to customers: which are due, and whether one that is due may still be sent. Sending is the gateway's.

use serde::{Deserialize, Serialize};
use ws::{
    consent::ContactChannel,
    frame::{Code, Refusal},
    id::{CallbackId, CustomerId, InteractionId, Timestamp},
};

use crate::{
    event::Event,
    gate::{Closed, Way},
    hub::Hub,
    input::{Done, refuse},
    interaction::Callback,
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
    /// What was said in a chat that ended, as its visitor asked.
    Transcript {
        /// The chat.
        interaction: InteractionId,
    },
}

impl Matter {
    /// Returns the word it is written as.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reminder { .. } => "reminder",
            Self::Transcript { .. } => "transcript",
        }
    }

    fn way(self) -> Way {
        match self {
            Self::Reminder { .. } => Way::Reminder,
            Self::Transcript { .. } => Way::Transcript,
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
        let customer = self.state.customers().holder(customer, &to);
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

    /// Posts what was said in a chat. Who asks has proved that it is theirs, and that it ended; its record may be closed.
    pub(crate) fn mail_transcript(
        &mut self,
        interaction: InteractionId,
        customer: CustomerId,
        to: String,
    ) -> Result<Done, Refusal> {
        if !self.setup.mail {
            return refuse(Code::Unavailable, "no mails are sent from here");
        }
        let matter = Matter::Transcript { interaction };
        if let Err(closed) = self.admit_mail(&to, customer, self.now) {
            let channel = ContactChannel::Mail;
            let way = matter.way();
            self.tell(
                None,
                Event::ContactRefused {
                    channel,
                    way,
                    closed,
                },
            );
            return Err(closed.refusal());
        }
        // In no interaction: a record that is closed stays as it is.
        self.tell(
            None,
            Event::MailPosted {
                to,
                customer,
                matter,
            },
        );
        Ok(Done::Ok)
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
                match (self.is_promised(callback, due), at < due) {
                    (true, true) => Ok(()),
                    (true, false) => Err(Unsent::Late),
                    (false, _) => Err(Unsent::Over),
                }
            }
            Matter::Transcript { .. } => Ok(()),
        }
    }

    // A promise that went with its matter to another stands there.
    fn is_promised(&self, callback: CallbackId, due: Timestamp) -> bool {
        let stands = |promise: &Callback| promise.is_pending() && promise.due == due;
        let own = self.state.interaction(callback.interaction);
        let own = own.and_then(|found| found.callback(callback));
        let root = self.state.links().root(callback.interaction);
        let whole = self.state.interaction(root);
        let mut whole = whole.into_iter().filter(|_| root != callback.interaction);
        own.is_some_and(stands) || whole.any(|found| found.callbacks.values().any(stands))
    }
}
