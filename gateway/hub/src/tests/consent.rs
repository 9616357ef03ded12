use std::sync::Arc;

use ws::{consent::ContactChannel, frame::Code, id::CustomerId, timeline::Author};

use super::*;
use crate::{
    consent::{Bar, Change, NumberList, STRANGER, Source, Statement, Subject},
    customer::Order,
    event::CallbackEnd,
    gate::{Closed, Way},
    input::By,
};

const IDA: &str = "+4930100";

fn dials(commands: &[Command]) -> usize {
    let dial = |c: &&Command| matches!(c, Command::Dial { .. });
    commands.iter().filter(dial).count()
}

fn say(subject: Subject, change: Change) -> Input {
    telling(statement(subject, change), None)
}

pub(super) fn statement(subject: Subject, change: Change) -> Statement {
    Statement {
        subject,
        channel: ContactChannel::Voice,
        change,
        source: Source::Api,
        reason: None,
        until: None,
        by: None,
    }
}

pub(super) fn telling(said: Statement, interaction: Option<InteractionId>) -> Input {
    Input::SetConsent {
        said,
        interaction,
        by: Actor::TANDEM,
        re: RE,
    }
}

/// Whether what a program writes or puts into a chat was refused, since its customer is suppressed there.
pub(super) fn is_refused_message(event: &Event) -> bool {
    matches!(
        event,
        Event::ContactRefused {
            channel: ContactChannel::Chat,
            way: Way::Message,
            closed: Closed::Suppressed,
        }
    )
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

    assert_eq!(floor.callback_ends(dialled), [CallbackEnd::Suppressed]);
    let waiting = InteractionId::new(7_001).unwrap();
    assert_eq!(floor.callback_ends(waiting), [CallbackEnd::Suppressed]);
    let released = |c: &&Command| matches!(c, Command::Release { .. });
    assert_eq!(floor.told().iter().filter(released).count(), 2);
}

#[test]
fn what_is_said_in_an_interaction_is_a_fact_of_it_and_of_nobody_elses() {
    let mut floor = Floor::open(house(1, 6));
    let (hers, his) = (floor.chat(1), floor.chat(2));
    let ida = Subject::Customer(floor.of(hers).customer);
    let says = |floor: &mut Floor, subject: &Subject, interaction| {
        let said = statement(subject.clone(), Change::Withdrawn);
        let interaction = Some(interaction);
        floor.ask(telling(said, interaction))
    };
    let number = Subject::Number(number(IDA));
    let mail = Subject::mail("ida@x.example").unwrap();

    assert!(says(&mut floor, &ida, hers).is_ok());
    let sealed = InteractionId::new(7_001).unwrap();
    for (subject, interaction) in [(&ida, his), (&ida, sealed), (&number, hers), (&mail, hers)] {
        let refusal = says(&mut floor, subject, interaction).unwrap_err();
        assert_eq!(refusal.code, Code::OutOfRange, "{}", refusal.text);
    }
    let described = Order::Describe {
        cleared: Vec::new(),
        name: None,
        number: Some(IDA.parse().unwrap()),
        mail: Some("Ida@X.example".to_owned()),
        value: None,
    };
    let customer = floor.of(hers).customer;
    floor
        .ask(Input::Customer {
            customer,
            order: described,
            by: Actor::TANDEM,
            re: RE,
        })
        .unwrap();
    for subject in [&number, &mail] {
        assert!(says(&mut floor, subject, hers).is_ok());
    }

    let said = |event: &Event| matches!(event, Event::ConsentChanged(_));
    assert_eq!((floor.count(hers, said), floor.count(his, said)), (3, 0));
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
    floor.answered(leg(id, 3));
    floor.answered(leg(id, 4));
    floor.ended(leg(id, 3), CauseKind::Normal);
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
fn start_is_said_once_of_each_address_and_channel() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    floor.accept_any(id);
    assert!(floor.escalate(id, IDA).is_ok());
    floor.answered(leg(id, 3));
    floor.answered(leg(id, 4));
    floor.ended(leg(id, 3), CauseKind::Normal);
    write(&mut floor, id, 1, "STOP");
    let before = floor.facts.len();

    write(&mut floor, id, 1, "START");

    let said = floor.facts[before..]
        .iter()
        .filter_map(|fact| match &fact.event {
            Event::ConsentChanged(said) => Some((said.subject.to_string(), said.channel.word())),
            _ => None,
        });
    let said: Vec<_> = said.collect();
    let once: std::collections::BTreeSet<_> = said.iter().cloned().collect();
    assert!(
        once.contains(&(format!("number:{IDA}"), "voice")),
        "{said:?}"
    );
    assert_eq!(said.len(), once.len(), "{said:?}");
}

#[test]
fn stop_as_the_first_word_of_a_chat_is_heard() {
    let mut floor = Floor::open(house(1, 6));
    let opened = floor.ask(Input::OpenChat {
        candidate: InteractionId::new(1_500).unwrap(),
        who: visitor(1),
        mid: mid("stop"),
        text: "STOP".into(),
        re: RE,
    });
    assert!(opened.is_ok());
    floor.accept(&agent(0), InteractionId::new(1_500).unwrap());

    let withdrawn = |e: &Event| matches!(e, Event::ConsentChanged { .. });
    let told = floor.facts.iter().filter(|fact| withdrawn(&fact.event));
    assert!(told.count() > 0);
    let id = InteractionId::new(1_500).unwrap();
    assert_eq!(
        floor.escalate(id, IDA).unwrap_err().code,
        Code::Suppressed,
        "who said it is not called"
    );
}

#[test]
fn what_a_stranger_says_counts_for_a_while_and_for_good_once_they_are_known() {
    let mut floor = Floor::open(house(1, 6));
    let ends = |floor: &Floor, customer| {
        let standing = floor.hub.state().consents();
        let standing = standing.get(&Subject::Customer(customer), ContactChannel::Voice);
        standing.map(|standing| standing.consent.as_ref().expect("it was said").until)
    };
    let chats = [1, 2].map(|n| {
        let id = floor.chat(n);
        floor.accept_any(id);
        write(&mut floor, id, n, "STOP");
        id
    });
    let [ida, bo] = chats.map(|id| floor.of(id).customer);
    let over = Some(Some(floor.now + STRANGER));
    assert_eq!([ends(&floor, ida), ends(&floor, bo)], [over, over]);

    known_by(&mut floor, ida, number(IDA));

    assert_eq!(ends(&floor, ida), Some(None), "she is known now");
    floor.wait(STRANGER);
    suppress(&mut floor, "+4930999");
    assert_eq!([ends(&floor, ida), ends(&floor, bo)], [Some(None), None]);
    floor.crash();
}

fn known_by(floor: &mut Floor, customer: ws::id::CustomerId, number: Number) {
    let order = Order::Describe {
        cleared: Vec::new(),
        name: None,
        number: Some(number),
        mail: None,
        value: None,
    };
    floor
        .ask(Input::Customer {
            customer,
            order,
            by: Actor::TANDEM,
            re: RE,
        })
        .unwrap();
}

const HOUR: Duration = Duration::from_secs(3_600);

/// A stranger who forbade calls, and whom a program allowed to be called for an hour since.
fn allowed_for_an_hour() -> (Floor, CustomerId) {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    floor.accept_any(id);
    write(&mut floor, id, 1, "STOP");
    let ida = floor.of(id).customer;
    let mut given = statement(Subject::Customer(ida), Change::Given);
    given.until = Some(floor.now + HOUR);
    floor.ask(telling(given, None)).unwrap();
    (floor, ida)
}

#[test]
fn what_a_stranger_forbade_counts_for_good_under_what_a_program_allows_for_a_while() {
    let (mut floor, ida) = allowed_for_an_hour();
    let barred = |floor: &Floor| {
        let of = Subject::Customer(ida);
        floor.hub.bar(&of, ContactChannel::Voice, floor.now)
    };
    assert_eq!(barred(&floor), None);

    known_by(&mut floor, ida, number(IDA));

    assert_eq!(barred(&floor), None, "what was allowed since still counts");
    floor.crash();
    floor.wait(HOUR);
    assert_eq!(barred(&floor), Some(Bar::Withdrawn));
    floor.wait(STRANGER);
    suppress(&mut floor, "+4930999");
    assert_eq!(barred(&floor), Some(Bar::Withdrawn), "she is known");
}

#[test]
fn what_a_stranger_forbade_under_what_a_program_allows_is_forgotten_where_nobody_knows_them() {
    let (mut floor, ida) = allowed_for_an_hour();
    let barred = |floor: &Floor| {
        let of = Subject::Customer(ida);
        floor.hub.bar(&of, ContactChannel::Voice, floor.now)
    };

    floor.wait(HOUR);
    assert_eq!(barred(&floor), Some(Bar::Withdrawn));
    floor.wait(STRANGER);
    suppress(&mut floor, "+4930999");

    assert_eq!(barred(&floor), None);
}

/// Lets a visitor ask to be called tomorrow.
fn ask_for_call(floor: &mut Floor, id: InteractionId, n: u128, to: &str) {
    floor
        .ask(Input::AskCallback {
            interaction: id,
            queue: None,
            by: Actor::Visitor(visitor(n).visitor),
            number: number(to),
            at: Some(floor.now + Duration::from_secs(86_400)),
            wish: Default::default(),
            re: RE,
        })
        .unwrap();
}

/// Whether the consent of a number stands as given; none where nothing was said of it.
fn given(floor: &Floor, subject: &Subject, channel: ContactChannel) -> Option<bool> {
    let standing = floor.hub.state().consents().get(subject, channel)?;
    Some(standing.consent.as_ref()?.allows)
}

/// Ida, who called once and is to be called tomorrow; gives her record and the promise.
fn ida_who_is_called_tomorrow(floor: &mut Floor) -> (ws::id::CustomerId, InteractionId) {
    let call = floor.call(9, IDA);
    let ida = floor.of(call).customer;
    floor.ended(leg(call, 1), CauseKind::Cancelled);
    let tomorrow = floor.now + Duration::from_secs(86_400);
    let promised = InteractionId::new(7_500).unwrap();
    floor
        .ask(Input::AskCallback {
            interaction: promised,
            queue: Some("support".parse().unwrap()),
            by: Actor::TANDEM,
            number: number(IDA),
            at: Some(tomorrow),
            wish: Default::default(),
            re: RE,
        })
        .unwrap();
    (ida, promised)
}

#[test]
fn what_is_said_of_somebody_is_looked_at_in_their_promises_alone() {
    let mut floor = Floor::open(house(1, 6));
    let (ida, theirs) = ida_who_is_called_tomorrow(&mut floor);
    for n in 0..20 {
        floor.promise(500 + n, &format!("+49302{n:04}"));
    }
    let stranger = floor.chat(9);
    let stranger = floor.of(stranger).customer;
    let within = |subject: &Subject| -> Vec<InteractionId> {
        let all = floor.hub.concerned(subject).into_iter();
        all.map(|callback| callback.interaction).collect()
    };

    assert_eq!(within(&Subject::Number(number(IDA))), [theirs]);
    assert_eq!(within(&Subject::Customer(ida)), [theirs]);
    assert_eq!(within(&Subject::Customer(stranger)), []);
    assert_eq!(within(&Subject::mail("ida@example.com").unwrap()), []);
    let other = Subject::Number(number("+493020007"));
    assert_eq!(within(&other).len(), 1);
}

#[test]
fn who_only_typed_a_number_neither_takes_nor_gives_its_consent() {
    let mut floor = Floor::empty(house(1, 6));
    let (ida, promised) = ida_who_is_called_tomorrow(&mut floor);
    let stranger = floor.chat(2);
    ask_for_call(&mut floor, stranger, 2, IDA);
    let hers = Subject::Number(number(IDA));

    write(&mut floor, stranger, 2, "STOP");

    let theirs = Subject::Customer(floor.of(stranger).customer);
    assert_eq!(given(&floor, &theirs, ContactChannel::Voice), Some(false));
    assert_eq!(given(&floor, &hers, ContactChannel::Voice), None);
    assert_eq!(floor.callback_ends(promised), []);
    assert_eq!(floor.callback_ends(stranger), [CallbackEnd::Suppressed]);
    assert_eq!(refused(&mut floor, 1, IDA), None);
    floor.ask(say(hers, Change::Withdrawn)).unwrap();
    write(&mut floor, stranger, 2, "START");

    assert_eq!(refused(&mut floor, 2, IDA), Some(Code::Suppressed));
    assert_ne!(Subject::Customer(ida), theirs);
}

#[test]
fn where_consent_is_required_nobody_gives_it_for_a_number_that_is_somebody_elses() {
    let mut setup = house(1, 6);
    setup.consent.required = vec![ContactChannel::Voice];
    let mut floor = Floor::empty(setup);
    let call = floor.call(9, IDA);
    floor.ended(leg(call, 1), CauseKind::Cancelled);
    let stranger = floor.chat(2);
    write(&mut floor, stranger, 2, "START");
    let to = |floor: &mut Floor, number: &str| {
        let asked = floor.ask(Input::AskCallback {
            interaction: stranger,
            queue: None,
            by: Actor::Visitor(visitor(2).visitor),
            number: number.parse().unwrap(),
            at: None,
            wish: Default::default(),
            re: RE,
        });
        asked.err().map(|refusal| refusal.code)
    };

    assert_eq!(to(&mut floor, IDA), Some(Code::Suppressed));
    assert_eq!(to(&mut floor, "+4930101"), None);
}

#[test]
fn a_number_that_is_typed_during_a_call_to_another_is_neither_learnt_nor_stopped_by_a_key() {
    let mut setup = house(1, 6);
    setup.callbacks.stop_key = true;
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.accept_any(id);
    floor.escalate(id, "+4930101").unwrap();
    let call = floor.of(id).call.clone().unwrap();
    ask_for_call(&mut floor, id, 1, IDA);

    floor.answered(call.agent.unwrap());
    floor.answered(call.customer);
    let (leg, digit) = (call.customer, '9');
    floor.tell(Input::Leg(LegNews::Digit { leg, digit }));
    floor.seconds(2);

    let customers = floor.hub.state().customers();
    assert_eq!(customers.by_number(&number(IDA)), None);
    let known = customers.by_number(&number("+4930101"));
    assert_eq!(known, Some(floor.of(id).customer));
    let voice = ContactChannel::Voice;
    let pressed = Subject::Number(number("+4930101"));
    assert_eq!(given(&floor, &pressed, voice), Some(false));
    assert_eq!(given(&floor, &Subject::Number(number(IDA)), voice), None);
}

/// A house with a key against its calls, and a customer whom an agent has called from their chat; returns the customer's leg.
fn called_by_us() -> (Floor, InteractionId, LegId) {
    let mut setup = house(1, 6);
    setup.callbacks.stop_key = true;
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.accept_any(id);
    floor.escalate(id, "+4930101").unwrap();
    let call = floor.of(id).call.clone().unwrap();
    floor.answered(call.agent.unwrap());
    floor.answered(call.customer);
    (floor, id, call.customer)
}

#[test]
fn who_presses_nine_waits_for_a_queue_and_is_gone_is_called_no_more_and_looked_after_no_more() {
    let (mut floor, id, leg) = called_by_us();
    let digit = '9';
    floor.tell(Input::Leg(LegNews::Digit { leg, digit }));
    let transfer = crate::talk::Wish::Transfer {
        to: ws::transfer::TransferTo::Queue("support".parse().unwrap()),
        note: None,
    };
    let asked = Input::InCall {
        by: Actor::Agent(agent(0)),
        interaction: id,
        wish: transfer,
        re: RE,
    };
    floor.ask(asked).unwrap();
    floor.told();

    floor.ended(leg, CauseKind::Normal);

    let said = |c: &Command| matches!(c, Command::Dismiss { .. } | Command::Release { .. });
    let told = floor.told();
    assert!(!told.iter().any(said), "{told:?}");
    assert!(!floor.hub.is_releasing(leg));
    let pressed = Subject::Number(number("+4930101"));
    assert_eq!(given(&floor, &pressed, ContactChannel::Voice), Some(false));
}

#[test]
fn a_nine_among_other_keys_of_a_conversation_is_not_for_us_and_one_that_stands_alone_is() {
    let (mut floor, id, leg) = called_by_us();
    let key = |floor: &mut Floor, digit| floor.tell(Input::Leg(LegNews::Digit { leg, digit }));
    let said = |floor: &Floor| {
        let pressed = Subject::Number(number("+4930101"));
        given(floor, &pressed, ContactChannel::Voice)
    };

    for digit in ['4', '9', '9', '1'] {
        key(&mut floor, digit);
        floor.seconds(1);
    }
    floor.seconds(1);
    key(&mut floor, '9');
    floor.seconds(1);
    key(&mut floor, '#');
    floor.seconds(60);
    assert_eq!(said(&floor), None);

    key(&mut floor, '9');
    floor.seconds(1);
    assert_eq!(said(&floor), None);
    floor.seconds(1);
    assert_eq!(said(&floor), Some(false));
    assert!(floor.of(id).call.is_some(), "the conversation goes on");
}

#[test]
fn who_presses_nine_and_hangs_up_is_called_no_more() {
    let (mut floor, _, leg) = called_by_us();

    let digit = '9';
    floor.tell(Input::Leg(LegNews::Digit { leg, digit }));
    floor.ended(leg, CauseKind::Normal);

    let pressed = Subject::Number(number("+4930101"));
    assert_eq!(given(&floor, &pressed, ContactChannel::Voice), Some(false));
}

#[test]
fn an_agent_says_nothing_of_a_number_that_a_visitor_only_typed() {
    let mut floor = Floor::open(house(1, 6));
    let (_, promised) = ida_who_is_called_tomorrow(&mut floor);
    let stranger = floor.chat(2);
    let holder = floor.accept_any(stranger);
    ask_for_call(&mut floor, stranger, 2, IDA);

    floor
        .ask(Input::TellConsent {
            interaction: stranger,
            by: Actor::Agent(holder),
            channel: ContactChannel::Voice,
            given: false,
            reason: None,
            re: RE,
        })
        .unwrap();

    assert_eq!(floor.callback_ends(promised), []);
    assert_eq!(refused(&mut floor, 1, IDA), None);
}

#[test]
fn a_mail_address_is_stopped_by_who_signed_it_and_not_by_who_typed_it() {
    let mut setup = house(1, 6);
    setup.consent.channels = vec![ContactChannel::Mail];
    let mut floor = Floor::empty(setup);
    let mail = || Some("ida@x.example".to_owned());
    let open = |floor: &mut Floor, n: u128, who: Introduction| {
        let candidate = InteractionId::new(1_000 + n).unwrap();
        floor
            .ask(Input::OpenChat {
                candidate,
                who,
                mid: mid("first"),
                text: "stop".into(),
                re: RE,
            })
            .unwrap();
        candidate
    };
    let typed = Introduction {
        mail: mail(),
        ..visitor(1)
    };
    let signed = Introduction {
        verified: Some(crate::input::Signed {
            subject: "ida".to_owned(),
            mail: mail(),
            ..Default::default()
        }),
        ..visitor(2)
    };
    let hers = Subject::mail("ida@x.example").unwrap();

    let stranger = open(&mut floor, 1, typed);
    write(&mut floor, stranger, 1, "STOP");
    assert_eq!(given(&floor, &hers, ContactChannel::Mail), None);
    let ida = open(&mut floor, 2, signed);
    write(&mut floor, ida, 2, "STOP");

    assert_eq!(given(&floor, &hers, ContactChannel::Mail), Some(false));
}

#[test]
fn who_withdrew_mails_by_their_record_is_told_barred_at_their_address() {
    let mut floor = Floor::empty(house(1, 6));
    let signed = Introduction {
        verified: Some(crate::input::Signed {
            subject: "ida".to_owned(),
            mail: Some("ida@x.example".to_owned()),
            ..Default::default()
        }),
        ..visitor(1)
    };
    let candidate = InteractionId::new(1_001).unwrap();
    floor
        .ask(Input::OpenChat {
            candidate,
            who: signed,
            mid: mid("first"),
            text: "hello".into(),
            re: RE,
        })
        .unwrap();
    let ida = Subject::Customer(floor.of(candidate).customer);
    let hers = Subject::mail("ida@x.example").unwrap();
    let told = |floor: &Floor, channel| floor.hub.bar(&hers, channel, floor.now);
    assert_eq!(told(&floor, ContactChannel::Mail), None);
    let mut said = statement(ida, Change::Withdrawn);
    said.channel = ContactChannel::Mail;

    floor.ask(telling(said, None)).unwrap();

    assert_eq!(told(&floor, ContactChannel::Mail), Some(Bar::Withdrawn));
    assert_eq!(told(&floor, ContactChannel::Voice), None);
}

#[test]
fn who_forbids_calls_by_the_link_of_a_mail_does_so_for_the_number_that_is_known_of_them() {
    let mut floor = Floor::empty(house(1, 6));
    let (ida, promised) = ida_who_is_called_tomorrow(&mut floor);
    let said = Statement {
        subject: Subject::Customer(ida),
        channel: ContactChannel::Voice,
        change: Change::Withdrawn,
        source: Source::Link,
        reason: None,
        until: None,
        by: None,
    };

    let by = Actor::Customer(ida);
    floor
        .ask(Input::SetConsent {
            said,
            interaction: None,
            by,
            re: RE,
        })
        .unwrap();

    assert_eq!(floor.callback_ends(promised), [CallbackEnd::Suppressed]);
    let hers = Subject::Number(number(IDA));
    assert_eq!(given(&floor, &hers, ContactChannel::Voice), Some(false));
}

#[test]
fn the_network_that_does_not_want_a_call_suppresses_the_number_for_good() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, IDA);
    floor.accept(&agent(0), id);

    floor.ended(leg(id, 1), CauseKind::Unwanted);
    floor.ended(leg(id, 2), CauseKind::Normal);
    floor.crash();

    assert_eq!(floor.callback_ends(id), [CallbackEnd::Suppressed]);
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
    list.read(
        "4930100 # somebody",
        "+",
        &crate::numbering::Numbering::default(),
    )
    .unwrap();
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
fn nothing_is_promised_for_a_time_at_which_the_consent_has_ended() {
    let mut setup = house(1, 6);
    setup.consent.required = vec![ContactChannel::Voice];
    let mut floor = Floor::open(setup);
    let until = floor.now + std::time::Duration::from_secs(7_200);
    let mut said = statement(Subject::Number(number(IDA)), Change::Given);
    said.until = Some(until);
    floor.ask(telling(said, None)).unwrap();
    let promise = |floor: &mut Floor, seconds: u64| {
        floor.ask(Input::AskCallback {
            interaction: InteractionId::new(u128::from(seconds)).unwrap(),
            queue: Some("support".parse().unwrap()),
            by: Actor::TANDEM,
            number: number(IDA),
            at: Some(floor.now + std::time::Duration::from_secs(seconds)),
            wish: Default::default(),
            re: RE,
        })
    };

    let refusal = promise(&mut floor, 9_000).unwrap_err();
    assert_eq!(refusal.code, Code::Suppressed);
    assert!(refusal.text.contains("earlier"), "{}", refusal.text);
    let Ok(Done::Promised { callback }) = promise(&mut floor, 3_600) else {
        panic!("not promised");
    };
    let moved = floor.ask(Input::ReviseCallback {
        callback,
        by: Actor::TANDEM,
        change: crate::callback::Revision {
            at: Some(floor.now + std::time::Duration::from_secs(9_000)),
            ..Default::default()
        },
        re: RE,
    });
    assert_eq!(moved.unwrap_err().code, Code::Suppressed);
    let found = floor.of(callback.interaction);
    assert!(found.callback(callback).unwrap().is_pending(), "as it was");
}

#[test]
fn a_withdrawal_stands_again_once_what_was_given_after_it_has_ended() {
    let mut floor = Floor::open(house(1, 6));
    let subject = Subject::Number(number(IDA));
    let until = floor.now + std::time::Duration::from_secs(7_200);
    floor.ask(say(subject.clone(), Change::Withdrawn)).unwrap();
    let mut said = statement(subject, Change::Given);
    said.until = Some(until);
    floor.ask(telling(said, None)).unwrap();
    let later = |floor: &mut Floor, seconds: u64| {
        floor.ask(Input::AskCallback {
            interaction: InteractionId::new(u128::from(seconds)).unwrap(),
            queue: Some("support".parse().unwrap()),
            by: Actor::TANDEM,
            number: number(IDA),
            at: Some(floor.now + std::time::Duration::from_secs(seconds)),
            wish: Default::default(),
            re: RE,
        })
    };

    let refusal = later(&mut floor, 7_200).unwrap_err();
    assert_eq!(refusal.code, Code::Suppressed);
    assert!(refusal.text.contains("earlier"), "{}", refusal.text);
    assert!(later(&mut floor, 7_100).is_ok());
    floor.crash();
    floor.seconds(7_200);

    assert_eq!(refused(&mut floor, 1, IDA), Some(Code::Suppressed));
}

#[test]
fn what_forbids_a_record_after_what_allows_it_for_a_while_is_not_forgotten_with_it() {
    let mut floor = Floor::open(house(1, 6));
    let (ida, _) = ida_who_is_called_tomorrow(&mut floor);
    floor
        .ask(say(Subject::Customer(ida), Change::Withdrawn))
        .unwrap();
    let mut said = statement(Subject::Customer(ida), Change::Given);
    said.until = Some(floor.now + std::time::Duration::from_secs(7_200));
    floor.ask(telling(said, None)).unwrap();
    floor
        .ask(Input::Customer {
            customer: ida,
            order: Order::Erase {
                reason: "asked for".to_owned(),
            },
            by: Actor::TANDEM,
            re: RE,
        })
        .unwrap();

    assert_eq!(refused(&mut floor, 9, IDA), Some(Code::Suppressed));
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

#[test]
fn a_call_is_promised_for_a_time_at_which_a_suppression_is_over_and_none_before() {
    let mut floor = Floor::empty(house(1, 6));
    let [before, over, after] =
        [3_540, 3_600, 3_660].map(|seconds| floor.now + Duration::from_secs(seconds));
    let mut said = statement(Subject::Number(number(IDA)), Change::Suppressed);
    said.until = Some(over);
    floor.ask(telling(said, None)).unwrap();
    let promise = |floor: &mut Floor, n: u128, at: Timestamp| {
        floor.ask(Input::AskCallback {
            interaction: InteractionId::new(7_000 + n).unwrap(),
            queue: Some("support".parse().unwrap()),
            by: Actor::TANDEM,
            number: number(IDA),
            at: Some(at),
            wish: Default::default(),
            re: RE,
        })
    };

    let early = promise(&mut floor, 1, before);
    assert_eq!(early.unwrap_err().code, Code::Suppressed);
    assert_eq!(refused(&mut floor, 2, IDA), Some(Code::Suppressed));
    promise(&mut floor, 3, after).unwrap();

    floor.arrive(&agent(0));
    floor.seconds(3_600 + 61);
    let id = InteractionId::new(7_003).unwrap();
    assert_eq!(floor.offered(id), Some(agent(0)));
    let refusals = floor.facts.iter();
    let refusals = refusals.filter(|fact| matches!(fact.event, Event::ContactRefused { .. }));
    assert_eq!(refusals.count(), 2);
}

#[test]
fn nothing_is_said_of_a_number_that_is_none() {
    let mut floor = Floor::empty(house(1, 6));

    let subject = Subject::Number(number("+00000000000"));
    let said = floor.ask(say(subject, Change::Suppressed)).unwrap_err();
    assert_eq!(said.code, Code::OutOfRange);

    assert_eq!(
        refused(&mut floor, 1, "+00000000000"),
        Some(Code::OutOfRange)
    );
}

#[test]
fn a_program_writes_nothing_to_who_is_suppressed_for_chats_and_everybody_else_does() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    let holder = floor.accept_any(id);
    let crm = Actor::House(By::Program("crm".to_owned()));
    let says = |floor: &mut Floor, by: &Actor, name: &str| {
        floor.ask(Input::Say {
            interaction: id,
            by: by.clone(),
            mid: mid(name),
            text: "It is on its way.".to_owned(),
            re: RE,
        })
    };
    says(&mut floor, &crm, "news").unwrap();
    let suppress = |floor: &mut Floor, change| {
        let customer = Subject::Customer(floor.of(id).customer);
        let mut said = statement(customer, change);
        said.channel = ContactChannel::Chat;
        let interaction = Some(id);
        floor.ask(telling(said, interaction)).unwrap();
    };
    suppress(&mut floor, Change::Suppressed);

    let refusal = says(&mut floor, &crm, "more").unwrap_err();

    assert_eq!(refusal.code, Code::Suppressed);
    assert_eq!(floor.count(id, is_refused_message), 1);
    let again = says(&mut floor, &crm, "news");
    assert!(again.is_ok(), "it was written before: {again:?}");
    let others = [
        Actor::Agent(holder),
        Actor::House(By::Agent(agent(0))),
        Actor::Visitor(visitor(1).visitor),
    ];
    for (n, by) in others.iter().enumerate() {
        says(&mut floor, by, &format!("other-{n}")).unwrap();
    }
    assert_eq!(floor.count(id, is_refused_message), 1);
    suppress(&mut floor, Change::Unsuppressed);
    says(&mut floor, &crm, "more").unwrap();
}
