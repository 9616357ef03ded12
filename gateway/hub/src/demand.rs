//! What an agent must be able to do for an entry: what its queue and the interaction ask, less what waiting has waived.

use std::{collections::BTreeMap, time::Duration};

use ws::id::{Skill, Timestamp};

use crate::setup::QueueSetup;

/// Skills, each with a level from 1 to 10: the least one where they are asked, the one reached where somebody has them.
pub type Skills = BTreeMap<Skill, u8>;

/// A skill that `wanted` asks and `able` lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// Which.
    pub skill: Skill,
    /// The least level asked.
    pub least: u8,
    /// The level there is, 0 for none.
    pub has: u8,
}

/// Returns the first skill that is lacking.
pub fn lack(able: &Skills, wanted: &Skills) -> Option<Lack> {
    wanted.iter().find_map(|(skill, least)| {
        let has = able.get(skill).copied().unwrap_or(0);
        (has < *least).then(|| Lack {
            skill: skill.clone(),
            least: *least,
            has,
        })
    })
}

impl QueueSetup {
    /// Returns what is asked of an agent for an entry that brings `extra` and has waited so long. Of a skill that queue
    /// and interaction both ask the higher level counts; the queue's steps lower it, whoever asked.
    pub fn demand(&self, extra: &Skills, waited: Duration) -> Skills {
        let mut skills = self.skills.clone();
        for (skill, least) in extra {
            let asked = skills.entry(skill.clone()).or_default();
            *asked = (*asked).max(*least);
        }
        for step in self.relax.iter().filter(|step| step.after <= waited) {
            if let Some(asked) = skills.get_mut(&step.skill) {
                *asked = (*asked).min(step.level);
            }
        }
        skills.retain(|_, least| *least > 0);
        skills
    }

    /// Returns when the demand on an entry that waits since `since` may change next.
    pub fn relaxes_at(&self, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let steps = self.relax.iter().map(|step| since + step.after);
        steps.filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests {
    use crate::setup::Relax;

    use super::*;

    fn skills(of: &[(&str, u8)]) -> Skills {
        let parse = |(skill, level): &(&str, u8)| (skill.parse().unwrap(), *level);
        of.iter().map(parse).collect()
    }

    #[test]
    fn a_level_falls_by_steps_and_at_zero_the_skill_is_not_asked() {
        let step = |after, level| Relax {
            after: Duration::from_secs(after),
            skill: "german".parse().unwrap(),
            level,
        };
        let queue = QueueSetup {
            skills: skills(&[("german", 5), ("billing", 2)]),
            relax: vec![step(30, 3), step(60, 0)],
            ..QueueSetup::default()
        };
        let extra = skills(&[("german", 7), ("french", 1)]);
        let at = |seconds| queue.demand(&extra, Duration::from_secs(seconds));

        assert_eq!(
            at(29),
            skills(&[("german", 7), ("billing", 2), ("french", 1)])
        );
        assert_eq!(
            at(30),
            skills(&[("german", 3), ("billing", 2), ("french", 1)])
        );
        assert_eq!(at(60), skills(&[("billing", 2), ("french", 1)]));
        let since = Timestamp(1_000);
        assert_eq!(
            [1_000, 31_000, 61_000].map(|now| queue.relaxes_at(since, Timestamp(now))),
            [Some(Timestamp(31_000)), Some(Timestamp(61_000)), None]
        );
    }

    #[test]
    fn what_is_lacking_is_named_with_both_levels() {
        let able = skills(&[("german", 4)]);

        assert_eq!(lack(&able, &skills(&[("german", 4)])), None);
        let lacking = lack(&able, &skills(&[("german", 5)])).unwrap();
        assert_eq!((lacking.least, lacking.has), (5, 4));
        assert_eq!(lack(&able, &skills(&[("french", 1)])).unwrap().has, 0);
    }
}
