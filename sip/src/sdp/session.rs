//! The local half of one dialog's offer/answer exchanges (RFC 3264).

use std::net::IpAddr;

use bytes::Bytes;

use crate::families::{Families, Family};

use super::choice::{Chosen, agree, choose, pick, pick_ours};
use super::ice::{Ice, Lite};
use super::protection::Profile;
use super::read::{Audio, Description, Line};
use super::write::{OurAudio, Ours};
use super::{
    COMFORT_NOISE, Codec, Direction, PayloadTypes, Preference, Protection, Recorded, RemoteMedia,
    SdpError, Srtp,
};

mod offering;

use offering::Open;

/// The payload types we give telephone events in our own offers, at 8 and at 48 kHz.
const TELEPHONE_EVENT: u8 = 101;
const TELEPHONE_EVENT_48: u8 = 110;

/// Where and with what this side takes audio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The addresses written into `c=`, each for peers of its family.
    pub address: Families<IpAddr>,
    /// The RTP port; RTCP is one above unless multiplexed.
    pub port: u16,
    /// The codecs allowed, ours in order of preference.
    pub codecs: Vec<Codec>,
    /// How it is secured.
    pub srtp: Srtp,
    /// Where a peer in a browser takes it to instead; none where the peer is taken to be none.
    pub ice: Option<Lite>,
}

/// The outcome of a peer's offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// The answer to send back.
    pub answer: Bytes,
    /// The stream as agreed.
    pub remote: RemoteMedia,
}

/// Offers and answers of one dialog, from its first to its last.
#[derive(Clone, Debug)]
pub struct SdpSession {
    id: u64,
    local: Local,
    /// What the peer is reached by, once that is known.
    family: Option<Family>,
    /// What `o=` says, once it was said to the peer.
    origin: Option<IpAddr>,
    version: u64,
    /// The last description sent, under `version`.
    sent: Option<Bytes>,
    /// The media lines of the last exchange; their number and order never shrink or change.
    lines: Vec<Line>,
    audio_at: usize,
    /// The numbers formats have had on our side; RFC 3264 §8.3.2 forbids giving them new meaning.
    numbers: PayloadTypes,
    /// Whether the last exchange put RTCP on the RTP port; a later offer of ours must say so again.
    rtcp_mux: bool,
    /// How the last exchange secured the stream.
    protection: Option<Protection>,
    /// What the peer said last of recordings.
    preference: Option<Preference>,
    /// What the peer is told of recordings, once there was something to tell.
    recorded: Option<Recorded>,
    /// What we send, once that is agreed on.
    spoken: Option<Codec>,
    open: Option<Open>,
    /// How far it is with a peer in a browser, where the peer may be in one.
    ice: Option<Ice>,
    /// Our description of the last exchange that was agreed on.
    in_force: Option<Ours>,
}

impl SdpSession {
    /// Starts with `id` as the session identifier of `o=`; it should be random and stay below 2^63.
    pub fn new(id: u64, local: Local) -> Self {
        Self {
            id,
            ice: local.ice.clone().map(Ice::new),
            local,
            family: None,
            origin: None,
            version: 1,
            sent: None,
            lines: Vec::new(),
            audio_at: 0,
            numbers: PayloadTypes {
                pcmu: Some(Codec::Pcmu.payload_type()),
                pcma: Some(Codec::Pcma.payload_type()),
                g722: Some(Codec::G722.payload_type()),
                opus: Some(Codec::Opus.payload_type()),
                telephone_event: Some(TELEPHONE_EVENT),
                telephone_event_48: Some(TELEPHONE_EVENT_48),
                comfort_noise: None,
            },
            rtcp_mux: false,
            protection: None,
            preference: None,
            recorded: None,
            spoken: None,
            open: None,
            in_force: None,
        }
    }

    /// Where and with what this side takes audio.
    pub const fn local(&self) -> &Local {
        &self.local
    }

    /// What the peer is reached by, where that is known.
    pub const fn family(&self) -> Option<Family> {
        self.family
    }

    /// Takes note of what a peer is reached by that has not said it itself.
    pub const fn expect(&mut self, family: Family) {
        self.family = Some(family);
    }

    /// Takes note that a peer that has not said anything is in a browser, where that may be.
    pub fn expect_browser(&mut self) {
        if let Some(ice) = &mut self.ice {
            ice.expect();
        }
    }

    /// What the peer would like of recordings, as it said last; a description that says nothing of it changes nothing.
    pub const fn preference(&self) -> Option<Preference> {
        self.preference
    }

    /// Whether the peer is told that it is recorded.
    pub fn recorded(&self) -> Recorded {
        self.recorded.unwrap_or_default()
    }

    /// Says so in every description from now on.
    pub const fn set_recorded(&mut self, recorded: Recorded) {
        self.recorded = Some(recorded);
    }

    /// Names comfort noise in our offers from now on (RFC 3389 §4). Our answers name it where the peer's offer does, and so do
    /// later offers of ours.
    pub const fn offer_comfort_noise(&mut self) {
        self.numbers.comfort_noise = Some(COMFORT_NOISE);
    }

    /// Takes back the open offer, which was refused.
    pub fn withdraw_offer(&mut self) {
        self.open = None;
    }

    /// Reads the peer's answer to the open offer. On an error the offer is closed all the same:
    /// an exchange has one answer.
    ///
    /// # Errors
    /// [`SdpError::NoOffer`] when none is open, and whatever is wrong with the answer.
    pub fn accept_answer(&mut self, answer: &[u8]) -> Result<RemoteMedia, SdpError> {
        let open = self.open.take().ok_or(SdpError::NoOffer)?;
        let theirs = Description::parse(answer)?;
        self.accept(open.answered_by(&theirs), theirs)
    }

    /// Reads what the peer answers to the description of ours that is in force, said once more, as a re-INVITE does that only
    /// refreshes a session (RFC 4028 §7.4). An open offer is untouched.
    ///
    /// # Errors
    /// [`SdpError::NoOffer`] when nothing was agreed on before, and whatever is wrong with the answer; then nothing changes.
    pub fn accept_refresh(&mut self, answer: &[u8]) -> Result<RemoteMedia, SdpError> {
        let ours = self.in_force.clone().ok_or(SdpError::NoOffer)?;
        self.accept(ours, Description::parse(answer)?)
    }

    fn accept(&mut self, ours: Ours, theirs: Description) -> Result<RemoteMedia, SdpError> {
        if theirs.lines.len() != ours.lines.len() {
            return Err(SdpError::AnswerMismatch);
        }
        // A stream that was refused, or a line of another kind, is none of ours.
        let (at, audio) = theirs.audios.into_iter().next().ok_or(SdpError::Refused)?;
        let audio = audio?;
        if Some(at) != ours.audio_at {
            return Err(SdpError::AnswerMismatch);
        }
        let codec = pick(&audio, &ours.audio.codecs, None).ok_or(SdpError::NoCommonCodec)?;
        if Profile::read(&ours.audio.proto) != Some(audio.keys.profile) {
            return Err(SdpError::AnswerMismatch);
        }
        if let (Some(_), Some(ice)) = (ours.audio.keys.spot(), self.ice.clone()) {
            return self.accept_by_ice(ours, ice, &audio, codec);
        }
        let protection = self.local.srtp.agree(&ours.audio.keys, &audio.keys)?;
        let family = self.family_of(&audio)?;
        let remote = agree(&ours, &audio, codec, protection);
        self.agreed(&remote, &audio);
        if self.family.is_none() {
            let address = *self.local.address.near(family);
            self.sent = Some(ours.at(address).write(self.version));
        }
        self.meet(family);
        self.in_force = Some(ours);
        Ok(remote)
    }

    fn accept_by_ice(
        &mut self,
        ours: Ours,
        mut ice: Ice,
        audio: &Audio,
        codec: Codec,
    ) -> Result<RemoteMedia, SdpError> {
        let (audio, said) = audio.by_ice().ok_or(SdpError::NoCommonKeys)?;
        let protection = ice.answered(said)?;
        let remote = agree(&ours, &audio, codec, protection);
        self.agreed(&remote, &audio);
        self.ice = Some(ice);
        self.lines.clone_from(&ours.lines);
        self.origin.get_or_insert(ours.origin);
        self.sent = Some(ours.write(self.version));
        self.in_force = Some(ours);
        Ok(remote)
    }

    fn agreed(&mut self, remote: &RemoteMedia, audio: &Audio) {
        self.protection = Some(remote.protection.clone());
        self.preference = audio.preference.or(self.preference);
        self.spoken = Some(remote.codec);
    }

    /// Answers the peer's offer, the first or a later one. We do on the stream what `direction`
    /// and the offer both allow; `preferred` wins over the offerer's order, so that two bridged
    /// legs can end up with one codec. An open offer of ours is untouched (the caller answers 491).
    ///
    /// # Errors
    /// Nothing changes on an error; [`SdpError::is_malformed`] tells 400 from 488.
    pub fn negotiate(
        &mut self,
        offer: &[u8],
        direction: Direction,
        preferred: Option<Codec>,
    ) -> Result<Negotiated, SdpError> {
        let mut theirs = Description::parse(offer)?;
        let Chosen {
            at: audio_at,
            audio,
            said: keys,
            protection,
            ice,
        } = choose(&mut theirs, self.ice_for_offers(), &self.local.srtp)?;
        let codec = match &ice {
            Some(ice) => pick_ours(&audio, &ice.at().codecs, preferred),
            None => pick(&audio, &self.local.codecs, preferred),
        };
        let codec = codec.ok_or(SdpError::NoCommonCodec)?;
        let (family, address, port) = self.place(&audio, ice.as_ref())?;
        let ours = Ours {
            id: self.id,
            origin: self.origin.unwrap_or(address),
            address,
            times: theirs.times,
            audio_at: Some(audio_at),
            audio: OurAudio {
                port,
                proto: theirs.lines[audio_at].proto.clone(),
                codecs: vec![codec],
                // RFC 3264 §6.1: an answer should use the offer's numbers.
                numbers: audio.payload_types(&[codec]),
                direction: audio.direction.reversed().and(direction),
                rtcp_mux: audio.rtcp_mux,
                keys,
                recorded: self.recorded,
            },
            lines: theirs.lines,
        };
        let remote = agree(&ours, &audio, codec, protection);
        match family {
            Some(family) => self.meet(family),
            None => _ = self.origin.get_or_insert(address),
        }
        self.agreed(&remote, &audio);
        self.ice = ice.or(self.ice.take());
        self.lines.clone_from(&ours.lines);
        self.audio_at = audio_at;
        self.rtcp_mux = remote.rtcp_mux;
        self.remember(ours.audio.numbers);
        let answer = self.publish(&ours);
        self.in_force = Some(ours);
        Ok(Negotiated { answer, remote })
    }

    /// Answers an offer that takes the agreed stream out: it has port 0 there, and no other stream in its place (RFC 3264 §8.2).
    /// None where the offer does anything else; then nothing changes. A later offer of either side brings it back.
    pub fn take_out(&mut self, offer: &[u8]) -> Option<Bytes> {
        let theirs = Description::parse(offer).ok()?;
        let mut ours = self.in_force.clone()?;
        let line = theirs.lines.get(self.audio_at)?;
        if !theirs.audios.is_empty() || !line.closed || line.media != "audio" {
            return None;
        }
        ours.times = theirs.times;
        ours.lines.clone_from(&theirs.lines);
        ours.audio_at = None;
        let profile = self.lines[self.audio_at].clone();
        self.lines = theirs.lines;
        self.lines[self.audio_at] = profile;
        let answer = self.publish(&ours);
        self.in_force = Some(ours);
        Some(answer)
    }

    /// Whether the peer has taken the stream out.
    pub fn is_taken_out(&self) -> bool {
        (self.in_force.as_ref()).is_some_and(|ours| ours.audio_at.is_none())
    }

    fn address(&self) -> IpAddr {
        let family = self.family.unwrap_or(Family::V4);
        *self.local.address.near(family)
    }

    // What a peer takes audio by. An old way to put on hold, c=0.0.0.0, says nothing of it.
    fn family_of(&self, audio: &Audio) -> Result<Family, SdpError> {
        let ip = audio.address.ip();
        let known = self.family.filter(|_| ip.is_unspecified());
        let family = known.unwrap_or(Family::of(ip));
        let ours = self.local.address.get(family);
        ours.map(|_| family).ok_or(SdpError::Family(family))
    }

    // What the peer is reached by, and where it reaches us.
    fn place(
        &self,
        audio: &Audio,
        ice: Option<&Ice>,
    ) -> Result<(Option<Family>, IpAddr, u16), SdpError> {
        if let Some(ice) = ice {
            return Ok((None, ice.address().ip(), ice.address().port()));
        }
        let family = self.family_of(audio)?;
        let address = *self.local.address.near(family);
        Ok((Some(family), address, self.local.port))
    }

    // What a call began with it goes on with: who did not come by ICE does not later.
    fn ice_for_offers(&self) -> Option<&Ice> {
        let ice = self.ice.as_ref();
        ice.filter(|ice| self.in_force.is_none() || ice.is_expected())
    }

    fn meet(&mut self, family: Family) {
        let address = *self.local.address.near(family);
        self.family = Some(family);
        self.origin.get_or_insert(address);
    }

    // RFC 3264 §8: the version goes up by one when, and only when, the description changed.
    fn publish(&mut self, ours: &Ours) -> Bytes {
        let same = ours.write(self.version);
        let body = match &self.sent {
            Some(sent) if *sent != same => {
                self.version += 1;
                ours.write(self.version)
            }
            Some(_) | None => same,
        };
        self.sent = Some(body.clone());
        body
    }

    fn remember(&mut self, numbers: PayloadTypes) {
        self.numbers = self.numbers.over(numbers);
    }
}
