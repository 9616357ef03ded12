use super::*;
use crate::{
    input::{Actor, Input, Introduction, Signed},
    tests::*,
};

fn looking(agents: usize) -> Floor {
    let mut setup = house(agents, 6);
    setup.lookup = true;
    Floor::open(setup)
}

fn questions(told: &[Command]) -> Vec<&Question> {
    let questions = told.iter().filter_map(|command| match command {
        Command::LookUp { question } => Some(&**question),
        _ => None,
    });
    questions.collect()
}

fn answer(floor: &mut Floor, interaction: InteractionId, found: Found) {
    floor.tell(Input::LookedUp {
        interaction,
        found: Box::new(found),
    });
}

#[test]
fn who_comes_is_looked_up_once_with_what_is_known() {
    let mut floor = looking(0);
    let id = floor.call(1, "+4930100");

    let told = floor.told();
    let asked = questions(&told);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].interaction, id);
    assert_eq!(asked[0].number, Some(number("+4930100")));

    floor.seconds(5);
    assert!(questions(&floor.told()).is_empty());
}

#[test]
fn what_was_only_typed_is_not_asked_and_what_a_website_signed_is() {
    let mut floor = looking(0);
    floor.call(1, "+4930100");
    floor.told();
    let typed = Introduction {
        mail: Some("ida@x.example".to_owned()),
        ..visitor(1)
    };
    let signed = Introduction {
        verified: Some(Signed {
            subject: "ida".to_owned(),
            name: None,
            number: Some(number("+4930200")),
            mail: Some("ida@x.example".to_owned()),
        }),
        ..visitor(2)
    };
    for (n, who) in [(1, typed), (2, signed)] {
        floor
            .ask(Input::OpenChat {
                candidate: InteractionId::new(1_000 + n).unwrap(),
                who,
                mid: mid("first"),
                text: "hello".into(),
                re: RE,
            })
            .unwrap();
    }

    let told = floor.told();
    let asked: Vec<_> = questions(&told)
        .into_iter()
        .map(|question| (question.number.clone(), question.mail.clone()))
        .collect();
    let ida = (Some(number("+4930200")), Some("ida@x.example".to_owned()));
    assert_eq!(asked, [(None, None), ida]);
}

#[test]
fn a_typed_number_that_is_somebody_elses_is_not_the_contacts_own() {
    let mut floor = looking(0);
    floor.call(1, "+4930100");
    floor.told();
    let chat = floor.chat(1);
    floor
        .ask(Input::AskCallback {
            interaction: chat,
            queue: None,
            by: Actor::Visitor(visitor(1).visitor),
            number: number("+4930100"),
            at: None,
            wish: Default::default(),
            re: RE,
        })
        .unwrap();

    let found = floor.of(chat);
    assert_eq!(found.number, Some(number("+4930100")));
    assert_eq!(floor.hub.proved_number(found), None);
}

#[test]
fn nobody_is_asked_where_nothing_is_configured() {
    let mut floor = Floor::open(house(0, 6));
    floor.call(1, "+4930100");

    assert!(questions(&floor.told()).is_empty());
}

#[test]
fn an_answer_while_it_waits_names_the_customer_and_the_agent_and_keeps_the_place() {
    let mut setup = house(2, 6);
    setup.lookup = true;
    let mut floor = Floor::empty(setup);
    let id = floor.call(9, "+4930100");
    let since = floor.of(id).entry.as_ref().unwrap().key.since;
    floor.seconds(1);

    answer(
        &mut floor,
        id,
        Found {
            name: Some("Ida".to_owned()),
            value: Some(7),
            agent: Some(agent(1)),
            ..Found::default()
        },
    );

    let found = floor.of(id);
    assert_eq!(found.name.as_deref(), Some("Ida"));
    let entry = found.entry.as_ref().unwrap();
    assert_eq!(entry.familiar, Some(agent(1)));
    assert_eq!(entry.key.since, since);
    let customers = floor.hub.state().customers();
    assert_eq!(customers.get(found.customer).unwrap().value, 7);
    let left = floor.count(id, |event| {
        matches!(event, Event::Dequeued { anew: false, .. })
    });
    assert_eq!(left, 0, "its wait goes on, and is counted once");
}

#[test]
fn a_call_never_waits_for_the_answer_and_a_late_one_is_on_the_card() {
    let mut floor = looking(1);
    let id = floor.call(1, "+4930100");
    assert_eq!(floor.offered(id), Some(agent(0)));

    answer(
        &mut floor,
        id,
        Found {
            note: Some("pays late".to_owned()),
            ..Found::default()
        },
    );

    assert_eq!(floor.offered(id), Some(agent(0)), "the offer stays");
    let found = floor.of(id).found.as_ref().unwrap();
    assert_eq!(found.note.as_deref(), Some("pays late"));
}

#[test]
fn a_second_answer_and_one_for_nothing_change_nothing() {
    let mut floor = looking(0);
    let id = floor.call(1, "+4930100");
    let named = |name: &str| Found {
        name: Some(name.to_owned()),
        ..Found::default()
    };
    answer(&mut floor, id, named("Ida"));

    answer(&mut floor, id, named("Eva"));
    answer(&mut floor, InteractionId::new(99).unwrap(), named("Eva"));

    assert_eq!(floor.of(id).name.as_deref(), Some("Ida"));
    assert_eq!(
        floor.count(id, |event| matches!(event, Event::LookedUp { .. })),
        1
    );
}

#[test]
fn who_was_asked_for_is_asked_again_after_a_restart_only_where_nothing_came_of_it() {
    let mut floor = looking(0);
    let (found, nothing, open) = (
        floor.call(1, "+4930100"),
        floor.call(2, "+4930200"),
        floor.chat(3),
    );
    assert_eq!(questions(&floor.told()).len(), 3);
    let ida = Found {
        note: Some("pays late".to_owned()),
        ..Found::default()
    };
    answer(&mut floor, found, ida);
    answer(&mut floor, nothing, Found::default());

    floor.crash();
    floor.seconds(1);

    let told = floor.told();
    let asked = questions(&told).into_iter();
    let asked: Vec<_> = asked.map(|question| question.interaction).collect();
    assert_eq!(asked, [open]);
}

#[test]
fn what_is_out_of_bounds_is_left_out_and_the_rest_is_taken() {
    let found = Found {
        name: Some("x".repeat(NAME + 1)),
        value: Some(10),
        note: Some("good".to_owned()),
        screen_pop: Some("javascript:alert(1)".to_owned()),
        external: (0..50).map(|n| (format!("s{n}"), "1".to_owned())).collect(),
        ..Found::default()
    };

    let found = found.within_bounds();

    assert_eq!(
        (found.name, found.value, found.screen_pop),
        (None, None, None)
    );
    assert_eq!(found.note.as_deref(), Some("good"));
    assert_eq!(found.external.len(), IDS);
}

#[test]
fn what_controls_or_turns_the_writing_is_taken_out_of_an_answer() {
    let mut floor = looking(0);
    let id = floor.call(1, "+4930100");
    let ids = [("crm", "4\u{202e}711"), ("shop", "12")];
    let said = Found {
        name: Some("I\u{0}da\u{202e} Example".to_owned()),
        note: Some("first\n\u{202e}second\u{7}".to_owned()),
        external: ids
            .map(|(system, id)| (system.to_owned(), id.to_owned()))
            .into(),
        screen_pop: Some("https://crm.example/\u{202e}gpj.exe".to_owned()),
        ..Found::default()
    };

    answer(&mut floor, id, said);

    let customer = floor.of(id).customer;
    let known = floor.hub.state().customers().get(customer).unwrap();
    assert_eq!(known.name.as_deref(), Some("Ida Example"));
    let found = floor.of(id).found.as_ref().unwrap();
    assert_eq!(found.note.as_deref(), Some("first\nsecond"));
    assert_eq!(found.external.keys().collect::<Vec<_>>(), ["shop"]);
    assert_eq!(found.screen_pop, None);
}

#[test]
fn a_name_of_nothing_that_is_seen_is_none() {
    let only = Found {
        name: Some("\u{0}\u{202e}".to_owned()),
        ..Found::default()
    };

    assert_eq!(only.cleaned().within_bounds(), Found::default());
}
