//! People are found, forgotten, recalled, merged and unmerged.

use ws::{
    agent::Channel,
    callback::Order as Dialled,
    consent::ContactChannel,
    frame::Code,
    id::{InteractionId, Timestamp, VisitorId},
    transfer::TransferTo,
};

use super::{
    archive::*,
    memory::{ERASED, IDLE},
    *,
};
use crate::{
    Command, Event, Input,
    consent::{Bar, Change, Mark, Source, Statement, Subject},
    input::{Actor, Done, LegNews, Signed, Wish},
    tests::{Floor, RE, agent, house, leg, number},
};

fn visitor(n: u128, mail: Option<&str>, verified: Option<&str>) -> Introduction {
    Introduction {
        visitor: VisitorId::new(n).unwrap(),
        zone: "shop".parse().unwrap(),
        name: None,
        mail: mail.map(str::to_owned),
        verified: verified.map(|subject| Signed {
            subject: subject.to_owned(),
            mail: mail.map(str::to_owned),
            ..Signed::default()
        }),
        page: None,
        referrer: None,
        form: None,
    }
}

fn known(who: &Introduction) -> Known {
    Known {
        mail: who.mail.clone(),
        visitor: Some(who.visitor),
        verified: who.verified.as_ref().map(|signed| signed.subject.clone()),
        ..Known::default()
    }
}

#[test]
fn an_unverified_mail_address_finds_nobody() {
    let mut customers = Customers::default();
    let (ida, mallory) = (
        visitor(1, Some("ida@x.example"), Some("ida")),
        visitor(2, Some("ida@x.example"), None),
    );
    customers.know(CustomerId::new(1).unwrap(), &known(&ida), Timestamp(0));

    assert_eq!(customers.by_introduction(&mallory), None);
    customers.know(CustomerId::new(2).unwrap(), &known(&mallory), Timestamp(0));

    let elsewhere = visitor(3, Some("ida@x.example"), Some("ida"));
    assert_eq!(customers.by_introduction(&elsewhere), CustomerId::new(1));
}

#[test]
fn what_a_signed_visitor_types_finds_nobody_and_is_found_by_nobody() {
    let mut floor = Floor::open(house(1, 6));
    let sign = |n: u128, subject: &str, mail: Option<&str>| Introduction {
        mail: Some("ida@x.example".to_owned()),
        verified: Some(Signed {
            subject: subject.to_owned(),
            mail: mail.map(str::to_owned),
            ..Signed::default()
        }),
        ..crate::tests::visitor(n)
    };
    let ida = chat(&mut floor, 1, sign(1, "ida", Some("ida@x.example")));

    let mallory = chat(&mut floor, 2, sign(2, "mallory", None));

    assert_ne!(ida, mallory);
    let customers = floor.hub.state().customers();
    let mail = Identity::Mail("ida@x.example".to_owned());
    assert_eq!(customers.by(&mail), Some(ida), "she signed it");
    let typed = customers.get(mallory).unwrap().mail.clone();
    assert_eq!(typed.as_deref(), Some("ida@x.example"), "she is told there");
}

#[test]
fn what_a_website_signs_beside_the_subject_is_known_and_found() {
    let mut floor = Floor::open(house(1, 6));
    let caller: Number = "+4930900840".parse().unwrap();
    let signed = Introduction {
        name: Some("typed".to_owned()),
        verified: Some(Signed {
            subject: "ida".to_owned(),
            name: Some("Ida Lovelace".to_owned()),
            mail: Some("ida@x.example".to_owned()),
            number: Some(caller.clone()),
        }),
        ..crate::tests::visitor(1)
    };

    let ida = chat(&mut floor, 1, signed);

    let customers = floor.hub.state().customers();
    assert_eq!(customers.by_number(&caller), Some(ida));
    let found = customers.get(ida).unwrap();
    assert_eq!(found.name.as_deref(), Some("Ida Lovelace"));
    assert_eq!(found.number.as_ref(), Some(&caller));
}

fn chat(floor: &mut Floor, n: u128, who: Introduction) -> CustomerId {
    let candidate = InteractionId::new(n).unwrap();
    floor
        .ask(Input::OpenChat {
            candidate,
            who,
            mid: crate::tests::mid("first"),
            text: "hello".into(),
            re: RE,
        })
        .unwrap();
    floor.of(candidate).customer
}

#[test]
fn a_visitor_is_the_same_person_again_but_not_under_another_signed_identity() {
    let mut customers = Customers::default();
    customers.know(
        CustomerId::new(1).unwrap(),
        &known(&visitor(1, None, None)),
        Timestamp(0),
    );

    assert_eq!(
        customers.by_introduction(&visitor(1, None, None)),
        CustomerId::new(1)
    );
    let signed = visitor(1, None, Some("ida"));
    assert_eq!(customers.by_introduction(&signed), CustomerId::new(1));
    customers.know(CustomerId::new(1).unwrap(), &known(&signed), Timestamp(0));

    assert_eq!(
        customers.by_introduction(&visitor(1, None, Some("bo"))),
        None
    );
    assert_eq!(customers.by_introduction(&visitor(1, None, None)), None);
}

#[test]
fn ten_earlier_interactions_are_kept_newest_first() {
    let mut customers = Customers::default();
    let id = CustomerId::new(1).unwrap();

    for n in 1..=12 {
        customers.open(id);
        customers.seal(
            id,
            InteractionId::new(n).unwrap(),
            Timestamp(0),
            Channel::Chat,
            ("served", None),
        );
    }

    let earlier = &customers.get(id).unwrap().earlier;
    assert_eq!((earlier.len(), earlier[0].interaction.number()), (10, 12));
}

/// An archive that has what somebody else had in memory.
#[derive(Debug)]
struct Kept(Customers);

impl Archive for Kept {
    fn owner(&mut self, _: InteractionId) -> Option<CustomerId> {
        None
    }

    fn has_written(&mut self, _: ws::id::VisitorId, _: &ws::id::Mid) -> bool {
        false
    }

    fn recall(&mut self, wants: &[Want]) -> Vec<Remembered> {
        let mut found: Vec<Remembered> = Vec::new();
        for want in wants {
            let ids: Vec<_> = match want {
                Want::Customer(id) => vec![*id],
                Want::Identity(identity) => self.0.by(identity).into_iter().collect(),
                Want::Heirs(_) => self.0.records.keys().copied().collect(),
            };
            let families = ids.into_iter().map(|id| self.0.family(self.0.root(id)));
            for customer in families.flatten() {
                let Some(record) = self.0.record(customer).cloned() else {
                    continue;
                };
                let leads = |identity: &&Identity| self.0.finds.get(identity) == Some(&customer);
                let finds = record.identities.keys().filter(leads).cloned().collect();
                let record = Customer {
                    live: 0,
                    turn: None,
                    ..record
                };
                if found.iter().all(|known| known.customer != customer) {
                    found.push(Remembered {
                        customer,
                        record,
                        finds,
                    });
                }
            }
        }
        found
    }
}

fn id(n: u128) -> CustomerId {
    CustomerId::new(n).unwrap()
}

fn plain(customers: &Customers, n: u128) -> Customer {
    let record = customers.get(id(n)).expect("known").into_owned();
    Customer {
        live: 0,
        turn: None,
        ..record
    }
}

// Known by a number, with one sealed call.
fn caller(customers: &mut Customers, n: u128, name: &str) {
    let known = Known {
        name: Some(name.to_owned()),
        number: Some(number(&format!("+49301{n}"))),
        ..Known::default()
    };
    customers.know(id(n), &known, Timestamp(n as u64));
    customers.seal(
        id(n),
        InteractionId::new(n).unwrap(),
        Timestamp(n as u64),
        Channel::Voice,
        ("served", Some(&format!("a{n}").parse().unwrap())),
    );
}

#[test]
fn merged_records_are_read_as_one_and_unmerged_ones_are_as_before() {
    let mut customers = Customers::default();
    for (n, name) in [(1, "Ida"), (2, "I. Berg"), (3, "Ida Berg")] {
        caller(&mut customers, n, name);
    }
    customers.value(id(3), 7);
    let before = [1, 2, 3].map(|n| plain(&customers, n));

    customers.merge(id(2), id(3));
    customers.merge(id(1), id(2));

    let whole = plain(&customers, 3);
    assert_eq!(whole, plain(&customers, 1));
    assert_eq!((whole.name.as_deref(), whole.value), (Some("Ida"), 7));
    assert_eq!(whole.identities.len(), 3);
    assert_eq!(whole.familiar, Some("a3".parse().unwrap()));
    let newest: Vec<_> = whole
        .earlier
        .iter()
        .map(|e| e.interaction.number())
        .collect();
    assert_eq!(newest, [3, 2, 1]);
    assert_eq!(customers.by_number(&number("+493013")), Some(id(1)));
    customers.unmerge(id(2));
    assert_eq!(customers.by_number(&number("+493013")), Some(id(2)));
    customers.unmerge(id(3));
    assert_eq!([1, 2, 3].map(|n| plain(&customers, n)), before);
    assert_eq!(customers.by_number(&number("+493013")), Some(id(3)));
}

#[test]
fn what_led_to_who_is_erased_or_is_known_by_it_no_more_leads_to_who_else_has_it() {
    let number = number("+4930100");
    let shared = |mail: &str| Known {
        number: Some(number.clone()),
        mail: Some(mail.to_owned()),
        ..Known::default()
    };
    let mut customers = Customers::default();
    // 4 shares the number and was first with the mail address, 2 was last with it.
    for (n, at, mail) in [
        (3, 1, "a@x.example"),
        (4, 2, "b@x.example"),
        (1, 3, "c@x.example"),
        (2, 4, "b@x.example"),
    ] {
        customers.know(id(n), &shared(mail), Timestamp(at));
    }
    let leads = |customers: &Customers| {
        (
            customers.by_number(&number),
            customers.by_mail("b@x.example"),
        )
    };
    assert_eq!(leads(&customers), (Some(id(3)), Some(id(2))));

    customers.erase(&[id(3), id(2)]);
    assert_eq!(leads(&customers), (Some(id(4)), Some(id(4))));

    let not_hers = Known {
        cleared: vec![Field::Number],
        ..Known::default()
    };
    customers.know(id(4), &not_hers, Timestamp(5));
    assert_eq!(leads(&customers), (Some(id(1)), Some(id(4))));
    let nobodys = customers.erase(&[id(1)]);
    assert_eq!(leads(&customers), (None, Some(id(4))));
    let theirs = [
        Subject::Number(number.clone()),
        Subject::Mail("c@x.example".to_owned()),
    ];
    assert_eq!(nobodys, theirs);
    assert_eq!(customers.erase(&[id(4)]).len(), 1, "the mail address");
}

#[test]
fn a_number_that_an_erased_customer_had_first_leads_at_once_to_who_is_not_in_memory() {
    let mut floor = Floor::open(house(1, 6));
    let call = floor.call(1, "+4930100");
    let first = floor.of(call).customer;
    let mut known = floor.hub.state().customers().clone();
    let known_by = Known {
        number: Some(number("+4930100")),
        ..Known::default()
    };
    known.know(id(77), &known_by, Timestamp(u64::MAX));
    floor.hub.use_archive(Box::new(Kept(known)));
    floor.ended(
        crate::tests::leg(call, 1),
        crate::input::CauseKind::Cancelled,
    );

    let reason = "asked for by mail".to_owned();
    order(&mut floor, first, Order::Erase { reason }).unwrap();

    let again = floor.call(2, "+4930100");
    assert_eq!(floor.of(again).customer, id(77));
}

#[test]
fn a_circle_of_merges_cannot_come_about() {
    let mut customers = Customers::default();
    for n in 1..=2 {
        caller(&mut customers, n, "Ida");
    }
    customers.merge(id(1), id(2));

    customers.merge(id(2), id(1));

    assert_eq!(
        (customers.root(id(1)), customers.root(id(2))),
        (id(1), id(1))
    );
}

#[test]
fn who_was_idle_for_the_longest_is_forgotten_and_recalled_as_they_were() {
    let mut customers = Customers::default();
    for n in 1..=3 {
        caller(&mut customers, n, "Ida");
    }
    customers.merge(id(1), id(2));
    customers.open(id(3));
    let before = [1, 2, 3].map(|n| plain(&customers, n));
    let mut archive = Kept(customers.clone());

    for n in 10..10 + IDLE as u128 {
        caller(&mut customers, n, "Bo");
    }

    assert_eq!(customers.get(id(1)), None);
    assert_eq!(customers.by_number(&number("+493012")), None);
    assert!(customers.get(id(3)).is_some(), "a live one stays");
    assert_eq!(customers.len(), IDLE + 1);
    let wants = [Want::Identity(Identity::Number(number("+493012")))];
    customers.recall(archive.recall(&wants));
    assert_eq!([1, 2, 3].map(|n| plain(&customers, n)), before);
    assert_eq!(customers.by_number(&number("+493012")), Some(id(1)));
}

#[test]
fn who_was_erased_is_not_recalled_from_tables_that_do_not_know_of_it_yet() {
    let mut customers = Customers::default();
    for n in 1..=2 {
        caller(&mut customers, n, "Ida");
    }
    customers.merge(id(1), id(2));
    let mut behind = Kept(customers.clone());
    let wants = [Want::Identity(Identity::Number(number("+493012")))];

    customers.erase(&[id(1), id(2)]);
    customers.recall(behind.recall(&wants));

    assert!(customers.is_empty(), "{customers:?}");
    assert_eq!(customers.by_number(&number("+493012")), None);
    customers.renew(behind.recall(&wants));
    assert!(customers.is_empty(), "a start changes nothing");
    // What is said of them from here on is a record like any other.
    caller(&mut customers, 2, "Bo");
    let new = plain(&customers, 2);
    let mut archive = Kept(customers.clone());
    for n in 10..10 + IDLE as u128 {
        caller(&mut customers, n, "Bo");
    }
    assert_eq!(customers.get(id(2)), None);
    customers.recall(archive.recall(&wants));
    assert_eq!(plain(&customers, 2), new);
    let all: Vec<_> = (10..10 + ERASED as u128).map(id).collect();
    customers.erase(&all);
    assert_eq!(customers.erasures.len(), ERASED);
    assert_eq!(customers.erased.len(), ERASED);
}

#[test]
fn a_hub_with_an_archive_knows_who_calls_although_nothing_of_them_was_replayed() {
    let mut first = Floor::open(house(1, 6));
    let before = first.call(1, "+4930100");
    let customer = first.of(before).customer;
    first.ended(
        crate::tests::leg(before, 1),
        crate::input::CauseKind::Cancelled,
    );
    assert!(first.hub.state().interaction(before).is_none(), "sealed");
    let mut second = Floor::open(house(1, 6));
    second
        .hub
        .use_archive(Box::new(Kept(first.hub.state().customers().clone())));
    second.hub.remember();
    assert!(second.hub.state().customers().is_empty());

    let again = second.call(2, "+4930100");

    assert_eq!(second.of(again).customer, customer);
    let known = second.hub.state().customers().get(customer).unwrap();
    assert_eq!(known.earlier[0].interaction, before);
}

fn order(
    floor: &mut Floor,
    customer: CustomerId,
    order: Order,
) -> Result<Done, ws::frame::Refusal> {
    floor.ask(Input::Customer {
        customer,
        order,
        by: Actor::TANDEM,
        re: RE,
    })
}

fn merge(other: CustomerId) -> Order {
    Order::Merge {
        other,
        reason: "the same person".to_owned(),
    }
}

#[test]
fn a_merge_is_a_fact_with_who_and_why_and_so_is_its_undoing() {
    let mut floor = Floor::open(house(1, 6));
    let (a, b) = (floor.call(1, "+4930100"), floor.call(2, "+4930200"));
    let (a, b) = (floor.of(a).customer, floor.of(b).customer);

    order(&mut floor, a, merge(b)).unwrap();

    assert_eq!(
        order(&mut floor, b, merge(a)).unwrap_err().code,
        Code::Conflict
    );
    assert_eq!(floor.hub.state().customers().root(b), a);
    let reason = "it was her brother".to_owned();
    order(
        &mut floor,
        b,
        Order::Unmerge {
            reason: reason.clone(),
        },
    )
    .unwrap();
    let unmerge = Order::Unmerge { reason };
    assert_eq!(
        order(&mut floor, b, unmerge).unwrap_err().code,
        Code::Conflict
    );
    let trace: Vec<_> = floor
        .facts
        .iter()
        .rev()
        .take(2)
        .map(|fact| &fact.event)
        .collect();
    assert!(matches!(
        trace[..],
        [Event::CustomersUnmerged { reason, .. }, Event::CustomersMerged { kept, merged, .. }]
            if reason == "it was her brother" && (*kept, *merged) == (a, b)
    ));
    floor.crash();
}

#[test]
fn a_merge_and_its_undoing_want_a_reason() {
    let mut floor = Floor::open(house(1, 6));
    let (a, b) = (floor.call(1, "+4930100"), floor.call(2, "+4930200"));
    let (a, b) = (floor.of(a).customer, floor.of(b).customer);
    for reason in ["", " "].map(str::to_owned) {
        let merge = Order::Merge {
            other: b,
            reason: reason.clone(),
        };
        let erase = Order::Erase { reason };
        for asked in [merge, erase] {
            let refusal = order(&mut floor, a, asked).unwrap_err();
            assert_eq!(refusal.code, Code::OutOfRange, "{}", refusal.text);
        }
    }
}

#[test]
fn of_records_that_were_merged_the_last_word_counts_and_taken_apart_each_has_its_own() {
    let mut floor = Floor::open(house(1, 6));
    let (a, b) = (floor.call(1, "+4930100"), floor.call(2, "+4930200"));
    let (a, b) = (floor.of(a).customer, floor.of(b).customer);
    let voice = ContactChannel::Voice;
    let hers = Subject::Number(number("+4930200"));
    state(&mut floor, hers, voice, Change::Withdrawn);
    for change in [Change::Withdrawn, Change::Suppressed] {
        state(&mut floor, Subject::Customer(b), voice, change);
    }
    let bars = |floor: &Floor| {
        let numbers = ["+4930100", "+4930200"].map(|text| Subject::Number(number(text)));
        let all = [a, b].map(Subject::Customer).into_iter().chain(numbers);
        let bars = all.map(|of| floor.hub.bar(&of, voice, floor.now));
        bars.collect::<Vec<_>>()
    };
    order(&mut floor, a, merge(b)).unwrap();
    assert_eq!(bars(&floor), [Some(Bar::Suppressed); 4], "of one person");

    state(
        &mut floor,
        Subject::Customer(a),
        voice,
        Change::Unsuppressed,
    );
    assert_eq!(bars(&floor), [Some(Bar::Withdrawn); 4], "what they said");
    state(&mut floor, Subject::Customer(a), voice, Change::Given);
    assert_eq!(bars(&floor), [None; 4]);

    let reason = "two people".to_owned();
    order(&mut floor, b, Order::Unmerge { reason }).unwrap();
    state(&mut floor, Subject::Customer(b), voice, Change::Withdrawn);
    let one = Some(Bar::Withdrawn);
    assert_eq!(bars(&floor), [None, one, None, one]);
    floor.crash();
}

#[test]
fn who_signs_in_takes_along_what_the_same_browser_did_before_and_nobody_else_does() {
    let mut floor = Floor::open(house(0, 6));
    let open = |floor: &mut Floor, candidate: u128, visitor_id: u128, subject: Option<&str>| {
        let done = floor.ask(Input::OpenChat {
            candidate: InteractionId::new(candidate).unwrap(),
            who: visitor(visitor_id, Some("ida@x.example"), subject),
            mid: crate::tests::mid("first"),
            text: "hello".into(),
            re: RE,
        });
        let Ok(Done::Written { interaction, .. }) = done else {
            panic!("{done:?}");
        };
        let customer = floor.of(interaction).customer;
        let end = Input::End {
            interaction,
            by: Actor::TANDEM,
            re: RE,
        };
        floor.ask(end).unwrap();
        customer
    };
    let ida = open(&mut floor, 1, 1, Some("ida"));
    let unsigned = open(&mut floor, 2, 2, None);
    assert_ne!(unsigned, ida, "a mail address proves nothing");

    let signed = open(&mut floor, 3, 2, Some("ida"));

    let customers = floor.hub.state().customers();
    assert_eq!((signed, customers.root(unsigned)), (ida, ida));
    let bo = open(&mut floor, 4, 2, Some("bo"));
    let customers = floor.hub.state().customers();
    assert_ne!(
        customers.root(bo),
        ida,
        "another signed identity is somebody else"
    );
    floor.crash();
}

#[test]
fn an_erased_customer_is_nobody_and_what_went_on_is_over() {
    let mut floor = Floor::open(house(1, 6));
    let call = floor.call(1, "+4930100");
    let chat = floor.chat(5);
    let promise = floor.promise(3, "+4930300");
    let (a, b) = (floor.of(call).customer, floor.of(chat).customer);
    let c = floor.of(promise).customer;
    order(&mut floor, a, merge(b)).unwrap();
    order(&mut floor, a, merge(c)).unwrap();
    floor.accept_any(chat);

    let reason = "asked for by mail".to_owned();
    order(&mut floor, b, Order::Erase { reason }).unwrap();

    for id in [call, chat, promise] {
        assert!(
            floor.hub.state().interaction(id).is_none(),
            "{id} is sealed"
        );
        assert_eq!(
            floor.count(id, |event| matches!(event, Event::Sealed { .. })),
            1
        );
    }
    let customers = floor.hub.state().customers();
    assert_eq!(
        (customers.get(a), customers.by_number(&number("+4930100"))),
        (None, None)
    );
    let erased = floor.facts.iter().find_map(|fact| match &fact.event {
        Event::CustomerErased { records, .. } => Some(records.clone()),
        _ => None,
    });
    assert_eq!(erased.map(|records| records.len()), Some(3));
    let note = Order::Note {
        text: "late".into(),
    };
    assert_eq!(order(&mut floor, a, note).unwrap_err().code, Code::NotFound);
    let again = floor.call(9, "+4930100");
    assert_ne!(floor.of(again).customer, a);
    floor.crash();
}

#[test]
fn why_somebody_was_erased_does_not_tell_who_they_were() {
    let mut floor = Floor::open(house(1, 6));
    let (a, b) = (floor.call(1, "+4930100"), floor.chat(5));
    let (a, b) = (floor.of(a).customer, floor.of(b).customer);
    let described = Order::Describe {
        cleared: Vec::new(),
        name: Some("Ida Muster".to_owned()),
        number: None,
        mail: Some("ida@x.example".to_owned()),
        value: None,
    };
    order(&mut floor, b, described).unwrap();
    order(&mut floor, a, merge(b)).unwrap();

    let reason = "Ida Muster (ida@x.example, +49 30 100) asked on 30.11.".to_owned();
    order(&mut floor, a, Order::Erase { reason }).unwrap();

    let why = floor.facts.iter().find_map(|fact| match &fact.event {
        Event::CustomerErased { reason, .. } => Some(reason.as_str()),
        _ => None,
    });
    assert_eq!(why, Some("… … (…, …) asked on 30.11."));
}

#[test]
fn consent_that_was_given_goes_with_its_customer_unless_the_address_is_somebody_elses() {
    let (voice, mail) = (ContactChannel::Voice, ContactChannel::Mail);
    let mut floor = Floor::open(house(1, 6));
    let call = floor.call(1, "+4930100");
    let ida = floor.of(call).customer;
    let described = |number: &str, mail: &str| Order::Describe {
        cleared: Vec::new(),
        name: None,
        number: Some(self::number(number)),
        mail: Some(mail.to_owned()),
        value: None,
    };
    order(&mut floor, ida, described("+4930101", "ida@x.example")).unwrap();
    let other = floor.call(2, "+4930200");
    let otto = floor.of(other).customer;
    order(&mut floor, otto, described("+4930201", "otto@x.example")).unwrap();
    let of = |text: &str| text.parse::<Subject>().unwrap();
    let (given, withdrawn) = (Change::Given, Change::Withdrawn);
    for (subject, channel, change) in [
        ("number:+4930100", voice, given),
        ("number:+4930100", mail, Change::Suppressed),
        ("number:+4930101", voice, withdrawn),
        ("mail:ida@x.example", mail, given),
        ("mail:ida@x.example", mail, Change::Suppressed),
        ("mail:ida@x.example", mail, Change::Unsuppressed),
        ("number:+4930200", voice, given),
        ("mail:nobody@x.example", mail, given),
    ] {
        state(&mut floor, of(subject), channel, change);
    }

    let reason = "asked for by mail".to_owned();
    order(&mut floor, ida, Order::Erase { reason }).unwrap();

    let consents = floor.hub.state().consents();
    let stands = |subject: &str, channel| {
        let standing = consents.get(&of(subject), channel)?;
        let allows = |mark: &Option<Mark>| mark.as_ref().map(|mark| mark.allows);
        Some((allows(&standing.consent), allows(&standing.suppression)))
    };
    assert_eq!(stands("number:+4930100", voice), None);
    assert_eq!(stands("number:+4930100", mail), Some((None, Some(false))));
    assert_eq!(stands("number:+4930101", voice), Some((Some(false), None)));
    assert_eq!(stands("mail:ida@x.example", mail), None);
    assert_eq!(stands("number:+4930200", voice), Some((Some(true), None)));
    assert_eq!(
        stands("mail:nobody@x.example", mail),
        Some((Some(true), None))
    );
    floor.crash();
}

#[test]
fn who_may_not_be_called_outlives_an_erasure_and_why_is_in_no_state() {
    let mut floor = Floor::open(house(1, 6));
    let call = floor.call(1, "+4930100");
    let ida = floor.of(call).customer;
    let subjects = [
        Subject::Number(number("+4930100")),
        Subject::Customer(ida),
        Subject::Number(number("+4930200")),
    ];
    for subject in &subjects {
        let said = Statement {
            subject: subject.clone(),
            channel: ContactChannel::Voice,
            change: Change::Suppressed,
            source: Source::Api,
            reason: Some("she is in hospital".to_owned()),
            until: None,
            by: None,
        };
        let said = Input::SetConsent {
            said,
            interaction: None,
            by: Actor::TANDEM,
            re: RE,
        };
        floor.ask(said).unwrap();
    }

    let reason = "asked for by mail".to_owned();
    order(&mut floor, ida, Order::Erase { reason }).unwrap();

    for subject in [&subjects[0], &subjects[2]] {
        let standing = floor.hub.state().consents();
        let standing = standing.get(subject, ContactChannel::Voice);
        let mark = standing.and_then(|standing| standing.suppression.as_ref());
        assert!(!mark.expect("it outlives the erasure").allows);
    }
    let of_nobody = floor.hub.state().consents();
    assert_eq!(of_nobody.get(&subjects[1], ContactChannel::Voice), None);
    let said = Statement {
        subject: subjects[1].clone(),
        channel: ContactChannel::Voice,
        change: Change::Withdrawn,
        source: Source::Link,
        reason: None,
        until: None,
        by: None,
    };
    let late = |by| Input::SetConsent {
        said: said.clone(),
        interaction: None,
        by,
        re: RE,
    };
    assert!(floor.ask(late(Actor::Customer(ida))).is_ok());
    let refusal = floor.ask(late(Actor::TANDEM)).unwrap_err();
    assert_eq!(refusal.code, Code::NotFound);
    let of_nobody = floor.hub.state().consents();
    assert_eq!(of_nobody.get(&subjects[1], ContactChannel::Voice), None);
    let state = format!("{:?}", floor.hub.state());
    assert!(!state.contains("hospital"), "{state}");
    floor.crash();
}

fn state(floor: &mut Floor, subject: Subject, channel: ContactChannel, change: Change) {
    let said = Statement {
        subject,
        channel,
        change,
        source: Source::Api,
        reason: None,
        until: None,
        by: None,
    };
    let by = Actor::TANDEM;
    floor
        .ask(Input::SetConsent {
            said,
            interaction: None,
            by,
            re: RE,
        })
        .unwrap();
}

/// Lets Ida come signed in, with a mail address; returns her record.
fn signed_in(floor: &mut Floor, n: u128) -> CustomerId {
    let signed = Introduction {
        verified: Some(Signed {
            subject: "ida".to_owned(),
            mail: Some("ida@x.example".to_owned()),
            number: Some(number("+4930100")),
            ..Signed::default()
        }),
        ..crate::tests::visitor(1)
    };
    chat(floor, n, signed)
}

#[test]
fn what_was_said_of_a_record_alone_outlives_its_erasure_for_every_address_that_led_to_it() {
    let mut setup = house(1, 6);
    let mut list = crate::consent::NumberList::default();
    list.read("4930300", "+", &crate::numbering::Numbering::default())
        .unwrap();
    setup.consent.list = std::sync::Arc::new(list.seal());
    let mut floor = Floor::empty(setup);
    let numbers = ["+4930100", "+4930200", "+4930300"];
    let calls = [1, 2, 3].map(|n| floor.call(n, numbers[n as usize - 1]));
    let records = calls.map(|call| floor.of(call).customer);
    let ida = records[0];
    for other in &records[1..] {
        let reason = "one person".to_owned();
        let other = *other;
        order(&mut floor, ida, Order::Merge { other, reason }).unwrap();
    }
    let neighbour = floor.call(4, "+4930400");
    assert_eq!(signed_in(&mut floor, 9_001), ida);
    let typed = Introduction {
        mail: Some("bo@x.example".to_owned()),
        ..crate::tests::visitor(2)
    };
    let bo = chat(&mut floor, 9_002, typed);
    for (whose, channel) in [
        (ida, ContactChannel::Voice),
        (ida, ContactChannel::Mail),
        (bo, ContactChannel::Mail),
    ] {
        state(
            &mut floor,
            Subject::Customer(whose),
            channel,
            Change::Withdrawn,
        );
    }
    let before = floor.facts.len();

    for customer in [ida, bo] {
        let reason = "asked for by mail".to_owned();
        order(&mut floor, customer, Order::Erase { reason }).unwrap();
    }

    let bar = |floor: &Floor, number_: &str| {
        let subject = Subject::Number(number(number_));
        floor.hub.bar(&subject, ContactChannel::Voice, floor.now)
    };
    assert_eq!(bar(&floor, numbers[0]), Some(Bar::Withdrawn));
    assert_eq!(bar(&floor, numbers[1]), Some(Bar::Withdrawn));
    assert_eq!(bar(&floor, numbers[2]), Some(Bar::Listed));
    assert_eq!(bar(&floor, "+4930400"), None);
    assert!(floor.of(neighbour).number.is_some());
    let mail = |floor: &Floor, text: &str| {
        let subject = Subject::mail(text).unwrap();
        floor.hub.bar(&subject, ContactChannel::Mail, floor.now)
    };
    assert_eq!(mail(&floor, "ida@x.example"), Some(Bar::Withdrawn));
    assert_eq!(mail(&floor, "bo@x.example"), None, "it was only typed");
    let said = floor.facts[before..].iter();
    let said = said.filter(|fact| matches!(fact.event, Event::ConsentChanged(_)));
    assert_eq!(said.count(), 4, "three numbers and a mail address");
    floor.crash();
}

#[test]
fn an_erasure_says_nothing_of_a_number_that_stands_so_already_and_lifts_nothing() {
    let mut floor = Floor::empty(house(1, 6));
    let call = floor.call(1, "+4930100");
    let ida = floor.of(call).customer;
    let hers = Subject::Number(number("+4930100"));
    let voice = ContactChannel::Voice;
    state(&mut floor, hers.clone(), voice, Change::Suppressed);
    state(
        &mut floor,
        Subject::Customer(ida),
        voice,
        Change::Suppressed,
    );
    state(&mut floor, Subject::Customer(ida), voice, Change::Given);
    let before = floor.facts.len();

    let reason = "asked for by mail".to_owned();
    order(&mut floor, ida, Order::Erase { reason }).unwrap();

    let said = floor.facts[before..].iter();
    let said = said.filter(|fact| matches!(fact.event, Event::ConsentChanged(_)));
    assert_eq!(said.count(), 0);
    let bar = floor.hub.bar(&hers, voice, floor.now);
    assert_eq!(bar, Some(Bar::Suppressed));
}

/// Makes somebody known by a number who withdrew the record alone; returns what the archive has of them, and the fact.
fn who_withdrew(calls_from: &str) -> (Kept, crate::Fact) {
    let mut house = Floor::open(house(1, 6));
    // Ids are made alike in every house of a test.
    for n in 2..9 {
        house.call(n, &format!("+493090{n}"));
    }
    let call = house.call(1, calls_from);
    let ida = house.of(call).customer;
    house.ended(
        crate::tests::leg(call, 1),
        crate::input::CauseKind::Cancelled,
    );
    let record = Subject::Customer(ida);
    state(&mut house, record, ContactChannel::Voice, Change::Withdrawn);
    let said = house.facts.last().unwrap().clone();
    assert!(matches!(said.event, Event::ConsentChanged(_)));
    (Kept(house.hub.state().customers().clone()), said)
}

fn asks(
    floor: &mut Floor,
    interaction: InteractionId,
    wish: Wish,
) -> Result<Done, ws::frame::Refusal> {
    floor.ask(Input::InCall {
        interaction,
        by: Actor::Agent(agent(0)),
        wish,
        re: RE,
    })
}

#[test]
fn who_is_in_the_archive_alone_is_not_called_by_a_transfer_a_question_or_a_redirection() {
    let (kept, said) = who_withdrew("+4930700");
    let to = |text: &str| TransferTo::Number(number(text));
    let mut setup = house(1, 6);
    setup.transfers.numbers = vec!["+49*".to_owned()];
    let mut floor = Floor::open(setup);
    let id = floor.call(1, "+4930100");
    floor.accept(&agent(0), id);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    floor.hub.replay(&said);
    let archive = || Box::new(Kept(kept.0.clone()));
    floor.hub.use_archive(archive());
    let transfer = Wish::Transfer {
        to: to("+4930700"),
        note: None,
    };
    let consult = |text: &str| Wish::Consult { to: to(text) };

    let given = asks(&mut floor, id, transfer);
    floor.hub.remember();
    let asked = asks(&mut floor, id, consult("+4930700"));
    floor.hub.remember();
    asks(&mut floor, id, consult("+4930800")).unwrap();
    floor.told();
    floor.tell(Input::Leg(LegNews::Redirected {
        leg: leg(id, 3),
        status: 302,
        to: vec!["+4930700".to_owned()],
        more: false,
        after: None,
    }));

    assert_eq!(given.unwrap_err().code, Code::Suppressed);
    assert_eq!(asked.unwrap_err().code, Code::Suppressed);
    let follows = |command: &Command| matches!(command, Command::Follow { .. });
    assert!(!floor.told().iter().any(follows));
}

#[test]
fn who_is_in_the_archive_alone_when_a_promise_is_kept_is_not_called() {
    for order in [Dialled::Together, Dialled::AgentFirst] {
        let (kept, said) = who_withdrew("+4930700");
        let mut setup = house(1, 6);
        setup.callbacks.orders = [("support".parse().unwrap(), order)].into();
        let mut floor = Floor::open(setup);
        let id = floor.chat(1);
        let stranger = Actor::Visitor(crate::tests::visitor(1).visitor);
        floor
            .ask(Input::AskCallback {
                interaction: id,
                queue: None,
                by: stranger.clone(),
                number: number("+4930700"),
                at: None,
                wish: Default::default(),
                re: RE,
            })
            .unwrap();
        floor.end(id, stranger);
        let late = order == Dialled::AgentFirst;
        if late {
            floor.accept(&agent(0), id);
        }
        floor.told();
        floor.hub.replay(&said);
        floor.hub.use_archive(Box::new(kept));

        if late {
            let phone = floor.of(id).call.as_ref().unwrap().agent.unwrap();
            floor.answered(phone);
        } else {
            let taken = floor.ask(Input::Accept {
                agent: agent(0),
                interaction: id,
                re: RE,
            });
            assert_eq!(taken.unwrap_err().code, Code::Suppressed);
        }

        let dials = |command: &Command| matches!(command, Command::Dial { .. });
        assert!(!floor.told().iter().any(dials), "{order:?}");
    }
}

#[test]
fn what_others_call_a_customer_is_no_card_number_and_has_no_space_at_its_ends() {
    let mut floor = Floor::open(house(1, 6));
    let call = floor.call(1, "+4930100");
    let customer = floor.of(call).customer;
    let long = "x".repeat(252);
    let before = floor.hub.state().interactions().len();
    for wrong in [
        "",
        "   ",
        " 42",
        "42\n",
        "4\u{0}2",
        "4111 1111 1111 1111",
        &long,
    ] {
        let done = floor.ask(Input::OpenChat {
            candidate: InteractionId::new(7).unwrap(),
            who: visitor(7, None, Some(wrong)),
            mid: crate::tests::mid("first"),
            text: "hello".into(),
            re: RE,
        });
        assert_eq!(done.unwrap_err().code, Code::OutOfRange, "{wrong:?}");
        for (system, id) in [("crm", wrong), (wrong, "42")] {
            let link = Order::Link {
                system: system.to_owned(),
                id: id.to_owned(),
            };
            let done = order(&mut floor, customer, link);
            assert_eq!(done.unwrap_err().code, Code::OutOfRange, "{wrong:?}");
        }
    }
    assert_eq!(floor.hub.state().interactions().len(), before);
    let who = visitor(7, None, Some("shop:4 2-ä"));
    assert_ne!(chat(&mut floor, 7, who), customer);
}

#[test]
fn another_systems_id_and_a_number_belong_to_one_customer() {
    let mut floor = Floor::open(house(1, 6));
    let (a, b) = (floor.call(1, "+4930100"), floor.call(2, "+4930200"));
    let (a, b) = (floor.of(a).customer, floor.of(b).customer);
    let link = |id: &str| Order::Link {
        system: "crm".to_owned(),
        id: id.to_owned(),
    };
    order(&mut floor, a, link("4711")).unwrap();

    let card = order(&mut floor, b, link("4111 1111 1111 1111"));
    assert_eq!(card.unwrap_err().code, Code::OutOfRange);
    assert_eq!(
        order(&mut floor, b, link("4711")).unwrap_err().code,
        Code::Conflict
    );
    assert_eq!(
        order(&mut floor, b, link("")).unwrap_err().code,
        Code::OutOfRange
    );
    assert_eq!(
        order(&mut floor, b, Order::Value(10)).unwrap_err().code,
        Code::OutOfRange
    );
    let taken = |value| Order::Describe {
        cleared: Vec::new(),
        name: None,
        number: Some(number("+4930100")),
        mail: None,
        value: Some(value),
    };
    let twice = order(&mut floor, a, taken(10)).unwrap_err().code;
    assert_eq!(twice, Code::OutOfRange);
    assert_eq!(
        order(&mut floor, b, taken(9)).unwrap_err().code,
        Code::Conflict
    );
    let worth = floor.hub.state().customers().record(b).unwrap().value;
    assert_eq!(worth, 0, "nothing of what is refused is done");
    order(&mut floor, a, taken(9)).unwrap();
    let worth = floor.hub.state().customers().record(a).unwrap().value;
    assert_eq!(worth, 9);
    let identity = Identity::External {
        system: "crm".to_owned(),
        id: "4711".to_owned(),
    };
    assert_eq!(floor.hub.state().customers().by(&identity), Some(a));
    floor.crash();
}

#[test]
fn a_mail_address_that_the_house_tells_leads_to_one_customer_in_any_letters() {
    let mut floor = Floor::open(house(1, 6));
    let (a, b) = (floor.call(1, "+4930100"), floor.call(2, "+4930200"));
    let (a, b) = (floor.of(a).customer, floor.of(b).customer);
    let mail = |address: &str| Order::Describe {
        cleared: Vec::new(),
        name: None,
        number: None,
        mail: Some(address.to_owned()),
        value: None,
    };

    order(&mut floor, a, mail("Ida@X.example")).unwrap();

    let finds = |floor: &Floor| floor.hub.state().customers().by_mail(" iDA@x.example ");
    assert_eq!(finds(&floor), Some(a));
    let taken = order(&mut floor, b, mail("ida@x.example")).unwrap_err();
    assert_eq!(taken.code, Code::Conflict);
    let signed = Introduction {
        verified: Some(Signed {
            subject: "ida".to_owned(),
            mail: Some("IDA@x.example".to_owned()),
            ..Signed::default()
        }),
        ..crate::tests::visitor(1)
    };
    assert_eq!(chat(&mut floor, 9_001, signed), a, "she is known by it");
    assert_eq!(
        order(&mut floor, b, mail("")).unwrap_err().code,
        Code::OutOfRange
    );
    floor.crash();
    assert_eq!(finds(&floor), Some(a));
}

fn describe(name: Option<&str>, mail: Option<&str>) -> Order {
    Order::Describe {
        cleared: Vec::new(),
        name: name.map(str::to_owned),
        number: None,
        mail: mail.map(str::to_owned),
        value: None,
    }
}

#[test]
fn what_is_cleared_is_so_in_all_that_is_read_as_one_and_finds_nobody() {
    let mut floor = Floor::open(house(1, 6));
    let (a, b) = (floor.call(1, "+4930100"), floor.call(2, "+4930200"));
    let (a, b) = (floor.of(a).customer, floor.of(b).customer);
    order(&mut floor, a, describe(Some("Ida"), Some("Ida@x.example"))).unwrap();
    order(&mut floor, b, describe(Some("I. Example"), None)).unwrap();
    order(&mut floor, a, merge(b)).unwrap();
    let clear = |cleared: &[Field]| Order::Describe {
        cleared: cleared.to_vec(),
        name: None,
        number: None,
        mail: None,
        value: None,
    };

    order(
        &mut floor,
        a,
        clear(&[Field::Name, Field::Mail, Field::Number]),
    )
    .unwrap();

    let before = floor.hub.state().clone();
    let customers = before.customers();
    let whole = customers.get(a).unwrap();
    assert_eq!(
        (&whole.name, &whole.number, &whole.mail),
        (&None, &None, &None)
    );
    assert_eq!(customers.by_mail("ida@x.example"), None);
    for gone in ["+4930100", "+4930200"] {
        assert_eq!(customers.by_number(&number(gone)), None, "{gone}");
    }
    floor.crash();
    assert_eq!(floor.hub.state().customers().get(a).unwrap().name, None);
    order(&mut floor, b, describe(None, Some("ida@x.example"))).unwrap();
    assert_eq!(
        floor.hub.state().customers().by_mail("ida@x.example"),
        Some(a)
    );
}

#[test]
fn what_controls_or_turns_the_writing_is_in_no_text_about_a_customer() {
    let mut floor = Floor::open(house(1, 6));
    let a = floor.call(1, "+4930100");
    let a = floor.of(a).customer;
    let reason = |text: &str| text.to_owned();
    let link = |system: &str, id: &str| Order::Link {
        system: system.to_owned(),
        id: id.to_owned(),
    };
    let note = |text: &str| Order::Note {
        text: text.to_owned(),
    };

    for odd in ["\u{0}", "\u{7f}", "\u{85}", "\u{202e}", "\u{202a}"] {
        let text = format!("I{odd}da");
        let said = format!("such as U+{:04X}", u32::from(odd.chars().next().unwrap()));
        for wrong in [
            describe(Some(&text), None),
            describe(None, Some(&format!("{text}@x.example"))),
            link(&text, "1"),
            link("crm", &text),
            note(&text),
            Order::Unmerge {
                reason: reason(&text),
            },
            Order::Erase {
                reason: reason(&text),
            },
        ] {
            let refused = order(&mut floor, a, wrong.clone()).unwrap_err();
            assert_eq!(refused.code, Code::OutOfRange, "{wrong:?}");
            assert!(refused.text.ends_with(&said), "{wrong:?}: {}", refused.text);
        }
    }
    for odd in ["\n", "\u{2068}"] {
        let named = order(&mut floor, a, describe(Some(&format!("I{odd}da")), None));
        assert_eq!(named.unwrap_err().code, Code::OutOfRange, "{odd:?}");
    }
    let text = "two\r\n\tlines of \u{2068}Ida\u{2069}";
    order(&mut floor, a, note(text)).unwrap();
    // A mark of direction and joiners are part of how names are written.
    let name = "\u{200f}\u{645}\u{6cc}\u{200c}\u{62e}\u{648}";
    order(&mut floor, a, describe(Some(name), None)).unwrap();
}
