//! Calls to a recorder (RFC 7866): what our requests say that those of other calls do not. And who shows whether it is recorded.

use bytes::Bytes;

use crate::Instant;
use crate::message::{Builder, Header, Message};
use crate::siprec;

use super::call::{Call, Ours, Side, State};
use super::{CallKey, Endpoint, Target};

/// The option tag of who shows whether it is recorded (RFC 7866 §6.1). What we are told of that we show nobody, so we do not
/// say that we support it; whoever requires it of us means that we tell.
pub(super) const RECORD_AWARE: &str = "record-aware";

/// What is said to a recorder.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder {
    /// The metadata that our BYE carries.
    farewell: Option<Bytes>,
    /// The metadata that it was told last.
    told: String,
}

impl Recorder {
    /// Returns one where a recorder is called.
    pub fn of(target: &Target) -> Option<Box<Self>> {
        match target {
            Target::Recorder { .. } => Some(Box::default()),
            Target::Phone { .. } | Target::Trunk { .. } => None,
        }
    }
}

impl Side {
    /// Notes what an offer tells a recorder.
    pub fn note_told(&mut self, offer: &[u8]) {
        if let (Some(recorder), Some(told)) = (&mut self.recorder, siprec::metadata_of(offer)) {
            recorder.told = told.to_owned();
        }
    }

    /// Says what an offer to a recorder requires.
    pub fn required(&self, builder: Builder) -> Builder {
        match self.recorder {
            Some(_) => builder
                .header(Header::Require, siprec::SIPREC)
                .header(Header::Accept, siprec::ACCEPTED),
            None => builder,
        }
    }

    /// Adds the last metadata to a BYE.
    pub fn farewell(&self, builder: Builder) -> Builder {
        let recorder = self.recorder.as_ref();
        match recorder.and_then(|recorder| recorder.farewell.clone()) {
            Some(metadata) => builder
                .header(Header::ContentDisposition, siprec::RECORDING_SESSION)
                .body(siprec::METADATA, metadata),
            None => builder,
        }
    }
}

impl Endpoint {
    pub(super) fn describe(&mut self, key: CallKey, metadata: Bytes) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        if let Some(recorder) = &mut call.side.recorder {
            recorder.farewell = Some(metadata);
        }
        self.keep(call);
    }

    /// Tells a recorder all that it was told last, because it asks (RFC 7866 §9.2); an offer that waits tells it more.
    pub(super) fn tell_again(&mut self, call: &mut Call, now: Instant) {
        let told = call.side.recorder.as_ref().map(|it| it.told.clone());
        let (State::Up(up), Some(told)) = (&mut call.state, told) else {
            return;
        };
        let described = &up.upkeep.described;
        if up.wanted.is_none() && !described.is_empty() {
            up.wanted = Some(Ours::again(match siprec::is_whole(described) {
                true => described.clone(),
                false => siprec::body(described, &told),
            }));
        }
        self.offer_wanted(call, now);
    }
}

/// Whether the sender shows that it is recorded.
pub(super) fn shows_recording(message: &Message) -> bool {
    let mut required = message.require();
    message.supports(RECORD_AWARE) || required.any(|tag| tag.eq_ignore_ascii_case(RECORD_AWARE))
}

/// Adds a description of ours, which says itself whether metadata is with it.
pub(super) fn described(builder: Builder, sdp: Bytes) -> Builder {
    builder.body(siprec::content_type(&sdp), sdp)
}
