//! Who can serve what: worked out from the setup once, not at every choice. Agents and demands become small numbers here,
//! and demands that the same agents can meet are one team, with one line before it.

use std::{collections::BTreeMap, time::Duration};

use ws::id::{AgentId, QueueId};

use crate::{
    demand::{Skills, lack},
    ids::ByName,
    setup::{QueueSetup, Setup},
};

/// An agent's number, in the order of the ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seat(u32);

/// The agents who can meet one or more demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Team(u32);

impl Seat {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl Team {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Roster {
    seats: ByName<AgentId, Seat>,
    names: Vec<AgentId>,
    /// The names customers are shown.
    shown: Vec<String>,
    able: Vec<Skills>,
    /// The queues each agent has all skills for from the first moment.
    serves: Vec<Vec<QueueId>>,
    /// The queues each agent has all skills for at some time, and after how long a wait.
    reaches: Vec<Vec<(QueueId, Duration)>>,
    /// The teams each agent is in.
    teams_of: Vec<Vec<Team>>,
    teams: Vec<Vec<Seat>>,
    by_members: BTreeMap<Vec<Seat>, Team>,
    queues: ByName<QueueId, Staff>,
    /// Teams of demands that interactions brought, and how many of them are remembered before they are looked through.
    brought: BTreeMap<(QueueId, Skills), Team>,
    most_brought: usize,
    idle: Vec<Team>,
}

/// Who is at a queue, and which of them can serve an entry after each step of waiting.
#[derive(Clone, Debug, Default)]
struct Staff {
    everybody: Vec<Seat>,
    after: Vec<Duration>,
    steps: Vec<(Skills, Team)>,
}

/// How many demands brought by interactions are remembered at least.
const BROUGHT: usize = 512;

impl Roster {
    pub(crate) fn new(setup: &Setup) -> Self {
        let mut roster = Self {
            names: setup.agents.keys().cloned().collect(),
            shown: setup.agents.values().map(|a| a.name.clone()).collect(),
            able: setup.agents.values().map(|a| a.skills.clone()).collect(),
            serves: vec![Vec::new(); setup.agents.len()],
            reaches: vec![Vec::new(); setup.agents.len()],
            teams_of: vec![Vec::new(); setup.agents.len()],
            most_brought: BROUGHT,
            ..Self::default()
        };
        for (n, name) in (0..).zip(&roster.names) {
            roster.seats.insert(name.clone(), Seat(n));
        }
        for (agent, able) in &setup.agents {
            let seat = roster.seats[agent];
            for queue in &able.queues {
                if setup.queues.contains_key(queue) {
                    let staff = roster.queues.entry(queue.clone()).or_default();
                    staff.everybody.push(seat);
                }
            }
        }
        for (name, queue) in &setup.queues {
            roster.add_queue(name, queue);
        }
        for (agent, able) in &setup.agents {
            let seat = roster.seats[agent];
            let reach = |name: &QueueId| {
                let after = roster.queues.get(name)?.reached_after(&able.skills)?;
                Some((name.clone(), after))
            };
            let reaches: Vec<_> = able.queues.iter().filter_map(reach).collect();
            let serves = reaches.iter().filter(|(_, after)| after.is_zero());
            roster.serves[seat.index()] = serves.map(|(name, _)| name.clone()).collect();
            roster.reaches[seat.index()] = reaches;
        }
        roster
    }

    fn add_queue(&mut self, name: &QueueId, queue: &QueueSetup) {
        let mut staff = self.queues.remove(name).unwrap_or_default();
        staff.after = queue.relax.iter().map(|step| step.after).collect();
        staff.after.sort_unstable();
        staff.after.dedup();
        for waited in [Duration::ZERO].iter().chain(&staff.after) {
            let demand = queue.demand(&Skills::new(), *waited);
            let team = self.team_of(&staff.everybody, &demand).0;
            staff.steps.push((demand, team));
        }
        self.queues.insert(name.clone(), staff);
    }

    // The team of those among `staff` who can do all of `demand`, and whether it is new.
    fn team_of(&mut self, staff: &[Seat], demand: &Skills) -> (Team, bool) {
        let able = |seat: &&Seat| lack(self.able(**seat), demand).is_none();
        let members: Vec<Seat> = staff.iter().filter(able).copied().collect();
        if let Some(team) = self.by_members.get(&members) {
            return (*team, false);
        }
        let team = self.idle.pop().unwrap_or_else(|| {
            self.teams.push(Vec::new());
            Team(u32::try_from(self.teams.len() - 1).unwrap_or(u32::MAX))
        });
        for seat in &members {
            self.teams_of[seat.index()].push(team);
        }
        self.teams[team.index()].clone_from(&members);
        self.by_members.insert(members, team);
        (team, true)
    }

    /// Returns the team for an entry that brings `extra` and has waited so long, and whether it is new.
    pub(crate) fn team(
        &mut self,
        setup: &Setup,
        queue: &QueueId,
        extra: &Skills,
        waited: Duration,
    ) -> Option<(Team, bool)> {
        let staff = self.queues.get(queue)?;
        if extra.is_empty() {
            let (_, team) = staff.step(waited)?;
            return Some((*team, false));
        }
        let demand = setup.queues.get(queue)?.demand(extra, waited);
        let key = (queue.clone(), demand);
        if let Some(team) = self.brought.get(&key) {
            return Some((*team, false));
        }
        let everybody = staff.everybody.clone();
        let (team, new) = self.team_of(&everybody, &key.1);
        self.brought.insert(key, team);
        Some((team, new))
    }

    /// Tells whether so many demands were brought that those nobody waits with any more should be forgotten.
    pub(crate) fn is_crowded(&self) -> bool {
        self.brought.len() > self.most_brought
    }

    /// Forgets the demands that were brought and are not `used`; returns the teams that are gone.
    pub(crate) fn forget(&mut self, used: impl Fn(Team) -> bool) -> Vec<Team> {
        let before: Vec<Team> = self.brought.values().copied().collect();
        self.brought.retain(|_, team| used(*team));
        self.most_brought = BROUGHT.max(self.brought.len() * 2);
        let configured = self.queues.values().flat_map(|staff| &staff.steps);
        let mut kept: Vec<Team> = configured.map(|(_, team)| *team).collect();
        kept.extend(self.brought.values());
        kept.sort_unstable();
        let mut gone: Vec<Team> = before;
        gone.sort_unstable();
        gone.dedup();
        gone.retain(|team| kept.binary_search(team).is_err());
        for team in &gone {
            let members = std::mem::take(&mut self.teams[team.index()]);
            for seat in &members {
                self.teams_of[seat.index()].retain(|other| other != team);
            }
            self.by_members.remove(&members);
        }
        self.idle.extend(&gone);
        gone
    }

    /// Returns how many agents there are.
    pub(crate) fn seats(&self) -> usize {
        self.names.len()
    }

    /// Returns an agent's number.
    pub(crate) fn seat(&self, agent: &AgentId) -> Option<Seat> {
        self.seats.get(agent).copied()
    }

    pub(crate) fn name(&self, seat: Seat) -> &AgentId {
        &self.names[seat.index()]
    }

    /// Returns the name customers are shown of an agent.
    pub(crate) fn shown(&self, agent: &AgentId) -> Option<&String> {
        let seat = self.seat(agent);
        seat.map(|seat| &self.shown[seat.index()])
    }

    /// Returns what an agent can do.
    pub(crate) fn able(&self, seat: Seat) -> &Skills {
        &self.able[seat.index()]
    }

    pub(crate) fn teams_of(&self, seat: Seat) -> &[Team] {
        &self.teams_of[seat.index()]
    }

    pub(crate) fn members(&self, team: Team) -> &[Seat] {
        &self.teams[team.index()]
    }

    /// Returns everybody who is at a queue, whatever they can do.
    pub(crate) fn staff(&self, queue: &QueueId) -> &[Seat] {
        let staff = self.queues.get(queue);
        staff.map_or(&[], |staff| &staff.everybody)
    }

    /// Returns the team of those who have all skills for a queue from the first moment.
    pub(crate) fn team_of_queue(&self, queue: &QueueId) -> Option<Team> {
        let (_, team) = self.queues.get(queue)?.steps.first()?;
        Some(*team)
    }

    /// Returns the queues an agent has all skills for from the first moment, in their order.
    pub(crate) fn serves(&self, agent: &AgentId) -> &[QueueId] {
        let seat = self.seat(agent);
        seat.map_or(&[], |seat| &self.serves[seat.index()])
    }

    /// Returns the queues an agent has all skills for at some time, and how long an entry must have waited for that.
    pub(crate) fn reaches(&self, agent: &AgentId) -> &[(QueueId, Duration)] {
        let seat = self.seat(agent);
        seat.map_or(&[], |seat| &self.reaches[seat.index()])
    }

    /// Tells whether an agent has all skills for a queue from the first moment.
    pub(crate) fn fits(&self, agent: &AgentId, queue: &QueueId) -> bool {
        self.serves(agent).contains(queue)
    }

    /// Tells whether an agent is at a queue, whatever they can do.
    pub(crate) fn is_at(&self, agent: &AgentId, queue: &QueueId) -> bool {
        let seat = self.seat(agent);
        seat.is_some_and(|seat| self.staff(queue).binary_search(&seat).is_ok())
    }
}

impl Staff {
    fn step(&self, waited: Duration) -> Option<&(Skills, Team)> {
        let passed = self.after.partition_point(|after| *after <= waited);
        self.steps.get(passed)
    }

    // How long an entry must have waited before who is `able` of this can serve it. Steps only ever lower what is asked.
    fn reached_after(&self, able: &Skills) -> Option<Duration> {
        let mut steps = self.steps.iter();
        let step = steps.position(|(demand, _)| lack(able, demand).is_none())?;
        Some(
            step.checked_sub(1)
                .map_or(Duration::ZERO, |step| self.after[step]),
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::{setup::Relax, tests::house};

    use super::*;

    fn german(level: u8) -> Skills {
        [("german".parse().unwrap(), level)].into()
    }

    fn levels(levels: &[u8]) -> (Setup, QueueId) {
        let mut setup = house(levels.len(), 1);
        for (agent, level) in setup.agents.values_mut().zip(levels) {
            agent.skills = german(*level);
        }
        (setup, "support".parse().unwrap())
    }

    fn members(roster: &mut Roster, setup: &Setup, extra: &Skills, waited: u64) -> Vec<u32> {
        let queue = "support".parse().unwrap();
        let waited = Duration::from_secs(waited);
        let (team, _) = roster.team(setup, &queue, extra, waited).unwrap();
        roster.members(team).iter().map(|seat| seat.0).collect()
    }

    #[test]
    fn an_agent_serves_only_queues_whose_skills_they_have_at_the_level_asked() {
        let (mut setup, queue) = levels(&[4, 5]);
        setup.queues.get_mut(&queue).unwrap().skills = german(5);

        let roster = Roster::new(&setup);

        assert!(!roster.fits(&"a0".parse().unwrap(), &queue));
        assert!(roster.fits(&"a1".parse().unwrap(), &queue));
        assert_eq!(roster.staff(&queue).len(), 2);
    }

    #[test]
    fn an_agent_reaches_a_queue_at_the_first_step_whose_level_they_have() {
        let (mut setup, queue) = levels(&[1, 2, 4, 5]);
        let step = |after, level| Relax {
            after: Duration::from_secs(after),
            skill: "german".parse().unwrap(),
            level,
        };
        let support = setup.queues.get_mut(&queue).unwrap();
        (support.skills, support.relax) = (german(5), vec![step(30, 2), step(10, 4)]);

        let roster = Roster::new(&setup);

        let reached = |agent: &str| {
            let reaches = roster.reaches(&agent.parse().unwrap());
            reaches.first().map(|(_, after)| after.as_secs())
        };
        assert_eq!(
            ["a0", "a1", "a2", "a3"].map(reached),
            [None, Some(30), Some(10), Some(0)]
        );
    }

    #[test]
    fn a_team_grows_with_every_step_of_waiting_whoever_asked_the_skill() {
        let (mut setup, queue) = levels(&[1, 5, 9]);
        let step = |after, level| Relax {
            after: Duration::from_secs(after),
            skill: "german".parse().unwrap(),
            level,
        };
        let support = setup.queues.get_mut(&queue).unwrap();
        (support.skills, support.relax) = (german(5), vec![step(30, 2), step(10, 4)]);

        let mut roster = Roster::new(&setup);

        let own = |roster: &mut Roster, at| members(roster, &setup, &Skills::new(), at);
        assert_eq!(own(&mut roster, 0), [1, 2]);
        assert_eq!(own(&mut roster, 30), [1, 2]);
        assert_eq!(members(&mut roster, &setup, &german(6), 0), [2]);
        assert_eq!(members(&mut roster, &setup, &german(6), 10), [1, 2]);
    }

    #[test]
    fn demands_that_the_same_agents_meet_are_one_team() {
        let (mut setup, queue) = levels(&[3, 3]);
        let other: QueueId = "sales".parse().unwrap();
        setup.queues.insert(other.clone(), QueueSetup::default());
        for agent in setup.agents.values_mut() {
            agent.queues.push(other.clone());
        }
        let mut roster = Roster::new(&setup);

        let mut team = |queue| roster.team(&setup, queue, &Skills::new(), Duration::ZERO);

        assert_eq!(team(&queue), team(&other));
    }

    #[test]
    fn demands_that_were_brought_are_forgotten_when_nobody_waits_with_them() {
        let (setup, _) = levels(&[1, 2, 3]);
        let mut roster = Roster::new(&setup);
        for level in 1..=4 {
            members(&mut roster, &setup, &german(level), 0);
        }
        let before = roster.teams_of(Seat(2)).len();

        let gone = roster.forget(|_| false);

        // Everybody meets level 1, and that team stays for the queue itself.
        assert_eq!((before, gone.len()), (3, 3));
        assert_eq!(roster.teams_of(Seat(2)).len(), 1);
        assert_eq!(members(&mut roster, &setup, &german(3), 0), [2]);
        assert_eq!(roster.teams_of(Seat(2)).len(), 2);
    }

    #[test]
    fn the_order_of_steps_in_the_setup_does_not_matter() {
        let (mut setup, queue) = levels(&[1]);
        let relax = |after, level| Relax {
            after: Duration::from_secs(after),
            skill: "german".parse().unwrap(),
            level,
        };
        let support = setup.queues.get_mut(&queue).unwrap();
        (support.skills, support.relax) = (german(9), vec![relax(60, 0), relax(5, 8)]);

        let mut roster = Roster::new(&setup);

        let at = |roster: &mut Roster, at| members(roster, &setup, &Skills::new(), at).len();
        assert_eq!((at(&mut roster, 59), at(&mut roster, 60)), (0, 1));
    }
}
