//! What a zone asks before a chat: checked, kept, and what follows from the answers.

use ws::{
    form::{Answer, Filled},
    frame::{Code, Refusal},
    id::{InteractionId, QueueId, Skill},
};

use super::{Floor, RE, house, mid, visitor};
use crate::{
    Event, Input,
    event::Scrub,
    form::{self, Field, Kind, Pick},
    input::{Done, Introduction},
    phrase::Phrase,
    setup::{QueueSetup, Setup},
};

fn phrase(english: &str, german: &str) -> Phrase {
    let texts = [("en", english), ("de", german)];
    Phrase::By(texts.map(|(lang, text)| (lang.into(), text.into())).into())
}

fn field(name: &str, kind: Kind, label: Phrase, required: bool) -> Field {
    Field {
        field: name.into(),
        kind,
        label,
        required,
        options: Vec::new(),
        link: String::new(),
    }
}

fn pick(value: &str, queue: Option<QueueId>, skill: Option<(Skill, u8)>) -> Pick {
    Pick {
        value: value.into(),
        label: phrase(&format!("A {value}"), &format!("Eine {value}")),
        queue,
        skills: skill.into_iter().collect(),
    }
}

fn sales() -> QueueId {
    "sales".parse().unwrap()
}

/// The shop asks for a name, a number, an order and a topic, which may lead to sales or to who can repair.
fn asking() -> Setup {
    let mut setup = house(2, 6);
    setup.queues.insert(
        sales(),
        QueueSetup {
            limit: 100,
            ..QueueSetup::default()
        },
    );
    let repair = ("repair".parse().unwrap(), 2);
    let topic = Field {
        options: vec![
            pick("order", Some(sales()), None),
            pick("repair", None, Some(repair)),
        ],
        ..field("topic", Kind::Choice, phrase("Topic", "Thema"), true)
    };
    let shop = setup.zones.get_mut(&"shop".parse().unwrap()).unwrap();
    shop.form = vec![
        field("name", Kind::Name, "Your name".into(), true),
        field("mail", Kind::Mail, "E-mail".into(), false),
        field("phone", Kind::Number, "Telephone".into(), false),
        field("order", Kind::Text, "Order number".into(), false),
        topic,
        field(
            "terms",
            Kind::Consent,
            phrase("Privacy", "Datenschutz"),
            true,
        ),
    ];
    setup
}

const SOUND: [(&str, &str); 3] = [("name", "Ada"), ("topic", "repair"), ("terms", "yes")];

fn filled(lang: Option<&str>, answers: &[(&str, &str)]) -> Option<Box<Filled>> {
    let answers = answers
        .iter()
        .map(|(field, given)| ((*field).into(), (*given).into()));
    Some(Box::new(Filled {
        lang: lang.map(str::to_owned),
        answers: answers.collect(),
        later: false,
    }))
}

fn open(floor: &mut Floor, form: Option<Box<Filled>>) -> Result<InteractionId, Refusal> {
    let done = floor.ask(Input::OpenChat {
        candidate: InteractionId::new(77).unwrap(),
        who: Introduction { form, ..visitor(1) },
        mid: mid("first"),
        text: "hello".into(),
        re: RE,
    })?;
    match done {
        Done::Written { interaction, .. } => Ok(interaction),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_wrong_answer_is_refused_with_a_sentence_that_names_its_field() {
    let cases: [(&[(&str, &str)], &str); 9] = [
        (&[], "“Your name” must be filled in"),
        (&[("name", "  ")], "“Your name” must be filled in"),
        (
            &[("name", "Ada"), ("mail", "ada")],
            "“E-mail” must be an e-mail address",
        ),
        (
            &[("name", "Ada"), ("mail", "a@b@c.de")],
            "“E-mail” must be an e-mail address",
        ),
        (
            &[("name", "Ada"), ("phone", "call me")],
            "“Telephone” must be a telephone number of 2 to 15 digits, with an optional + at the start",
        ),
        (&[("name", "Ada")], "“Topic” must be filled in"),
        (
            &[("name", "Ada"), ("topic", "weather")],
            "“Topic”: choose one of those that are offered",
        ),
        (
            &[("name", "Ada"), ("topic", "order")],
            "“Privacy” must be agreed to",
        ),
        (
            &[("name", "Ada"), ("shoe", "42")],
            "this page does not ask for \"shoe\"; load it anew and send it again",
        ),
    ];
    for (answers, sentence) in cases {
        let mut floor = Floor::open(asking());

        let refusal = open(&mut floor, filled(None, answers)).unwrap_err();

        assert_eq!(
            (refusal.code, refusal.text.as_str()),
            (Code::OutOfRange, sentence)
        );
        assert!(floor.facts.iter().all(|fact| fact.interaction.is_none()));
    }
}

#[test]
fn a_text_that_is_too_long_is_refused() {
    let mut floor = Floor::open(asking());
    let long = "x".repeat(501);
    let answers = [("name", "Ada"), ("order", long.as_str())];

    let refusal = open(&mut floor, filled(None, &answers)).unwrap_err();

    assert_eq!(
        refusal.text,
        "“Order number” can have 500 characters at most"
    );
}

#[test]
fn who_reads_german_is_told_in_german() {
    let mut floor = Floor::open(asking());

    let refusal = open(&mut floor, filled(Some("de-AT"), &[("name", "Ada")])).unwrap_err();

    assert_eq!(refusal.text, "„Thema“ muss ausgefüllt werden");
}

#[test]
fn answers_are_kept_with_the_opening_in_the_houses_language() {
    let mut floor = Floor::open(asking());
    let answers = [
        SOUND.as_slice(),
        &[("phone", "030 / 12 34"), ("order", " A-4712 ")],
    ]
    .concat();

    let id = open(&mut floor, filled(Some("de"), &answers)).unwrap();

    let found = floor.hub.state().interaction(id).unwrap();
    let told = found.answers.iter().map(|answer| {
        (
            answer.label.as_str(),
            answer.value.as_str(),
            answer.words.as_deref(),
        )
    });
    let told = Vec::from_iter(told);
    assert_eq!(found.name.as_deref(), Some("Ada"));
    assert_eq!(
        told,
        [
            ("Telephone", "0301234", None),
            ("Order number", "A-4712", None),
            ("Topic", "repair", Some("A repair")),
            ("Privacy", "yes", Some("✓")),
        ]
    );
}

#[test]
fn a_card_has_the_questions_in_each_language_of_the_form() {
    let mut floor = Floor::open(asking());
    let id = open(&mut floor, filled(Some("de"), &SOUND)).unwrap();
    let answers = &floor.hub.state().interaction(id).unwrap().answers;
    let zone = floor
        .hub
        .setup()
        .zones
        .values()
        .find(|zone| !zone.form.is_empty());
    let form = &zone.unwrap().form;

    let told = form::translated(form, answers);

    let in_german = told.iter().map(|answer| {
        let (label, words) = (answer.labels.get("de"), answer.wordings.get("de"));
        (
            answer.field.as_str(),
            label.map(String::as_str),
            words.map(String::as_str),
        )
    });
    assert_eq!(
        Vec::from_iter(in_german),
        [
            ("topic", Some("Thema"), Some("Eine repair")),
            ("terms", Some("Datenschutz"), None),
        ]
    );
    let topic = form.iter().find(|field| field.field == "topic");
    let other = Field {
        label: phrase("Which one?", "Welches?"),
        ..topic.unwrap().clone()
    };
    assert_eq!(form::translated(&[other], answers), *answers);
}

#[test]
fn a_number_that_was_typed_finds_nobody_and_leads_to_nobody_later() {
    let mut floor = Floor::open(asking());
    let called = floor.call(9, "+4930123456");
    let known = floor.hub.state().interaction(called).unwrap().customer;
    let answers = [
        SOUND.as_slice(),
        &[("phone", "+4930123456"), ("mail", "ada@example.org")],
    ]
    .concat();

    let id = open(&mut floor, filled(None, &answers)).unwrap();

    let customers = floor.hub.state().customers();
    let own = floor.hub.state().interaction(id).unwrap().customer;
    assert_ne!(own, known);
    assert_eq!(
        customers.by_number(&"+4930123456".parse().unwrap()),
        Some(known)
    );
    assert!(customers.get(own).unwrap().number.is_none());
}

#[test]
fn what_is_chosen_leads_to_its_queue_or_asks_its_skill() {
    let mut floor = Floor::open(asking());
    let order = [("name", "Ada"), ("topic", "order"), ("terms", "yes")];
    let id = open(&mut floor, filled(None, &order)).unwrap();
    assert_eq!(floor.hub.state().interaction(id).unwrap().queue, sales());

    let mut floor = Floor::open(asking());
    let id = open(&mut floor, filled(None, &SOUND)).unwrap();

    let asked = floor.facts.iter().find_map(|fact| match &fact.event {
        Event::Queued { skills, .. } if fact.interaction == Some(id) => Some(skills.clone()),
        _ => None,
    });
    assert_eq!(asked, Some([("repair".parse().unwrap(), 2)].into()));
    assert_eq!(floor.offered(id), None);
}

#[test]
fn card_numbers_are_taken_out_of_answers_and_an_erasure_takes_them_all() {
    let mut floor = Floor::open(asking());
    let answers = [SOUND.as_slice(), &[("order", "4111 1111 1111 1111")]].concat();
    let id = open(&mut floor, filled(None, &answers)).unwrap();
    let opened = |event: &Event| matches!(event, Event::Opened { .. });
    let mut event = floor
        .facts
        .iter()
        .find(|fact| fact.interaction == Some(id) && opened(&fact.event))
        .unwrap()
        .event
        .clone();
    let left = |event: &Event| -> Vec<Answer> {
        match event {
            Event::Opened { answers, .. } => answers.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(left(&event)[0].value, "[card ending 1111]");

    event.scrub(Scrub::ALL);

    assert_eq!(left(&event), []);
}

#[test]
fn a_program_that_brings_no_form_is_not_asked() {
    let mut floor = Floor::open(asking());

    let id = open(&mut floor, None).unwrap();

    assert_eq!(floor.hub.state().interaction(id).unwrap().answers, []);
}
