//! What is erased is in no file of the store any more, and what statistics need is.

use std::collections::BTreeMap;

use hub::{
    consent::{Change, Source, Statement},
    event::{LegCause, Party, Recorded},
};
use ws::{
    consent::ContactChannel,
    id::{Number, RecordingId, VisitorId},
};

use super::*;

/// Words that are nowhere else.
const CANARIES: [&str; 8] = [
    "zanzibarquux",
    "quokkamarmalade",
    "+499988776655",
    "canary@nowhere.example",
    "verysecretpage",
    "xylophonewombat",
    "verysecretsearch",
    "narwhaltext",
];

fn customer(n: u128) -> CustomerId {
    CustomerId::new(n).unwrap()
}

// A whole contact of customer 1 with every canary in it.
fn contact(at: u64, n: u128) -> Vec<Fact> {
    let mut begun = opened(at, n);
    if let Event::Opened {
        customer: whose,
        page,
        referrer,
        name,
        answers,
        ..
    } = &mut begun.event
    {
        *whose = customer(1);
        *page = Some(format!("https://x.example/?{}", CANARIES[4]));
        *referrer = Some(format!("https://search.example/{}", CANARIES[6]));
        *name = Some(CANARIES[5].to_owned());
        answers.push(ws::form::Answer {
            field: "order".to_owned(),
            label: "Order number".to_owned(),
            value: CANARIES[4].to_owned(),
            words: None,
            labels: Default::default(),
            wordings: Default::default(),
        });
    }
    let mut facts = vec![begun];
    facts.extend(known_and_called(at, n));
    facts.extend(called_in(at, n));
    facts.extend(called_elsewhere(at, n));
    let said = Event::Said {
        from: Author::Customer,
        mid: "m1".parse().unwrap(),
        text: format!("my secret is {} and nothing else", CANARIES[0]),
    };
    let noted = Event::CustomerNoted {
        customer: customer(1),
        by: Author::System,
        text: CANARIES[1].to_owned(),
    };
    facts.extend([
        fact(at + 1, Some(n), said),
        sealed(at, n),
        fact(at, None, noted),
    ]);
    facts
}

// Words about calls that name who was called.
fn called_elsewhere(at: u64, n: u128) -> [Fact; 5] {
    let (interaction, anna) = (id(n), "anna".parse::<ws::id::AgentId>().unwrap());
    let assignment = ws::id::AssignmentId { interaction, n: 1 };
    let callback = ws::id::CallbackId { interaction, n: 1 };
    let taken = Event::Assigned {
        assignment,
        agent: anna.clone(),
        name: "Anna".to_owned(),
        channel: ws::agent::Channel::Voice,
        offered: Timestamp(at),
    };
    let left = Event::AssignmentEnded {
        assignment,
        agent: anna.clone(),
        disposition: None,
        note: None,
        reason: format!("the call went to {}", CANARIES[2]),
        solved: None,
    };
    let tried = Event::CallbackAttempted {
        callback,
        attempt: 1,
        agent: anna,
        agent_leg: None,
        customer_leg: ws::id::LegId { interaction, n: 2 },
    };
    let failed = Event::CallbackAttemptFailed {
        callback,
        attempt: 1,
        cause: hub::input::Cause {
            kind: hub::input::CauseKind::Rejected,
            status: Some(302),
            text: format!("forwards to {}", CANARIES[2]),
        },
        due: None,
    };
    let over = Event::Ended {
        by: Author::System,
        reason: format!("{} hangs up", CANARIES[7]),
    };
    [taken, left, tried, failed, over].map(|event| fact(at, Some(n), event))
}

// Who else was in it, and what their telephones said at the end.
fn called_in(at: u64, n: u128) -> [Fact; 4] {
    let leg = |n_leg| ws::id::LegId {
        interaction: id(n),
        n: n_leg,
    };
    let started = |n_leg, party| Event::LegStarted {
        leg: leg(n_leg),
        party,
        cause: LegCause::Consult,
        parent: None,
    };
    let outside = Party::OutsidePhone {
        number: CANARIES[2].parse().ok(),
        trunk: "carrier".parse().unwrap(),
    };
    let page = Party::CustomerPage {
        visitor: VisitorId::new(77).unwrap(),
        zone: None,
    };
    let agent = Party::AgentPhone {
        agent: "anna".parse().unwrap(),
    };
    let over = Event::LegEnded {
        leg: leg(13),
        cause: hub::input::Cause {
            kind: hub::input::CauseKind::Normal,
            status: None,
            text: format!("{} hangs up", CANARIES[7]),
        },
    };
    [
        started(11, outside),
        started(12, page),
        started(13, agent),
        over,
    ]
    .map(|event| fact(at, Some(n), event))
}

fn known_and_called(at: u64, n: u128) -> [Fact; 3] {
    let number: Number = CANARIES[2].parse().unwrap();
    let known = Event::CustomerKnown {
        customer: customer(1),
        name: Some(CANARIES[5].to_owned()),
        number: Some(number.clone()),
        mail: Some(CANARIES[3].to_owned()),
        mail_typed: false,
        visitor: VisitorId::new(77),
        verified: None,
        cleared: Vec::new(),
    };
    let interaction = id(n);
    let started = Event::LegStarted {
        leg: ws::id::LegId { interaction, n: 1 },
        party: Party::CustomerPhone {
            number: Some(number.clone()),
            trunk: None,
        },
        cause: LegCause::Inbound,
        parent: None,
    };
    let promised = Event::CallbackPromised {
        callback: ws::id::CallbackId { interaction, n: 1 },
        number,
        due: Timestamp(at),
        by: Author::Customer,
        plan: Box::default(),
    };
    [known, started, promised].map(|event| fact(at, Some(n), event))
}

fn erased(at: u64) -> Fact {
    let event = Event::CustomerErased {
        customer: customer(1),
        records: vec![customer(1)],
        by: Author::System,
        reason: "asked for".to_owned(),
    };
    fact(at, None, event)
}

// Every file of the store, read as bytes.
fn found_in(directory: &Directory) -> Vec<&'static str> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&directory.0).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        found.extend(CANARIES.into_iter().filter(|canary| text.contains(*canary)));
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn tokens(connection: &Connection) -> Vec<String> {
    let vocabulary = "CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'texts', 'row')";
    connection.execute_batch(vocabulary).unwrap();
    let mut statement = connection.prepare("SELECT term FROM temp.words").unwrap();
    let words = statement.query_map([], |row| row.get(0)).unwrap();
    words.collect::<rusqlite::Result<_>>().unwrap()
}

// What led to a contact, by its row and by its record.
fn referrers(connection: &Connection, n: u128) -> [Option<String>; 2] {
    let row = connection.query_row(
        "SELECT referrer FROM interactions WHERE interaction = ?1",
        [id(n).to_string()],
        |row| row.get(0),
    );
    let record = read::record(connection, id(n)).unwrap().unwrap();
    [row.unwrap(), record.referrer]
}

#[test]
fn no_file_holds_anything_of_an_erased_customer_and_counts_stay() {
    let directory = Directory::new("erase");
    let mut connection = open(&directory.0).unwrap();
    let mut facts = Vec::new();
    for n in 1..=300_u64 {
        match n % 3 {
            0 => facts.extend(contact(n * 10, u128::from(n))),
            _ => facts.extend([
                opened(n * 10, u128::from(1_000 + n)),
                said(n * 10, u128::from(1_000 + n)),
                sealed(n * 10, u128::from(1_000 + n)),
            ]),
        }
    }
    write(&mut connection, &facts);
    assert_eq!(found_in(&directory).len(), CANARIES.len());
    let led = Some(format!("https://search.example/{}", CANARIES[6]));
    assert_eq!(referrers(&connection, 3), [led.clone(), led]);

    write(&mut connection, &[erased(9_000)]);
    scrub_due(&mut connection);
    assert_eq!(erase::unfinished(&connection).unwrap(), 1);
    assert!(
        !erase::finish(&connection, &Turn::default(), 9_000, 1).unwrap(),
        "too large to be rewritten now"
    );
    assert!(erase::finish(&connection, &Turn::default(), 9_001, erase::SMALL).unwrap());
    assert_eq!(erase::unfinished(&connection).unwrap(), 0);

    assert_eq!(found_in(&directory), [""; 0]);
    assert!(tokens(&connection).iter().all(|word| word != CANARIES[0]));
    let count = |query: &str| {
        connection
            .query_row(query, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!(
        count("SELECT count(*) FROM interactions WHERE sealed_at IS NOT NULL"),
        300
    );
    assert_eq!(count("SELECT count(*) FROM messages WHERE text = ''"), 100);
    assert_eq!(
        count("SELECT count(*) FROM found_by WHERE kind IN ('number', 'mail', 'name')"),
        0
    );
    assert_eq!(
        count("SELECT count(*) FROM texts WHERE texts MATCH 'text'"),
        200
    );
    assert_eq!(
        count("SELECT count(*) FROM erasures WHERE reason = 'asked for' AND finished_at = 9001"),
        1
    );
    let parties = "SELECT DISTINCT party FROM legs WHERE party IS NOT NULL";
    let mut statement = connection.prepare(parties).unwrap();
    let parties = statement.query_map([], |row| row.get::<_, String>(0));
    let parties: Vec<String> = parties.unwrap().map(Result::unwrap).collect();
    assert_eq!(parties, ["anna"], "who works here stays");
    let record = read::record(&connection, id(3)).unwrap().unwrap();
    assert_eq!((record.customer.name, record.timeline.len()), (None, 1));
    assert_eq!(referrers(&connection, 3), [None, None]);
}

#[test]
fn why_something_ended_stays_in_the_words_of_the_house_and_goes_in_any_others() {
    let directory = Directory::new("words");
    let mut connection = open(&directory.0).unwrap();
    let ended = |n: u128, text: &str| {
        let cause = hub::input::Cause {
            kind: hub::input::CauseKind::Busy,
            status: Some(486),
            text: text.to_owned(),
        };
        let leg = ws::id::LegId {
            interaction: id(n),
            n: 1,
        };
        let party = Party::AgentPhone {
            agent: "anna".parse().unwrap(),
        };
        let started = Event::LegStarted {
            leg,
            party,
            cause: LegCause::Outbound,
            parent: None,
        };
        let over = Event::Ended {
            by: Author::Customer,
            reason: text.to_owned(),
        };
        let lost = Event::LegEnded { leg, cause };
        let facts = [started, lost, over].map(|event| fact(10, Some(n), event));
        [vec![opened(10, n)], facts.to_vec(), vec![sealed(10, n)]].concat()
    };
    let house = "the network is out of order";
    write(&mut connection, &ended(1, house));
    write(&mut connection, &ended(2, "Ida Lovelace hangs up"));

    let rule = erase::Rule {
        channel: "chat",
        what: 4,
        before: 100,
    };
    assert_eq!(erase::apply(&connection, &rule).unwrap(), 2);
    scrub_due(&mut connection);

    for (n, left) in [(1, house), (2, "")] {
        for query in [
            "SELECT end_reason FROM interactions WHERE interaction = ?1",
            "SELECT reason FROM legs WHERE interaction = ?1",
        ] {
            let reason = connection.query_row(query, [id(n).to_string()], |row| row.get(0));
            assert_eq!(reason, Ok(left.to_owned()), "{query}");
        }
        let facts = read::facts(&connection, id(n)).unwrap();
        let told = facts.iter().filter_map(|fact| match &fact.event {
            Event::Ended { reason, .. } => Some(reason),
            Event::LegEnded { cause, .. } => Some(&cause.text),
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), [left, left]);
    }
}

fn known(n: u128, number: &str, mail: &str) -> Event {
    Event::CustomerKnown {
        customer: customer(n),
        name: None,
        number: Some(number.parse().unwrap()),
        mail: Some(mail.to_owned()),
        mail_typed: false,
        visitor: None,
        verified: None,
        cleared: Vec::new(),
    }
}

#[test]
fn who_may_not_be_contacted_outlives_an_erasure_and_why_does_not() {
    let directory = Directory::new("consents");
    let mut connection = open(&directory.0).unwrap();
    let said = |subject: &str, reason: &str| {
        Event::ConsentChanged(Statement {
            subject: subject.parse().unwrap(),
            channel: ContactChannel::Voice,
            change: Change::Suppressed,
            source: Source::Api,
            reason: Some(reason.to_owned()),
            until: None,
            by: None,
        })
    };
    let (ida, other) = (format!("customer:{}", customer(1)), "number:+4930200");
    let subjects = [&ida, "number:+4930100", "mail:ida@x.example"];
    let mut facts = vec![
        fact(1, None, known(1, "+4930100", "Ida@X.example")),
        fact(1, None, known(2, "+4930200", "otto@x.example")),
        fact(2, None, said(other, "his holidays")),
    ];
    facts.extend(subjects.map(|of| fact(3, None, said(of, CANARIES[0]))));
    write(&mut connection, &facts);

    write(&mut connection, &[erased(9)]);
    let mut reasons = BTreeMap::new();
    restart(&mut connection, Timestamp(0), |fact| {
        if let Event::ConsentChanged(said) = fact.event {
            reasons.insert(said.subject.to_string(), said.reason);
        }
    })
    .unwrap();

    assert_eq!(reasons.len(), 3, "all of the addresses: {reasons:?}");
    let kept = reasons.into_iter().filter(|(_, reason)| reason.is_some());
    let his = (other.to_owned(), Some("his holidays".to_owned()));
    assert_eq!(kept.collect::<Vec<_>>(), [his]);
    for of in subjects {
        let history = consents::history(&connection, &[of.parse().unwrap()], None, 9).unwrap();
        assert_eq!(history.len(), usize::from(of != ida), "{of}");
        assert!(
            history.iter().all(|(_, said)| said.reason.is_none()),
            "{of}"
        );
    }
    scrub_due(&mut connection);
    assert!(erase::finish(&connection, &Turn::default(), 10, erase::SMALL).unwrap());
    assert_eq!(found_in(&directory), [""; 0]);
}

fn of_address(subject: &str, channel: ContactChannel, change: Change) -> Event {
    Event::ConsentChanged(Statement {
        subject: subject.parse().unwrap(),
        channel,
        change,
        source: Source::Api,
        reason: None,
        until: None,
        by: None,
    })
}

// What a start reads of who may be contacted: the last of each address, channel and kind.
fn standings(connection: &mut Connection) -> BTreeMap<(String, String, bool), Change> {
    let mut last = BTreeMap::new();
    restart(connection, Timestamp(0), |fact| {
        // What is said of nobody counts for nobody.
        if let Event::ConsentChanged(said) = fact.event
            && !said.subject.is_nobody()
        {
            let by_customer = matches!(said.change, Change::Given | Change::Withdrawn);
            let key = (
                said.subject.to_string(),
                said.channel.word().to_owned(),
                by_customer,
            );
            last.insert(key, said.change);
        }
    })
    .unwrap();
    last
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line a fact")]
fn consent_that_was_given_goes_with_its_customer_from_tables_and_journal_alike() {
    let directory = Directory::new("given");
    let mut connection = open(&directory.0).unwrap();
    let (voice, mail) = (ContactChannel::Voice, ContactChannel::Mail);
    let (number, address) = (
        format!("number:{}", CANARIES[2]),
        format!("mail:{}", CANARIES[3]),
    );
    let (given, withdrawn) = (Change::Given, Change::Withdrawn);
    let mut facts = vec![
        opened(1, 7),
        fact(1, None, known(1, CANARIES[2], CANARIES[3])),
        fact(1, None, known(1, "+4930100", "Ida@X.example")),
        fact(1, None, known(1, "+4930300", "shared@x.example")),
        fact(1, None, known(2, "+4930300", "otto@x.example")),
    ];
    // Said in a contact of somebody else's, and forbidden before it was allowed.
    facts.push(fact(2, Some(7), of_address(&number, voice, withdrawn)));
    facts.push(fact(3, Some(7), of_address(&number, voice, given)));
    facts.extend(
        [
            of_address(&address, mail, Change::Suppressed),
            of_address(&address, mail, Change::Unsuppressed),
            of_address("number:+4930100", voice, given),
            of_address("number:+4930100", voice, withdrawn),
            of_address("mail:ida@x.example", mail, given),
            of_address("mail:ida@x.example", mail, Change::Suppressed),
            of_address("number:+4930300", voice, given),
            of_address("number:+4930999", voice, given),
        ]
        .map(|event| fact(4, None, event)),
    );
    write(&mut connection, &facts);

    write(&mut connection, &[erased(9)]);

    let key = |subject: &str, channel: &str, by_customer| {
        (subject.to_owned(), channel.to_owned(), by_customer)
    };
    let expected = BTreeMap::from([
        (key("number:+4930100", "voice", true), withdrawn),
        (key("mail:ida@x.example", "mail", false), Change::Suppressed),
        (key("number:+4930300", "voice", true), given),
        (key("number:+4930999", "voice", true), given),
    ]);
    // At once, also for the contact that is replayed, and with the journal as it was.
    assert_eq!(standings(&mut connection), expected);
    let table = |connection: &Connection| {
        let mut statement = connection
            .prepare("SELECT subject, channel, change FROM consents ORDER BY row")
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.unwrap()
            .collect::<rusqlite::Result<Vec<(String, String, String)>>>()
            .unwrap()
    };
    let before = table(&connection);
    assert_eq!(before.len(), 4, "{before:?}");
    connection.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(connection);
    let mut connection = open_at_start(&directory.0).unwrap();
    assert_eq!(
        standings(&mut connection),
        expected,
        "folded anew, not scrubbed yet"
    );
    scrub_due(&mut connection);
    assert_eq!(standings(&mut connection), expected);
    connection.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(connection);
    let mut connection = open_at_start(&directory.0).unwrap();
    assert_eq!(
        standings(&mut connection),
        expected,
        "folded anew, from the journal as it is now"
    );
    assert_eq!(table(&connection), before);
    assert!(erase::finish(&connection, &Turn::default(), 10, erase::SMALL).unwrap());
    assert_eq!(found_in(&directory), [""; 0]);
}

#[test]
fn what_a_crash_cut_between_tables_and_journal_is_scrubbed_in_both() {
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
    let directory = Directory::new("between");
    let mut connection = open(&directory.0).unwrap();
    write(&mut connection, &contact(10, 1));
    write(&mut connection, &[erased(9_000)]);
    let deny = |context: AuthContext<'_>| match context.action {
        AuthAction::Update {
            table_name: "journal",
            ..
        } => Authorization::Deny,
        _ => Authorization::Allow,
    };
    connection.authorizer(Some(deny)).unwrap();
    let none = Path::new("none");
    erase::scrub_some(&mut connection, none, &Turn::default()).unwrap_err();
    // The process dies here: the tables are scrubbed, and the journal is not.
    drop(connection);

    let mut connection = open(&directory.0).unwrap();
    let left = |connection: &Connection, query: &str| {
        connection
            .query_row(query, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let said = format!(
        "SELECT count(*) FROM journal WHERE fact LIKE '%{}%'",
        CANARIES[0]
    );
    assert_eq!(left(&connection, &said), 1);
    assert_eq!(erase::unfinished(&connection).unwrap(), 0, "it is not done");
    while erase::scrub_some(&mut connection, none, &Turn::default()).unwrap() {}
    assert_eq!(left(&connection, &said), 0);
    let keys = "SELECT count(*) FROM found_by WHERE kind IN ('number', 'mail', 'name')";
    assert_eq!(left(&connection, keys), 0);
    assert!(erase::finish(&connection, &Turn::default(), 9_001, erase::SMALL).unwrap());
    assert_eq!(found_in(&directory), [""; 0]);
}

#[test]
fn an_erasure_that_a_crash_cut_goes_on_where_it_was() {
    let directory = Directory::new("cut");
    let mut connection = open(&directory.0).unwrap();
    for n in 1..=40_u64 {
        write(&mut connection, &contact(n * 10, u128::from(n)));
    }
    write(&mut connection, &[erased(9_000)]);
    assert!(erase::scrub_some(&mut connection, Path::new("none"), &Turn::default()).unwrap());
    // The process dies here: what was committed is all there is.
    drop(connection);
    assert!(!found_in(&directory).is_empty());

    let mut connection = open(&directory.0).unwrap();
    restart(&mut connection, Timestamp(0), |_| {}).unwrap();
    scrub_due(&mut connection);
    erase::finish(&connection, &Turn::default(), 9_001, erase::SMALL).unwrap();

    assert_eq!(found_in(&directory), [""; 0]);
}

#[test]
fn what_was_live_when_its_customer_was_erased_is_scrubbed_once_it_is_sealed() {
    let directory = Directory::new("live");
    let mut connection = open(&directory.0).unwrap();
    let mut facts = contact(10, 1);
    let sealed = |fact: &Fact| matches!(fact.event, Event::Sealed { .. });
    let end = facts.iter().position(sealed).unwrap();
    let end = facts.remove(end);
    write(&mut connection, &facts);

    write(&mut connection, &[erased(20)]);
    scrub_due(&mut connection);
    assert_eq!(
        erase::unfinished(&connection).unwrap(),
        0,
        "one is not sealed yet"
    );
    write(&mut connection, &[end]);
    scrub_due(&mut connection);

    assert_eq!(erase::unfinished(&connection).unwrap(), 1);
    erase::finish(&connection, &Turn::default(), 30, erase::SMALL).unwrap();
    assert_eq!(found_in(&directory), [""; 0]);
}

#[test]
fn a_mail_that_went_to_an_erased_customer_about_what_is_anothers_is_scrubbed() {
    let directory = Directory::new("mailed");
    let mut connection = open(&directory.0).unwrap();
    let interaction = id(8);
    let callback = ws::id::CallbackId { interaction, n: 1 };
    let due = Timestamp(9_000);
    let posted = Event::MailPosted {
        to: CANARIES[3].to_owned(),
        customer: customer(1),
        matter: hub::mail::Matter::Reminder { callback, due },
    };
    write(&mut connection, &[opened(10, 8), fact(10, Some(8), posted)]);

    write(&mut connection, &[erased(20)]);
    scrub_due(&mut connection);
    erase::finish(&connection, &Turn::default(), 30, erase::SMALL).unwrap();

    assert_eq!(found_in(&directory), [""; 0]);
}

fn taped(at: u64, n: u128, step: Recorded) -> Fact {
    fact(at, Some(n), Event::Recording(step))
}

fn started(interaction: u128) -> Recorded {
    let interaction = id(interaction);
    Recorded::Started {
        n: 1,
        leg: ws::id::LegId { interaction, n: 1 },
        by: Author::System,
        to: hub::recorder::Destination::default(),
    }
}

fn kept(n: u16, file: &str) -> Recorded {
    Recorded::Kept {
        n,
        file: file.to_owned(),
        ms: 20,
        bytes: 5,
        lost_ms: 0,
        cut: false,
        sha512: "00".to_owned(),
    }
}

#[test]
fn files_of_recordings_that_failed_or_were_refused_are_deleted_and_others_stay() {
    let directory = Directory::new("tapes");
    let recordings = directory.0.join("recordings");
    let mut connection = open(&directory.0).unwrap();
    let names = [(1, 1), (1, 2), (2, 1), (2, 2)].map(|(interaction, n)| {
        let interaction = id(interaction);
        let [_, name] = crate::recorder::places(RecordingId { interaction, n });
        std::fs::create_dir_all(recordings.join(&name[..2])).unwrap();
        std::fs::write(recordings.join(&name), "sound").unwrap();
        name
    });
    let failed = |n| Recorded::Failed {
        n,
        reason: "the customer did not want it".to_owned(),
    };
    let by = Author::Customer;
    write(
        &mut connection,
        &[
            opened(10, 1),
            taped(11, 1, started(1)),
            taped(11, 1, kept(1, &names[0])),
            taped(12, 1, Recorded::Refused { by }),
            taped(13, 1, failed(2)),
            opened(20, 2),
            taped(21, 2, started(2)),
            taped(21, 2, kept(1, &names[2])),
            taped(22, 2, failed(2)),
        ],
    );

    while erase::scrub_some(&mut connection, &recordings, &Turn::default()).unwrap() {}

    let there = names.map(|name| recordings.join(name).exists());
    assert_eq!(there, [false, false, true, false]);
    let record = |n| read::record(&connection, id(n)).unwrap().unwrap();
    let named = |n| record(n).recordings[0].file.is_some();
    assert_eq!((named(1), named(2)), (false, true));
    let failed = |n| record(n).recordings[0].failed.clone();
    let refused = Some(crate::store::recordings::REFUSED.to_owned());
    assert_eq!((failed(1), failed(2)), (refused.clone(), None));
    let listed = "SELECT failed FROM recordings WHERE interaction = ?1 AND n = 1";
    let listed: Option<String> = connection
        .query_row(listed, [id(1).to_string()], |row| row.get(0))
        .unwrap();
    assert_eq!(listed, refused);
}

#[test]
fn a_recording_of_a_chat_that_became_a_call_goes_by_its_own_rule_and_by_no_other() {
    let directory = Directory::new("kept");
    let recordings = directory.0.join("recordings");
    let mut connection = open(&directory.0).unwrap();
    let names = [1, 2].map(|n| {
        let interaction = id(n);
        let [_, name] = crate::recorder::places(RecordingId { interaction, n: 1 });
        std::fs::create_dir_all(recordings.join(&name[..2])).unwrap();
        std::fs::write(recordings.join(&name), "sound").unwrap();
        name
    });
    for (at, n, name) in [(10, 1, &names[0]), (500, 2, &names[1])] {
        let mut facts = contact(at, n);
        let place = facts.len() - 2;
        facts.splice(
            place..place,
            [taped(at, n, started(n)), taped(at, n, kept(1, name))],
        );
        write(&mut connection, &facts);
    }
    let scrub = |connection: &mut Connection| {
        while erase::scrub_some(connection, &recordings, &Turn::default()).unwrap() {}
    };
    let there = || names.each_ref().map(|name| recordings.join(name).exists());
    let words = |connection: &Connection| {
        let query = "SELECT count(*) FROM messages WHERE text <> ''";
        connection
            .query_row(query, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let named = |connection: &Connection| {
        let record = |n| read::record(connection, id(n)).unwrap().unwrap();
        [1, 2].map(|n| record(n).recordings[0].file.is_some())
    };
    let all = words(&connection);

    assert_eq!(erase::apply_to_recordings(&connection, 100).unwrap(), 1);
    scrub(&mut connection);
    assert_eq!(
        (there(), named(&connection)),
        ([false, true], [false, true])
    );
    assert_eq!(words(&connection), all, "what was written stays");
    assert_eq!(erase::apply_to_recordings(&connection, 100).unwrap(), 0);

    let written = erase::Rule {
        channel: "chat",
        what: 1,
        before: 1_000,
    };
    assert_eq!(erase::apply(&connection, &written).unwrap(), 2);
    scrub(&mut connection);
    assert_eq!((there(), words(&connection)), ([false, true], 0));
    assert_eq!(erase::apply_to_recordings(&connection, 1_000).unwrap(), 1);
    scrub(&mut connection);
    assert_eq!(
        (there(), named(&connection)),
        ([false, false], [false, false])
    );
}

#[test]
fn shared_files_are_gone_before_an_erasure_is_finished_and_others_stay() {
    let directory = Directory::new("shared");
    let shelf = crate::sharing::shelf::Shelf::of(&directory.0);
    let mut connection = open(&directory.0).unwrap();
    let mut other = opened(20, 2);
    if let Event::Opened { customer: of, .. } = &mut other.event {
        *of = customer(2);
    }
    let mut facts = contact(10, 1);
    facts.push(other);
    let [theirs, others] = [1, 2].map(|n| ws::id::FileId::new(n).unwrap());
    for (n, file) in [(1, theirs), (2, others)] {
        shelf.keep(file, b"a photo").unwrap();
        let shared = Event::FileShared {
            from: Author::Customer,
            mid: "photo".parse().unwrap(),
            file: ws::file::SharedFile {
                file,
                name: "photo.png".to_owned(),
                kind: "image/png".to_owned(),
                bytes: 7,
            },
        };
        facts.push(fact(12, Some(n), shared));
    }
    write(&mut connection, &facts);

    write(&mut connection, &[erased(30)]);
    scrub_due(&mut connection);

    assert_eq!(erase::unfinished(&connection).unwrap(), 1);
    assert_eq!(shelf.read(theirs).unwrap(), None);
    assert_eq!(
        shelf.read(others).unwrap().as_deref(),
        Some(&b"a photo"[..])
    );
    let named = "SELECT file FROM files";
    let named: String = connection.query_row(named, [], |row| row.get(0)).unwrap();
    assert_eq!(named, others.to_string());
}

#[test]
fn kept_answers_hold_nothing_once_an_erasure_is_finished() {
    let directory = Directory::new("answered");
    let mut connection = open(&directory.0).unwrap();
    let mut ledger = ledger::open(&directory.0).unwrap();
    let slot = ledger::answers::Slot {
        caller: "token".to_owned(),
        key: "k1".to_owned(),
    };
    ledger::answers::begin(&mut ledger, &slot, "f", Timestamp(10)).unwrap();
    let answer = ledger::answers::Answer {
        status: 200,
        headers: Vec::new(),
        body: CANARIES[2].into(),
    };
    ledger::answers::end(&ledger, &slot, &answer).unwrap();
    write(&mut connection, &[opened(10, 1), sealed(10, 1)]);
    write(&mut connection, &[erased(20)]);
    assert_eq!(found_in(&directory), [CANARIES[2]]);

    scrub_due(&mut connection);
    assert!(erase::finish(&connection, &Turn::default(), 30, erase::SMALL).unwrap());

    assert_eq!(found_in(&directory), [""; 0]);
}

#[test]
fn the_tables_of_an_erased_store_can_be_folded_anew() {
    let directory = Directory::new("refold");
    let mut connection = open(&directory.0).unwrap();
    write(&mut connection, &contact(10, 1));
    write(&mut connection, &[erased(20)]);
    scrub_due(&mut connection);
    let before: String = dump(&connection);
    connection.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(connection);

    let mut connection = open_at_start(&directory.0).unwrap();
    restart(&mut connection, Timestamp(0), |_| {}).unwrap();
    scrub_due(&mut connection);

    assert_eq!(dump(&connection), before);
}

#[test]
fn an_erased_number_reads_the_same_wherever_it_stood() {
    let directory = Directory::new("nobody");
    let mut connection = open(&directory.0).unwrap();
    write(&mut connection, &contact(10, 1));
    write(&mut connection, &[erased(20)]);

    scrub_due(&mut connection);

    let record = read::record(&connection, id(1)).unwrap().unwrap();
    assert_eq!(record.callbacks[0].number, hub::event::NOBODY);
    let listed = read::callback(&connection, record.callbacks[0].callback).unwrap();
    assert_eq!(listed.unwrap().number, hub::event::NOBODY);
    let legs = record.legs.iter().map(|leg| leg.party.as_deref());
    let browser = VisitorId::new(1).unwrap().to_string();
    assert_eq!(
        legs.collect::<Vec<_>>(),
        [None, None, Some(&*browser), Some("anna")],
        "none where there may be none"
    );
}

const SCRUBBED: [&str; 9] = [
    "interactions",
    "customers",
    "identities",
    "messages",
    "legs",
    "found_by",
    "callbacks",
    "callback_attempts",
    "assignments",
];

fn dump(connection: &Connection) -> String {
    dump_of(connection, &SCRUBBED)
}

fn dump_of(connection: &Connection, tables: &[&str]) -> String {
    let mut dump = String::new();
    for table in tables {
        let mut lines = Vec::new();
        let mut statement = connection
            .prepare(&format!("SELECT * FROM {table}"))
            .unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let mut line = String::new();
            for column in 0..columns {
                let value: rusqlite::types::Value = row.get(column).unwrap();
                line.push_str(&format!("{value:?} "));
            }
            lines.push(line);
        }
        lines.sort();
        dump.push_str(&format!("{table}\n{}\n", lines.join("\n")));
    }
    dump
}

#[test]
fn a_rule_takes_what_it_names_of_what_is_old_enough_and_nothing_else() {
    let directory = Directory::new("rule");
    let mut connection = open(&directory.0).unwrap();
    write(&mut connection, &contact(10, 1));
    write(&mut connection, &contact(500, 2));
    let rule = erase::Rule {
        channel: "chat",
        what: 1,
        before: 100,
    };

    assert_eq!(erase::apply(&connection, &rule).unwrap(), 1);
    assert_eq!(
        erase::apply_to_texts(&connection, erase::Texts::Notes, 100).unwrap(),
        1
    );
    scrub_due(&mut connection);

    assert_eq!(erase::apply(&connection, &rule).unwrap(), 0);
    let text = |n: u128| {
        let query = "SELECT text FROM messages WHERE interaction = ?1";
        let text = connection.query_row(query, [id(n).to_string()], |row| row.get::<_, String>(0));
        text.unwrap()
    };
    assert_eq!((text(1).len(), text(2).is_empty()), (0, false));
    let notes: Vec<String> = {
        let mut statement = connection
            .prepare("SELECT text FROM notes ORDER BY row")
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<rusqlite::Result<_>>().unwrap()
    };
    assert_eq!(notes, ["", CANARIES[1]]);
    let record = read::record(&connection, id(1)).unwrap().unwrap();
    assert_eq!(
        record.customer.name.as_deref(),
        Some(CANARIES[5]),
        "names have a rule of their own"
    );
}

#[test]
fn tables_that_are_put_back_from_before_an_erasure_have_nothing_of_it() {
    for erased_by_rule in [false, true] {
        let directory = Directory::new("put-back");
        let tables = directory.0.join("tandem.db");
        let copy = directory.0.with_extension("copy");
        let mut connection = open(&directory.0).unwrap();
        write(&mut connection, &contact(10, 1));
        drop(connection);
        std::fs::copy(&tables, &copy).unwrap();
        let mut connection = open(&directory.0).unwrap();
        let rule = erase::Rule {
            channel: "chat",
            what: 7,
            before: i64::MAX,
        };
        let forget = |connection: &mut Connection| {
            if erased_by_rule {
                erase::apply(connection, &rule).unwrap();
            }
            scrub_due(connection);
            erase::finish(connection, &Turn::default(), 10, erase::SMALL).unwrap();
        };
        if !erased_by_rule {
            write(&mut connection, &[erased(9_000)]);
        }
        forget(&mut connection);
        drop(connection);
        std::fs::copy(&copy, &tables).unwrap();
        std::fs::remove_file(&copy).unwrap();

        let mut connection = open_at_start(&directory.0).unwrap();
        restart(&mut connection, Timestamp(0), |_| {}).unwrap();
        forget(&mut connection);

        let led: i64 = connection
            .query_row(
                "SELECT count(*) FROM found_by WHERE kind IN ('number', 'mail', 'name')",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(led, 0, "by rule {erased_by_rule}");
    }
}

#[test]
fn what_is_too_large_to_be_rewritten_now_has_its_answers_emptied_and_is_finished_at_a_start() {
    let directory = Directory::new("large");
    let mut connection = open(&directory.0).unwrap();
    write(&mut connection, &contact(10, 1));
    let ledger = crate::store::ledger::open(&directory.0).unwrap();
    let keep = "INSERT INTO answers VALUES ('crm', 'k', 'f', 1, 200, '[]', ?1)";
    let body = format!("{{\"mail\":\"{}\"}}", CANARIES[3]);
    ledger.execute(keep, [body.as_bytes()]).unwrap();
    drop(ledger);
    write(&mut connection, &[erased(20)]);
    scrub_due(&mut connection);

    assert!(!erase::finish(&connection, &Turn::default(), 30, 0).unwrap());

    let ledger = crate::store::ledger::open(&directory.0).unwrap();
    let left = "SELECT count(*) FROM answers WHERE body IS NOT NULL";
    let left: i64 = ledger.query_row(left, [], |row| row.get(0)).unwrap();
    assert_eq!((left, erase::unfinished(&connection).unwrap()), (0, 1));
    drop(ledger);
    assert!(erase::finish(&connection, &Turn::default(), 40, erase::ANY).unwrap());
    assert_eq!(found_in(&directory), [""; 0]);
}

#[test]
fn nobody_is_forgotten_while_one_who_was_merged_with_them_is_heard_of() {
    let directory = Directory::new("family");
    let mut connection = open(&directory.0).unwrap();
    let known = |at, n| {
        let event = Event::CustomerKnown {
            customer: customer(n),
            name: Some("Ida".to_owned()),
            number: None,
            mail: None,
            mail_typed: false,
            visitor: None,
            verified: None,
            cleared: Vec::new(),
        };
        fact(at, None, event)
    };
    let merged = |kept, merged| {
        let event = Event::CustomersMerged {
            kept: customer(kept),
            merged: customer(merged),
            by: Author::System,
            reason: "one person".to_owned(),
        };
        fact(30, None, event)
    };
    let of = |n, mut opened: Fact| {
        if let Event::Opened { customer: of, .. } = &mut opened.event {
            *of = customer(n);
        }
        opened
    };
    let mut facts = vec![
        known(1, 1),
        known(2, 2),
        known(3, 3),
        known(4, 4),
        known(5, 5),
    ];
    facts.extend([merged(1, 2), merged(3, 4), merged(4, 5)]);
    facts.extend([of(2, opened(10, 2)), sealed(10, 2)]);
    facts.extend([of(5, opened(11, 5))]);
    write(&mut connection, &facts);

    let forgotten = |before| erase::forgotten(&connection, before).unwrap();

    assert_eq!(forgotten(500), [customer(1).to_string()]);
    assert_eq!(forgotten(4), [""; 0], "the other is heard of later");
}

// Tables in which a rule leaves what the journal has, however it is read.
const LASTING: [&str; 10] = [
    "customers",
    "identities",
    "customer_rows",
    "journal_of",
    "kept_rows",
    "frame_rows",
    "found_by",
    "consents",
    "notes",
    "merges",
];

// What is said in a contact of the customer's number, and of the record.
fn stopped(at: u64, n: u128) -> Vec<Fact> {
    let subjects = [
        format!("number:{}", CANARIES[2]),
        format!("customer:{}", customer(1)),
    ];
    let each = subjects.map(|subject| {
        let said = Event::ConsentChanged(Statement {
            subject: subject.parse().unwrap(),
            channel: ContactChannel::Voice,
            change: Change::Withdrawn,
            source: Source::Agent,
            reason: Some(CANARIES[0].to_owned()),
            until: None,
            by: None,
        });
        fact(at, Some(n), said)
    });
    each.into()
}

fn signed_contact(at: u64, n: u128) -> Vec<Fact> {
    let mut facts = contact(at, n);
    for fact in &mut facts {
        if let Event::CustomerKnown { verified, .. } = &mut fact.event {
            *verified = Some("ida-1".to_owned());
        }
    }
    facts.splice(1..1, stopped(at, n));
    facts
}

#[test]
fn who_a_customer_is_outlives_the_rules_of_interactions_and_is_folded_anew_from_the_journal() {
    let people = ["customers", "identities"];
    for what in 1..=7 {
        let directory = Directory::new("rules");
        let mut connection = open(&directory.0).unwrap();
        write(&mut connection, &signed_contact(10, 1));
        write(&mut connection, &signed_contact(20, 2));
        let known = dump_of(&connection, &people);
        for before in [15, i64::MAX] {
            let rule = erase::Rule {
                channel: "chat",
                what,
                before,
            };
            assert_eq!(erase::apply(&connection, &rule).unwrap(), 1);
            while erase::scrub_some(&mut connection, Path::new("none"), &Turn::default()).unwrap() {
            }
        }
        assert_eq!(dump_of(&connection, &people), known, "rule {what}");
        let (lasting, all) = (dump_of(&connection, &LASTING), dump(&connection));
        connection.execute_batch("PRAGMA user_version = 1").unwrap();
        drop(connection);

        let mut connection = open_at_start(&directory.0).unwrap();
        restart(&mut connection, Timestamp(0), |_| {}).unwrap();
        assert_eq!(dump_of(&connection, &LASTING), lasting, "rule {what}");
        let rule = erase::Rule {
            channel: "chat",
            what,
            before: i64::MAX,
        };
        assert_eq!(erase::apply(&connection, &rule).unwrap(), 2);
        scrub_due(&mut connection);
        assert_eq!(dump(&connection), all, "rule {what}, again");

        write(&mut connection, &[erased(9_000)]);
        scrub_due(&mut connection);
        assert!(erase::finish(&connection, &Turn::default(), 9_001, erase::SMALL).unwrap());
        let said = [CANARIES[2]];
        assert_eq!(
            found_in(&directory),
            said,
            "what was said of the number stays"
        );
    }
}

#[test]
fn what_was_said_of_an_address_is_tied_to_no_interaction_that_is_scrubbed() {
    for by_rule in [false, true] {
        let directory = Directory::new("tied");
        let mut connection = open(&directory.0).unwrap();
        write(&mut connection, &signed_contact(10, 1));
        let rule = erase::Rule {
            channel: "chat",
            what: 4,
            before: i64::MAX,
        };
        match by_rule {
            true => assert_eq!(erase::apply(&connection, &rule).unwrap(), 1),
            false => write(&mut connection, &[erased(20)]),
        }
        scrub_due(&mut connection);

        let record = read::record(&connection, id(1)).unwrap().unwrap();
        assert_eq!(record.consents, []);
        let of = format!("number:{}", CANARIES[2]).parse().unwrap();
        let history = consents::history(&connection, &[of], None, 9).unwrap();
        let [(_, said)] = &history[..] else {
            panic!("it is said once: {history:?}");
        };
        assert_eq!((said.change.as_str(), &said.reason), ("withdrawn", &None));
        assert_eq!(said.interaction, None);
        let mut again = Vec::new();
        restart(&mut connection, Timestamp(0), |fact| {
            if let Event::ConsentChanged(_) = fact.event {
                again.push(fact.interaction);
            }
        })
        .unwrap();
        let kept = if by_rule { 2 } else { 1 };
        assert_eq!(again, vec![None; kept]);
    }
}

#[test]
fn a_crash_between_tables_and_journal_loses_nothing_of_who_a_customer_is() {
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
    let directory = Directory::new("between-rules");
    let mut connection = open(&directory.0).unwrap();
    write(&mut connection, &signed_contact(10, 1));
    let rule = erase::Rule {
        channel: "chat",
        what: 4,
        before: i64::MAX,
    };
    erase::apply(&connection, &rule).unwrap();
    let deny = |context: AuthContext<'_>| match context.action {
        AuthAction::Delete {
            table_name: "scrubs",
        } => Authorization::Deny,
        _ => Authorization::Allow,
    };
    connection.authorizer(Some(deny)).unwrap();
    erase::scrub_some(&mut connection, Path::new("none"), &Turn::default()).unwrap_err();
    // The process dies here: the journal is written, and it is not noted as done.
    drop(connection);

    let mut connection = open(&directory.0).unwrap();
    scrub_due(&mut connection);

    let lasting = dump_of(&connection, &LASTING);
    connection.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(connection);
    let mut connection = open_at_start(&directory.0).unwrap();
    restart(&mut connection, Timestamp(0), |_| {}).unwrap();
    assert_eq!(dump_of(&connection, &LASTING), lasting);
    let record = read::record(&connection, id(1)).unwrap().unwrap();
    assert_eq!((record.customer.name, record.customer.number), (None, None));
}

#[test]
fn when_an_erasure_was_finished_stays_when_the_tables_are_folded_anew() {
    let directory = Directory::new("finished");
    let mut connection = open(&directory.0).unwrap();
    write(&mut connection, &contact(10, 1));
    write(&mut connection, &[erased(20)]);
    let scrub = |connection: &mut Connection| {
        scrub_due(connection);
    };
    scrub(&mut connection);
    assert!(erase::finish(&connection, &Turn::default(), 30, erase::SMALL).unwrap());

    for shape in [1, 2] {
        let older = format!("PRAGMA user_version = {shape}");
        connection.execute_batch(&older).unwrap();
        drop(connection);
        connection = open_at_start(&directory.0).unwrap();
        restart(&mut connection, Timestamp(0), |_| {}).unwrap();
        scrub(&mut connection);
        assert_eq!(erase::unfinished(&connection).unwrap(), 0);
        let finished = "SELECT finished_at FROM erasures";
        let finished: i64 = connection
            .query_row(finished, [], |row| row.get(0))
            .unwrap();
        assert_eq!(finished, 30);
    }
}
