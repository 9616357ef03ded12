//! What a zone asks its visitors before a chat: the fields as configured, and what is made of the answers. Nothing that is
//! typed there proves anything, so no customer is found by it.

mod later;
mod wrong;

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use ws::{
    form::{Answer, Filled},
    frame::{Code, Refusal},
    id::{Number, QueueId},
};

use crate::{
    consent::Subject,
    demand::Skills,
    input::{Introduction, refuse},
    numbering::Numbering,
    phrase::Phrase,
    scope::NAME,
};
pub use later::later;
use wrong::Wrong;

/// The longest text that is typed into a field, in characters.
pub const LONGEST: usize = 500;
/// The most fields of a form.
pub const FIELDS: usize = 12;
/// What is answered where something is agreed to.
const YES: &str = "yes";

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What answers are called by, unlike those of all other fields.
    pub field: String,
    /// What is asked for.
    pub kind: Kind,
    /// What is asked.
    pub label: Phrase,
    /// Whether it has to be answered.
    #[serde(default)]
    pub required: bool,
    /// What can be chosen, of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Pick>,
    /// Where what is agreed to can be read, of a consent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub link: String,
}

/// What a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What to be called by.
    Name,
    /// A mail address.
    Mail,
    /// A telephone number.
    Number,
    /// Anything that fits into a line.
    Text,
    /// One of several.
    Choice,
    /// A box to tick.
    Consent,
}

/// One of several that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pick {
    /// What it is called by.
    pub value: String,
    /// As it is read.
    pub label: Phrase,
    /// Where who chooses it waits, if elsewhere than their zone says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueId>,
    /// What else an agent must be able to do for who chooses it.
    #[serde(default, skip_serializing_if = "Skills::is_empty")]
    pub skills: Skills,
}

/// What a filled form comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Who came, by name and mail address too where the form asks for these.
    pub(crate) who: Introduction,
    /// What else was answered.
    pub(crate) answers: Vec<Answer>,
    /// Where they wait, where an answer says so.
    pub(crate) queue: Option<QueueId>,
}

/// Reads what somebody brought to a form; a program that brings none is not asked. Who is `called` need say no other way to be
/// answered.
pub(crate) fn read(
    form: &[Field],
    who: &Introduction,
    numbering: &Numbering,
    called: bool,
) -> Result<Outcome, Refusal> {
    let mut outcome = Outcome {
        who: who.clone(),
        answers: Vec::new(),
        queue: None,
    };
    let Some(filled) = &who.form else {
        return Ok(outcome);
    };
    let form = match filled.later {
        true => later(form),
        false => Cow::Borrowed(form),
    };
    let known = |name: &String| form.iter().any(|field| field.field == *name);
    if let Some(name) = filled.answers.keys().find(|name| !known(name)) {
        let name: String = name.chars().take(NAME).collect();
        let text = format!("this page does not ask for \"{name}\"; load it anew and send it again");
        return refuse(Code::OutOfRange, text);
    }
    let lang = filled.lang.as_deref();
    for field in form.iter() {
        if let Err(wrong) = field.read(filled, &mut outcome, numbering) {
            let text = wrong.words(field.label.in_language(lang), lang);
            return refuse(Code::OutOfRange, text);
        }
    }
    if filled.later && !called && !outcome.is_reachable(&form) {
        return refuse(Code::OutOfRange, wrong::unreachable(lang));
    }
    Ok(outcome)
}

/// Returns what the answers ask of an agent beyond queue and zone.
pub(crate) fn skills<'a>(
    form: &'a [Field],
    answers: &'a [Answer],
) -> impl Iterator<Item = &'a Skills> {
    answers.iter().filter_map(|answer| {
        let field = form.iter().find(|field| field.field == answer.field)?;
        Some(&field.pick(&answer.value)?.skills)
    })
}

impl Outcome {
    // Whether who leaves a message can be answered.
    fn is_reachable(&self, form: &[Field]) -> bool {
        let numbers = form.iter().filter(|field| field.kind == Kind::Number);
        let mut numbers = numbers.map(|field| &field.field);
        let signed = self.who.verified.is_some();
        let number = numbers.any(|name| self.answers.iter().any(|answer| answer.field == *name));
        signed || number || self.who.mail.is_some()
    }
}

impl Field {
    fn read(
        &self,
        filled: &Filled,
        outcome: &mut Outcome,
        numbering: &Numbering,
    ) -> Result<(), Wrong> {
        let typed = filled.answers.get(&self.field).map(|text| text.trim());
        let given = match self.kind {
            Kind::Name => typed.or(outcome.who.name.as_deref()),
            Kind::Mail => typed.or(outcome.who.mail.as_deref()),
            Kind::Number | Kind::Text | Kind::Choice | Kind::Consent => typed,
        };
        let Some(given) = given.filter(|text| !text.is_empty()) else {
            return if self.required {
                Err(self.missing())
            } else {
                Ok(())
            };
        };
        let given = given.to_owned();
        match self.kind {
            Kind::Name if given.chars().count() > NAME => return Err(Wrong::Long(NAME)),
            Kind::Name => outcome.who.name = Some(given),
            Kind::Mail if !is_mail(&given) => return Err(Wrong::Mail),
            Kind::Mail => outcome.who.mail = Some(given),
            Kind::Number => match given.parse::<Number>() {
                Ok(number) => {
                    let read = numbering.read(&number).to_string();
                    outcome.answers.push(self.answer(read, None));
                }
                Err(_) => return Err(Wrong::Number),
            },
            Kind::Text if given.chars().count() > LONGEST => return Err(Wrong::Long(LONGEST)),
            Kind::Text => outcome.answers.push(self.answer(given, None)),
            Kind::Choice => {
                let pick = self.pick(&given).ok_or(Wrong::Choice)?;
                outcome.queue = outcome.queue.take().or_else(|| pick.queue.clone());
                let words = pick.label.in_language(None).to_owned();
                outcome.answers.push(self.answer(given, Some(words)));
            }
            Kind::Consent if given != YES => return Err(Wrong::Consent),
            Kind::Consent => outcome
                .answers
                .push(self.answer(given, Some("✓".to_owned()))),
        }
        Ok(())
    }

    fn missing(&self) -> Wrong {
        match self.kind {
            Kind::Consent => Wrong::Consent,
            Kind::Name | Kind::Mail | Kind::Number | Kind::Text | Kind::Choice => Wrong::Missing,
        }
    }

    fn pick(&self, value: &str) -> Option<&Pick> {
        self.options.iter().find(|pick| pick.value == value)
    }

    // Agents read it in the house's language, whatever the visitor's.
    fn answer(&self, value: String, words: Option<String>) -> Answer {
        Answer {
            field: self.field.clone(),
            label: self.label.in_language(None).to_owned(),
            value,
            words,
            labels: BTreeMap::new(),
            wordings: BTreeMap::new(),
        }
    }

    // Another question than the one that was answered says nothing of the answer.
    fn translate(&self, answer: &Answer) -> Option<Answer> {
        if self.field != answer.field || self.label.in_language(None) != answer.label {
            return None;
        }
        let chosen = self.options.iter().find(|one| one.value == answer.value);
        Some(Answer {
            labels: self.label.by_language(),
            wordings: chosen.map_or_else(BTreeMap::new, |one| one.label.by_language()),
            ..answer.clone()
        })
    }
}

/// Returns answers with what the form has of them in each language, for whoever reads another than the house's.
pub(crate) fn translated(form: &[Field], answers: &[Answer]) -> Vec<Answer> {
    let later = later(form);
    let asked = || form.iter().chain(later.iter());
    let translate = |answer: &Answer| asked().find_map(|field| field.translate(answer));
    let all = answers.iter();
    all.map(|answer| translate(answer).unwrap_or_else(|| answer.clone()))
        .collect()
}

/// Tells whether a text is a mail address that can be written to, with a dot in its host. Whether it is anybody's only a mail can
/// show.
pub fn is_mail(text: &str) -> bool {
    let dotted = text
        .split_once('@')
        .is_some_and(|(_, host)| host.contains('.'));
    dotted && Subject::mail(text).is_some()
}
