//! Calls of browsers: visitors who call from their page, whose page is loaded anew or comes too late, and agents' headsets.

use sip::sdp::{BrowserLocal, Codec, Fingerprint};
use ws::{
    agent::Desk,
    client::{Agent, Visitor},
    id::LegId,
    voice::{AgentVoice, VisitorVoice},
};

use crate::{dice::Dice, house::name};

/// What the daemon tells browsers.
pub fn local() -> BrowserLocal {
    BrowserLocal {
        addresses: vec![([192, 0, 2, 1], 10_000).into()],
        fingerprint: Fingerprint([7; 32]),
        codecs: vec![Codec::Pcma, Codec::Pcmu],
    }
}

// What a browser offers; now and then it is none of ours.
fn offer(dice: &mut Dice) -> String {
    let print = Fingerprint([dice.below(9) as u8; 32]);
    let number = if dice.chance(4) { 9 } else { 8 };
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF {number}\r\n\
         c=IN IP4 0.0.0.0\r\na=ice-ufrag:them\r\na=ice-pwd:a password of at least 22\r\na=fingerprint:sha-256 {print}\r\n\
         a=setup:actpass\r\na=mid:0\r\na=rtcp-mux\r\n"
    )
}

/// Has a visitor call from the page.
pub fn call(visitor: &mut Visitor, zone: &str, dice: &mut Dice) {
    visitor.voice(VisitorVoice::Call {
        zone: name(zone),
        name: dice.chance(30).then(|| "Ida".to_owned()),
        page: None,
        referrer: None,
        sdp: offer(dice),
    });
}

/// Has a page do something about its call, which may be over: it was loaded anew, or hangs up.
pub fn go_on(visitor: &mut Visitor, leg: LegId, dice: &mut Dice) {
    let act = match dice.chance(60) {
        true => VisitorVoice::Media {
            leg,
            sdp: offer(dice),
        },
        false => VisitorVoice::HangUp {},
    };
    visitor.voice(act);
}

/// Has an agent take what rings at the headset, or take the headset off or on.
pub fn listen(agent: &mut Agent, desk: &Desk, dice: &mut Dice) {
    if dice.chance(if desk.headset.on { 2 } else { 10 }) {
        let on = !desk.headset.on;
        agent.voice(AgentVoice::Headset { on });
    }
    for call in &desk.headset.calls {
        // One that was taken is taken up again when the console was loaded anew.
        if dice.chance(if call.taken { 3 } else { 60 }) {
            agent.voice(AgentVoice::Media {
                leg: call.leg,
                sdp: offer(dice),
            });
        }
    }
}
