//! Our offers: by a port of our own, and by ICE to who is in a browser or may be.

use bytes::Bytes;
use sdp_types::Time;

use super::super::ice::{Ice, Offers};
use super::super::read::{Audio, Description, Line};
use super::super::write::{OurAudio, Ours};
use super::super::{Codec, Direction, PayloadTypes, SdpError};
use super::SdpSession;
use crate::families::{Families, Family};

/// An offer of ours that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Open {
    ours: Ours,
    /// The same as a phone in a browser is told it.
    in_browser: Option<Ours>,
}

impl Open {
    /// Returns what was told whoever answers. One of them was sent, and who is in a browser answers as one.
    pub(super) fn answered_by(self, theirs: &Description) -> Ours {
        let speaks = |(_, audio): &(usize, Result<Audio, SdpError>)| {
            audio.as_ref().is_ok_and(|audio| audio.in_browser.is_some())
        };
        let in_browser = self.in_browser.filter(|_| theirs.audios.iter().any(speaks));
        in_browser.unwrap_or(self.ours)
    }
}

impl SdpSession {
    /// Writes an offer, the first or a later one (hold, resume). It stays open until
    /// [`Self::accept_answer`], and takes the place of one still open.
    pub fn make_offer(&mut self, direction: Direction) -> Bytes {
        let by_ice = self.ice.as_ref().is_some_and(Ice::is_expected);
        if self.lines.is_empty() {
            self.lines.push(match by_ice {
                true => Ice::first_line(),
                false => audio_line(self.local.srtp.proto()),
            });
        }
        let ours = match &self.ice {
            Some(ice) if by_ice => self.offer_by_ice(ice, &self.lines, direction),
            Some(_) | None => self.offer_by_port(direction),
        };
        let body = self.publish(&ours);
        let in_browser = None;
        self.open = Some(Open { ours, in_browser });
        body
    }

    /// Writes an offer as [`Self::make_offer`] does, for a peer of which nothing is known before its way is chosen: not its family,
    /// and not whether it is in a browser where it may be.
    pub fn make_offers(&mut self, direction: Direction) -> Offers {
        let offer = self.make_offer(direction);
        if self.family.is_some() || self.ice.as_ref().is_some_and(Ice::is_expected) {
            let family = self.family.unwrap_or(Family::V4);
            return Families::one(family, offer).into();
        }
        let line = [Ice::first_line()];
        let by_ice = |ice| self.offer_by_ice(ice, &line, direction);
        let ours = self.ice.as_ref().map(by_ice);
        let (version, address) = (self.version, self.local.address);
        let in_browser = ours.as_ref().map(|ours| ours.write(version));
        let open = self.open.as_mut().expect("it was opened just now");
        open.in_browser = ours;
        let by_family = address.map(|address| open.ours.at(address).write(version));
        Offers {
            by_family,
            in_browser,
        }
    }

    fn offer_by_port(&self, direction: Direction) -> Ours {
        let codecs = self.spoken_first(&self.local.codecs);
        let address = self.address();
        Ours {
            id: self.id,
            origin: self.origin.unwrap_or(address),
            address,
            times: vec![always()],
            lines: self.lines.clone(),
            audio_at: Some(self.audio_at),
            audio: OurAudio {
                port: self.local.port,
                proto: self.lines[self.audio_at].proto.clone(),
                numbers: self.numbers.only(&codecs),
                codecs,
                direction,
                rtcp_mux: self.rtcp_mux,
                keys: self.local.srtp.offer(self.protection.as_ref()),
                recorded: self.recorded,
            },
        }
    }

    fn offer_by_ice(&self, ice: &Ice, lines: &[Line], direction: Direction) -> Ours {
        let codecs = self.spoken_first(&ice.at().codecs);
        let line = &lines[self.audio_at];
        let numbers = PayloadTypes {
            comfort_noise: None,
            ..self.numbers.only(&codecs)
        };
        Ours {
            id: self.id,
            origin: self.origin.unwrap_or(ice.address().ip()),
            address: ice.address().ip(),
            times: vec![always()],
            lines: lines.to_vec(),
            audio_at: Some(self.audio_at),
            audio: OurAudio {
                port: ice.address().port(),
                proto: line.proto.clone(),
                numbers,
                codecs,
                direction,
                rtcp_mux: true,
                keys: ice.offer(line),
                recorded: self.recorded,
            },
        }
    }

    // Whoever takes the first keeps what is spoken.
    fn spoken_first(&self, codecs: &[Codec]) -> Vec<Codec> {
        let mut codecs = codecs.to_vec();
        let spoken = |codec: &Codec| Some(*codec) == self.spoken;
        if let Some(at) = codecs.iter().position(spoken) {
            codecs[..=at].rotate_right(1);
        }
        codecs
    }
}

fn audio_line(proto: &str) -> Line {
    Line {
        media: "audio".to_owned(),
        proto: proto.to_owned(),
        formats: String::new(),
        closed: false,
        mid: None,
    }
}

fn always() -> Time {
    Time::new(0, 0)
}
