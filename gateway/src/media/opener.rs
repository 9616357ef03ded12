//! What a peer sends, opened under one key: once, proved, and whichever rollover it is from. What is not proved leaves nothing.

use bytes::BytesMut;

use super::secure::Unlocking;

/// Sources that were proved and whose packets are counted; a peer has one or two.
const SOURCES: usize = 16;

/// How another one under the same key is made.
pub(super) type Make = Box<dyn Fn() -> Option<Unlocking> + Send>;

/// The sources of one peer.
pub(super) struct Opener {
    make: Make,
    proved: Unlocking,
    sources: Vec<u32>,
    /// Something is kept of every source before it is proved, which what comes next is judged by: sources that were not are
    /// tried apart, and what failed leaves nothing, or the first true packet might fail for a forged one.
    trial: Unlocking,
}

impl Opener {
    pub(super) fn new(make: Make) -> Option<Self> {
        Some(Self {
            proved: make()?,
            trial: make()?,
            make,
            sources: Vec::new(),
        })
    }

    /// Opens an RTP packet; none when it is forged or repeated.
    pub(super) fn rtp(&mut self, datagram: &[u8]) -> Option<BytesMut> {
        self.open(datagram, 8, Unlocking::rtp)
    }

    /// Opens a report.
    pub(super) fn rtcp(&mut self, datagram: &[u8]) -> Option<BytesMut> {
        self.open(datagram, 4, Unlocking::rtcp)
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
