//! Everything that can be played, encoded once and shared by all legs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use sip::g711::{self, Law};
use sip::media::{Program, PromptId};
use sip::rtp::FRAME_SAMPLES;
use sip::tone::{self, Sine};

use super::recording::{Recordings, samples};

/// Which piece of music is played; every number is another piece.
const MUSIC_SEED: u64 = 1;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// The recordings built in, by name.
        const BUILT_IN: &[(&str, &[u8])] = &[$((
            $name,
            include_bytes!(concat!("../../assets/prompts/en/", $name, ".wav")),
        )),*];
    };
}

built_in!(
    "welcome",
    "you-are-number",
    "number-1",
    "number-2",
    "number-3",
    "number-4",
    "number-5",
    "number-6",
    "number-7",
    "number-8",
    "number-9",
    "number-10",
    "more-than-ten",
    "in-the-queue",
    "wait-is-about",
    "minute",
    "minutes",
    "all-agents-busy",
    "closed",
    "sorry",
    "goodbye",
    "rate-call",
    "press-one-to-five",
    "thanks",
    "callback-offer",
    "callback-promised",
    "callback-greeting",
    "stop-offer",
    "stopped",
    "recorded",
    "refuse-recording",
);

/// The name by which the tone before a message can be replaced.
const BEEP: &str = hub::voicemail::BEEP;
/// How high that tone is, how loud and how long.
const BEEP_HERTZ: u32 = 1_000;
const BEEP_LOUD: i16 = 8_000;
const BEEP_SAMPLES: usize = 3_200;

/// The name by which music on hold can be replaced.
pub const MUSIC: &str = "music";

/// Returns the names of what can be said without a recording of one's own.
pub fn built_in() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name).chain([BEEP])
}

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
    said: BTreeMap<Arc<str>, Arc<Clip>>,
}

impl Library {
    /// Composes the tones and reads the recordings, about a megabyte in all; those of `own` go before those built in.
    pub(super) fn load(own: &Recordings) -> Self {
        let built_in = BUILT_IN.iter().map(|(name, wav)| {
            let samples = samples(wav).expect("the recordings built in are right");
            (Arc::from(*name), Arc::new(Clip::new(&samples)))
        });
        let beep: Vec<i16> = Sine::new(BEEP_HERTZ, BEEP_LOUD)
            .take(BEEP_SAMPLES)
            .collect();
        let beep = (Arc::from(BEEP), Arc::new(Clip::new(&beep)));
        let mut said: BTreeMap<_, _> = built_in.chain([beep]).collect();
        for (name, samples) in &own.0 {
            said.insert(name.clone(), Arc::new(Clip::new(samples)));
        }
        let music = said.get(MUSIC).cloned();
        Self {
            ringback: Arc::new(Clip::new(&tone::ringback())),
            music: music.unwrap_or_else(|| Arc::new(Clip::new(&tone::music(MUSIC_SEED)))),
            silence: Arc::new(Clip::new(&[0; FRAME_SAMPLES as usize])),
            said,
        }
    }

    /// The clips of a program, and whether it has no end by nature.
    pub(super) fn clips(&self, program: &Program) -> (Vec<Arc<Clip>>, bool) {
        match program {
            Program::Ringback => (vec![Arc::clone(&self.ringback)], true),
            Program::Music => (vec![Arc::clone(&self.music)], true),
            Program::Silence => (vec![Arc::clone(&self.silence)], true),
            // A recording that is gone since, by a new configuration, is left out.
            Program::Prompt(prompts) => {
                let said = prompts.iter().filter_map(|id| self.said.get(&*name(id)));
                (said.cloned().collect(), false)
            }
        }
    }
}

/// What can be played, to all who play it; a clone stands for the same.
#[derive(Clone, Debug)]
pub struct Sounds(Arc<ArcSwap<Library>>);

impl Sounds {
    /// Makes the recordings of the house, and those built in, ready to be played.
    pub fn new(own: &Recordings) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(Library::load(own))))
    }

    /// Takes other recordings; what is being played goes on as it was.
    pub fn replace(&self, own: &Recordings) {
        self.0.store(Arc::new(Library::load(own)));
    }

    pub(super) fn library(&self) -> arc_swap::Guard<Arc<Library>> {
        self.0.load()
    }
}

fn name(id: &PromptId) -> Cow<'_, str> {
    Cow::Borrowed(match id {
        PromptId::Named(name) => name,
        PromptId::Welcome => "welcome",
        PromptId::YouAreNumber => "you-are-number",
        PromptId::Number(number @ 1..=10) => return Cow::Owned(format!("number-{number}")),
        PromptId::Number(_) => "more-than-ten",
        PromptId::InTheQueue => "in-the-queue",
        PromptId::WaitIsAbout => "wait-is-about",
        PromptId::Minute => "minute",
        PromptId::Minutes => "minutes",
        PromptId::AllAgentsBusy => "all-agents-busy",
        PromptId::Closed => "closed",
        PromptId::Sorry => "sorry",
        PromptId::Goodbye => "goodbye",
        PromptId::RateCall => "rate-call",
        PromptId::PressOneToFive => "press-one-to-five",
        PromptId::Thanks => "thanks",
        PromptId::CallbackOffer => "callback-offer",
        PromptId::CallbackPromised => "callback-promised",
        PromptId::CallbackGreeting => "callback-greeting",
        PromptId::StopOffer => "stop-offer",
        PromptId::Stopped => "stopped",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIXED: [PromptId; 18] = [
        PromptId::Welcome,
        PromptId::YouAreNumber,
        PromptId::InTheQueue,
        PromptId::WaitIsAbout,
        PromptId::Minute,
        PromptId::Minutes,
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

    #[test]
    fn every_announcement_is_there_and_is_heard() {
        let library = Library::load(&Recordings::default());
        let numbers = (0..=11).map(PromptId::Number);

        let beep = [PromptId::Named(BEEP.into())];
        for id in FIXED.into_iter().chain(beep).chain(numbers) {
            let (clips, endless) = library.clips(&Program::Prompt(vec![id.clone()]));
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
            assert!(peak > Some(7_500), "{id:?}");
        }
    }

    #[test]
    fn numbers_without_a_recording_are_more_than_ten() {
        for number in [0, 11, 255] {
            assert_eq!(name(&PromptId::Number(number)), "more-than-ten");
        }
    }

    #[test]
    fn a_recording_of_ones_own_goes_before_the_one_built_in() {
        let own = [("closed", 80), ("music", 160), ("sales", 240)];
        let own = own.map(|(name, count)| (Arc::from(name), vec![9_000; count]));
        let library = Library::load(&Recordings(own.into()));
        let length = |program: Program| library.clips(&program).0[0].encoded(Law::A).len();

        assert_eq!(length(Program::Prompt(vec![PromptId::Closed])), 80);
        assert_eq!(length(Program::Music), 160);
        let sales = PromptId::Named("sales".into());
        assert_eq!(length(Program::Prompt(vec![sales])), 240);
        let gone = Program::Prompt(vec![PromptId::Named("gone".into())]);
        assert!(library.clips(&gone).0.is_empty());
    }
}
