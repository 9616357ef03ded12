//! What was asked of another system lately: answers that are still good, and whether it is worth asking at all. Pure:
//! time comes in, nothing is done here.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use hub::lookup::{Found, Question};
use ws::id::Timestamp;

/// The most answers that are kept; the oldest goes.
const KEPT: usize = 10_000;
/// Failures in a row after which nobody is asked for a while.
const FAILURES: u32 = 5;
/// The first while, and the longest.
const PAUSE: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(300);

/// How long answers are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spans {
    /// That something is known.
    pub found: Duration,
    /// That nothing is known.
    pub nothing: Duration,
}

/// Whom a question is about: what it was asked by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    number: Option<String>,
    mail: Option<String>,
    verified: Option<String>,
    external: BTreeMap<String, String>,
}

impl From<&Question> for Person {
    fn from(question: &Question) -> Self {
        Self {
            number: question.number.as_ref().map(ToString::to_string),
            mail: question.mail.clone(),
            verified: question.verified.clone(),
            external: question.external.clone(),
        }
    }
}

impl Person {
    // Whom the next question is about, where the answer tells more ids.
    fn with(&self, found: &Found) -> Option<Self> {
        let mut more = self.clone();
        more.external.extend(found.external.clone());
        (more != *self).then_some(more)
    }

    /// Tells whether there is anything to ask by.
    pub fn is_nobody(&self) -> bool {
        self.number.is_none()
            && self.mail.is_none()
            && self.verified.is_none()
            && self.external.is_empty()
    }
}

/// What to do with a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Ask.
    Ask,
    /// It was answered lately; none means that nothing is known.
    Known(Option<Box<Found>>),
    /// The other system fails; leave it alone.
    Leave,
}

/// Answers, and how the other system does.
#[derive(Debug, Default)]
pub struct Memory {
    answers: BTreeMap<Person, (Timestamp, Option<Box<Found>>)>,
    by_end: BTreeSet<(Timestamp, Person)>,
    failures: u32,
    rests_until: Option<Timestamp>,
    rested_at: Option<Timestamp>,
}

impl Memory {
    /// Returns what was answered lately.
    pub fn known(&mut self, person: &Person, now: Timestamp) -> Option<Option<Box<Found>>> {
        self.forget(now);
        self.answers.get(person).map(|(_, found)| found.clone())
    }

    /// Advises on a question.
    pub fn advise(&mut self, person: &Person, now: Timestamp) -> Advice {
        if let Some(found) = self.known(person, now) {
            return Advice::Known(found);
        }
        match self.rests_until {
            Some(until) if until > now => Advice::Leave,
            // One question goes through to see how it does; the others wait for what comes of it.
            Some(_) => {
                self.rests_until = Some(now + PAUSE);
                Advice::Ask
            }
            None => Advice::Ask,
        }
    }

    /// Takes an answer in.
    pub fn answered(
        &mut self,
        person: Person,
        found: Option<Box<Found>>,
        spans: Spans,
        now: Timestamp,
    ) {
        (self.failures, self.rests_until, self.rested_at) = (0, None, None);
        let span = match found {
            Some(_) => spans.found,
            None => spans.nothing,
        };
        let end = now + span;
        // The ids that the answer brings are in the next question, which is the same one all the same.
        if let Some(with_ids) = found.as_ref().and_then(|found| person.with(found)) {
            self.keep(with_ids, found.clone(), end);
        }
        self.keep(person, found, end);
        while self.answers.len() > KEPT {
            self.drop_first();
        }
    }

    fn keep(&mut self, person: Person, found: Option<Box<Found>>, end: Timestamp) {
        if let Some((old, _)) = self.answers.insert(person.clone(), (end, found)) {
            self.by_end.remove(&(old, person.clone()));
        }
        self.by_end.insert((end, person));
    }

    /// Takes in that the other system failed at a question that was asked at `asked`. Those that were under way when it began
    /// to be left alone tell nothing new: one burst is one step.
    pub fn failed(&mut self, asked: Timestamp, now: Timestamp) {
        if self.rested_at.is_some_and(|rested| asked <= rested) {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            let doublings = (self.failures - FAILURES).min(10);
            let pause = PAUSE.saturating_mul(1 << doublings).min(LONGEST);
            (self.rests_until, self.rested_at) = (Some(now + pause), Some(now));
        }
    }

    fn forget(&mut self, now: Timestamp) {
        while self.by_end.first().is_some_and(|(end, _)| *end <= now) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((_, person)) = self.by_end.pop_first() {
            self.answers.remove(&person);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);
    const SPANS: Spans = Spans {
        found: Duration::from_secs(600),
        nothing: Duration::from_secs(60),
    };

    fn person(number: &str) -> Person {
        Person {
            number: Some(number.to_owned()),
            mail: None,
            verified: None,
            external: BTreeMap::new(),
        }
    }

    fn after(seconds: u64) -> Timestamp {
        NOW + Duration::from_secs(seconds)
    }

    #[test]
    fn an_answer_is_good_for_its_time_and_that_nothing_is_known_for_a_shorter_one() {
        let mut memory = Memory::default();
        memory.answered(person("1"), Some(Box::default()), SPANS, NOW);
        memory.answered(person("2"), None, SPANS, NOW);

        let known = Advice::Known(Some(Box::default()));
        assert_eq!(memory.advise(&person("1"), after(599)), known);
        assert_eq!(memory.advise(&person("1"), after(600)), Advice::Ask);

        let mut memory = Memory::default();
        memory.answered(person("2"), None, SPANS, NOW);
        assert_eq!(memory.advise(&person("2"), after(59)), Advice::Known(None));
        assert_eq!(memory.advise(&person("2"), after(60)), Advice::Ask);
    }

    #[test]
    fn who_only_looks_for_an_answer_takes_no_trial_away() {
        let mut memory = Memory::default();
        memory.answered(person("1"), None, SPANS, NOW);
        for _ in 0..FAILURES {
            memory.failed(NOW, NOW);
        }

        assert_eq!(memory.known(&person("1"), after(5)), Some(None));
        assert_eq!(memory.known(&person("2"), after(5)), None);
        assert_eq!(
            memory.advise(&person("2"), after(5)),
            Advice::Ask,
            "the trial"
        );
    }

    #[test]
    fn an_answer_is_good_for_the_question_with_the_ids_it_brought() {
        let mut memory = Memory::default();
        let ids: BTreeMap<_, _> = [("crm".to_owned(), "4711".to_owned())].into();
        let found = Found {
            external: ids.clone(),
            ..Found::default()
        };
        memory.answered(person("1"), Some(Box::new(found.clone())), SPANS, NOW);

        let next = Person {
            external: ids,
            ..person("1")
        };
        let known = Advice::Known(Some(Box::new(found)));
        assert_eq!(memory.advise(&next, after(599)), known);
        assert_eq!(memory.advise(&next, after(600)), Advice::Ask);
    }

    #[test]
    fn who_fails_again_and_again_is_left_alone_longer_and_longer_and_then_tried_once() {
        let mut memory = Memory::default();
        for _ in 0..FAILURES - 1 {
            memory.failed(NOW, NOW);
            assert_eq!(memory.advise(&person("1"), NOW), Advice::Ask);
        }
        memory.failed(NOW, NOW);
        assert_eq!(memory.advise(&person("1"), after(4)), Advice::Leave);

        assert_eq!(
            memory.advise(&person("1"), after(5)),
            Advice::Ask,
            "a trial"
        );
        assert_eq!(memory.advise(&person("2"), after(5)), Advice::Leave);
        memory.failed(after(5), after(5));
        assert_eq!(memory.advise(&person("1"), after(14)), Advice::Leave);
        assert_eq!(memory.advise(&person("1"), after(15)), Advice::Ask);

        memory.answered(person("1"), None, SPANS, after(15));
        assert_eq!(memory.advise(&person("2"), after(15)), Advice::Ask);
    }

    #[test]
    fn what_was_under_way_when_it_is_left_alone_does_not_lengthen_that() {
        let mut memory = Memory::default();
        for _ in 0..16 {
            memory.failed(NOW, after(1));
        }
        memory.failed(after(1), after(2));

        assert_eq!(memory.advise(&person("1"), after(5)), Advice::Leave);
        assert_eq!(
            memory.advise(&person("1"), after(6)),
            Advice::Ask,
            "a trial"
        );
        memory.failed(NOW, after(6));
        memory.failed(after(6), after(7));

        assert_eq!(memory.advise(&person("1"), after(16)), Advice::Leave);
        assert_eq!(memory.advise(&person("1"), after(17)), Advice::Ask);
    }

    #[test]
    fn memory_is_bounded() {
        let mut memory = Memory::default();
        for n in 0..KEPT + 10 {
            let now = Timestamp(NOW.0 + n as u64);
            memory.answered(person(&n.to_string()), None, SPANS, now);
        }

        assert_eq!((memory.answers.len(), memory.by_end.len()), (KEPT, KEPT));
    }
}
