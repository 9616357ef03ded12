//! Whose sign-ins count: those of agents on record by the password they have now, until they are given back.

use std::collections::BTreeMap;

use ws::id::{AgentId, Timestamp};

use super::Rejected;
use crate::store::agents::{AgentRow, Role};

/// One sign-in of an agent, through all the credentials it is renewed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Whose.
    pub agent: AgentId,
    /// Which of theirs; random.
    pub id: String,
    /// What tells the password it was made by from those before and after ([`AgentRow::mark`]).
    pub mark: String,
    /// When it was made.
    pub since: Timestamp,
}

impl SignIn {
    /// Makes one for who has proved to be of `row`.
    pub fn make(row: &AgentRow, now: Timestamp) -> Self {
        Self {
            agent: row.agent.clone(),
            id: crate::store::agents::hex(&super::random::<16>()),
            mark: row.mark(),
            since: now,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    role: Role,
    mark: String,
}

/// The agents on record, and the sign-ins that ended before their credentials do.
#[derive(Clone, Debug, Default)]
pub struct Roll {
    known: BTreeMap<AgentId, Known>,
    /// Sign-ins that were given back, until when a credential of theirs may be good.
    ended: BTreeMap<String, Timestamp>,
}

impl Roll {
    /// Begins with those who are on record and what was given back before a restart.
    pub fn new(agents: &[AgentRow], ended: impl IntoIterator<Item = (String, Timestamp)>) -> Self {
        let mut roll = Self {
            known: BTreeMap::new(),
            ended: ended.into_iter().collect(),
        };
        roll.replace(agents);
        roll
    }

    /// Takes the agents on record anew.
    pub fn replace(&mut self, agents: &[AgentRow]) {
        self.known.clear();
        for row in agents {
            self.learn(row);
        }
    }

    /// Takes one in as they are on record now; tells whether that is news.
    pub fn learn(&mut self, row: &AgentRow) -> bool {
        let known = Known {
            role: row.role,
            mark: row.mark(),
        };
        let before = self.known.insert(row.agent.clone(), known.clone());
        before != Some(known)
    }

    /// Ends a sign-in, and forgets those of which no credential can be good any more.
    pub fn end(&mut self, id: String, until: Timestamp, now: Timestamp) {
        self.ended.retain(|_, until| *until > now);
        self.ended.insert(id, until);
    }

    /// Returns what an agent may do.
    pub fn role(&self, agent: &AgentId) -> Option<Role> {
        self.known.get(agent).map(|known| known.role)
    }

    /// Returns what who signed in may do, or why they are not let in any more.
    pub fn judge(&self, sign_in: &SignIn) -> Result<Role, Rejected> {
        if self.ended.contains_key(&sign_in.id) {
            return Err(Rejected::Withdrawn);
        }
        match self.known.get(&sign_in.agent) {
            Some(known) if known.mark == sign_in.mark => Ok(known.role),
            Some(_) | None => Err(Rejected::Withdrawn),
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::store::agents::{self, NewAgent};

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn record() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(include_str!("../store/schema.sql"))
            .unwrap();
        add(&connection, "anna");
        add(&connection, "ben");
        connection
    }

    fn add(record: &Connection, name: &str) {
        let new = NewAgent {
            agent: name.parse().unwrap(),
            name: name.to_owned(),
            role: Role::Agent,
            skills: BTreeMap::new(),
            queues: Vec::new(),
            chat_slots: None,
            extension: None,
        };
        agents::add(record, &new, "house", "a long password").unwrap();
    }

    fn rows(record: &Connection) -> Vec<AgentRow> {
        agents::all(record).unwrap()
    }

    #[test]
    fn a_changed_password_ends_the_sign_ins_before_it_and_nobody_elses() {
        let record = record();
        let before = rows(&record);
        let [anna, ben] = [0, 1].map(|n| SignIn::make(&before[n], NOW));
        let mut roll = Roll::new(&rows(&record), []);
        assert_eq!(roll.judge(&anna), Ok(Role::Agent));

        // To the very same one: who changes it wants nobody to be in any more.
        agents::set_password(&record, &anna.agent, "house", "a long password").unwrap();
        roll.replace(&rows(&record));

        assert_eq!(roll.judge(&anna), Err(Rejected::Withdrawn));
        assert_eq!(roll.judge(&ben), Ok(Role::Agent));
        let again = SignIn::make(&rows(&record)[0], NOW);
        assert_eq!(roll.judge(&again), Ok(Role::Agent));
        // After a restart too: the mark is of what is on record.
        let roll = Roll::new(&rows(&record), []);
        assert_eq!(roll.judge(&anna), Err(Rejected::Withdrawn));
        assert_eq!(roll.judge(&again), Ok(Role::Agent));
    }

    #[test]
    fn who_is_put_on_record_again_begins_anew() {
        let record = record();
        let before = SignIn::make(&rows(&record)[0], NOW);
        record
            .execute("DELETE FROM agents WHERE agent = 'anna'", [])
            .unwrap();
        let mut roll = Roll::new(&rows(&record), []);
        assert_eq!(roll.judge(&before), Err(Rejected::Withdrawn));

        add(&record, "anna");
        roll.replace(&rows(&record));

        assert_eq!(roll.judge(&before), Err(Rejected::Withdrawn));
        assert_eq!(
            roll.judge(&SignIn::make(&rows(&record)[0], NOW)),
            Ok(Role::Agent)
        );
    }

    #[test]
    fn a_sign_in_that_was_given_back_is_over_and_is_kept_no_longer_than_it_counts() {
        let record = record();
        let rows = rows(&record);
        let (one, other) = (SignIn::make(&rows[0], NOW), SignIn::make(&rows[0], NOW));
        let mut roll = Roll::new(&rows, []);

        roll.end(one.id.clone(), Timestamp(NOW.0 + 10), NOW);

        assert_eq!(roll.judge(&one), Err(Rejected::Withdrawn));
        assert_eq!(roll.judge(&other), Ok(Role::Agent));
        roll.end(
            other.id.clone(),
            Timestamp(NOW.0 + 20),
            Timestamp(NOW.0 + 10),
        );
        assert_eq!(roll.ended.len(), 1);
        let roll = Roll::new(&rows, [(other.id.clone(), Timestamp(NOW.0 + 20))]);
        assert_eq!(roll.judge(&other), Err(Rejected::Withdrawn));
    }
}
