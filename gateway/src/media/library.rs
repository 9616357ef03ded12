//! Everything that can be played, encoded once and shared by all legs.

use std::sync::Arc;

use sip::g711::{self, Law};
use sip::media::{Program, PromptId};
use sip::rtp::FRAME_SAMPLES;
use sip::tone;

/// Which piece of music is played; every number is another piece.
const MUSIC_SEED: u64 = 1;

const NUMBERS: [&[u8]; 10] = [
    include_bytes!("../../assets/prompts/en/number-1.wav"),
    include_bytes!("../../assets/prompts/en/number-2.wav"),
    include_bytes!("../../assets/prompts/en/number-3.wav"),
    include_bytes!("../../assets/prompts/en/number-4.wav"),
    include_bytes!("../../assets/prompts/en/number-5.wav"),
    include_bytes!("../../assets/prompts/en/number-6.wav"),
    include_bytes!("../../assets/prompts/en/number-7.wav"),
    include_bytes!("../../assets/prompts/en/number-8.wav"),
    include_bytes!("../../assets/prompts/en/number-9.wav"),
    include_bytes!("../../assets/prompts/en/number-10.wav"),
];

/// A sound in both laws of G.711.
#[derive(Debug)]
pub(super) struct Clip {
    mu: Box<[u8]>,
    a: Box<[u8]>,
}

impl Clip {
    /// Encodes linear samples at 8 kHz.
    pub(super) fn new(samples: &[i16]) -> Self {
        let encode = |law| {
            samples
                .iter()
                .map(|&sample| g711::encode(law, sample))
                .collect()
        };
        Self {
            mu: encode(Law::Mu),
            a: encode(Law::A),
        }
    }

    /// The sound in one law, a byte a sample.
    pub(super) fn encoded(&self, law: Law) -> &[u8] {
        match law {
            Law::Mu => &self.mu,
            Law::A => &self.a,
        }
    }
}

/// The clips of every program.
#[derive(Debug)]
pub(super) struct Library {
    ringback: Arc<Clip>,
    music: Arc<Clip>,
    silence: Arc<Clip>,
    welcome: Arc<Clip>,
    you_are_number: Arc<Clip>,
    numbers: [Arc<Clip>; 10],
    more_than_ten: Arc<Clip>,
    in_the_queue: Arc<Clip>,
    all_agents_busy: Arc<Clip>,
    closed: Arc<Clip>,
    sorry: Arc<Clip>,
    goodbye: Arc<Clip>,
    rate_call: Arc<Clip>,
    press_one_to_five: Arc<Clip>,
    thanks: Arc<Clip>,
    callback_offer: Arc<Clip>,
    callback_promised: Arc<Clip>,
    callback_greeting: Arc<Clip>,
    stop_offer: Arc<Clip>,
    stopped: Arc<Clip>,
}

impl Library {
    /// Composes the tones and reads the recordings, about a megabyte in all.
    pub(super) fn load() -> Self {
        Self {
            ringback: Arc::new(Clip::new(&tone::ringback())),
            music: Arc::new(Clip::new(&tone::music(MUSIC_SEED))),
            silence: Arc::new(Clip::new(&[0; FRAME_SAMPLES as usize])),
            welcome: recording(include_bytes!("../../assets/prompts/en/welcome.wav")),
            you_are_number: recording(include_bytes!("../../assets/prompts/en/you-are-number.wav")),
            numbers: NUMBERS.map(recording),
            more_than_ten: recording(include_bytes!("../../assets/prompts/en/more-than-ten.wav")),
            in_the_queue: recording(include_bytes!("../../assets/prompts/en/in-the-queue.wav")),
            all_agents_busy: recording(include_bytes!(
                "../../assets/prompts/en/all-agents-busy.wav"
            )),
            closed: recording(include_bytes!("../../assets/prompts/en/closed.wav")),
            sorry: recording(include_bytes!("../../assets/prompts/en/sorry.wav")),
            goodbye: recording(include_bytes!("../../assets/prompts/en/goodbye.wav")),
            rate_call: recording(include_bytes!("../../assets/prompts/en/rate-call.wav")),
            press_one_to_five: recording(include_bytes!(
                "../../assets/prompts/en/press-one-to-five.wav"
            )),
            thanks: recording(include_bytes!("../../assets/prompts/en/thanks.wav")),
            callback_offer: recording(include_bytes!("../../assets/prompts/en/callback-offer.wav")),
            callback_promised: recording(include_bytes!(
                "../../assets/prompts/en/callback-promised.wav"
            )),
            callback_greeting: recording(include_bytes!(
                "../../assets/prompts/en/callback-greeting.wav"
            )),
            stop_offer: recording(include_bytes!("../../assets/prompts/en/stop-offer.wav")),
            stopped: recording(include_bytes!("../../assets/prompts/en/stopped.wav")),
        }
    }

    /// The clips of a program, and whether it has no end by nature.
    pub(super) fn clips(&self, program: &Program) -> (Vec<Arc<Clip>>, bool) {
        match program {
            Program::Ringback => (vec![Arc::clone(&self.ringback)], true),
            Program::Music => (vec![Arc::clone(&self.music)], true),
            Program::Silence => (vec![Arc::clone(&self.silence)], true),
            Program::Prompt(prompts) => {
                (prompts.iter().map(|&id| self.prompt(id)).collect(), false)
            }
        }
    }

    fn prompt(&self, id: PromptId) -> Arc<Clip> {
        Arc::clone(match id {
            PromptId::Welcome => &self.welcome,
            PromptId::YouAreNumber => &self.you_are_number,
            PromptId::Number(number) => usize::from(number)
                .checked_sub(1)
                .and_then(|index| self.numbers.get(index))
                .unwrap_or(&self.more_than_ten),
            PromptId::InTheQueue => &self.in_the_queue,
            PromptId::AllAgentsBusy => &self.all_agents_busy,
            PromptId::Closed => &self.closed,
            PromptId::Sorry => &self.sorry,
            PromptId::Goodbye => &self.goodbye,
            PromptId::RateCall => &self.rate_call,
            PromptId::PressOneToFive => &self.press_one_to_five,
            PromptId::Thanks => &self.thanks,
            PromptId::CallbackOffer => &self.callback_offer,
            PromptId::CallbackPromised => &self.callback_promised,
            PromptId::CallbackGreeting => &self.callback_greeting,
            PromptId::StopOffer => &self.stop_offer,
            PromptId::Stopped => &self.stopped,
        })
    }
}

fn recording(wav: &[u8]) -> Arc<Clip> {
    let mut reader = hound::WavReader::new(wav).expect("the recordings built in are WAV files");
    let spec = reader.spec();
    assert!(
        spec.sample_rate == tone::RATE && spec.channels == 1 && spec.bits_per_sample == 16,
        "the recordings built in are 8 kHz, mono, 16 bit"
    );
    let samples: Vec<i16> = reader
        .samples()
        .collect::<Result<_, _>>()
        .expect("the recordings built in are complete");
    Arc::new(Clip::new(&samples))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_announcement_is_there_and_is_heard() {
        let library = Library::load();
        let mut prompts = vec![
            PromptId::Welcome,
            PromptId::YouAreNumber,
            PromptId::InTheQueue,
            PromptId::AllAgentsBusy,
            PromptId::Closed,
            PromptId::Sorry,
            PromptId::Goodbye,
            PromptId::RateCall,
            PromptId::PressOneToFive,
            PromptId::Thanks,
            PromptId::CallbackOffer,
            PromptId::CallbackPromised,
            PromptId::CallbackGreeting,
            PromptId::StopOffer,
            PromptId::Stopped,
        ];
        prompts.extend((0..=11).map(PromptId::Number));

        for id in prompts {
            let (clips, endless) = library.clips(&Program::Prompt(vec![id]));
            let bytes = clips[0].encoded(Law::Mu);
            let peak = bytes
                .iter()
                .map(|&byte| g711::decode(Law::Mu, byte).unsigned_abs())
                .max();
            assert!(!endless);
            assert!(
                (2_000..40_000).contains(&bytes.len()),
                "{id:?}: {}",
                bytes.len()
            );
            assert!(peak > Some(8_000), "{id:?}");
        }
    }

    #[test]
    fn numbers_without_a_recording_are_more_than_ten() {
        let library = Library::load();

        for number in [0, 11, 255] {
            assert!(Arc::ptr_eq(
                &library.prompt(PromptId::Number(number)),
                &library.more_than_ten
            ));
        }
    }
}
