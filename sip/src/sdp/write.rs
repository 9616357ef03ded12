//! Writes our own description.

use std::net::IpAddr;

use bytes::Bytes;
use sdp_types::{Attribute, Connection, Media, MediaType, Origin, Session, Time, TransportProto};

use super::protection::Said;
use super::read::Line;
use super::{Codec, Direction, PayloadTypes, Recorded};

/// What our description says of the audio stream.
#[derive(Clone, Debug)]
pub(super) struct OurAudio {
    pub(super) port: u16,
    pub(super) proto: String,
    /// In order of preference.
    pub(super) codecs: Vec<Codec>,
    pub(super) numbers: PayloadTypes,
    pub(super) direction: Direction,
    pub(super) rtcp_mux: bool,
    pub(super) keys: Said,
    /// Where the peer is told that.
    pub(super) recorded: Option<Recorded>,
}

/// Our description without its version.
#[derive(Clone, Debug)]
pub(super) struct Ours {
    pub(super) id: u64,
    /// What stands in `o=`, which never changes.
    pub(super) origin: IpAddr,
    pub(super) address: IpAddr,
    pub(super) times: Vec<Time>,
    /// Every media line of the exchange; the one at `audio_at` is ours, the others are refused.
    pub(super) lines: Vec<Line>,
    /// None once the peer has taken the stream out.
    pub(super) audio_at: Option<usize>,
    pub(super) audio: OurAudio,
}

impl Ours {
    /// Returns the same as peers are told it that reach us at another address.
    pub(super) fn at(&self, address: IpAddr) -> Self {
        Self {
            origin: address,
            address,
            ..self.clone()
        }
    }

    /// Writes the description with `version` in its `o=` line.
    pub(super) fn write(&self, version: u64) -> Bytes {
        let mut session = Session::new(Origin::with_ip_addr(self.id, version, self.origin), "-");
        session.connection = Some(Connection::from_ip_addr(self.address));
        session.times.clone_from(&self.times);
        let spot = self.audio.keys.spot();
        if let Some(spot) = spot.filter(|_| self.audio_at.is_some()) {
            spot.describe(&mut session);
        }
        for (index, line) in self.lines.iter().enumerate() {
            session.add_media(if Some(index) == self.audio_at {
                audio(&self.audio)
            } else {
                refused(line, spot.is_some())
            });
        }
        let mut body = Vec::with_capacity(512);
        session
            .write(&mut body)
            .expect("writing into a Vec cannot fail");
        Bytes::from(body)
    }
}

// RFC 3264 §6: a refused stream keeps its place, its formats and port 0.
fn refused(line: &Line, named: bool) -> Media {
    let mut media = Media::new(MediaType::Audio, 0, TransportProto::RtpAvp, &line.formats);
    media.media.clone_from(&line.media);
    media.proto.clone_from(&line.proto);
    if let Some(mid) = line.mid.as_ref().filter(|_| named) {
        media.add_attribute(Attribute::with_value("mid", mid.clone()));
    }
    media
}

fn audio(ours: &OurAudio) -> Media {
    let mut maps: Vec<(u8, String)> = ours
        .codecs
        .iter()
        .filter_map(|&codec| Some((ours.numbers.of(codec)?, rtpmap(codec))))
        .collect();
    let events = [
        (ours.numbers.telephone_event, "telephone-event/8000"),
        (ours.numbers.telephone_event_48, "telephone-event/48000"),
    ];
    let events = events.map(|(number, name)| number.map(|number| (number, name.to_owned())));
    maps.extend(events.iter().flatten().cloned());
    let noise = ours.numbers.comfort_noise;
    maps.extend(noise.map(|number| (number, "CN/8000".to_owned())));
    let formats: Vec<String> = maps.iter().map(|(number, _)| number.to_string()).collect();

    let proto = TransportProto::RtpAvp;
    let mut media = Media::new(MediaType::Audio, ours.port, proto, formats.join(" "));
    media.proto.clone_from(&ours.proto);
    for (number, name) in maps {
        media.add_attribute(Attribute::with_value("rtpmap", format!("{number} {name}")));
    }
    let said = |&codec: &Codec| fmtp(codec, ours.numbers.of(codec)?);
    for line in ours.codecs.iter().filter_map(said) {
        media.add_attribute(Attribute::with_value("fmtp", line));
    }
    for (number, _) in events.iter().flatten() {
        // RFC 4733 §2.4.1: the sixteen digits and flash.
        media.add_attribute(Attribute::with_value("fmtp", format!("{number} 0-16")));
    }
    media.add_attribute(Attribute::with_value("ptime", "20"));
    media.add_attribute(Attribute::new(ours.direction.attribute()));
    if ours.rtcp_mux {
        media.add_attribute(Attribute::new("rtcp-mux"));
    }
    say_keys(&mut media, &ours.keys);
    if let Some(recorded) = ours.recorded {
        media.add_attribute(recorded.attribute());
    }
    media
}

fn say_keys(media: &mut Media, keys: &Said) {
    match keys {
        Said::Nothing => {}
        Said::Sdes(lines) => {
            for line in lines {
                media.add_attribute(Attribute::with_value("crypto", line.write()));
            }
        }
        Said::Dtls { fingerprint, setup } => {
            let named = format!("sha-256 {fingerprint}");
            media.add_attribute(Attribute::with_value("fingerprint", named));
            media.add_attribute(Attribute::with_value("setup", (*setup).to_owned()));
        }
        Said::Ice(spot) => spot.describe_audio(media),
    }
}

/// What `a=fmtp` says of a codec under a number, where something is to be said.
pub(super) fn fmtp(codec: Codec, number: u8) -> Option<String> {
    match codec {
        Codec::Pcmu | Codec::Pcma | Codec::G722 => None,
        // RFC 7587 §7: what a packet brings of the one before it is put in that one's place. Its other defaults suit us.
        Codec::Opus => Some(format!("{number} useinbandfec=1")),
    }
}

/// What `a=rtpmap` says of a codec.
pub(super) fn rtpmap(codec: Codec) -> String {
    format!(
        "{}/{}{}",
        codec.name(),
        codec.clock_rate(),
        codec.channels()
    )
}
