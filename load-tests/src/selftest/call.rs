//! A call: rings or waits, is offered and accepted, is heard both ways, is hung up and released.

use anyhow::{Context, Result, ensure};
use sip::{endpoint::CallKey, sdp::Direction};
use ws::{agent::Channel, id::InteractionId};

use super::{AGENT_TONE, CUSTOMER_TONE, Cast, Seen};
use crate::{
    audio::Ear,
    phone::{Happened, Phone},
};

/// A call in which customer and agent hear each other.
pub(super) struct Connected {
    pub interaction: InteractionId,
    /// The customer's side, and the agent's.
    pub dialled: CallKey,
    pub agent_call: CallKey,
    pub customer_ear: Ear,
    pub agent_ear: Ear,
}

/// Calls, is taken, and is heard both ways.
pub(super) async fn connect(cast: &mut Cast) -> Result<Connected> {
    let queue = cast.house.queue.clone();
    let dialled = cast.customer.dial(&queue).await?;
    let offer = cast.accept().await?;
    ensure!(
        offer.channel == Channel::Voice,
        "the offer is for {:?}",
        offer.channel
    );
    let (agent_call, agent_ear) = taken(&mut cast.agent_phone)
        .await
        .context("the agent's phone")?;
    let customer_ear = answered(&mut cast.customer, dialled)
        .await
        .context("the caller")?;
    both_ways(agent_ear.clone(), customer_ear.clone()).await?;
    Ok(Connected {
        interaction: offer.interaction,
        dialled,
        agent_call,
        customer_ear,
        agent_ear,
    })
}

pub(super) async fn run(cast: &mut Cast) -> Result<Seen> {
    let call = connect(cast).await?;
    let (dialled, interaction) = (call.dialled, call.interaction);
    hold_and_resume(&mut cast.customer, dialled)
        .await
        .context("hold and resume by the caller")?;
    both_ways(call.agent_ear, call.customer_ear)
        .await
        .context("after hold and resume")?;

    cast.agent.machine.hang_up(interaction);
    cast.agent.flush().await?;
    cast.customer
        .ended(dialled)
        .await
        .context("the caller was not released")?;
    cast.agent_phone
        .ended(call.agent_call)
        .await
        .context("the agent's phone was not released")?;
    cast.wrap_up(interaction).await?;
    Ok(Seen {
        interaction: Some(interaction),
        what: format!(
            "offered to {}, {AGENT_TONE} and {CUSTOMER_TONE} Hz heard across, also after hold, released by the agent",
            cast.house.agents[0]
        ),
        sessions: cast.sessions(),
        frames: cast.frames(),
    })
}

/// Waits until a phone has taken a call.
pub(super) async fn taken(phone: &mut Phone) -> Result<(CallKey, Ear)> {
    let found = phone.until("a call to come in", |happened| match happened {
        Happened::Taken(call, Some(ear)) => Some((call, ear)),
        _ => None,
    });
    found.await
}

async fn answered(phone: &mut Phone, dialled: CallKey) -> Result<Ear> {
    let found = phone.until("the answer", |happened| match happened {
        Happened::Answered(call, _, Some(ear)) if call == dialled => Some(Ok(ear)),
        Happened::Failed(call, code, _) if call == dialled => {
            Some(Err(anyhow::anyhow!("refused with {code}")))
        }
        _ => None,
    });
    found.await?
}

async fn hold_and_resume(caller: &mut Phone, call: CallKey) -> Result<()> {
    for direction in [Direction::SendOnly, Direction::SendRecv] {
        caller.offer(call, direction).await?;
        let found = caller.until("the answer to a re-INVITE", |happened| match happened {
            Happened::Changed(key) if key == call => Some(Ok(())),
            Happened::Failed(key, code, _) if key == call => {
                Some(Err(anyhow::anyhow!("refused with {code}")))
            }
            _ => None,
        });
        found.await??;
    }
    Ok(())
}

/// Checks that each side hears the other's tone.
pub(super) async fn both_ways(mut agent: Ear, mut customer: Ear) -> Result<()> {
    let (heard_by_agent, heard_by_customer) =
        tokio::join!(agent.hears(CUSTOMER_TONE), customer.hears(AGENT_TONE));
    heard_by_agent.context("the agent's phone")?;
    heard_by_customer.context("the customer's phone")
}
