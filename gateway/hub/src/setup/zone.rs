//! What the hub is told about zones: what who comes by one asks for, and when it is open.

use std::sync::Arc;

use ws::{form::Answer, id::QueueId};

use crate::{
    demand::Skills,
    form::{self, Field},
    hours::Hours,
};

/// One zone.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneSetup {
    /// Where its chats wait.
    pub queue: QueueId,
    /// What else an agent must be able to do for who comes by it.
    pub skills: Skills,
    /// Points that move who comes by it forward, 0 to 9.
    pub priority: u8,
    /// Whether its visitors may write; where they may not, a call that is promised to them becomes no chat.
    pub chat: bool,
    /// Whether its visitors' pages may be seen together with an agent.
    pub cobrowse: bool,
    /// How addresses begin that may be suggested on them, beside those of the house.
    pub pages: Vec<String>,
    /// What its visitors are asked before a chat.
    pub form: Vec<Field>,
    /// When it is open, beside the hours of its queue; always, where there are none.
    pub hours: Option<Arc<Hours>>,
}

impl ZoneSetup {
    /// Returns what an agent must be able to do for who comes by it and answered so; the highest level counts.
    pub(crate) fn asks(&self, answers: &[Answer]) -> Skills {
        let mut asked = self.skills.clone();
        for (skill, least) in form::skills(&self.form, answers).flatten() {
            let level = asked.entry(skill.clone()).or_default();
            *level = (*level).max(*least);
        }
        asked
    }

    /// Makes a zone that asks nothing beyond its queue.
    pub fn of(queue: QueueId) -> Self {
        Self {
            queue,
            skills: Skills::new(),
            priority: 0,
            chat: true,
            cobrowse: true,
            pages: Vec::new(),
            form: Vec::new(),
            hours: None,
        }
    }
}
