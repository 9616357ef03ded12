//! More than two in a call: a colleague is asked and takes it over, joins it; a supervisor whispers. Who must be heard is
//! heard, and who must not is not.

use anyhow::{Context, Result};
use sip::endpoint::CallKey;
use ws::{
    agent::{Channel, Request},
    client::{Agent, AgentNews},
    id::InteractionId,
    supervision::Supervise,
    transfer::TransferTo,
};

use super::{AGENT_TONE, CUSTOMER_TONE, Cast, Seen, call, house_phone, released, wrap_up};
use crate::{audio::Ear, browser::Tab, house::House, phone::Phone};

/// What the colleague's phone sounds, and what the supervisor's.
const COLLEAGUE_TONE: u32 = 550;
const SUPERVISOR_TONE: u32 = 770;

/// Somebody else of the house, at a console and a phone.
pub(super) struct Other {
    name: String,
    pub desk: Tab<Agent>,
    pub phone: Phone,
    pub token: String,
}

impl Other {
    pub async fn colleague(house: &House) -> Result<Self> {
        Self::meet(house, &house.colleague, COLLEAGUE_TONE).await
    }

    pub async fn supervisor(house: &House) -> Result<Self> {
        Self::meet(house, &house.supervisor, SUPERVISOR_TONE).await
    }

    async fn meet(house: &House, name: &str, tone: u32) -> Result<Self> {
        let met = async {
            let phone = house_phone(house, name, tone).await?;
            let token = house.web.login(name, &house.password(name)?).await?;
            let mut desk = Tab::open(&house.web, Agent::new(token.clone())).await?;
            let shown = |news| matches!(news, AgentNews::Desk).then_some(());
            desk.until("the desk", shown).await?;
            anyhow::Ok((phone, token, desk))
        };
        let (phone, token, desk) = met
            .await
            .with_context(|| format!("{name}, who is needed too"))?;
        Ok(Self {
            name: name.to_owned(),
            desk,
            phone,
            token,
        })
    }
}

/// Asks something within a call, and waits until it is done.
pub(super) async fn ask(desk: &mut Tab<Agent>, request: Request) -> Result<()> {
    let what = format!("{request:?}");
    desk.machine.in_call(request.clone());
    let done = desk.until(&what, |news| match news {
        AgentNews::Done(done) if done == request => Some(Ok(())),
        AgentNews::Refused(asked, refusal) if asked == request => {
            Some(Err(anyhow::anyhow!("it was refused: {refusal:?}")))
        }
        _ => None,
    });
    done.await?
}

pub(super) async fn transfer(cast: &mut Cast, colleague: &mut Other) -> Result<Seen> {
    let mut call = call::connect(cast).await?;
    let interaction = call.interaction;
    hold(cast, &mut call).await.context("hold by the agent")?;
    let (asked, mut ear) = consult(cast, colleague, interaction).await?;
    both(&mut call.agent_ear, COLLEAGUE_TONE, &mut ear, AGENT_TONE).await?;
    ear.misses(CUSTOMER_TONE).await?;
    call.customer_ear.misses(AGENT_TONE).await?;
    let note = None;
    ask(&mut cast.agent, Request::Complete { interaction, note }).await?;
    both(
        &mut call.customer_ear,
        COLLEAGUE_TONE,
        &mut ear,
        CUSTOMER_TONE,
    )
    .await
    .context("after the transfer")?;
    call.customer_ear.misses(AGENT_TONE).await?;
    cast.agent_phone.ended(call.agent_call).await?;
    released(&mut cast.agent, interaction).await?;

    cast.customer.hang_up(call.dialled).await?;
    colleague.phone.ended(asked).await?;
    wrap_up(&mut colleague.desk, interaction).await?;
    let held = "hold silenced both, then";
    Ok(seen(
        cast,
        interaction,
        format!(
            "{held} {} was asked and took the call: {COLLEAGUE_TONE} and {CUSTOMER_TONE} Hz across",
            colleague.name
        ),
    ))
}

pub(super) async fn conference(cast: &mut Cast, colleague: &mut Other) -> Result<Seen> {
    let mut call = call::connect(cast).await?;
    let interaction = call.interaction;
    let (asked, mut ear) = consult(cast, colleague, interaction).await?;
    ask(&mut cast.agent, Request::Conference { interaction }).await?;
    for (ear, who, tones) in [
        (
            &mut call.customer_ear,
            "the customer",
            [AGENT_TONE, COLLEAGUE_TONE],
        ),
        (
            &mut call.agent_ear,
            "the agent",
            [CUSTOMER_TONE, COLLEAGUE_TONE],
        ),
        (&mut ear, "the colleague", [CUSTOMER_TONE, AGENT_TONE]),
    ] {
        for tone in tones {
            ear.hears(tone).await.context(who)?;
        }
    }
    // Nobody hears themselves.
    call.customer_ear.misses(CUSTOMER_TONE).await?;
    end(cast, &call).await?;
    colleague.phone.ended(asked).await?;
    let three = "three in a call, and each heard both others";
    Ok(seen(cast, interaction, three.to_owned()))
}

pub(super) async fn whisper(cast: &mut Cast, supervisor: &mut Other) -> Result<Seen> {
    let mut call = call::connect(cast).await?;
    let interaction = call.interaction;
    let supervise = |act| Request::Supervise {
        interaction,
        act,
        channel: Channel::Voice,
    };
    ask(&mut supervisor.desk, supervise(Supervise::Listen)).await?;
    let (listens, mut ear) = call::taken(&mut supervisor.phone)
        .await
        .context("the supervisor's phone")?;
    for tone in [AGENT_TONE, CUSTOMER_TONE] {
        ear.hears(tone).await.context("the supervisor")?;
    }
    call.agent_ear.misses(SUPERVISOR_TONE).await?;
    ask(&mut supervisor.desk, supervise(Supervise::Whisper)).await?;
    call.agent_ear
        .hears(SUPERVISOR_TONE)
        .await
        .context("the agent")?;
    call.agent_ear
        .hears(CUSTOMER_TONE)
        .await
        .context("the agent")?;
    call.customer_ear.misses(SUPERVISOR_TONE).await?;
    call.customer_ear
        .hears(AGENT_TONE)
        .await
        .context("the customer")?;
    end(cast, &call).await?;
    supervisor.phone.ended(listens).await?;
    let heard = format!(
        "the agent alone heard {SUPERVISOR_TONE} Hz of {}",
        supervisor.name
    );
    Ok(seen(cast, interaction, heard))
}

async fn hold(cast: &mut Cast, call: &mut call::Connected) -> Result<()> {
    let interaction = call.interaction;
    ask(
        &mut cast.agent,
        Request::Hold {
            interaction,
            on: true,
        },
    )
    .await?;
    call.customer_ear.misses(AGENT_TONE).await?;
    call.agent_ear.misses(CUSTOMER_TONE).await?;
    ask(
        &mut cast.agent,
        Request::Hold {
            interaction,
            on: false,
        },
    )
    .await?;
    both(
        &mut call.agent_ear,
        CUSTOMER_TONE,
        &mut call.customer_ear,
        AGENT_TONE,
    )
    .await
}

async fn consult(
    cast: &mut Cast,
    colleague: &mut Other,
    interaction: InteractionId,
) -> Result<(CallKey, Ear)> {
    let to = TransferTo::Agent(colleague.name.parse()?);
    ask(&mut cast.agent, Request::Consult { interaction, to }).await?;
    let taken = call::taken(&mut colleague.phone)
        .await
        .context("the colleague's phone")?;
    let joined = |desk: &ws::agent::Desk| {
        let mut contacts = desk.contacts.iter();
        let contact = contacts.find(|contact| contact.interaction == interaction);
        let consult = contact.and_then(|contact| contact.consult.as_ref());
        consult.is_some_and(|consult| consult.joined)
    };
    while !cast.agent.machine.desk().is_some_and(joined) {
        cast.agent.until("the colleague on the line", Some).await?;
    }
    Ok(taken)
}

async fn both(one: &mut Ear, of_other: u32, other: &mut Ear, of_one: u32) -> Result<()> {
    let (first, second) = tokio::join!(one.hears(of_other), other.hears(of_one));
    first.and(second)
}

// The call is the customer's: when they leave it is over.
pub(super) async fn end(cast: &mut Cast, call: &call::Connected) -> Result<()> {
    cast.customer.hang_up(call.dialled).await?;
    cast.agent_phone.ended(call.agent_call).await?;
    cast.wrap_up(call.interaction).await
}

pub(super) fn seen(cast: &Cast, interaction: InteractionId, what: String) -> Seen {
    Seen {
        interaction: Some(interaction),
        what,
        sessions: cast.sessions(),
        frames: cast.frames(),
    }
}
