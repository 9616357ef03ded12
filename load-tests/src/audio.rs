//! A phone's mouth and ear: sends a steady tone as RTP, and tells which tones come back.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use sip::{
    codec::{Decoder, Encoder, FRAME_SAMPLES},
    rtp::{Header, Packet},
    sdp::{Codec, PayloadTypes, RemoteMedia},
    tone::{Sine, level},
};
use tokio::{net::UdpSocket, sync::watch, task::JoinHandle, time};

use crate::browser::PATIENCE;

/// The tones an ear knows.
pub const TONES: [u32; 4] = [440, 550, 660, 770];
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

    /// Waits until a second has passed in which a tone was not heard, whatever else was.
    pub async fn misses(&mut self, tone: u32) -> Result<()> {
        let count = |heard: &Heard| heard.tones.get(&tone).copied().unwrap_or(0);
        let (mut since, mut before) = (self.0.borrow().blocks, count(&self.0.borrow()));
        let quiet = |heard: &Heard| {
            if count(heard) > before {
                (since, before) = (heard.blocks, count(heard));
            }
            heard.blocks >= since + 10
        };
        self.until(quiet, &format!("a second without {tone} Hz"))
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

/// What a phone says, packet by packet.
pub struct Mouth {
    sine: Sine,
    encoder: Encoder,
    header: Header,
    step: u32,
}

impl Mouth {
    /// Sounds `tone` in packets of that payload type.
    pub fn new(tone: u32, codec: Codec, number: u8) -> Self {
        Self {
            // It makes 8,000 samples a second, and 16,000 are sent.
            sine: Sine::new(tone / 2, AMPLITUDE),
            encoder: Encoder::new(codec),
            header: Header {
                marker: true,
                payload_type: number,
                ssrc: u32::from(tone as u16) << 16 | 0x5a5a,
                ..Header::default()
            },
            step: codec.clock_rate() / 50,
        }
    }

    /// Returns the next 20 ms.
    pub fn packet(&mut self) -> Vec<u8> {
        let mut packet = self.header.to_bytes().to_vec();
        let frame: [i16; FRAME_SAMPLES] = std::array::from_fn(|_| self.sine.sample());
        self.encoder.encode(&frame, &mut packet);
        let header = &mut self.header;
        header.marker = false;
        header.sequence = header.sequence.wrapping_add(1);
        header.timestamp = header.timestamp.wrapping_add(self.step);
        packet
    }
}

/// What a phone makes of the packets that come.
pub struct Hearing {
    types: PayloadTypes,
    decoder: Decoder,
    block: Vec<i16>,
    heard: watch::Sender<Heard>,
}

impl Hearing {
    /// Listens to packets of these types, and lets the ear know.
    pub fn new(types: PayloadTypes, codec: Codec) -> (Self, Ear) {
        let (heard, ear) = watch::channel(Heard::default());
        (Self::telling(types, codec, heard), Ear(ear))
    }

    fn telling(types: PayloadTypes, codec: Codec, heard: watch::Sender<Heard>) -> Self {
        Self {
            types,
            decoder: Decoder::new(codec),
            block: Vec::with_capacity(BLOCK),
            heard,
        }
    }

    /// Takes a packet.
    pub fn listen(&mut self, datagram: &[u8]) {
        let Ok(packet) = Packet::parse(datagram) else {
            return;
        };
        let Some(codec) = self.types.codec(packet.header.payload_type) else {
            return;
        };
        if self.decoder.codec() != codec {
            self.decoder = Decoder::new(codec);
        }
        self.decoder
            .decode(&datagram[packet.payload], &mut self.block);
        while self.block.len() >= BLOCK {
            self.judge();
            self.block.drain(..BLOCK);
        }
    }

    fn judge(&self) {
        let block = &self.block[..BLOCK];
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

impl Stream {
    async fn run(self) {
        let mut tick = time::interval(Duration::from_millis(20));
        let (codec, heard) = (self.media.codec, self.heard.clone());
        let number = self.media.send.of(codec);
        let mut mouth = number.map(|number| Mouth::new(self.tone, codec, number));
        let mut hearing = Hearing::telling(self.media.receive, codec, heard);
        let mut buffer = [0; 2048];
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    if let Some(mouth) = mouth.as_mut().filter(|_| self.media.direction.sends()) {
                        // A peer that closed its port is no error of ours: the call's end follows by SIP.
                        self.socket.send_to(&mouth.packet(), self.media.address).await.ok();
                    }
                }
                Ok(length) = self.socket.recv(&mut buffer) => hearing.listen(&buffer[..length]),
            }
        }
    }
}
