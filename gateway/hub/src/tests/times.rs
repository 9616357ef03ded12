//! What agents spend their time with.

use super::*;
use ws::board::Activity;

use crate::times::Spent;

fn spent(floor: &Floor) -> Spent {
    floor.hub.times().today(&agent(0), floor.now)
}

#[test]
fn every_moment_of_an_agent_is_one_thing() {
    let mut setup = house(1, 6);
    setup.spans.wrap_up_call = Duration::from_secs(40);
    let mut floor = Floor::open(setup);
    floor.seconds(10);
    let chat = floor.chat(1);
    floor.seconds(5);
    floor.accept(&agent(0), chat);
    floor.seconds(20);
    let call = floor.call(1, "+4930100");
    floor.accept(&agent(0), call);
    floor.answered(leg(call, 1));
    floor.answered(leg(call, 2));
    floor.seconds(60);
    floor.ended(leg(call, 1), CauseKind::Normal);
    floor.seconds(7);
    floor.end(chat, Actor::Visitor(visitor(1).visitor));
    floor.seconds(3);
    let presence = Presence::Away {
        reason: "lunch".into(),
    };
    floor
        .ask(Input::SetPresence {
            agent: agent(0),
            presence,
            re: RE,
        })
        .unwrap();
    floor.seconds(100);

    let seconds = |n: u64| n * 1_000;
    let spent = spent(&floor);

    // The wrap-up of the chat lasts 60 s, longer than what is left of that of the call.
    assert_eq!(spent[&Activity::Ready], seconds(15));
    assert_eq!(spent[&Activity::Chat], seconds(20 + 7));
    assert_eq!(spent[&Activity::Call], seconds(60));
    assert_eq!(spent[&Activity::WrapUp], seconds(60));
    let lunch = Activity::Away {
        reason: "lunch".into(),
    };
    assert_eq!(spent[&lunch], seconds(3 + 100 - 60));
}

#[test]
fn a_parked_chat_takes_no_time() {
    let mut floor = Floor::open(house(1, 6));
    let chat = floor.chat(1);
    floor.accept(&agent(0), chat);
    floor.seconds(10);
    floor
        .ask(Input::Park {
            agent: agent(0),
            interaction: chat,
            re: RE,
        })
        .unwrap();
    floor.seconds(30);

    let activity = floor.hub.times().activity(&agent(0));

    assert_eq!(activity.map(|(of, _)| of), Some(&Activity::Ready));
    assert_eq!(spent(&floor)[&Activity::Chat], 10_000);
}

#[test]
fn who_helps_in_a_colleagues_chat_chats() {
    let mut floor = Floor::open(house(2, 6));
    let chat = floor.chat(1);
    assert_eq!(floor.offered(chat), Some(agent(0)));
    floor.accept(&agent(0), chat);
    floor.seconds(5);
    let (agent1, note) = (agent(1), None);
    let wish = Wish::Invite {
        agent: agent1.clone(),
        note,
    };
    ask(&mut floor, chat, &agent(0), wish).unwrap();
    floor.seconds(4);

    floor.accept(&agent1, chat);
    floor.seconds(20);
    ask(&mut floor, chat, &agent1, Wish::Leave).unwrap();
    floor.seconds(3);

    let spent = floor.hub.times().today(&agent1, floor.now);
    assert_eq!(spent[&Activity::Chat], 20_000);
    assert_eq!(spent[&Activity::Ready], 12_000);
}
