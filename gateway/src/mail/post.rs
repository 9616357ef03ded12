//! The way of mails to customers: asks the gate once more, writes, and hands over to the mail server.

use std::sync::Arc;

use hub::{
    Event, Hub,
    calling::clock_of,
    mail::{Matter, Unsent},
};
use tokio::time::Instant;
use ws::id::{CustomerId, InteractionId, Number, Timestamp};

use super::{
    conversation::{self, mailed},
    letter::{self, Details, Told},
    server::{Refused, Server},
    words::zone_of,
};
use crate::{
    config::Mail,
    hooks::{
        courier::{Carrier, Letter, failed},
        spool::Outcome,
    },
    metrics::mail as metrics,
    net::app::App,
    store::read,
};

/// The name its cursor is kept by; no webhook has it.
pub const NAME: &str = "@mail";

/// The way to customers.
pub struct Post {
    app: Arc<App>,
    mail: Mail,
    server: Server,
}

/// What the hub says of a mail that is to be sent.
struct Seen {
    number: Option<Number>,
    zone: Option<String>,
}

impl Post {
    /// Makes the way as configured.
    pub fn open(app: &Arc<App>, mail: &Mail) -> anyhow::Result<Self> {
        Ok(Self {
            app: app.clone(),
            mail: mail.clone(),
            server: Server::open(mail)?,
        })
    }

    /// Tells what comes of it, and the word that is counted.
    async fn deliver(&self, letter: Letter) -> (&'static str, Outcome) {
        let at = letter.fact.at;
        let Event::MailPosted {
            to,
            customer,
            matter,
        } = letter.fact.event
        else {
            let error = "it is about no mail".to_owned();
            return ("broken", Outcome::Hopeless { error });
        };
        if to.is_empty() {
            return ("erased", Outcome::Delivered);
        }
        let now = self.app.now();
        let (address, look) = (to.clone(), move |hub: &Hub| {
            look(hub, &to, customer, matter, now)
        });
        let seen = match self.app.look(look).await {
            Ok(Ok(seen)) => seen,
            Ok(Err(unsent)) => return not_sent(unsent),
            Err(error) => return ("broken", failed(format!("{error:#}"))),
        };
        let told = match matter {
            Matter::Reminder { due, .. } => Ok(Some(self.call(due, seen))),
            Matter::Transcript { interaction } => {
                self.chat(interaction, customer, (letter.row, address.clone()))
                    .await
            }
        };
        let told = match told {
            Ok(Some(told)) => told,
            Ok(None) => return ("over", Outcome::Delivered),
            Err(error) => return ("broken", failed(format!("{error:#}"))),
        };
        let details = self.details(letter.id, (letter.row, at), address, told);
        let written = match letter::write(&self.mail, &details) {
            Ok(written) => written,
            Err(error) => {
                let error = format!("{error:#}");
                return ("broken", Outcome::Hopeless { error });
            }
        };
        self.hand_over(&written).await
    }

    async fn hand_over(&self, written: &lettre::Message) -> (&'static str, Outcome) {
        let began = Instant::now();
        let bytes = written.formatted();
        let sent = self.server.send(written.envelope(), &bytes);
        let sent = tokio::time::timeout(self.mail.timeout.0, sent).await;
        metrics::took(began.elapsed());
        match sent {
            Ok(Ok(())) => ("delivered", Outcome::Delivered),
            Ok(Err(refused @ Refused::Way(_))) => ("broken", failed(refused.to_string())),
            Ok(Err(refused @ Refused::Later(_))) => ("deferred", failed(refused.to_string())),
            Ok(Err(refused @ Refused::Never(_))) => {
                let error = refused.to_string();
                ("refused", Outcome::Hopeless { error })
            }
            Err(_) => {
                let words = format!("it did not take the mail within {}", self.mail.timeout);
                ("late", failed(words))
            }
        }
    }

    fn call(&self, due: Timestamp, seen: Seen) -> Told {
        let config = self.app.config.load();
        let callback = &config.callback;
        let clock = seen.number.as_ref();
        let clock = clock.map(|number| clock_of(number, &callback.zones, &callback.zone));
        let clock = clock.unwrap_or(&callback.zone).to_owned();
        Told::Call {
            number: seen.number,
            due,
            zone: seen.zone.unwrap_or(clock),
        }
    }

    // A chat goes to an address once: two that asked at once are found here. None where nothing is left to be told.
    async fn chat(
        &self,
        interaction: InteractionId,
        customer: CustomerId,
        (row, to): (i64, String),
    ) -> anyhow::Result<Option<Told>> {
        let read = self.app.read(move |connection| {
            let before = mailed(connection, customer, interaction)?;
            Ok((before, read::facts(connection, interaction)?))
        });
        let (before, facts) = read.await?;
        let first = before
            .iter()
            .find(|(_, theirs)| theirs.eq_ignore_ascii_case(&to));
        if first.is_some_and(|(theirs, _)| *theirs < row) {
            return Ok(None);
        }
        let zone = zone_of(&self.app.config.load().callback.zone);
        let lines = conversation::write(self.mail.language, &facts, &zone);
        Ok(lines.map(Told::Chat))
    }

    fn details(&self, id: String, (row, at): (i64, Timestamp), to: String, told: Told) -> Details {
        let config = self.app.config.load();
        let site = config.web.site();
        let token = self.app.mint.links().sign(row, at + self.mail.links.0);
        Details {
            id,
            at,
            to,
            told,
            link: format!("{site}/link/{token}"),
        }
    }
}

fn look(
    hub: &Hub,
    to: &str,
    customer: CustomerId,
    matter: Matter,
    now: Timestamp,
) -> Result<Seen, Unsent> {
    hub.still_mails(to, customer, matter, now)?;
    let promise = match matter {
        Matter::Reminder { callback, .. } => {
            let found = hub.state().interaction(callback.interaction);
            found.and_then(|found| found.callback(callback))
        }
        Matter::Transcript { .. } => None,
    };
    Ok(Seen {
        number: promise.map(|promise| promise.number.clone()),
        zone: promise.and_then(|promise| promise.plan.zone.clone()),
    })
}

// What is forbidden or over by now needs nothing more; what came too late went wrong.
fn not_sent(unsent: Unsent) -> (&'static str, Outcome) {
    match unsent {
        Unsent::Closed(_) => ("forbidden", Outcome::Delivered),
        Unsent::Over => ("over", Outcome::Delivered),
        Unsent::Late => {
            let error = "the promised call is due already".to_owned();
            ("too_late", Outcome::Hopeless { error })
        }
    }
}

impl Carrier for Post {
    fn wants(&self) -> impl Fn(&Event) -> bool + Send + 'static {
        |event| matches!(event, Event::MailPosted { .. })
    }

    async fn carry(&self, letter: Letter) -> Outcome {
        let interaction = letter.fact.interaction.map(|id| id.to_string());
        let id = letter.id.clone();
        let (result, outcome) = self.deliver(letter).await;
        metrics::carried(result);
        match &outcome {
            Outcome::Delivered | Outcome::Gone => {
                tracing::info!(interaction, mail = id, result, "a mail is done with");
            }
            Outcome::Failed { error, .. } => {
                tracing::warn!(interaction, mail = id, error, "a mail is not sent yet");
            }
            // The courier says so of every letter that is given up.
            Outcome::Hopeless { .. } => {}
        }
        outcome
    }

    fn stand(&self, backlog: i64, dead: i64) {
        metrics::stand(backlog, dead);
    }
}
