//! Who may do what in which interaction, and the bounds of what they may write.

use ws::{
    frame::{Code, Refusal},
    id::{AgentId, InteractionId},
    timeline::Author,
};

use crate::{
    consent::Subject,
    gate::Closed,
    hub::Hub,
    input::{Actor, By, refuse},
    interaction::Interaction,
    redact::has_card,
};

/// The longest message, in characters.
pub const TEXT: usize = 4_000;
/// The longest name, disposition or reason, in characters.
pub const NAME: usize = 100;
/// The longest comment beside a rating, in characters.
pub const COMMENT: usize = 1_000;
/// The longest mail address, in characters.
pub const MAIL: usize = 254;
/// The longest page address, in characters.
pub const PAGE: usize = 2_000;
/// The longest id that a website or a program has for a person, in characters.
pub const SUBJECT: usize = 200;
/// The longest one with who numbers the website's customers before it, such as `shop:42`, in characters.
pub const ISSUED: usize = SUBJECT + 51;

/// Checks what has to be written: 1 to `most` characters, not all of them spaces. `what` names it in the refusal.
pub(crate) fn check_written(what: &str, text: &str, most: usize) -> Result<(), Refusal> {
    match text.trim().is_empty() || text.chars().take(most + 1).count() > most {
        true => refuse(
            Code::OutOfRange,
            format!("a {what} has 1 to {most} characters, not all of them spaces"),
        ),
        false => Ok(()),
    }
}

/// How many lines a text about a person may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// A name, an address, an id.
    One,
    /// A note.
    Many,
}

impl Lines {
    /// Tells whether a character may stand in such a text: none that controls, and none that turns the direction of what is
    /// beside it. Notes have ends of lines, tabs, and what keeps a direction to itself, as phones put around names.
    pub fn may_have(self, c: char) -> bool {
        let many = self == Self::Many;
        match c {
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}' => many,
            '\u{202a}'..='\u{202e}' => false,
            _ => !c.is_control(),
        }
    }

    /// Refuses a text with a character that may not stand in it, and names that. `what` names the text.
    pub(crate) fn check(self, what: &str, text: &str) -> Result<(), Refusal> {
        match text.chars().find(|c| !self.may_have(*c)) {
            None => Ok(()),
            Some(odd) => refuse(
                Code::OutOfRange,
                format!(
                    "a {what} has no characters that control, or that turn the direction of writing, such as U+{:04X}",
                    u32::from(odd)
                ),
            ),
        }
    }

    /// Takes out what may not stand in a text.
    pub fn clean(self, text: &mut String) {
        text.retain(|c| self.may_have(c));
    }
}

/// Checks a message: 1 to 4,000 characters.
pub(crate) fn check_text(text: &str) -> Result<(), Refusal> {
    check_written("message", text, TEXT)
}

/// Checks a note: as long as a message.
pub(crate) fn check_note(text: &str) -> Result<(), Refusal> {
    check_written("note", text, TEXT)?;
    Lines::Many.check("note", text)
}

/// Returns what was written where something may be: only spaces are nothing.
pub(crate) fn written(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// Checks an optional field.
pub(crate) fn check_field(what: &str, text: Option<&String>, most: usize) -> Result<(), Refusal> {
    match text {
        Some(text) if text.chars().take(most + 1).count() > most => refuse(
            Code::OutOfRange,
            format!("a {what} has at most {most} characters"),
        ),
        Some(_) | None => Ok(()),
    }
}

/// Checks what another system calls a person, or itself: 1 to `most` characters, none of them one that [`Lines`] refuses or a
/// space at an end, and no card number. `what` names it in the refusal.
pub fn check_id(what: &str, id: &str, most: usize) -> Result<(), Refusal> {
    if id.chars().take(most + 1).count() > most {
        return refuse(
            Code::OutOfRange,
            format!("a {what} has at most {most} characters"),
        );
    }
    Lines::One.check(what, id)?;
    if id.is_empty() || id != id.trim() {
        return refuse(
            Code::OutOfRange,
            "an id is not empty, and has no space at its ends",
        );
    }
    // Its last digits, which are all that would be kept, are those of many.
    if has_card(id) {
        return refuse(
            Code::OutOfRange,
            "a card number is nobody's id here; it is kept nowhere",
        );
    }
    Ok(())
}

/// Checks a mail address that is to be kept, of at most [`MAIL`] characters.
pub fn check_mail(mail: &str) -> Result<(), Refusal> {
    check_field("mail address", Some(&mail.to_owned()), MAIL)?;
    Lines::One.check("mail address", mail)?;
    if has_card(mail) {
        return refuse(
            Code::OutOfRange,
            "a card number is no mail address here; it is kept nowhere",
        );
    }
    match Subject::mail(mail) {
        Some(_) => Ok(()),
        None => Err(Closed::NoAddress.refusal()),
    }
}

impl Hub {
    /// Finds an interaction in which `by` may act.
    pub(crate) fn scoped(&self, id: InteractionId, by: &Actor) -> Result<&Interaction, Refusal> {
        let Some(found) = self.state.interaction(id) else {
            return refuse(
                Code::NotFound,
                "there is no such interaction, or its record is closed",
            );
        };
        let allowed = match by {
            Actor::Visitor(visitor) => found.visitor == Some(*visitor),
            Actor::Agent(agent) => found
                .assignment
                .as_ref()
                .is_some_and(|stay| stay.agent == *agent),
            Actor::Customer(customer) => {
                let customers = self.state.customers();
                customers.root(found.customer) == customers.root(*customer)
            }
            Actor::House(_) => true,
        };
        if !allowed {
            return refuse(
                Code::Forbidden,
                match by {
                    Actor::Visitor(_) | Actor::Customer(_) => {
                        "this interaction belongs to somebody else"
                    }
                    Actor::Agent(_) | Actor::House(_) => "this interaction is not assigned to you",
                },
            );
        }
        Ok(found)
    }

    /// Finds an interaction in which `by` may act and the contact goes on.
    pub(crate) fn going_on(&self, id: InteractionId, by: &Actor) -> Result<&Interaction, Refusal> {
        let found = self.scoped(id, by)?;
        let wrapping = found
            .assignment
            .as_ref()
            .is_some_and(|stay| stay.wrap_up.is_some());
        // A chat may have ended long before the call that was promised in it.
        let over = found.ended.is_some() && found.call.is_none();
        if over || (wrapping && matches!(by, Actor::Agent(_))) {
            return refuse(
                Code::Conflict,
                "the contact is over; nothing can be done in it any more",
            );
        }
        Ok(found)
    }

    /// Finds an interaction in whose chat `by` may write: their own, or one that they
    /// are in as a colleague or barged into as a supervisor.
    pub(crate) fn speaking(&self, id: InteractionId, by: &Actor) -> Result<&Interaction, Refusal> {
        let found = self.state.interaction(id);
        match by {
            Actor::Agent(agent) if found.is_some_and(|found| found.is_joined_by(agent)) => {
                self.going_on(id, &Actor::TANDEM)
            }
            Actor::Agent(_) | Actor::Visitor(_) | Actor::Customer(_) | Actor::House(_) => {
                self.going_on(id, by)
            }
        }
    }

    /// Finds an interaction that is an agent's, or in whose chat they take part as a colleague.
    pub(crate) fn taking_part(
        &self,
        id: InteractionId,
        agent: &AgentId,
    ) -> Result<&Interaction, Refusal> {
        match self.state.interaction(id) {
            Some(found) if found.room.member(agent).is_some() => Ok(found),
            Some(_) | None => self.scoped(id, &Actor::Agent(agent.clone())),
        }
    }

    /// Returns how an actor is named in a timeline.
    pub(crate) fn author(&self, by: &Actor) -> Author {
        match by {
            Actor::Visitor(_) | Actor::Customer(_) => Author::Customer,
            Actor::Agent(agent) => self.agent_author(agent),
            Actor::House(By::Agent(agent)) => self.agent_author(agent),
            Actor::House(By::Program(name)) => Author::Program { name: name.clone() },
            Actor::House(By::Tandem) => Author::System,
        }
    }

    /// Returns which agent or program acts, where one does.
    pub(crate) fn staff(&self, by: &Actor) -> Option<Author> {
        match by {
            Actor::Agent(_) | Actor::House(By::Agent(_) | By::Program(_)) => Some(self.author(by)),
            Actor::Visitor(_) | Actor::Customer(_) | Actor::House(By::Tandem) => None,
        }
    }

    pub(crate) fn agent_author(&self, agent: &AgentId) -> Author {
        Author::Agent {
            agent: agent.clone(),
            name: self.agent_name(agent),
        }
    }

    pub(crate) fn agent_name(&self, agent: &AgentId) -> String {
        let shown = self.roster.shown(agent).cloned();
        shown.unwrap_or_else(|| agent.to_string())
    }
}
