//! A chat: both sides write, survive a cut socket and a reload; it becomes a call, stays open beside it, and ends.

use anyhow::{Context, Result, ensure};
use ws::{
    agent::Channel,
    client::{Agent, AgentNews, Opening, Visitor, VisitorNews},
    id::{InteractionId, Mid, Number},
    timeline::{CallState, Entry, What},
};

use super::{AGENT_TONE, CUSTOMER_TONE, Cast, Seen, call, keep};
use crate::browser::Tab;

/// What is dialled in the escalation; the test trunk leads every number to the same phone.
const NUMBER: &str = "+4930900200";

pub(super) async fn run(cast: &mut Cast) -> Result<Seen> {
    let token = cast.house.web.visitor(&cast.house.zone).await?;
    let mut visitor = Tab::open(&cast.house.web, Visitor::new(token.clone())).await?;
    let frames = keep(&mut visitor);
    let interaction = open(cast, &mut visitor).await?;

    write_both_ways(cast, &mut visitor, interaction).await?;
    lose_the_network(cast, &mut visitor, interaction).await?;
    reload(cast, &visitor, token).await?;
    become_a_call(cast, &mut visitor, interaction).await?;

    visitor.machine.end();
    visitor
        .until("the end of the chat", |news| ended(&news).then_some(()))
        .await?;
    cast.wrap_up(interaction).await?;
    let mut all = std::mem::take(
        &mut *frames
            .lock()
            .expect("nobody panics while they hold the frames"),
    );
    all.extend(cast.frames());
    Ok(Seen {
        interaction: Some(interaction),
        what: format!(
            "{} entries, socket cut and page reloaded, then a call with {AGENT_TONE} and {CUSTOMER_TONE} Hz across beside the open chat",
            visitor.machine.thread().entries().len()
        ),
        sessions: cast.sessions(),
        frames: all,
    })
}

/// Opens a chat as a new visitor and has it accepted.
pub(crate) async fn enter(cast: &mut Cast) -> Result<(Tab<Visitor>, InteractionId)> {
    let token = cast.house.web.visitor(&cast.house.zone).await?;
    let mut visitor = Tab::open(&cast.house.web, Visitor::new(token)).await?;
    let interaction = open(cast, &mut visitor).await?;
    Ok((visitor, interaction))
}

/// Ends the chat and its wrap-up.
pub(crate) async fn leave(
    cast: &mut Cast,
    visitor: &mut Tab<Visitor>,
    interaction: InteractionId,
) -> Result<()> {
    visitor.machine.end();
    visitor
        .until("the end of the chat", |news| ended(&news).then_some(()))
        .await?;
    cast.wrap_up(interaction).await
}

async fn open(cast: &mut Cast, visitor: &mut Tab<Visitor>) -> Result<InteractionId> {
    let opening = Opening {
        zone: cast.house.zone.parse()?,
        name: Some("Vera".to_owned()),
        mail: None,
        page: Some("/demo/".to_owned()),
        referrer: None,
        form: None,
    };
    visitor
        .machine
        .open(opening, "v1".parse()?, "Where is my order?".to_owned());
    visitor
        .until("the first acknowledgement", |news| {
            matches!(news, VisitorNews::Acknowledged(_)).then_some(())
        })
        .await?;
    let interaction = visitor
        .machine
        .interaction()
        .context("no interaction after the first message")?;
    let offer = cast.accept().await?;
    ensure!(
        offer.interaction == interaction,
        "another interaction was offered: {}",
        offer.interaction
    );
    ensure!(
        offer.channel == Channel::Chat,
        "the offer is for {:?}",
        offer.channel
    );
    visitor
        .until("the agent to join", |news| {
            matches!(entry(&news), Some(What::Joined { .. })).then_some(())
        })
        .await?;
    Ok(interaction)
}

async fn write_both_ways(
    cast: &mut Cast,
    visitor: &mut Tab<Visitor>,
    interaction: InteractionId,
) -> Result<()> {
    cast.agent.machine.typing(interaction, true);
    cast.agent.flush().await?;
    visitor
        .until("typing", |news| {
            matches!(news, VisitorNews::Typing(_, true)).then_some(())
        })
        .await?;
    agent_writes(cast, interaction, "a1").await?;
    sees(visitor, "a1").await?;
    visitor
        .machine
        .write("v2".parse()?, "It was number 7.".to_owned());
    visitor.flush().await?;
    agent_sees(&mut cast.agent, interaction, "v2").await
}

// What is written while the visitor is away is there when they return, in order and once.
async fn lose_the_network(
    cast: &mut Cast,
    visitor: &mut Tab<Visitor>,
    interaction: InteractionId,
) -> Result<()> {
    visitor.cut();
    agent_writes(cast, interaction, "a2").await?;
    visitor
        .machine
        .write("v3".parse()?, "Are you there?".to_owned());
    visitor.connect().await?;
    sees(visitor, "a2").await?;
    agent_sees(&mut cast.agent, interaction, "v3").await?;
    sees(visitor, "v3").await?;
    let mids: Vec<String> = mids(visitor.machine.thread().entries());
    ensure!(
        mids == ["v1", "a1", "v2", "a2", "v3"],
        "after the return the visitor has {mids:?}"
    );
    Ok(())
}

async fn reload(cast: &Cast, visitor: &Tab<Visitor>, token: String) -> Result<()> {
    let mut fresh = Tab::open(&cast.house.web, Visitor::new(token)).await?;
    let top = visitor.machine.thread().top();
    while fresh.machine.thread().top() < top {
        fresh
            .until("the whole timeline after a reload", Some)
            .await?;
    }
    let (before, after) = (
        visitor.machine.thread().entries(),
        fresh.machine.thread().entries(),
    );
    ensure!(
        before == after,
        "after a reload the timeline differs: {before:?} and {after:?}"
    );
    Ok(())
}

/// Turns the chat into a call, hears both ways, writes beside it, hangs up, and writes on.
pub(crate) async fn become_a_call(
    cast: &mut Cast,
    visitor: &mut Tab<Visitor>,
    interaction: InteractionId,
) -> Result<()> {
    let number: Number = NUMBER.parse()?;
    cast.agent.machine.escalate(interaction, number);
    cast.agent.flush().await?;
    // Both phones are dialled in the order the hub likes; both must be taken.
    let (agent, customer) = tokio::join!(
        call::taken(&mut cast.agent_phone),
        call::taken(&mut cast.customer)
    );
    let (agent_call, agent_ear) = agent.context("the agent's phone")?;
    let (customer_call, customer_ear) = customer.context("the customer's phone")?;
    visitor
        .until("the call on the page", |news| {
            is_call(&news, &CallState::Connected).then_some(())
        })
        .await?;
    call::both_ways(agent_ear, customer_ear).await?;

    agent_writes(cast, interaction, "a3")
        .await
        .context("the chat beside the call")?;
    sees(visitor, "a3")
        .await
        .context("the chat beside the call")?;
    cast.customer.hang_up(customer_call).await?;
    cast.agent_phone
        .ended(agent_call)
        .await
        .context("the agent's phone was not released")?;
    visitor
        .machine
        .write("v4".parse()?, "Thank you!".to_owned());
    visitor.flush().await?;
    agent_sees(&mut cast.agent, interaction, "v4")
        .await
        .context("the chat after the call")
}

async fn agent_writes(cast: &mut Cast, interaction: InteractionId, mid: &str) -> Result<()> {
    let wanted: Mid = mid.parse()?;
    cast.agent
        .machine
        .write(interaction, wanted.clone(), format!("This is {mid}."));
    let found = cast.agent.until("an acknowledgement", |news| match news {
        AgentNews::Acknowledged(_, mid) if mid == wanted => Some(Ok(())),
        AgentNews::Refused(_, refusal) => Some(Err(anyhow::anyhow!("refused: {refusal:?}"))),
        _ => None,
    });
    found.await?
}

async fn sees(visitor: &mut Tab<Visitor>, mid: &str) -> Result<()> {
    while !mids(visitor.machine.thread().entries())
        .iter()
        .any(|have| have == mid)
    {
        visitor
            .until(&format!("message {mid} at the visitor"), Some)
            .await?;
    }
    Ok(())
}

async fn agent_sees(agent: &mut Tab<Agent>, interaction: InteractionId, mid: &str) -> Result<()> {
    let has = |agent: &Tab<Agent>| {
        let thread = agent.machine.thread(interaction);
        thread.is_some_and(|thread| mids(thread.entries()).iter().any(|have| have == mid))
    };
    while !has(agent) {
        agent
            .until(&format!("message {mid} at the agent"), Some)
            .await?;
    }
    Ok(())
}

fn mids(entries: &[Entry]) -> Vec<String> {
    entries
        .iter()
        .filter_map(|entry| match &entry.what {
            What::Message { mid, .. } => Some(mid.to_string()),
            _ => None,
        })
        .collect()
}

fn entry(news: &VisitorNews) -> Option<&What> {
    match news {
        VisitorNews::Entry(entry) => Some(&entry.what),
        _ => None,
    }
}

fn is_call(news: &VisitorNews, state: &CallState) -> bool {
    matches!(entry(news), Some(What::Call { call, .. }) if call == state)
}

fn ended(news: &VisitorNews) -> bool {
    matches!(entry(news), Some(What::Ended { .. }))
}
