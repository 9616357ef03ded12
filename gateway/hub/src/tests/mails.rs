use ws::{callback::Wish, consent::ContactChannel, frame::Code, id::CallbackId};

use super::*;
use crate::{
    callback::Revision,
    consent::{Change, Source, Statement, Subject},
    customer::Order,
    event::CallbackEnd,
    gate::{Closed, Way},
    input::Signed,
    mail::{Matter, Unsent},
};

const IDA: &str = "ida@x.example";

fn posting() -> Setup {
    Setup {
        mail: true,
        ..house(1, 6)
    }
}

/// A visitor with a mail address who is promised a call in an hour and is to be reminded ten minutes before. What is no address is
/// the word of a website.
fn promised(setup: Setup, mail: Option<&str>) -> (Floor, InteractionId) {
    let mut floor = Floor::empty(setup);
    let signed = mail.filter(|mail| Subject::mail(mail).is_none());
    let id = InteractionId::new(1_001).unwrap();
    floor
        .ask(Input::OpenChat {
            candidate: id,
            who: Introduction {
                verified: signed.map(|mail| Signed {
                    subject: "ida".to_owned(),
                    mail: Some(mail.to_owned()),
                    ..Signed::default()
                }),
                ..visitor(1)
            },
            mid: mid("first"),
            text: "hello".into(),
            re: RE,
        })
        .unwrap();
    if let Some(mail) = mail.filter(|_| signed.is_none()) {
        let customer = floor.of(id).customer;
        floor
            .ask(Input::Customer {
                customer,
                order: Order::Describe {
                    cleared: Vec::new(),
                    name: None,
                    number: None,
                    mail: Some(mail.to_owned()),
                    value: None,
                },
                by: Actor::TANDEM,
                re: RE,
            })
            .unwrap();
    }
    floor
        .ask(Input::AskCallback {
            interaction: id,
            queue: None,
            by: Actor::Visitor(visitor(1).visitor),
            number: number("+4930100"),
            at: Some(floor.now + Duration::from_secs(3_600)),
            wish: Wish {
                remind: Some(600),
                ..Wish::default()
            },
            re: RE,
        })
        .unwrap();
    (floor, id)
}

fn first(interaction: InteractionId) -> CallbackId {
    CallbackId { interaction, n: 1 }
}

fn posted(floor: &Floor, id: InteractionId) -> Vec<(String, Matter)> {
    let mails = floor.events(id).into_iter().filter_map(|e| match e {
        Event::MailPosted { to, matter, .. } => Some((to.clone(), *matter)),
        _ => None,
    });
    mails.collect()
}

fn withdraw(floor: &mut Floor, subject: Subject) {
    let said = Statement {
        subject,
        channel: ContactChannel::Mail,
        change: Change::Withdrawn,
        source: Source::Link,
        reason: None,
        until: None,
        by: None,
    };
    floor
        .ask(Input::SetConsent {
            said,
            interaction: None,
            by: Actor::TANDEM,
            re: RE,
        })
        .unwrap();
}

fn stands(floor: &Floor, id: InteractionId, (to, matter): &(String, Matter)) -> Result<(), Unsent> {
    let customer = floor.of(id).customer;
    floor.hub.still_mails(to, customer, *matter, floor.now)
}

#[test]
fn a_reminder_is_mailed_once_over_a_crash_too() {
    let (mut floor, id) = promised(posting(), Some(IDA));
    let due = floor.now + Duration::from_secs(3_600);

    floor.seconds(2_999);
    assert_eq!(posted(&floor, id), []);
    floor.seconds(1);
    floor.crash();
    floor.seconds(300);

    let callback = first(id);
    let matter = Matter::Reminder { callback, due };
    assert_eq!(posted(&floor, id), [(IDA.to_owned(), matter)]);
    assert_eq!(stands(&floor, id, &(IDA.to_owned(), matter)), Ok(()));
}

#[test]
fn nothing_is_mailed_without_a_server_or_an_address() {
    for (setup, mail) in [(house(1, 6), Some(IDA)), (posting(), None)] {
        let (mut floor, id) = promised(setup, mail);
        floor.seconds(3_100);

        assert_eq!(posted(&floor, id), []);
        let reminded = |e: &Event| matches!(e, Event::CallbackReminded { .. });
        assert_eq!(floor.count(id, reminded), 1, "webhooks tell of it");
    }
}

#[test]
fn who_forbade_mails_gets_none_however_it_was_said() {
    let of_customer = |floor: &mut Floor, id| {
        let customer = floor.of(id).customer;
        withdraw(floor, Subject::Customer(customer));
    };
    let of_address = |floor: &mut Floor, _| {
        withdraw(floor, Subject::mail("IDA@x.example").unwrap());
    };
    let by_word = |floor: &mut Floor, id| {
        floor
            .ask(Input::Say {
                interaction: id,
                by: Actor::Visitor(visitor(1).visitor),
                mid: mid("stop"),
                text: "stop".into(),
                re: RE,
            })
            .unwrap();
    };
    type Step<'a> = &'a dyn Fn(&mut Floor, InteractionId);
    let ways: [(Step<'_>, usize); 3] = [(&of_customer, 1), (&of_address, 1), (&by_word, 0)];
    for (n, (way, times)) in ways.into_iter().enumerate() {
        let (mut floor, id) = promised(posting(), Some(IDA));
        way(&mut floor, id);
        // The word forbids calls too, so that there is no promise left to be reminded of.
        floor.seconds(3_100);

        assert_eq!(posted(&floor, id), [], "{n}");
        let refused = |e: &Event| {
            matches!(
                e,
                Event::ContactRefused {
                    channel: ContactChannel::Mail,
                    way: Way::Reminder,
                    closed: Closed::Withdrawn,
                }
            )
        };
        assert_eq!(floor.count(id, refused), times, "{n}");
    }
}

#[test]
fn what_is_no_address_and_who_gave_no_consent_where_it_is_required_get_nothing() {
    let mut required = posting();
    required.consent.required = vec![ContactChannel::Mail];
    let wrong = Closed::NoAddress;
    for (setup, mail, why) in [
        (posting(), "ida at x", wrong),
        (required, IDA, Closed::NoConsent),
    ] {
        let (mut floor, id) = promised(setup, Some(mail));
        floor.seconds(3_100);

        assert_eq!(posted(&floor, id), []);
        let refused =
            |e: &Event| matches!(e, Event::ContactRefused { closed, .. } if *closed == why);
        assert_eq!(floor.count(id, refused), 1, "{mail}");
    }
}

#[test]
fn a_mail_that_waits_is_not_sent_once_it_is_forbidden_over_or_late() {
    let (mut floor, id) = promised(posting(), Some(IDA));
    floor.seconds(3_000);
    let mail = posted(&floor, id).remove(0);
    assert_eq!(stands(&floor, id, &mail), Ok(()));
    let revise = |at| Input::ReviseCallback {
        callback: first(id),
        by: Actor::Customer(floor.of(id).customer),
        change: Revision {
            at: Some(at),
            ..Revision::default()
        },
        re: RE,
    };
    let later = revise(floor.now + Duration::from_secs(7_200));

    floor.ask(later).unwrap();
    assert_eq!(stands(&floor, id, &mail), Err(Unsent::Over));
    floor.seconds(6_600);
    let again = posted(&floor, id).remove(1);
    assert_eq!(stands(&floor, id, &again), Ok(()), "it is reminded anew");
    floor.seconds(600);
    assert_eq!(stands(&floor, id, &again), Err(Unsent::Late));
    withdraw(&mut floor, Subject::mail(IDA).unwrap());
    let withdrawn = Err(Unsent::Closed(Closed::Withdrawn));
    assert_eq!(stands(&floor, id, &again), withdrawn);
}

#[test]
fn a_link_cancels_its_own_customers_promise_and_no_other() {
    let (mut floor, id) = promised(posting(), Some(IDA));
    let other = floor.chat(2);
    let cancel = |customer| Input::CancelCallback {
        callback: first(id),
        by: Actor::Customer(customer),
        re: RE,
    };
    let (theirs, own) = (floor.of(other).customer, floor.of(id).customer);

    let refused = floor.ask(cancel(theirs)).unwrap_err();
    assert_eq!(refused.code, Code::Forbidden);
    floor.ask(cancel(own)).unwrap();

    let by_customer = |e: &Event| {
        matches!(
            e,
            Event::CallbackEnded {
                end: CallbackEnd::Cancelled {
                    by: ws::timeline::Author::Customer
                },
                ..
            }
        )
    };
    assert_eq!(floor.count(id, by_customer), 1);
}

#[test]
fn a_transcript_is_posted_beside_the_record_where_the_gate_lets_it_pass() {
    let (mut floor, id) = promised(posting(), None);
    let customer = floor.of(id).customer;
    let ask = |to: &str| Input::MailTranscript {
        interaction: id,
        customer,
        to: to.to_owned(),
        re: RE,
    };

    floor.ask(ask(IDA)).unwrap();
    let wrong = floor.ask(ask("ida")).unwrap_err();
    withdraw(&mut floor, Subject::mail(IDA).unwrap());
    let forbidden = floor.ask(ask(IDA)).unwrap_err();

    assert_eq!(wrong.code, Code::OutOfRange);
    assert_eq!(forbidden.code, Code::Suppressed);
    let posted = floor.facts.iter().filter(|fact| {
        let posted = matches!(fact.event, Event::MailPosted { .. });
        posted && fact.interaction.is_none()
    });
    assert_eq!(posted.count(), 1);
    let matter = Matter::Transcript { interaction: id };
    let asked = floor.hub.still_mails(IDA, customer, matter, floor.now);
    assert_eq!(asked, Err(Unsent::Closed(Closed::Withdrawn)));
}

#[test]
fn a_promise_that_is_moved_nearer_than_its_reminder_is_not_reminded_of() {
    let (mut floor, id) = promised(posting(), Some(IDA));
    let by = Actor::Customer(floor.of(id).customer);
    let near = floor.now + Duration::from_secs(300);

    floor
        .ask(Input::ReviseCallback {
            callback: first(id),
            by,
            change: Revision {
                at: Some(near),
                ..Revision::default()
            },
            re: RE,
        })
        .unwrap();
    floor.seconds(299);

    assert_eq!(posted(&floor, id), []);
    assert_eq!(floor.of(id).callbacks.get(1).unwrap().due, near);
}

#[test]
fn a_house_reminds_of_every_call_that_is_far_enough_ahead_where_it_says_so() {
    let ask = |floor: &mut Floor, n: u128, at: u64| {
        let interaction = InteractionId::new(8_000 + n).unwrap();
        let asked = floor.ask(Input::AskCallback {
            interaction,
            queue: Some("support".parse().unwrap()),
            by: Actor::TANDEM,
            number: number(&format!("+49301{n:03}")),
            at: Some(floor.now + Duration::from_secs(at)),
            wish: Wish::default(),
            re: RE,
        });
        asked.unwrap();
        interaction
    };
    let mut setup = posting();
    setup.callbacks.remind = Some(Duration::from_secs(600));
    let mut floor = Floor::empty(setup);

    let (near, far) = (ask(&mut floor, 1, 599), ask(&mut floor, 2, 700));
    floor.seconds(100);

    let reminded = |e: &Event| matches!(e, Event::CallbackReminded { .. });
    assert_eq!(floor.count(near, reminded), 0);
    assert_eq!(floor.count(far, reminded), 1);
}

#[test]
fn a_mail_that_waits_is_sent_though_its_matter_became_part_of_another() {
    let (mut floor, id) = promised(posting(), Some(IDA));
    floor.seconds(3_000);
    let mail = posted(&floor, id).remove(0);
    let other = floor.chat(2);
    let (kept, same) = (floor.of(other).customer, floor.of(id).customer);
    floor
        .ask(Input::Customer {
            customer: kept,
            order: Order::Merge {
                other: same,
                reason: "she says so".to_owned(),
            },
            by: Actor::TANDEM,
            re: RE,
        })
        .unwrap();

    floor
        .ask(Input::Link {
            interaction: other,
            order: crate::link::Order::Merge {
                other: id,
                reason: "the same boots".to_owned(),
            },
            by: Actor::TANDEM,
            re: RE,
        })
        .unwrap();

    let ended = floor.count(id, |e| matches!(e, Event::CallbackEnded { .. }));
    assert_eq!((ended, stands(&floor, id, &mail)), (1, Ok(())));
    assert_eq!(posted(&floor, other), [], "it was posted before");
}

#[test]
fn a_mail_to_a_merged_record_names_the_one_whose_address_it_is() {
    let (mut floor, id) = promised(posting(), None);
    let other = floor.chat(2);
    let (same, kept) = (floor.of(id).customer, floor.of(other).customer);
    let by = Actor::TANDEM;
    let (mail, reason) = (Some(IDA.to_owned()), "she says so".to_owned());
    let orders = [
        Order::Describe {
            cleared: Vec::new(),
            name: None,
            number: None,
            mail,
            value: None,
        },
        Order::Merge {
            other: same,
            reason,
        },
    ];
    for order in orders {
        let (customer, by, re) = (kept, by.clone(), RE);
        let input = Input::Customer {
            customer,
            order,
            by,
            re,
        };
        floor.ask(input).unwrap();
    }

    floor.seconds(3_000);

    let to_kept = |e: &Event| matches!(e, Event::MailPosted { customer, .. } if *customer == kept);
    assert_eq!(floor.count(id, to_kept), 1);
}

#[test]
fn an_address_that_cannot_be_written_to_is_refused_where_it_comes_in() {
    let (mut floor, id) = promised(posting(), None);
    let customer = floor.of(id).customer;
    let mut describe = |mail: &str| {
        let order = Order::Describe {
            cleared: Vec::new(),
            name: None,
            number: None,
            mail: Some(mail.to_owned()),
            value: None,
        };
        let (by, re) = (Actor::TANDEM, RE);
        floor.ask(Input::Customer {
            customer,
            order,
            by,
            re,
        })
    };
    for wrong in [
        "\"ida\"@x.example",
        "<ida@x.example>",
        "mailto:ida@x.example",
        "a@b.",
    ] {
        let refused = describe(wrong).unwrap_err();
        assert!(
            refused.text.starts_with("this is no mail address"),
            "{wrong}"
        );
    }
    let card = describe("4111111111111111@z.example").unwrap_err();
    assert!(card.text.starts_with("a card number is no mail address"));
    describe("ida@x.example").unwrap();

    let mut who = visitor(8);
    who.mail = Some("\"ida\"@x.example".to_owned());
    let refused = crate::introduce::check(&who).unwrap_err();
    assert!(refused.text.starts_with("this is no mail address"));
}
