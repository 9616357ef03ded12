//! A call from a page, with no phone at all: the visitor's browser offers, and is heard at the agent's phone.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ws::{
    client::{Visitor, VisitorNews},
    timeline::{CallState, What},
    voice::VisitorVoice,
};

use super::{CUSTOMER_TONE, Cast, Frames, Seen, call, keep, room::seen};
use crate::{browser::Tab, headset::Headset};

pub(super) async fn run(cast: &mut Cast) -> Result<Seen> {
    let token = cast.house.web.visitor(&cast.house.zone).await?;
    let mut visitor = Tab::open(&cast.house.web, Visitor::new(token)).await?;
    let frames = keep(&mut visitor);
    while !visitor.machine.is_live() {
        visitor.wait().await?;
    }
    let headset = Headset::open(cast.house.sip.ip(), CUSTOMER_TONE).await?;
    visitor.machine.voice(VisitorVoice::Call {
        zone: cast.house.zone.parse()?,
        name: Some("Vera".to_owned()),
        page: Some("/demo/".to_owned()),
        referrer: None,
        sdp: headset.offer()?,
    });
    let answer = answered(&mut visitor, &frames).await?;
    let (running, ear) = headset.start(&answer)?;
    let offer = cast.accept().await?;
    let (agent_call, agent_ear) = call::taken(&mut cast.agent_phone)
        .await
        .context("the agent's phone")?;
    let connected = |news: VisitorNews| match news {
        VisitorNews::Entry(entry) => match entry.what {
            What::Call {
                call: CallState::Connected,
                ..
            } => Some(()),
            _ => None,
        },
        _ => None,
    };
    visitor.until("the call on the page", connected).await?;
    call::both_ways(agent_ear, ear).await?;

    visitor.machine.voice(VisitorVoice::HangUp {});
    visitor.flush().await?;
    cast.agent_phone.ended(agent_call).await?;
    drop(running);
    cast.wrap_up(offer.interaction).await?;
    let across = "ICE, DTLS and SRTP to the agent's phone, heard across";
    Ok(seen(cast, offer.interaction, across.to_owned()))
}

// Only a page has a use for the answer, so it is read off the frames.
async fn answered(visitor: &mut Tab<Visitor>, frames: &Frames) -> Result<String> {
    let found = async {
        loop {
            let kept = std::mem::take(
                &mut *frames
                    .lock()
                    .expect("nobody panics while they hold the frames"),
            );
            for frame in kept {
                let frame: Value = serde_json::from_str(&frame)?;
                if let Some(sdp) = frame["ok"]["sdp"].as_str() {
                    return anyhow::Ok(sdp.to_owned());
                }
                if frame["error"].is_object() {
                    bail!("the call was refused: {frame}");
                }
            }
            visitor.flush().await?;
            visitor.wait().await?;
        }
    };
    tokio::time::timeout(crate::browser::PATIENCE, found)
        .await
        .context("the page's call was not answered")?
}
