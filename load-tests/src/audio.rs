//! A phone's mouth and ear: sends a steady tone as RTP, and tells which tones come back.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use sip::{
    codec::{Decoder, Encoder, FRAME_SAMPLES},
    rtp::{Header, Packet},
    sdp::RemoteMedia,
    tone::{Sine, level},
};
use tokio::{net::UdpSocket, sync::watch, task::JoinHandle, time};

use crate::browser::PATIENCE;

/// The tones an ear knows.
pub const TONES: [u32; 2] = [440, 660];
/// Samples judged together: 100 ms at 16 kHz.
const BLOCK: usize = 5 * FRAME_SAMPLES;
/// A tone is there when this much of it is in a block; our own tones swing to 8,000.
const LEVEL: f32 = 4_000.0;
const AMPLITUDE: i16 = 8_000;

/// What an ear has heard so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Blocks of 100 ms that came in.
    pub blocks: u32,
    /// How many of them a tone was in.
    pub tones: BTreeMap<u32, u32>,
}

/// Lets others know what a call's ear hears.
#[derive(Clone, Debug)]
pub struct Ear(watch::Receiver<Heard>);

impl Ear {
    /// Waits until half a second of a tone has been heard from now on.
    pub async fn hears(&mut self, tone: u32) -> Result<()> {
        let count = |heard: &Heard| heard.tones.get(&tone).copied().unwrap_or(0);
        let before = count(&self.0.borrow());
        self.until(
            |heard| count(heard) >= before + 5,
            &format!("{tone} Hz for half a second"),
        )
        .await
    }

    async fn until(&mut self, wanted: impl FnMut(&Heard) -> bool, what: &str) -> Result<()> {
        let found = time::timeout(PATIENCE, self.0.wait_for(wanted))
            .await
            .map(|heard| heard.is_ok());
        match found {
            Ok(true) => Ok(()),
            Ok(false) => bail!("the call ended before the ear heard {what}"),
            Err(_) => bail!("listened in vain for {what}; heard {:?}", *self.0.borrow()),
        }
    }
}

/// The media of one call.
pub struct Audio {
    socket: Arc<UdpSocket>,
    tone: u32,
    ear: Ear,
    heard: watch::Sender<Heard>,
    running: Option<JoinHandle<()>>,
}

impl Audio {
    /// Binds a port on `address`; the phone will sound `tone`.
    pub async fn open(address: SocketAddr, tone: u32) -> Result<Self> {
        let socket = UdpSocket::bind((address.ip(), 0))
            .await
            .context("a port for RTP")?;
        let (heard, ear) = watch::channel(Heard::default());
        Ok(Self {
            socket: Arc::new(socket),
            tone,
            ear: Ear(ear),
            heard,
            running: None,
        })
    }

    /// Returns the port.
    pub fn port(&self) -> Result<u16> {
        Ok(self.socket.local_addr()?.port())
    }

    /// Returns the ear.
    pub fn ear(&self) -> Ear {
        self.ear.clone()
    }

    /// Begins to sound and listen as agreed, in place of what was agreed before.
    pub fn start(&mut self, media: RemoteMedia) {
        if let Some(before) = self.running.take() {
            before.abort();
        }
        let stream = Stream {
            socket: self.socket.clone(),
            media,
            tone: self.tone,
            heard: self.heard.clone(),
        };
        self.running = Some(tokio::spawn(stream.run()));
    }
}

impl Drop for Audio {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }
}

struct Stream {
    socket: Arc<UdpSocket>,
    media: RemoteMedia,
    tone: u32,
    heard: watch::Sender<Heard>,
}

/// What a phone says, and how it encodes it.
struct Voice {
    sine: Sine,
    encoder: Encoder,
}

impl Stream {
    async fn run(self) {
        let mut tick = time::interval(Duration::from_millis(20));
        let mut voice = Voice {
            // It makes 8,000 samples a second, and 16,000 are sent.
            sine: Sine::new(self.tone / 2, AMPLITUDE),
            encoder: Encoder::new(self.media.codec),
        };
        let mut decoder = Decoder::new(self.media.codec);
        let mut header = Header {
            marker: true,
            ssrc: u32::from(self.tone as u16) << 16 | 0x5a5a,
            ..Header::default()
        };
        let (mut buffer, mut block) = ([0; 2048], Vec::with_capacity(BLOCK));
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    if self.media.direction.sends() {
                        self.send(&mut header, &mut voice).await;
                    }
                }
                Ok(length) = self.socket.recv(&mut buffer) => {
                    self.listen(&buffer[..length], &mut decoder, &mut block);
                }
            }
        }
    }

    async fn send(&self, header: &mut Header, voice: &mut Voice) {
        let codec = self.media.codec;
        let Some(number) = self.media.send.of(codec) else {
            return;
        };
        header.payload_type = number;
        let mut packet = header.to_bytes().to_vec();
        let frame = std::array::from_fn(|_| voice.sine.sample());
        voice.encoder.encode(&frame, &mut packet);
        // A peer that closed its port is no error of ours: the call's end follows by SIP.
        self.socket.send_to(&packet, self.media.address).await.ok();
        header.marker = false;
        header.sequence = header.sequence.wrapping_add(1);
        header.timestamp = header.timestamp.wrapping_add(codec.clock_rate() / 50);
    }

    fn listen(&self, datagram: &[u8], decoder: &mut Decoder, block: &mut Vec<i16>) {
        let Ok(packet) = Packet::parse(datagram) else {
            return;
        };
        let Some(codec) = self.media.receive.codec(packet.header.payload_type) else {
            return;
        };
        if decoder.codec() != codec {
            *decoder = Decoder::new(codec);
        }
        decoder.decode(&datagram[packet.payload], block);
        while block.len() >= BLOCK {
            self.judge(&block[..BLOCK]);
            block.drain(..BLOCK);
        }
    }

    fn judge(&self, block: &[i16]) {
        self.heard.send_modify(|heard| {
            heard.blocks += 1;
            for tone in TONES {
                // The ear counts 8,000 samples a second.
                let there = level(block, tone / 2) > LEVEL;
                *heard.tones.entry(tone).or_default() += u32::from(there);
            }
        });
    }
}
