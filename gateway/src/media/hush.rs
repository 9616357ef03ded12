//! When silence is described to a peer instead of sent (RFC 3389).

/// So many 20 ms of silence are sent before it is described: more than the pauses within speech, which go out whole.
const HANGOVER: u32 = 10;

/// The description is renewed each so many 20 ms. A far side that learns our address or watches for our packets sees five a
/// second instead of fifty; one that is lost leaves its listener without noise for 200 ms; NATs forget after 30 s at the earliest.
const RENEWAL: u32 = 10;

/// Mean squares below this are silence: 60 dB below the overload point.
const SILENT: f32 = OVERLOAD * OVERLOAD / 1_000_000.0;

/// The loudest sample. A square wave of it is 0 dBov (RFC 3389 §3.1).
const OVERLOAD: f32 = 32_767.0;

/// The softest level that can be described, in decibels below the overload point.
const SOFTEST: f32 = 127.0;

/// Tells for each 20 ms whether they are sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hush {
    /// Sound is sent; so many of the latest 20 ms were silent, with so much power together.
    Heard { silent: u32, power: f32 },
    /// Silence is described; so many 20 ms were sent nothing in since the last description, and had so much power together.
    Described { left_out: u32, power: f32 },
}

/// What becomes of 20 ms. `skipped` counts the 20 ms before it in which nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Sound {
        skipped: u32,
    },
    /// Silence with this much noise, in decibels below the overload point.
    Noise {
        level: u8,
        skipped: u32,
    },
    Nothing,
}

impl Default for Hush {
    fn default() -> Self {
        Self::Heard {
            silent: 0,
            power: 0.0,
        }
    }
}

impl Hush {
    /// Takes 20 ms by the mean square of their samples, after `skipped` times 20 ms that were left out.
    pub(super) fn hear(&mut self, power: f32, skipped: u32) -> Said {
        if power >= SILENT {
            return Said::Sound {
                skipped: self.wake(skipped),
            };
        }
        match self {
            Self::Heard { silent, power: sum } if *silent < HANGOVER => {
                *silent += 1;
                *sum += power;
                Said::Sound { skipped }
            }
            Self::Heard { silent, power: sum } => {
                let level = level(*sum / *silent as f32);
                self.describe(level, skipped)
            }
            Self::Described {
                left_out,
                power: sum,
            } => {
                let passed = left_out.saturating_add(skipped);
                *sum += power;
                if passed.saturating_add(1) < RENEWAL {
                    *left_out = passed + 1;
                    return Said::Nothing;
                }
                // Of what was skipped nothing is known, so it counts as the rest.
                let heard = (*left_out + 1) as f32;
                let level = level(*sum / heard);
                self.describe(level, passed)
            }
        }
    }

    /// Sends whatever comes next. Returns how many 20 ms were sent nothing in before that, with `skipped`.
    pub(super) fn wake(&mut self, skipped: u32) -> u32 {
        match std::mem::take(self) {
            Self::Heard { .. } => skipped,
            Self::Described { left_out, .. } => left_out.saturating_add(skipped),
        }
    }

    const fn describe(&mut self, level: u8, skipped: u32) -> Said {
        *self = Self::Described {
            left_out: 0,
            power: 0.0,
        };
        Said::Noise { level, skipped }
    }
}

/// The mean square of samples.
pub(super) fn power(samples: impl ExactSizeIterator<Item = i16>) -> f32 {
    let count = samples.len().max(1) as f32;
    let sum: f32 = samples.map(|sample| f32::from(sample).powi(2)).sum();
    sum / count
}

fn level(power: f32) -> u8 {
    let below = 10.0 * (OVERLOAD * OVERLOAD / power).log10();
    below.round().clamp(0.0, SOFTEST) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: f32 = 1_000_000.0;

    // What is said of `frames` of one power.
    fn hear(hush: &mut Hush, power: f32, frames: u32) -> Vec<Said> {
        (0..frames).map(|_| hush.hear(power, 0)).collect()
    }

    fn sound(said: &[Said]) -> bool {
        said.iter().all(|said| *said == Said::Sound { skipped: 0 })
    }

    #[test]
    fn silence_is_described_once_it_lasts_and_each_200_ms() {
        let mut hush = Hush::default();
        assert!(sound(&hear(&mut hush, LOUD, 50)));

        assert!(sound(&hear(&mut hush, 0.0, HANGOVER)));
        let said = hear(&mut hush, 0.0, RENEWAL * 2 + 1);

        let noise = |skipped| Said::Noise {
            level: 127,
            skipped,
        };
        let mut expected = vec![Said::Nothing; said.len()];
        expected[0] = noise(0);
        expected[10] = noise(9);
        expected[20] = noise(9);
        assert_eq!(said, expected);
    }

    #[test]
    fn sound_is_sent_at_once_and_the_clock_has_gone_on() {
        let mut hush = Hush::default();
        hear(&mut hush, 0.0, HANGOVER + 1);
        hear(&mut hush, 0.0, 4);

        assert_eq!(hush.hear(SILENT, 0), Said::Sound { skipped: 4 });
        assert!(sound(&hear(&mut hush, 0.0, HANGOVER)));
    }

    #[test]
    fn pauses_within_speech_are_sent() {
        let mut hush = Hush::default();

        for _ in 0..5 {
            assert!(sound(&hear(&mut hush, 0.0, HANGOVER)));
            assert!(sound(&hear(&mut hush, LOUD, 1)));
        }
    }

    #[test]
    fn the_level_is_that_of_what_was_measured() {
        for (rms, expected) in [(0.0, 127), (1.0, 90), (8.0, 72), (30.0, 61)] {
            let mut hush = Hush::default();
            hear(&mut hush, rms * rms, HANGOVER);

            let level = expected;
            assert_eq!(hush.hear(rms * rms, 0), Said::Noise { level, skipped: 0 });
            let again = hear(&mut hush, 4.0 * 4.0, RENEWAL);
            assert_eq!(
                again[9],
                Said::Noise {
                    level: 78,
                    skipped: 9
                }
            );
        }
    }

    #[test]
    fn a_stall_counts_as_time_in_which_nothing_was_sent() {
        let mut hush = Hush::default();
        hear(&mut hush, 0.0, HANGOVER + 3);

        let said = hush.hear(0.0, 30);
        assert_eq!(
            said,
            Said::Noise {
                level: 127,
                skipped: 32
            }
        );
        assert_eq!(hush.wake(7), 7);
        assert_eq!(hush.hear(LOUD, u32::MAX), Said::Sound { skipped: u32::MAX });
    }

    #[test]
    fn who_takes_no_descriptions_any_more_is_sent_what_comes_next_in_its_place() {
        let mut hush = Hush::default();
        hear(&mut hush, 0.0, HANGOVER + 6);

        assert_eq!(hush.wake(1), 6);
        assert_eq!(hush.wake(1), 1);
    }
}
