//! What a peer sends, opened under one key: once, proved, and whichever rollover it is from. What is not proved leaves nothing.

use bytes::BytesMut;
use sip::sdp::{KeyMark, Suite};

use super::secure::Unlocking;

/// Sources that were proved and whose packets are counted; a peer has one or two.
const SOURCES: usize = 16;

/// How another one under the same key is made.
pub(super) type Make = Box<dyn Fn() -> Option<Unlocking> + Send>;

/// What packets are marked with that are under the key (RFC 3711 §3.1), and how many bytes of proof stand behind it.
pub(super) struct Mark {
    bytes: Vec<u8>,
    behind_rtp: usize,
    behind_rtcp: usize,
}

impl Mark {
    /// The mark of a key that `suite` uses.
    pub(super) fn new(suite: Suite, mark: &KeyMark) -> Self {
        let (behind_rtp, behind_rtcp) = match suite {
            // RFC 7714 §8.2, §9.2: the proof is part of what it stands behind.
            Suite::AeadAes128Gcm => (0, 0),
            Suite::AesCm128Sha1_80 => (10, 10),
            Suite::AesCm128Sha1_32 => (4, 10),
        };
        Self {
            bytes: mark.bytes(),
            behind_rtp,
            behind_rtcp,
        }
    }

    // It is not part of what is proved, so it goes before anything is judged.
    fn taken_off(&self, datagram: &[u8], behind: usize) -> Option<Vec<u8>> {
        let end = datagram.len().checked_sub(behind)?;
        let at = end.checked_sub(self.bytes.len())?;
        (datagram[at..end] == self.bytes).then(|| [&datagram[..at], &datagram[end..]].concat())
    }
}

/// The sources of one peer.
pub(super) struct Opener {
    make: Make,
    mark: Option<Mark>,
    proved: Unlocking,
    sources: Vec<u32>,
    /// Something is kept of every source before it is proved, which what comes next is judged by: sources that were not are
    /// tried apart, and what failed leaves nothing, or the first true packet might fail for a forged one.
    trial: Unlocking,
}

impl Opener {
    /// Opens what is under one key, all of it marked where `mark` is something.
    pub(super) fn new(make: Make, mark: Option<Mark>) -> Option<Self> {
        Some(Self {
            mark,
            proved: make()?,
            trial: make()?,
            make,
            sources: Vec::new(),
        })
    }

    /// Has packets be marked otherwise from now on: the key and what is counted under it stay.
    pub(super) fn set_mark(&mut self, mark: Option<Mark>) {
        self.mark = mark;
    }

    /// Opens an RTP packet; none when it is forged, repeated or not marked as it should be.
    pub(super) fn rtp(&mut self, datagram: &[u8]) -> Option<BytesMut> {
        match &self.mark {
            Some(mark) => {
                let bare = mark.taken_off(datagram, mark.behind_rtp)?;
                self.open(&bare, 8, Unlocking::rtp)
            }
            None => self.open(datagram, 8, Unlocking::rtp),
        }
    }

    /// Opens a report.
    pub(super) fn rtcp(&mut self, datagram: &[u8]) -> Option<BytesMut> {
        match &self.mark {
            Some(mark) => {
                let bare = mark.taken_off(datagram, mark.behind_rtcp)?;
                self.open(&bare, 4, Unlocking::rtcp)
            }
            None => self.open(datagram, 4, Unlocking::rtcp),
        }
    }

    /// How many sources something is kept of.
    #[cfg(test)]
    pub(super) const fn kept(&self) -> usize {
        self.sources.len()
    }

    fn open(
        &mut self,
        datagram: &[u8],
        source_at: usize,
        decrypt: fn(&mut Unlocking, &[u8]) -> Option<BytesMut>,
    ) -> Option<BytesMut> {
        let source = u32::from_be_bytes(*datagram.get(source_at..)?.first_chunk()?);
        if !self.sources.contains(&source) {
            let proved = decrypt(&mut self.trial, datagram).is_some();
            self.trial = (self.make)()?;
            if !proved {
                return None;
            }
            if self.sources.len() == SOURCES {
                self.proved = (self.make)()?;
                self.sources.clear();
            }
            self.sources.push(source);
        }
        decrypt(&mut self.proved, datagram)
    }
}
