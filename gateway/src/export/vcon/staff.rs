//! Agents as they are on record, for what the facts of a contact do not tell of them.

use std::collections::BTreeMap;

use ws::id::{AgentId, Number, TrunkId};

use crate::store::agents::AgentRow;

/// Who is on record when the container is made.
#[derive(Debug, Default)]
pub struct Staff(BTreeMap<AgentId, Known>);

#[derive(Debug)]
struct Known {
    name: String,
    /// The number they are called at, where it is no phone that registered.
    tel: Option<String>,
}

impl Staff {
    /// Takes those who are on record.
    pub fn of(rows: &[AgentRow]) -> Self {
        let known = |row: &AgentRow| Known {
            name: row.name.clone(),
            tel: row.extension.as_ref().map(|(trunk, at)| tel(trunk, at)),
        };
        let each = rows.iter().map(|row| (row.agent.clone(), known(row)));
        Self(each.collect())
    }

    pub(super) fn name(&self, agent: &str) -> Option<&String> {
        Some(&self.find(agent)?.name)
    }

    pub(super) fn tel(&self, agent: &str) -> Option<&String> {
        self.find(agent)?.tel.as_ref()
    }

    fn find(&self, agent: &str) -> Option<&Known> {
        self.0.get(&agent.parse::<AgentId>().ok()?)
    }
}

// RFC 3966 §5.1.5: a number that is not global is told with where it leads to whom it is of. That is behind the trunk, whose
// name is written as a label of a host.
fn tel(trunk: &TrunkId, number: &Number) -> String {
    let text = number.as_str();
    if text.starts_with('+') {
        return text.to_owned();
    }
    let label: String = trunk
        .as_str()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("{text};phone-context={label}")
}
