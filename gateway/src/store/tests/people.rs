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

fn says(dice: &mut StdRng) -> Event {
    use hub::consent::{Change, Source};
    let n = dice.random_range(0..6);
    let subject = match dice.random_bool(0.5) {
        true => format!("number:+4930100{n}"),
        false => format!("mail:ida{n}@x.example"),
    };
    let change = match dice.random_range(0..4) {
        0 => Change::Given,
        1 => Change::Withdrawn,
        2 => Change::Suppressed,
        _ => Change::Unsuppressed,
    };
    let until = some(dice, |n| 20 * u64::from(n) + 20);
    says_of(&subject, change, Source::Api, until)
}

fn about_people(dice: &mut StdRng) -> Event {
    let customer = person(dice);
    let other = person(dice);
    let reason = "why".to_owned();
    let by = Author::System;
    match dice.random_range(0..14) {
        10..=13 => says(dice),
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
    let finds = record.identities.keys();
    let finds = finds.filter(|identity| customers.by(identity) == Some(root));
    Some((seen(record), finds.map(|it| format!("{it:?}")).collect()))
}

// An identity of a family can lead to any of its records; what counts is that it leads into the family.
fn on_the_shelf(shelf: &mut Shelf, customer: CustomerId) -> Option<Seen> {
    let family = shelf.recall(&[Want::Customer(customer)]);
    let found = family.iter().find(|found| found.customer == customer)?;
    let led: Vec<_> = family.iter().flat_map(|member| &member.finds).collect();
    let finds = found.record.identities.keys().filter(|it| led.contains(it));
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
#[expect(clippy::too_many_lines, reason = "one comparison after the other")]
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
        let compare = |when: &str| {
            let mut shelf = Shelf::open(&directory.0).unwrap();
            for n in 1..=PEOPLE {
                let customer = CustomerId::new(n).unwrap();
                let memory = in_memory(&hub, customer);
                let tables = on_the_shelf(&mut shelf, customer);
                assert_eq!(
                    memory, tables,
                    "{when}, seed {seed}, customer {n}: {facts:#?}"
                );
            }
        };
        compare("as told");

        scrub_all(&mut connection);
        compare("with nothing of persons in interactions");

        connection.execute_batch("PRAGMA user_version = 1").unwrap();
        drop(connection);
        let mut connection = open_at_start(&directory.0).unwrap();
        let mut started = State::default();
        restart(&mut connection, Timestamp(0), |fact| started.apply(&fact)).unwrap();
        compare("folded anew");
        for n in 0..6 {
            for text in [
                format!("number:+4930100{n}"),
                format!("mail:ida{n}@x.example"),
            ] {
                let subject = text.parse().unwrap();
                for channel in ws::consent::ContactChannel::ALL {
                    let [told, read] =
                        [&hub, &started].map(|of| of.consents().get(&subject, channel).cloned());
                    assert_eq!(told, read, "seed {seed}, {text} {channel:?}: {facts:#?}");
                }
            }
        }
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
        interaction: None,
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

fn rows_of(connection: &Connection, which: &str) -> Vec<(i64, String)> {
    let query = format!("SELECT row, fact FROM journal WHERE {which}");
    let mut statement = connection.prepare(&query).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line a fact")]
fn what_an_older_version_left_in_its_tables_alone_is_in_the_journal_after_a_start() {
    let directory = Directory::new("carried");
    let mut connection = open(&directory.0).unwrap();
    let known = |n, number: Option<&str>, mail: Option<&str>| Event::CustomerKnown {
        customer: customer(n),
        name: Some(format!("Ida {n}")),
        number: number.map(|number| number.parse().unwrap()),
        mail: mail.map(str::to_owned),
        mail_typed: mail.is_some_and(|mail| mail.starts_with("typed")),
        visitor: VisitorId::new(n),
        verified: Some(format!("subject {n}")),
        cleared: Vec::new(),
    };
    let said = suppressed(&format!("customer:{}", customer(1)));
    let cleared = Event::CustomerKnown {
        customer: customer(4),
        name: None,
        number: None,
        mail: None,
        mail_typed: false,
        visitor: None,
        verified: None,
        cleared: vec![Field::Number],
    };
    let erased = Event::CustomerErased {
        customer: customer(3),
        records: vec![customer(3)],
        by: Author::System,
        reason: "asked for".to_owned(),
    };
    write(
        &mut connection,
        &[
            opened(1, 1),
            fact(
                1,
                Some(1),
                known(1, Some("+4930101"), Some("Ida@x.example")),
            ),
            fact(
                2,
                Some(1),
                known(1, Some("+4930102"), Some("typed@x.example")),
            ),
            fact(3, None, said),
            fact(4, None, known(2, Some("+4930200"), None)),
            fact(4, None, known(3, Some("+4930300"), None)),
            fact(4, None, known(4, Some("+4930400"), None)),
            fact(5, None, known(1, None, Some("ida@x.example"))),
            fact(6, None, erased),
        ],
    );
    scrub_due(&mut connection);
    let seen = |directory: &Directory| {
        let mut shelf = Shelf::open(&directory.0).unwrap();
        [1, 2, 3, 4].map(|n| {
            on_the_shelf(&mut shelf, customer(n)).map(|(mut record, finds)| {
                // When it is told is when it is known anew.
                record
                    .identities
                    .values_mut()
                    .for_each(|since| *since = None);
                (record, finds)
            })
        })
    };
    let before = seen(&directory);
    // As versions did by `chat_persons`, and whatever is in no table of theirs yet.
    emptied(&connection, "2, 3");
    let last = serde_json::to_string(&fact(7, None, cleared)).unwrap();
    let insert = "INSERT INTO journal (shard, at, interaction, fact) VALUES (0, 7, NULL, ?1)";
    connection.execute(insert, [last]).unwrap();

    let mut told = Vec::new();
    for shape in [1, 2] {
        connection
            .execute_batch(&format!("PRAGMA user_version = {shape}"))
            .unwrap();
        drop(connection);
        connection = open_at_start(&directory.0).unwrap();
        restart(&mut connection, Timestamp(0), |_| {}).unwrap();
        told.push(
            connection
                .query_row("SELECT count(*) FROM journal", [], |row| {
                    row.get::<_, i64>(0)
                })
                .unwrap(),
        );
    }

    assert_eq!(told[0], told[1], "what is there is told once");
    let after = seen(&directory);
    assert_eq!(after[..3], before[..3]);
    let cleared = after[3].as_ref().unwrap();
    assert_eq!(
        cleared.0.number, None,
        "what is cleared stays so: {cleared:?}"
    );
    assert!(
        cleared.1.iter().all(|it| !it.contains("+4930400")),
        "{cleared:?}"
    );
    let left: i64 = connection
        .query_row("SELECT count(*) FROM carried", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}

// As versions did to what was in an interaction.
fn emptied(connection: &Connection, rows: &str) {
    for (row, text) in rows_of(connection, &format!("row IN ({rows})")) {
        let mut fact = project::fact(&text).unwrap();
        fact.event.scrub(hub::event::Scrub::ALL);
        connection
            .execute(
                "UPDATE journal SET fact = ?2 WHERE row = ?1",
                rusqlite::params![row, serde_json::to_string(&fact).unwrap()],
            )
            .unwrap();
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line a fact")]
fn what_is_told_anew_is_what_was_current_whatever_crashes_and_takes_nobody_from_anybody() {
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
    let directory = Directory::new("carried-current");
    let mut connection = open(&directory.0).unwrap();
    let known = |n, name: &str, number: Option<&str>, visitor| Event::CustomerKnown {
        customer: customer(n),
        name: Some(name.to_owned()),
        number: number.map(|number| number.parse().unwrap()),
        mail: None,
        mail_typed: false,
        visitor: VisitorId::new(visitor),
        verified: None,
        cleared: Vec::new(),
    };
    write(
        &mut connection,
        &[
            opened(1, 1),
            fact(1, None, known(1, "Ida", Some("+4930101"), 0)),
            fact(2, Some(1), known(1, "Ida Moss", Some("+4930102"), 9)),
            opened(3, 2),
            fact(3, Some(2), known(2, "Bo", Some("+4930201"), 9)),
            fact(4, Some(1), known(3, "Mo", Some("+4930301"), 3)),
            fact(4, Some(1), known(4, "Al", Some("+4930401"), 4)),
        ],
    );
    let seen = |directory: &Directory, n| {
        let mut shelf = Shelf::open(&directory.0).unwrap();
        let (record, finds) = on_the_shelf(&mut shelf, customer(n)).unwrap();
        let number = record.number.map(|number| number.to_string());
        (record.name, number, record.identities.len(), finds)
    };
    let before = [1, 2, 3, 4].map(|n| seen(&directory, n));
    emptied(&connection, "3, 6, 7");
    // In no table of theirs yet.
    for (n, event) in [
        (3, known(3, "Mo Marsh", Some("+4930302"), 0)),
        (
            4,
            Event::CustomerErased {
                customer: customer(4),
                records: vec![customer(4)],
                by: Author::System,
                reason: "asked for".to_owned(),
            },
        ),
    ] {
        connection
            .execute(
                "INSERT INTO journal (shard, at, interaction, fact) VALUES (0, ?1, NULL, ?2)",
                rusqlite::params![
                    project::sql(n + 10),
                    serde_json::to_string(&fact(n + 10, None, event)).unwrap()
                ],
            )
            .unwrap();
    }
    connection.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(connection);

    // It dies once the tables are dropped, and once what is lost is in the journal.
    drop(open_at_start(&directory.0).unwrap());
    let mut connection = open_at_start(&directory.0).unwrap();
    let deny = |context: AuthContext<'_>| match context.action {
        AuthAction::Delete {
            table_name: "carried",
        } => Authorization::Deny,
        _ => Authorization::Allow,
    };
    connection.authorizer(Some(deny)).unwrap();
    restart(&mut connection, Timestamp(0), |_| {}).unwrap_err();
    let told = rows_of(&connection, "1").len();
    drop(connection);
    let mut connection = open_at_start(&directory.0).unwrap();
    restart(&mut connection, Timestamp(0), |_| {}).unwrap();

    assert_eq!(rows_of(&connection, "1").len(), told, "it is told once");
    // The browser that became somebody else's since is not among it.
    let mut first = before[0].clone();
    first.2 -= 1;
    assert_eq!(seen(&directory, 1), first);
    assert_eq!(seen(&directory, 2), before[1]);
    let third = seen(&directory, 3);
    assert_eq!(third.0.as_deref(), Some("Mo Marsh"));
    assert_eq!(third.1.as_deref(), Some("+4930302"));
    assert_eq!(third.3.len(), 3, "{third:?}");
    let mut shelf = Shelf::open(&directory.0).unwrap();
    assert_eq!(on_the_shelf(&mut shelf, customer(4)), None);
    let anew = rows_of(&connection, "row > 9");
    assert!(anew.iter().all(|(_, fact)| !fact.contains("+4930401")));
    let told_again = anew.iter().filter(|(_, fact)| fact.contains("Ida Moss"));
    assert_eq!(told_again.count(), 1);
}
