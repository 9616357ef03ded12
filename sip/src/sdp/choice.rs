//! What is agreed on: the stream of an offer that is answered, and its codec.

use super::ice::Ice;
use super::protection::Said;
use super::read::{Audio, Description};
use super::write::Ours;
use super::{Codec, PayloadTypes, Protection, RemoteMedia, SdpError, Srtp};

/// The stream of an offer that is answered, and what is agreed about it.
pub(super) struct Chosen {
    pub(super) at: usize,
    pub(super) audio: Audio,
    pub(super) said: Said,
    pub(super) protection: Protection,
    /// How far the session is with that, where the peer is in a browser.
    pub(super) ice: Option<Ice>,
}

/// Chooses the stream to be answered, and takes all of them out of `theirs`: the first of a browser's where the peer may be in one; else
/// the first secured one that can be, or else the first. Who came by ICE comes by nothing else.
pub(super) fn choose(
    theirs: &mut Description,
    ice: Option<&Ice>,
    srtp: &Srtp,
) -> Result<Chosen, SdpError> {
    let nothing = theirs.nothing();
    let audios = std::mem::take(&mut theirs.audios);
    if let Some(found) = ice.and_then(|ice| ice.choose(&audios, theirs)) {
        return Ok(found);
    }
    if ice.is_some_and(Ice::is_met) && !audios.is_empty() {
        return Err(SdpError::NoCommonKeys);
    }
    by_port(audios, srtp, nothing)
}

fn by_port(
    audios: Vec<(usize, Result<Audio, SdpError>)>,
    srtp: &Srtp,
    nothing: SdpError,
) -> Result<Chosen, SdpError> {
    let (mut plain, mut wrong) = (None, None);
    for (at, audio) in audios {
        let read = audio.and_then(|audio| {
            let (said, protection) = srtp.answer(&audio.keys)?;
            let ice = None;
            Ok(Chosen {
                at,
                audio,
                said,
                protection,
                ice,
            })
        });
        match read {
            Ok(found) if found.protection != Protection::Plain => return Ok(found),
            Ok(found) => _ = plain.get_or_insert(found),
            Err(error) => _ = wrong.get_or_insert(error),
        }
    }
    plain.ok_or(wrong.unwrap_or(nothing))
}

/// The codec of an answer, by the offerer's order.
pub(super) fn pick(audio: &Audio, allowed: &[Codec], preferred: Option<Codec>) -> Option<Codec> {
    let common = || {
        audio
            .codecs
            .iter()
            .map(|entry| entry.0)
            .filter(|codec| allowed.contains(codec))
    };
    common()
        .find(|&codec| Some(codec) == preferred)
        .or_else(|| common().next())
}

/// The codec of an answer to a browser, by our order as in calls of pages: all of them put Opus first.
pub(super) fn pick_ours(audio: &Audio, ours: &[Codec], preferred: Option<Codec>) -> Option<Codec> {
    let preferred = preferred.filter(|codec| ours.contains(codec));
    let spoken = |codec: &&Codec| audio.codecs.iter().any(|entry| entry.0 == **codec);
    preferred.iter().chain(ours).find(spoken).copied()
}

/// What is agreed on by `ours` and the peer's stream.
pub(super) fn agree(
    ours: &Ours,
    audio: &Audio,
    codec: Codec,
    protection: Protection,
) -> RemoteMedia {
    // What is no codec is agreed where both sides named it, at the same rate.
    let theirs = audio.payload_types(&[codec]);
    let own = ours.audio.numbers;
    RemoteMedia {
        address: audio.address,
        signals_from: None,
        rtcp: audio.rtcp,
        rtcp_mux: audio.rtcp_mux && ours.audio.rtcp_mux,
        codec,
        send: PayloadTypes {
            telephone_event: own.telephone_event.and(theirs.telephone_event),
            telephone_event_48: own.telephone_event_48.and(theirs.telephone_event_48),
            comfort_noise: own.comfort_noise.and(theirs.comfort_noise),
            ..theirs
        },
        receive: ours.audio.numbers,
        direction: audio.direction.reversed().and(ours.audio.direction),
        ptime: audio.ptime,
        fec: audio.fec,
        protection,
    }
}
