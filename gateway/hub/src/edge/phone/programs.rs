//! What a leg hears of the house itself: the hub's programs as prompts of the media plane. Whatever is played has a turn, so that
//! the end of one is not taken for that of the next.

use sip::media::{LegKey, MediaCommand, Program as Heard, PromptId};
use ws::id::LegId;

use super::{
    Phones,
    leg::{After, Silence},
};
use crate::{command::Program, input::Cause};

impl Phones {
    /// Lets a leg hear a program of the hub's, and then what follows on it.
    pub(super) fn play(&mut self, id: LegId, program: Program) {
        let Some(leg) = self.leg_of(id) else { return };
        let key = leg.media;
        let after = match &program {
            Program::Say(_)
            | Program::Rate
            | Program::Thanks
            | Program::Closed
            | Program::Sorry => After::Silence,
            Program::Ringback
            | Program::Music
            | Program::Silence
            | Program::Goodbye
            | Program::Waiting { .. }
            | Program::Greeting { .. }
            | Program::Promised
            | Program::Stopped => After::Music,
        };
        let what = match program {
            Program::Say(names) => Heard::Prompt(names.into_iter().map(PromptId::Named).collect()),
            Program::Goodbye => Heard::Prompt(vec![PromptId::Goodbye]),
            Program::Ringback => Heard::Ringback,
            Program::Music => Heard::Music,
            Program::Silence => Heard::Silence,
            Program::Closed => Heard::Prompt(vec![PromptId::Closed, PromptId::Goodbye]),
            Program::Sorry => Heard::Prompt(vec![PromptId::Sorry, PromptId::Goodbye]),
            Program::Waiting {
                position,
                callback,
                minutes,
            } => {
                let first = !std::mem::replace(&mut leg.greeted, true);
                let mut said = place(position, first);
                said.extend(minutes.into_iter().flat_map(wait));
                said.extend(callback.then_some(PromptId::CallbackOffer));
                Heard::Prompt(said)
            }
            Program::Greeting { stop } => {
                let mut said = vec![PromptId::CallbackGreeting];
                said.extend(stop.then_some(PromptId::StopOffer));
                Heard::Prompt(said)
            }
            Program::Promised => Heard::Prompt(vec![PromptId::CallbackPromised, PromptId::Goodbye]),
            Program::Stopped => Heard::Prompt(vec![PromptId::Stopped]),
            Program::Rate => Heard::Prompt(vec![PromptId::RateCall, PromptId::PressOneToFive]),
            Program::Thanks => Heard::Prompt(vec![PromptId::Thanks, PromptId::Goodbye]),
        };
        leg.music = false;
        leg.after = after;
        let alone = self.rooms.others(key).next().is_none();
        if what == Heard::Silence && alone && !self.rooms.hears(key).is_empty() {
            self.hush(key);
            return self.tell_place(key);
        }
        self.let_hear(key, what);
    }

    /// Who whispers to it is heard in the silence.
    pub(super) fn hush(&mut self, key: LegKey) {
        self.stop_playing(key);
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.silence = Silence::Whispered;
        }
    }

    /// Counts what the hub asks a leg to hear, as the hub does.
    pub(super) fn count(&mut self, id: LegId) {
        if let Some(leg) = self.leg_of(id) {
            leg.turns.asked = leg.turns.asked.wrapping_add(1);
        }
    }

    /// Plays something to a leg in place of what it hears.
    pub(super) fn let_hear(&mut self, key: LegKey, what: Heard) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        let turn = leg.begin_turn();
        let witnessed = leg.after == After::Before && matches!(what, Heard::Prompt(_));
        leg.silence = match what == Heard::Silence {
            true => Silence::Played,
            false => Silence::None,
        };
        self.media(MediaCommand::Play {
            leg: key,
            turn,
            what,
            repeat: false,
            witnessed,
        });
    }

    /// Ends what is played to a leg.
    pub(super) fn stop_playing(&mut self, key: LegKey) {
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.begin_turn();
            self.media(MediaCommand::StopPlaying { leg: key });
        }
    }

    /// Lets a leg hear something to its end, and ends it then.
    pub(super) fn dismiss(&mut self, id: LegId, program: Program, cause: Cause) {
        self.count(id);
        let Some(leg) = self.leg_of(id) else { return };
        leg.farewell = Some(cause);
        self.play(id, program);
    }
}

/// What a waiting caller is told before the music.
fn place(position: u32, first: bool) -> Vec<PromptId> {
    let number = u8::try_from(position).unwrap_or(u8::MAX);
    let greeting = first.then_some(PromptId::AllAgentsBusy);
    greeting
        .into_iter()
        .chain([
            PromptId::YouAreNumber,
            PromptId::Number(number),
            PromptId::InTheQueue,
        ])
        .collect()
}

/// How long it will be.
fn wait(minutes: u8) -> [PromptId; 3] {
    let unit = match minutes {
        1 => PromptId::Minute,
        _ => PromptId::Minutes,
    };
    [PromptId::WaitIsAbout, PromptId::Number(minutes), unit]
}
