//! What agents spend their time with, by day (UTC): at every moment one thing. A call goes before a chat, that before a
//! wrap-up, and whoever has none of them is ready, away for a reason, or gone. Kept are today and yesterday,
//! as far as this process saw them.

use std::collections::BTreeMap;

use ws::{
    agent::Presence,
    board::Activity,
    id::{AgentId, Timestamp},
};

use crate::{agent::Agent, interaction::Assignment, step::Jump};

const DAY: u64 = 86_400_000;

/// How long something was done, in milliseconds.
pub type Spent = BTreeMap<Activity, u64>;

/// The times of all agents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times {
    agents: BTreeMap<AgentId, Sheet>,
}

#[derive(Clone, Debug, PartialEq)]
struct Sheet {
    activity: Activity,
    since: Timestamp,
    days: BTreeMap<u64, Spent>,
}

/// Tells what a stay has its agent do; nothing while its chat is parked.
pub(crate) fn part(stay: &Assignment) -> Option<Activity> {
    match (stay.wrap_up, stay.voice, stay.parked) {
        (Some(_), _, _) => Some(Activity::WrapUp),
        (None, true, _) => Some(Activity::Call),
        (None, false, None) => Some(Activity::Chat),
        (None, false, Some(_)) => None,
    }
}

/// Tells what an agent does, with what their parts in interactions have them do.
pub(crate) fn doing(agent: &Agent, parts: impl Iterator<Item = Activity>) -> Activity {
    let busy = parts.min_by_key(|part| match part {
        Activity::Call => 0,
        Activity::Chat => 1,
        Activity::WrapUp => 2,
        Activity::Ready | Activity::Away { .. } | Activity::Gone => 3,
    });
    busy.unwrap_or_else(|| match &agent.presence {
        Presence::Ready => Activity::Ready,
        Presence::Away { reason } => Activity::Away {
            reason: agent.code.clone().unwrap_or_else(|| reason.clone()),
        },
        Presence::Gone => Activity::Gone,
    })
}

impl Times {
    /// Returns what an agent does and since when, if they were ever seen.
    pub fn activity(&self, agent: &AgentId) -> Option<(&Activity, Timestamp)> {
        let sheet = self.agents.get(agent)?;
        Some((&sheet.activity, sheet.since))
    }

    /// Returns what an agent spent today with; what goes on is not in it.
    pub fn spent(&self, agent: &AgentId, now: Timestamp) -> Spent {
        let sheet = self.agents.get(agent);
        let day = sheet.and_then(|sheet| sheet.days.get(&(now.0 / DAY)));
        day.cloned().unwrap_or_default()
    }

    /// Returns what an agent spent today with, up to now.
    pub fn today(&self, agent: &AgentId, now: Timestamp) -> Spent {
        let mut spent = self.spent(agent, now);
        if let Some((activity, since)) = self.activity(agent) {
            let begin = since.max(Timestamp(now.0 - now.0 % DAY));
            let goes_on = u64::try_from(now.since(begin).as_millis()).unwrap_or(u64::MAX);
            *spent.entry(activity.clone()).or_default() += goes_on;
        }
        spent
    }

    /// Takes in that the time jumps: nobody spent that with anything.
    pub(crate) fn step(&mut self, jump: Jump) {
        for sheet in self.agents.values_mut() {
            jump.move_on(&mut sheet.since);
        }
    }

    pub(crate) fn note(&mut self, agent: &AgentId, activity: Activity, at: Timestamp) {
        let Some(sheet) = self.agents.get_mut(agent) else {
            let sheet = Sheet {
                activity,
                since: at,
                days: BTreeMap::new(),
            };
            self.agents.insert(agent.clone(), sheet);
            return;
        };
        if sheet.activity == activity {
            return;
        }
        let was = std::mem::replace(&mut sheet.activity, activity);
        let mut from = std::mem::replace(&mut sheet.since, at);
        let oldest = (at.0 / DAY).saturating_sub(1);
        from = from.max(Timestamp(oldest * DAY));
        while from < at {
            let day = from.0 / DAY;
            let until = Timestamp((day + 1) * DAY).min(at);
            let spent = sheet.days.entry(day).or_default();
            *spent.entry(was.clone()).or_default() += until.0 - from.0;
            from = until;
        }
        sheet.days.retain(|day, _| *day >= oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anna() -> AgentId {
        "anna".parse().unwrap()
    }

    #[test]
    fn a_day_is_the_sum_of_what_was_done_and_midnight_parts_it() {
        let mut times = Times::default();
        let lunch = Activity::Away {
            reason: "lunch".to_owned(),
        };
        let late = DAY - 3_600_000;
        times.note(&anna(), Activity::Ready, Timestamp(late));
        times.note(&anna(), lunch.clone(), Timestamp(DAY + 600_000));
        times.note(&anna(), Activity::Call, Timestamp(DAY + 700_000));
        times.note(&anna(), Activity::Call, Timestamp(DAY + 750_000));

        let today = times.today(&anna(), Timestamp(DAY + 800_000));

        let expected = [
            (Activity::Ready, 600_000),
            (Activity::Call, 100_000),
            (lunch, 100_000),
        ];
        assert_eq!(today, Spent::from(expected));
        let yesterday = times.spent(&anna(), Timestamp(DAY - 1));
        assert_eq!(yesterday, Spent::from([(Activity::Ready, 3_600_000)]));
        let activity = times.activity(&anna());
        assert_eq!(activity, Some((&Activity::Call, Timestamp(DAY + 700_000))));
    }

    #[test]
    fn who_was_nothing_for_a_week_leaves_two_days() {
        let mut times = Times::default();
        times.note(&anna(), Activity::Gone, Timestamp(0));

        times.note(&anna(), Activity::Ready, Timestamp(7 * DAY + 5));

        assert_eq!(times.agents[&anna()].days.len(), 2);
    }
}
