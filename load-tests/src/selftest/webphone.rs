//! A call by a SIP client in a page: signalled by WebSocket, sound by ICE, DTLS and SRTP, heard across, hung up by the page.

use anyhow::{Context, Result};

use super::{CUSTOMER_TONE, Cast, Seen, call, room::seen};
use crate::{headset::Headset, webphone::WebPhone};

pub(super) async fn run(cast: &mut Cast) -> Result<Seen> {
    let caller = cast.house.colleague.clone();
    let mut phone = WebPhone::open(&cast.house, &caller).await?;
    let headset = Headset::open(cast.house.sip.ip(), CUSTOMER_TONE).await?;
    let queue = cast.house.queue.clone();
    phone.dial(&queue, headset.offer()?).await?;
    let taken = async {
        let offer = cast.accept().await?;
        let call = call::taken(&mut cast.agent_phone).await;
        anyhow::Ok((offer, call.context("the agent's phone")?))
    };
    let (answer, (offer, (agent_call, agent_ear))) = tokio::try_join!(phone.answer(), taken)?;
    let (running, ear) = headset.start(&answer)?;
    call::both_ways(agent_ear, ear).await?;

    phone.hang_up().await?;
    cast.agent_phone.ended(agent_call).await?;
    drop(running);
    cast.wrap_up(offer.interaction).await?;
    let across = "signalled by WebSocket, ICE, DTLS and SRTP to the agent's phone, heard across";
    Ok(seen(cast, offer.interaction, across.to_owned()))
}
