//! Who can serve which queue: worked out from the setup once, not at every choice.

use std::collections::BTreeMap;

use ws::id::{AgentId, QueueId};

use crate::setup::{AgentSetup, QueueSetup, Setup};

/// Queues by agent and agents by queue; only those with the skills at the levels a queue requires.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roster {
    serves: BTreeMap<AgentId, Vec<QueueId>>,
    staff: BTreeMap<QueueId, Vec<AgentId>>,
}

impl Roster {
    pub(crate) fn new(setup: &Setup) -> Self {
        let mut roster = Self::default();
        for (agent, able) in &setup.agents {
            for queue in &able.queues {
                let wanted = setup.queues.get(queue);
                if wanted.is_some_and(|wanted| missing(able, wanted).is_none()) {
                    let serves = roster.serves.entry(agent.clone()).or_default();
                    serves.push(queue.clone());
                    let staff = roster.staff.entry(queue.clone()).or_default();
                    staff.push(agent.clone());
                }
            }
        }
        roster
    }

    pub(crate) fn serves(&self, agent: &AgentId) -> &[QueueId] {
        self.serves.get(agent).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn staff(&self, queue: &QueueId) -> &[AgentId] {
        self.staff.get(queue).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn fits(&self, agent: &AgentId, queue: &QueueId) -> bool {
        self.serves(agent).contains(queue)
    }
}

// The first skill an agent lacks for a queue.
fn missing<'a>(able: &AgentSetup, wanted: &'a QueueSetup) -> Option<&'a ws::id::Skill> {
    wanted
        .skills
        .iter()
        .find(|(skill, least)| able.skills.get(*skill).is_none_or(|level| level < *least))
        .map(|(skill, _)| skill)
}

#[cfg(test)]
mod tests {
    use crate::tests::house;

    use super::*;

    #[test]
    fn an_agent_serves_only_queues_whose_skills_they_have_at_the_level_asked() {
        let mut setup = house(2, 1);
        let queue: QueueId = "support".parse().unwrap();
        let skill: ws::id::Skill = "german".parse().unwrap();
        let (anna, ben): (AgentId, AgentId) = ("a0".parse().unwrap(), "a1".parse().unwrap());
        setup.queues.get_mut(&queue).unwrap().skills = [(skill.clone(), 5)].into();
        setup.agents.get_mut(&anna).unwrap().skills = [(skill.clone(), 4)].into();
        setup.agents.get_mut(&ben).unwrap().skills = [(skill, 5)].into();

        let roster = Roster::new(&setup);

        assert!(!roster.fits(&anna, &queue));
        assert!(roster.fits(&ben, &queue));
    }
}
