//! The main job from end to end against a running daemon: a call, a chat, a chat that becomes a call, one ID on
//! everything, a call from a page, one by a SIP client in a page, hold, transfer, conference, whisper, a recording, and
//! what operations need. A line a step; whatever fails makes the whole fail.

mod call;
pub(crate) mod chat;
mod identity;
mod ops;
mod page;
mod recording;
mod room;
mod webphone;

use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, ensure};
use ws::{
    agent::{Change, Offer, Presence},
    client::{Agent, AgentNews},
    id::InteractionId,
};

use crate::{browser::Tab, house::House, phone::Phone};

/// What the agent's phone sounds, and what the customer's.
const AGENT_TONE: u32 = 440;
const CUSTOMER_TONE: u32 = 660;

/// Frames as a browser received them.
type Frames = Arc<Mutex<Vec<String>>>;

/// The synthetic people of a test, and what they saw.
pub(crate) struct Cast {
    house: House,
    agent: Tab<Agent>,
    agent_frames: Frames,
    agent_phone: Phone,
    customer: Phone,
}

/// Runs all steps; returns how many passed and failed.
pub async fn run(house: &House) -> Result<(u32, u32)> {
    let mut cast = Cast::meet(house).await.context("before the first step")?;
    let mut score = (0, 0);
    let call = tell(&mut score, "call", call::run(&mut cast).await);
    let chat = tell(
        &mut score,
        "chat and escalation",
        chat::run(&mut cast).await,
    );
    for (name, seen) in [
        ("one ID, call", &call),
        ("one ID, chat and escalation", &chat),
    ] {
        let outcome = match seen {
            Some(seen) => identity::run(&cast, seen).await,
            None => Err(anyhow::anyhow!("the step it rests on failed")),
        };
        tell(&mut score, name, outcome);
    }
    tell(&mut score, "browser call", page::run(&mut cast).await);
    let done = webphone::run(&mut cast).await;
    tell(&mut score, "phone in a page", done);
    in_company(&mut cast, &mut score).await?;
    tell(&mut score, "ops", ops::run(house).await);
    cast.agent.machine.set_presence(Presence::Away {
        reason: "selftest is over".to_owned(),
    });
    cast.agent.flush().await?;
    Ok(score)
}

/// The steps that need more than one of the house.
async fn in_company(cast: &mut Cast, score: &mut (u32, u32)) -> Result<()> {
    let house = cast.house.clone();
    let mut colleague = room::Other::colleague(&house).await?;
    let mut supervisor = room::Other::supervisor(&house).await?;
    let done = room::transfer(cast, &mut colleague).await;
    tell(score, "hold and transfer", done);
    let done = room::conference(cast, &mut colleague).await;
    tell(score, "conference", done);
    tell(score, "whisper", room::whisper(cast, &mut supervisor).await);
    match recording::run(cast, &supervisor).await.transpose() {
        Some(done) => {
            tell(score, "recording", done);
        }
        None => println!(
            "SKIP {} recording: `recording` of the queue {} is off",
            "-".repeat(32),
            house.queue
        ),
    }
    Ok(())
}

/// What a step leaves behind for the next ones.
struct Seen {
    /// The interaction, where the step was about one.
    interaction: Option<InteractionId>,
    /// What was seen, for people.
    what: String,
    /// The Session-ID of each SIP message Tandem sent, with the message's first line.
    sessions: Vec<(String, Option<String>)>,
    /// The frames that visitor and agent received.
    frames: Vec<String>,
}

fn tell(score: &mut (u32, u32), name: &str, outcome: Result<Seen>) -> Option<Seen> {
    match outcome {
        Ok(seen) => {
            score.0 += 1;
            let id = seen
                .interaction
                .map(|id| id.to_string())
                .unwrap_or_else(|| "-".repeat(32));
            println!("PASS {id} {name}: {}", seen.what);
            Some(seen)
        }
        Err(error) => {
            score.1 += 1;
            println!("FAIL {} {name}: {error:#}", "-".repeat(32));
            None
        }
    }
}

impl Cast {
    pub(crate) async fn meet(house: &House) -> Result<Self> {
        let name = house.agents.first().context("no agent is named")?;
        let password = house.password(name)?;
        let customer = Phone::start(house.phone(Some(CUSTOMER_TONE), Some(house.trunk)))
            .await
            .context("the customer's phone listens where the test trunk leads; --trunk says where that is")?;
        let agent_phone = house_phone(house, name, AGENT_TONE).await?;
        let token = house.web.login(name, &password).await?;
        let mut agent = Tab::open(&house.web, Agent::new(token)).await?;
        let agent_frames = keep(&mut agent);
        agent
            .until("the desk", |news| {
                matches!(news, AgentNews::Desk).then_some(())
            })
            .await?;
        let busy = agent
            .machine
            .desk()
            .map_or(0, |desk| desk.contacts.len() + desk.offers.len());
        ensure!(
            busy == 0,
            "{name} has {busy} contacts or offers on the desk; the selftest wants an idle agent"
        );
        agent.machine.set_presence(Presence::Ready);
        agent.flush().await?;
        Ok(Self {
            house: house.clone(),
            agent,
            agent_frames,
            agent_phone,
            customer,
        })
    }

    /// Waits for the next offer and takes it.
    async fn accept(&mut self) -> Result<Offer> {
        let waiting = self
            .agent
            .machine
            .desk()
            .and_then(|desk| desk.offers.first().cloned());
        let offer = match waiting {
            Some(offer) => offer,
            None => {
                self.agent
                    .until("an offer", |news| match news {
                        AgentNews::Change(change) => match *change {
                            Change::Offered { offer } => Some(*offer),
                            _ => None,
                        },
                        _ => None,
                    })
                    .await?
            }
        };
        self.agent.machine.accept(offer.interaction);
        self.agent.flush().await?;
        Ok(offer)
    }

    /// Finishes the wrap-up of an interaction and waits until it has left the desk.
    async fn wrap_up(&mut self, interaction: InteractionId) -> Result<()> {
        wrap_up(&mut self.agent, interaction).await
    }

    /// Takes what the phones saw of SIP since the last time.
    fn sessions(&self) -> Vec<(String, Option<String>)> {
        let seen = self
            .customer
            .seen()
            .into_iter()
            .chain(self.agent_phone.seen());
        seen.filter(|seen| seen.method != "REGISTER" && seen.method != "OPTIONS")
            .map(|seen| (seen.first, seen.session))
            .collect()
    }

    /// Takes the frames the agent received since the last time.
    fn frames(&self) -> Vec<String> {
        std::mem::take(
            &mut *self
                .agent_frames
                .lock()
                .expect("nobody panics while they hold the frames"),
        )
    }
}

/// Starts the registered phone of one of the house.
async fn house_phone(house: &House, name: &str, tone: u32) -> Result<Phone> {
    let mut phone = Phone::start(house.phone(Some(tone), None)).await?;
    phone.register(name, &house.password(name)?).await?;
    Ok(phone)
}

/// Finishes the wrap-up of an interaction and waits until it has left the desk.
async fn wrap_up(desk: &mut Tab<Agent>, interaction: InteractionId) -> Result<()> {
    let over = |desk: &ws::agent::Desk| {
        let contact = desk
            .contacts
            .iter()
            .find(|contact| contact.interaction == interaction);
        contact.is_some_and(|contact| contact.wrap_up_until.is_some())
    };
    while !desk.machine.desk().is_some_and(over) {
        desk.until("the wrap-up", Some).await?;
    }
    desk.machine
        .wrap_up(interaction, Some("done".to_owned()), None, Some(true));
    released(desk, interaction).await
}

/// Waits until a contact has left a desk.
async fn released(desk: &mut Tab<Agent>, interaction: InteractionId) -> Result<()> {
    let left = |desk: &ws::agent::Desk| {
        let mut contacts = desk.contacts.iter();
        contacts.all(|contact| contact.interaction != interaction)
    };
    while !desk.machine.desk().is_some_and(left) {
        desk.until("the contact to leave the desk", Some).await?;
    }
    Ok(())
}

/// Keeps every frame a tab receives.
fn keep<M: crate::browser::Machine>(tab: &mut Tab<M>) -> Frames {
    let frames = Frames::default();
    let kept = frames.clone();
    tab.tap = Some(Box::new(move |frame| {
        kept.lock()
            .expect("nobody panics while they hold the frames")
            .push(frame.to_owned());
    }));
    frames
}
