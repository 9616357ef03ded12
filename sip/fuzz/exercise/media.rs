//! Any datagrams on a media port: RTP with its order, digits and codecs, RTCP, and what STUN brings to a SIP port.

use sip::{
    codec::{Ear, Heard},
    dtmf::{DigitReceiver, EventPayload},
    rtcp::Compound,
    rtp::{Packet, Reception, is_rtcp},
    sdp::Codec,
    stun,
};

const CODECS: [Codec; 4] = [Codec::Opus, Codec::G722, Codec::Pcma, Codec::Pcmu];

/// Takes datagrams, each behind two bytes that say how long it is.
pub fn exercise(bytes: &[u8]) {
    let mut ears: Vec<_> = CODECS.iter().map(|codec| Ear::new(*codec)).collect();
    let mut digits = DigitReceiver::default();
    let mut reception: Option<Reception> = None;
    let mut rest = bytes;
    let mut arrival = 0u32;
    while let Some((length, more)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(more.len());
        let (datagram, later) = more.split_at(length);
        rest = later;
        arrival = arrival.wrapping_add(160);
        let _ = stun::answer(datagram, "192.0.2.9:5060".parse().unwrap());
        if is_rtcp(datagram) {
            report(datagram);
            continue;
        }
        let Ok(packet) = Packet::parse(datagram) else {
            continue;
        };
        let reception =
            reception.get_or_insert_with(|| Reception::new(&packet.header, arrival, 8000));
        let _ = reception.record(&packet.header, arrival, true);
        let _ = reception.report(1, 2);
        let payload = &datagram[packet.payload.clone()];
        if let Some(event) = EventPayload::parse(payload) {
            let _ = digits.handle(&packet.header, &event);
        }
        for (ear, codec) in ears.iter_mut().zip(CODECS) {
            ear.put(
                packet.header.sequence,
                Heard::Audio(codec, payload.to_vec()),
            );
            let _ = ear.frame();
        }
    }
}

fn report(datagram: &[u8]) {
    let Ok(compound) = Compound::parse(datagram) else {
        return;
    };
    // Each packet takes bytes, so there is an end to them.
    assert!(compound.packets().count() <= datagram.len() / 4);
    for packet in compound.packets() {
        let _ = format!("{packet:?}");
    }
}
