use std::sync::Arc;

use ws::{consent::ContactChannel, frame::Code, timeline::Author};

use super::*;
use crate::{
    consent::{Change, NumberList, Source, Statement, Subject},
    event::CallbackEnd,
    gate::Closed,
};

const IDA: &str = "+4930100";

fn dials(commands: &[Command]) -> usize {
    let dial = |c: &&Command| matches!(c, Command::Dial { .. });
    commands.iter().filter(dial).count()
}

fn say(subject: Subject, change: Change) -> Input {
    let said = Statement {
        subject,
        channel: ContactChannel::Voice,
        change,
        source: Source::Api,
        reason: None,
        until: None,
        by: None,
    };
    Input::SetConsent {
        said,
        by: Actor::TANDEM,
        re: RE,
    }
}

fn suppress(floor: &mut Floor, number: &str) {
    let subject = Subject::Number(number.parse().unwrap());
    floor.ask(say(subject, Change::Suppressed)).unwrap();
}

fn refused(floor: &mut Floor, n: u128, number: &str) -> Option<Code> {
    let asked = floor.ask(Input::AskCallback {
        interaction: InteractionId::new(7_000 + n).unwrap(),
        queue: Some("support".parse().unwrap()),
        by: Actor::TANDEM,
        number: number.parse().unwrap(),
        at: None,
        wish: Default::default(),
        re: RE,
    });
    asked.err().map(|refusal| refusal.code)
}

fn ends(floor: &Floor, id: InteractionId) -> Vec<CallbackEnd> {
    let ends = floor.events(id).into_iter().filter_map(|e| match e {
        Event::CallbackEnded { end, .. } => Some(end.clone()),
        _ => None,
    });
    ends.collect()
}

fn write(floor: &mut Floor, id: InteractionId, n: u128, text: &str) {
    floor
        .ask(Input::Say {
            interaction: id,
            by: Actor::Visitor(visitor(n).visitor),
            mid: mid(&text.replace(' ', "-")),
            text: text.to_owned(),
            re: RE,
        })
        .unwrap();
}

#[test]
fn a_suppressed_number_is_refused_until_the_suppression_is_lifted_and_the_refusal_is_a_fact() {
    let mut floor = Floor::empty(house(1, 6));
    suppress(&mut floor, IDA);

    assert_eq!(refused(&mut floor, 1, IDA), Some(Code::Suppressed));
    let closed = |f: &Fact| {
        matches!(
            f.event,
            Event::ContactRefused {
                closed: Closed::Suppressed,
                ..
            }
        )
    };
    assert!(floor.facts.iter().any(closed));
    let subject = Subject::Number(number(IDA));
    floor.ask(say(subject, Change::Unsuppressed)).unwrap();

    assert_eq!(refused(&mut floor, 2, IDA), None);
}

#[test]
fn a_suppression_ends_what_was_promised_and_breaks_off_what_is_dialled() {
    let mut floor = Floor::open(house(1, 6));
    let later = floor.now + Duration::from_secs(3_600);
    let dialled = floor.promise(1, IDA);
    floor.accept(&agent(0), dialled);
    floor
        .ask(Input::AskCallback {
            interaction: InteractionId::new(7_001).unwrap(),
            queue: Some("support".parse().unwrap()),
            by: Actor::TANDEM,
            number: number(IDA),
            at: Some(later),
            wish: Default::default(),
            re: RE,
        })
        .unwrap();
    floor.told();

    suppress(&mut floor, IDA);

    assert_eq!(ends(&floor, dialled), [CallbackEnd::Suppressed]);
    let waiting = InteractionId::new(7_001).unwrap();
    assert_eq!(ends(&floor, waiting), [CallbackEnd::Suppressed]);
    let released = |c: &&Command| matches!(c, Command::Release { .. });
    assert_eq!(floor.told().iter().filter(released).count(), 2);
}

#[test]
fn stop_in_a_chat_withdraws_the_consent_of_the_customer_and_is_confirmed() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    let holder = floor.accept_any(id);

    write(&mut floor, id, 1, "please stop the delivery");
    assert!(
        floor.escalate(id, IDA).is_ok(),
        "that was about something else"
    );
    floor.ended(leg(id, 3), CauseKind::NoAnswer);
    floor.ended(leg(id, 4), CauseKind::Normal);
    write(&mut floor, id, 1, " Stop! ");

    let from = |e: &Event| {
        matches!(
            e,
            Event::Said {
                from: Author::System,
                ..
            }
        )
    };
    assert_eq!(floor.count(id, from), 1);
    let refusal = floor.escalate(id, IDA).unwrap_err();
    assert_eq!(refusal.code, Code::Suppressed);
    assert_eq!(refused(&mut floor, 1, IDA), Some(Code::Suppressed));
    write(&mut floor, id, 1, "START");
    assert!(floor.escalate(id, IDA).is_ok());
    assert_eq!(floor.of(id).assignment.as_ref().unwrap().agent, holder);
}

#[test]
fn the_network_that_does_not_want_a_call_suppresses_the_number_for_good() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, IDA);
    floor.accept(&agent(0), id);

    floor.ended(leg(id, 1), CauseKind::Unwanted);
    floor.ended(leg(id, 2), CauseKind::Normal);
    floor.crash();

    assert_eq!(ends(&floor, id), [CallbackEnd::Suppressed]);
    assert_eq!(refused(&mut floor, 2, IDA), Some(Code::Suppressed));
    let standing = floor.hub.state().consents();
    let standing = standing.get(&Subject::Number(number(IDA)), ContactChannel::Voice);
    let mark = standing.unwrap().suppression.as_ref().unwrap();
    assert_eq!((mark.source, mark.until), (Source::Network, None));
}

#[test]
fn a_number_of_the_national_list_is_never_called() {
    let mut setup = house(1, 6);
    let mut list = NumberList::default();
    list.read("4930100 # somebody", "+").unwrap();
    setup.consent.list = Arc::new(list.seal());
    let mut floor = Floor::open(setup);

    assert_eq!(refused(&mut floor, 1, IDA), Some(Code::Suppressed));
    assert_eq!(refused(&mut floor, 2, "+4930101"), None);
    assert_eq!(dials(&floor.told()), 0);
}

#[test]
fn a_channel_that_needs_consent_is_closed_to_those_who_never_gave_it() {
    let mut setup = house(1, 6);
    setup.consent.required = vec![ContactChannel::Voice];
    let mut floor = Floor::open(setup);

    assert_eq!(refused(&mut floor, 1, IDA), Some(Code::Suppressed));
    let subject = Subject::Number(number(IDA));
    floor.ask(say(subject, Change::Given)).unwrap();

    assert_eq!(refused(&mut floor, 2, IDA), None);
}

#[test]
fn an_agent_notes_the_wish_of_the_customer_they_talk_to_and_of_nobody_else() {
    let mut floor = Floor::open(house(2, 6));
    let id = floor.call(1, IDA);
    let holder = floor.accept_any(id);
    let other = [agent(0), agent(1)]
        .into_iter()
        .find(|a| *a != holder)
        .unwrap();
    let tell = |by: AgentId| Input::TellConsent {
        interaction: id,
        by: Actor::Agent(by),
        channel: ContactChannel::Voice,
        given: false,
        reason: Some("said so".into()),
        re: RE,
    };

    let refusal = floor.ask(tell(other)).unwrap_err();
    floor.ask(tell(holder)).unwrap();

    assert_eq!(refusal.code, Code::Forbidden);
    assert_eq!(refused(&mut floor, 1, IDA), Some(Code::Suppressed));
}
