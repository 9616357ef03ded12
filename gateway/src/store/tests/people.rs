//! The tables know of people what the hub knew in memory.

use hub::{
    State,
    customer::{
        Customer, Field,
        archive::{Archive, Want},
    },
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use ws::id::{AgentId, VisitorId};

use super::*;
use crate::store::archive::Shelf;

const PEOPLE: u128 = 6;

fn person(dice: &mut StdRng) -> CustomerId {
    CustomerId::new(dice.random_range(1..=PEOPLE)).unwrap()
}

fn some<T>(dice: &mut StdRng, make: impl FnOnce(u32) -> T) -> Option<T> {
    let n = dice.random_range(0..6);
    (n < 3).then(|| make(n))
}

fn known(dice: &mut StdRng, customer: CustomerId) -> Event {
    Event::CustomerKnown {
        customer,
        name: some(dice, |n| format!("Ida {n}")),
        number: some(dice, |n| format!("+4930100{n}").parse().unwrap()),
        mail: some(dice, |n| format!("ida{n}@x.example")),
        mail_typed: dice.random_bool(0.3),
        visitor: some(dice, |n| VisitorId::new(u128::from(n) + 1).unwrap()),
        verified: some(dice, |n| format!("subject {n}")),
        cleared: match dice.random_range(0..8) {
            0 => vec![Field::Number],
            1 => vec![Field::Mail, Field::Name],
            _ => Vec::new(),
        },
    }
}

fn about_people(dice: &mut StdRng) -> Event {
    let customer = person(dice);
    let other = person(dice);
    let reason = "why".to_owned();
    let by = Author::System;
    match dice.random_range(0..10) {
        0..=3 => known(dice, customer),
        4 => Event::CustomerLinked {
            customer,
            system: "crm".to_owned(),
            id: dice.random_range(0..4).to_string(),
            by: None,
        },
        5 => Event::CustomerValued {
            customer,
            value: dice.random_range(0..10),
            by: Some(by),
        },
        6..=7 => Event::CustomersMerged {
            kept: customer,
            merged: other,
            by,
            reason,
        },
        8 => Event::CustomersUnmerged {
            kept: other,
            merged: customer,
            by,
            reason,
        },
        _ => Event::CustomerErased {
            customer,
            records: vec![customer],
            by,
            reason,
        },
    }
}

// The hub tells only merges of first records, unmerges of what is merged, erasures of whole families.
fn is_told(event: &mut Event, hub: &State) -> bool {
    let customers = hub.customers();
    match event {
        Event::CustomersMerged { kept, merged, .. } => {
            let known = customers.record(*kept).is_some() && customers.record(*merged).is_some();
            let roots = customers.root(*kept) == *kept && customers.root(*merged) == *merged;
            known && roots && kept != merged
        }
        Event::CustomersUnmerged { kept, merged, .. } => {
            let into = customers
                .record(*merged)
                .and_then(|record| record.merged_into);
            into.inspect(|into| *kept = *into).is_some()
        }
        Event::CustomerErased {
            customer, records, ..
        } => {
            *customer = customers.root(*customer);
            *records = customers.family(*customer);
            let idle = |id: &CustomerId| hub.interactions().all(|live| live.customer != *id);
            customers.record(*customer).is_some() && records.iter().all(idle)
        }
        Event::CustomerLinked { customer, .. } | Event::CustomerValued { customer, .. } => {
            customers.record(*customer).is_some()
        }
        _ => true,
    }
}

fn is_about(fact: &Fact, gone: &[CustomerId]) -> bool {
    let text = serde_json::to_string(fact).unwrap();
    gone.iter().any(|id| text.contains(&id.to_string()))
}

type Seen = (Customer, Vec<String>);

fn seen(record: &Customer) -> Customer {
    let mut seen = Customer::default();
    seen.name.clone_from(&record.name);
    seen.number.clone_from(&record.number);
    seen.mail.clone_from(&record.mail);
    seen.verified.clone_from(&record.verified);
    seen.value = record.value;
    seen.identities.clone_from(&record.identities);
    seen.earlier.clone_from(&record.earlier);
    seen.familiar.clone_from(&record.familiar);
    seen.merged_into = record.merged_into;
    seen.merged.clone_from(&record.merged);
    seen
}

fn in_memory(hub: &State, customer: CustomerId) -> Option<Seen> {
    let customers = hub.customers();
    let record = customers.record(customer)?;
    let root = customers.root(customer);
    let finds = record.identities.iter();
    let finds = finds.filter(|identity| customers.by(identity) == Some(root));
    Some((seen(record), finds.map(|it| format!("{it:?}")).collect()))
}

// An identity of a family can lead to any of its records; what counts is that it leads into the family.
fn on_the_shelf(shelf: &mut Shelf, customer: CustomerId) -> Option<Seen> {
    let family = shelf.recall(&[Want::Customer(customer)]);
    let found = family.iter().find(|found| found.customer == customer)?;
    let led: Vec<_> = family.iter().flat_map(|member| &member.finds).collect();
    let finds = found.record.identities.iter().filter(|it| led.contains(it));
    Some((
        seen(&found.record),
        finds.map(|it| format!("{it:?}")).collect(),
    ))
}

// Somebody comes, is known by something, and is served.
fn comes(dice: &mut StdRng, step: u64) -> Vec<Fact> {
    let n = u128::from(step);
    let customer = person(dice);
    let agent: Option<AgentId> = some(dice, |n| format!("a{n}").parse().unwrap());
    let mut begun = opened(step, n);
    if let Event::Opened {
        customer: whose, ..
    } = &mut begun.event
    {
        *whose = customer;
    }
    let know = fact(step, Some(n), known(dice, customer));
    let mut end = sealed(step, n);
    if let Event::Sealed { agent: served, .. } = &mut end.event {
        *served = agent;
    }
    vec![begun, know, end]
}

#[test]
fn who_is_recalled_is_as_they_were_in_memory() {
    for seed in 0..30 {
        let mut dice = StdRng::seed_from_u64(seed);
        let directory = Directory::new("people");
        let mut connection = open(&directory.0).unwrap();
        let mut hub = State::default();
        let mut facts = Vec::new();
        let mut gone = Vec::new();
        for step in 1..120_u64 {
            let told = match dice.random_range(0..5) {
                0 => comes(&mut dice, step),
                _ => {
                    let mut event = about_people(&mut dice);
                    match is_told(&mut event, &hub) {
                        true => vec![fact(step, None, event)],
                        false => Vec::new(),
                    }
                }
            };
            // The hub tells nothing of who was erased.
            let told: Vec<_> = told
                .into_iter()
                .filter(|fact| !is_about(fact, &gone))
                .collect();
            for fact in &told {
                hub.apply(fact);
                if let Event::CustomerErased { records, .. } = &fact.event {
                    gone.extend(records);
                }
            }
            facts.extend(told);
        }

        write(&mut connection, &facts);
        let compare = |when: &str, led: bool| {
            let mut shelf = Shelf::open(&directory.0).unwrap();
            for n in 1..=PEOPLE {
                let customer = CustomerId::new(n).unwrap();
                let mut memory = in_memory(&hub, customer);
                let mut tables = on_the_shelf(&mut shelf, customer);
                for (_, finds) in memory.iter_mut().chain(&mut tables).filter(|_| !led) {
                    finds.clear();
                }
                assert_eq!(
                    memory, tables,
                    "{when}, seed {seed}, customer {n}: {facts:#?}"
                );
            }
        };
        compare("as told", true);

        scrub_all(&mut connection);
        compare("with nothing of persons in interactions", true);

        connection.execute_batch("PRAGMA user_version = 1").unwrap();
        drop(connection);
        let mut connection = open_at_start(&directory.0).unwrap();
        restart(&mut connection, Timestamp(0), |_| {}).unwrap();
        // What an erased customer was the first to have is another's now.
        compare("folded anew", gone.is_empty());
    }
}

// What is kept of interactions for no time at all.
fn scrub_all(connection: &mut Connection) {
    let rule = erase::Rule {
        channel: "chat",
        what: 7,
        before: i64::MAX,
    };
    erase::apply(connection, &rule).unwrap();
    scrub_due(connection);
}

#[test]
fn what_a_visitor_wrote_in_a_chat_that_is_sealed_is_found_again() {
    let directory = Directory::new("written");
    let mut connection = open(&directory.0).unwrap();
    let visitor = |n: u128| VisitorId::new(n).unwrap();
    let known = Event::CustomerKnown {
        customer: CustomerId::new(1).unwrap(),
        name: None,
        number: None,
        mail: None,
        mail_typed: false,
        visitor: Some(visitor(7)),
        verified: None,
        cleared: Vec::new(),
    };
    write(
        &mut connection,
        &[opened(1, 1), fact(1, Some(1), known), said(2, 1)],
    );
    let mut shelf = Shelf::open(&directory.0).unwrap();
    let mid = |text: &str| text.parse().unwrap();
    assert!(!shelf.has_written(visitor(7), &mid("m2")), "it goes on");

    write(&mut connection, &[sealed(3, 1)]);

    assert!(shelf.has_written(visitor(7), &mid("m2")));
    assert!(!shelf.has_written(visitor(7), &mid("m3")));
    assert!(!shelf.has_written(visitor(8), &mid("m2")));
}

fn customer(n: u128) -> CustomerId {
    CustomerId::new(n).unwrap()
}

fn reached_by(n: u128) -> Event {
    Event::CustomerKnown {
        customer: customer(n),
        name: None,
        number: Some(format!("+493010{n}").parse().unwrap()),
        mail: Some(format!("Ida{n}@x.example")),
        mail_typed: false,
        visitor: None,
        verified: None,
        cleared: Vec::new(),
    }
}

fn suppressed(subject: &str) -> Event {
    Event::ConsentChanged(hub::consent::Statement {
        subject: subject.parse().unwrap(),
        channel: ws::consent::ContactChannel::Voice,
        change: hub::consent::Change::Suppressed,
        source: hub::consent::Source::Api,
        reason: Some("asked".to_owned()),
        until: None,
        by: None,
    })
}

fn posted(n: u128) -> Event {
    Event::MailPosted {
        to: format!("ida{n}@x.example"),
        customer: customer(n),
        matter: hub::mail::Matter::Transcript { interaction: id(n) },
    }
}

#[test]
fn an_export_has_what_was_said_about_contact_and_every_mail_and_nothing_of_others() {
    let directory = Directory::new("exported");
    let mut connection = open(&directory.0).unwrap();
    let merged = Event::CustomersMerged {
        kept: customer(1),
        merged: customer(2),
        by: Author::System,
        reason: "one person".to_owned(),
    };
    let own = [
        format!("customer:{}", customer(1)),
        "number:+4930101".to_owned(),
        "mail:ida2@x.example".to_owned(),
    ];
    let mut facts: Vec<_> = [1, 2, 3].map(|n| fact(1, None, reached_by(n))).into();
    facts.extend(own.iter().map(|subject| fact(2, None, suppressed(subject))));
    facts.push(fact(3, None, suppressed("number:+4930103")));
    facts.extend([1, 2, 3].map(|n| fact(4, None, posted(n))));
    facts.push(fact(5, None, merged));
    write(&mut connection, &facts);

    let export = crate::store::people::export(&connection, customer(2))
        .unwrap()
        .unwrap();

    let consents = export.customer.consents.iter().rev();
    let subjects: Vec<_> = consents.map(|said| said.subject.as_str()).collect();
    assert_eq!(subjects, own);
    assert_eq!(export.customer.consents[0].reason.as_deref(), Some("asked"));
    let mut mails: Vec<_> = export
        .mails
        .iter()
        .map(|mail| (mail.to.as_str(), mail.matter, mail.interaction.as_str()))
        .collect();
    mails.sort_unstable();
    let [first, second] = [1, 2].map(|n| id(n).to_string());
    let theirs = [
        ("ida1@x.example", "transcript", first.as_str()),
        ("ida2@x.example", "transcript", second.as_str()),
    ];
    assert_eq!(mails, theirs);
    let page = crate::store::people::customer(&connection, customer(1))
        .unwrap()
        .unwrap();
    assert_eq!(page.consents, export.customer.consents);
}

fn berlin() -> hub::setup::Setup {
    let plan = sip::trunk::NumberPlan {
        country: "49".to_owned(),
        national: "0".to_owned(),
        international: "00".to_owned(),
        form: sip::trunk::NumberForm::Plus,
    };
    hub::setup::Setup {
        numbering: hub::numbering::Numbering::new(plan),
        outbound: Some("carrier".parse().unwrap()),
        queues: [(
            "support".parse().unwrap(),
            hub::setup::QueueSetup::default(),
        )]
        .into(),
        ..hub::setup::Setup::default()
    }
}

fn answer(hub: &mut hub::Hub, input: hub::Input) -> Option<ws::frame::Code> {
    hub.handle(input, Timestamp(2_000));
    let mut refused = None;
    while let Some(output) = hub.poll_output() {
        if let hub::Output::Reply(reply) = output {
            refused = reply.result.err().map(|refusal| refusal.code);
        }
    }
    refused
}

fn asked(n: u128, number: &str) -> hub::Input {
    hub::Input::AskCallback {
        interaction: id(n),
        queue: Some("support".parse().unwrap()),
        by: hub::input::Actor::TANDEM,
        number: number.parse().unwrap(),
        at: None,
        wish: ws::callback::Wish::default(),
        re: hub::input::Asker { socket: 1, id: 1 },
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one fact after the other")]
fn what_an_older_store_has_in_another_spelling_is_found_after_a_start() {
    use hub::consent::{Change, Source};
    let directory = Directory::new("spellings");
    let mut connection = open(&directory.0).unwrap();
    let ida = CustomerId::new(1).unwrap();
    let known = Event::CustomerKnown {
        customer: ida,
        name: Some("Ida".to_owned()),
        number: Some("0301234567".parse().unwrap()),
        mail: None,
        mail_typed: false,
        visitor: None,
        verified: None,
        cleared: Vec::new(),
    };
    let record = format!("customer:{ida}");
    let promised = Event::CallbackPromised {
        callback: ws::id::CallbackId {
            interaction: id(9),
            n: 1,
        },
        number: "0301112222".parse().unwrap(),
        due: Timestamp(9_000_000),
        by: Author::Customer,
        plan: Box::default(),
    };
    write(
        &mut connection,
        &[
            fact(1, None, known),
            fact(
                2,
                None,
                says_of(&record, Change::Withdrawn, Source::Api, None),
            ),
            fact(
                3,
                None,
                says_of(
                    "number:00493076543210",
                    Change::Suppressed,
                    Source::Api,
                    None,
                ),
            ),
            opened(4, 9),
            fact(5, Some(9), promised),
        ],
    );

    let mut hub = hub::Hub::new(berlin(), [7; 32]);
    restart(&mut connection, Timestamp(0), |fact| hub.replay(&fact)).unwrap();
    hub.use_archive(Box::new(Shelf::open(&directory.0).unwrap()));
    hub.remember();
    hub.start(Timestamp(1_000));

    let suppressed = Some(ws::frame::Code::Suppressed);
    for (n, number, refused) in [
        (21, "+49301234567", suppressed),
        (22, "+493076543210", suppressed),
        (23, "+49309999999", None),
    ] {
        assert_eq!(answer(&mut hub, asked(n, number)), refused, "{number}");
    }
    let state = hub.state();
    let owner = state.customers().by_number(&"0301234567".parse().unwrap());
    assert_eq!(
        owner,
        Some(ida),
        "her record was recalled by the other spelling"
    );
    let late = says_of("number:+49301112222", Change::Suppressed, Source::Api, None);
    let Event::ConsentChanged(said) = late else {
        panic!("it is said");
    };
    let said = hub::Input::SetConsent {
        said,
        by: hub::input::Actor::TANDEM,
        re: hub::input::Asker { socket: 1, id: 2 },
    };
    assert_eq!(answer(&mut hub, said), None);
    let typed: ws::id::Number = "0301112222".parse().unwrap();
    let open = hub.state().callbacks_to(&typed);
    assert_eq!(
        open.count(),
        0,
        "what was promised as it was typed then is barred"
    );
}

#[test]
fn a_merge_that_was_taken_back_and_done_again_is_shown_once_each() {
    let directory = Directory::new("again");
    let mut connection = open(&directory.0).unwrap();
    let (by, reason) = (Author::System, "why".to_owned());
    let merged = || Event::CustomersMerged {
        kept: customer(1),
        merged: customer(2),
        by: by.clone(),
        reason: reason.clone(),
    };
    let unmerged = Event::CustomersUnmerged {
        kept: customer(1),
        merged: customer(2),
        by: by.clone(),
        reason: reason.clone(),
    };
    let events = [reached_by(1), reached_by(2), merged(), unmerged, merged()];
    let facts: Vec<_> = (1..)
        .zip(events)
        .map(|(at, event)| fact(at, None, event))
        .collect();
    write(&mut connection, &facts);

    let export = crate::store::people::export(&connection, customer(1));

    let merges = export.unwrap().unwrap().customer.merges;
    let seen: Vec<_> = merges.iter().map(|it| (it.at, it.undone_at)).collect();
    assert_eq!(seen, [(5, None), (3, Some(4))]);
}
