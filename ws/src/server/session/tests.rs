use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::{
    side::{AgentSide, VisitorSide},
    timeline::{Author, Entry, What},
    visitor::{Done, Push, Request},
};

type Visitor = Session<VisitorSide>;

const HELLO: &str = r#"{"id":1,"op":"hello","token":"t"}"#;

fn fresh() -> (Visitor, Instant) {
    let now = Instant::now();
    (Session::new(Limits::visitor(), now), now)
}

fn greeted() -> (Visitor, Instant) {
    let (mut session, now) = fresh();
    session.handle_text(HELLO, now);
    session.poll_request().unwrap();
    (session, now)
}

fn outputs(session: &mut Visitor) -> Vec<Output> {
    std::iter::from_fn(|| session.poll_output()).collect()
}

fn closed(session: &mut Visitor) -> Option<Close> {
    match outputs(session).pop() {
        Some(Output::Close(close)) => Some(close),
        Some(Output::Text(_)) | None => None,
    }
}

fn refusals(session: &mut Visitor) -> Vec<(u64, Code)> {
    let told = outputs(session)
        .into_iter()
        .filter_map(|output| match output {
            Output::Text(text) => serde_json::from_str(&text).ok(),
            Output::Close(_) => None,
        });
    told.filter_map(|told: Told<Done, Push>| match told {
        Told::Refused { re, error } => Some((re, error.code)),
        Told::Done { .. } | Told::Push(_) => None,
    })
    .collect()
}

fn entry(seq: u64, text: &str) -> Told<Done, Push> {
    Told::Push(Push::Entry {
        interaction: "0af7651916cd43dd8448eb211c80319c".parse().unwrap(),
        entry: Entry {
            seq: Seq(seq),
            at: Default::default(),
            what: What::Message {
                from: Author::Customer,
                mid: "m".parse().unwrap(),
                text: text.to_owned(),
            },
        },
    })
}

fn typing(on: bool) -> Told<Done, Push> {
    Told::Push(Push::Typing {
        interaction: "0af7651916cd43dd8448eb211c80319c".parse().unwrap(),
        from: Author::Customer,
        on,
    })
}

#[test]
fn a_socket_that_says_no_hello_in_time_is_closed() {
    let (mut session, now) = fresh();

    session.handle_timeout(now + Duration::from_secs(9));
    assert_eq!(closed(&mut session), None);
    session.handle_timeout(session.poll_timeout().unwrap());

    assert_eq!(closed(&mut session), Some(Close::NoHello));
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn a_socket_that_begins_with_anything_but_hello_is_closed() {
    let (mut session, now) = fresh();

    session.handle_text(r#"{"id":1,"op":"end"}"#, now);

    assert_eq!(closed(&mut session), Some(Close::NoHello));
    assert_eq!(session.poll_request(), None);
}

#[test]
fn binary_messages_and_long_frames_close_the_socket() {
    let (mut binary, now) = greeted();
    binary.handle_binary();
    assert_eq!(closed(&mut binary), Some(Close::Binary));

    let (mut long, _) = greeted();
    long.handle_text(&" ".repeat(16_384), now);
    assert_eq!(closed(&mut long), None);
    long.handle_text(&" ".repeat(16_385), now);
    assert_eq!(closed(&mut long), Some(Close::TooBig));
}

#[test]
fn a_frame_with_an_id_is_refused_and_three_without_close_the_socket() {
    let (mut session, now) = greeted();

    session.handle_text(r#"{"id":7,"op":"dance"}"#, now);
    session.handle_text(r#"{"id":8,"op":"typing","on":"yes"}"#, now);
    assert_eq!(
        refusals(&mut session),
        [(7, Code::Malformed), (8, Code::Malformed)]
    );

    session.handle_text("{", now);
    session.handle_text("[]", now);
    assert_eq!(closed(&mut session), None);
    session.handle_text(r#"{"id":"x"}"#, now);
    assert_eq!(closed(&mut session), Some(Close::Unreadable));
}

#[test]
fn a_frame_that_is_no_object_has_no_id_whatever_stands_first_in_it() {
    let (mut session, now) = greeted();

    for frame in ["[1]", " [2, \"typing\"]"] {
        session.handle_text(frame, now);
        assert_eq!(refusals(&mut session), []);
    }
    session.handle_text("\n[3]", now);
    assert_eq!(closed(&mut session), Some(Close::Unreadable));
}

#[test]
fn an_id_is_a_whole_number_from_zero_to_the_largest_of_64_bits() {
    let (mut session, now) = greeted();
    for id in [0, u64::MAX] {
        session.handle_text(&format!(r#" {{"id":{id},"op":"dance"}}"#), now);
        assert_eq!(refusals(&mut session), [(id, Code::Malformed)]);
    }

    let typing = |id: &str| format!(r#"{{"id":{id},"op":"typing","on":true}}"#);
    for id in ["-1", "1.0"] {
        session.handle_text(&typing(id), now);
        assert_eq!(refusals(&mut session), []);
    }
    session.handle_text(&typing("18446744073709551616"), now);
    assert_eq!(closed(&mut session), Some(Close::Unreadable));
}

#[test]
fn messages_beyond_the_rate_are_refused_and_earned_back() {
    let (mut session, now) = greeted();

    for id in 0..12 {
        session.handle_text(
            &format!(r#"{{"id":{id},"op":"message","mid":"m{id}","text":"x"}}"#),
            now,
        );
    }

    let passed = std::iter::from_fn(|| session.poll_request()).count();
    assert_eq!(passed, 10);
    assert_eq!(
        refusals(&mut session),
        [(10, Code::RateLimited), (11, Code::RateLimited)]
    );
    session.handle_text(
        r#"{"id":12,"op":"message","mid":"m12","text":"x"}"#,
        now + Duration::from_millis(500),
    );
    assert!(session.poll_request().is_some());
}

#[test]
fn typing_hellos_and_all_frames_together_have_rates_of_their_own() {
    let (mut session, now) = greeted();
    for id in 0..11 {
        session.handle_text(&format!(r#"{{"id":{id},"op":"typing","on":true}}"#), now);
    }
    assert_eq!(refusals(&mut session), [(10, Code::RateLimited)]);
    for id in 20..24 {
        session.handle_text(&format!(r#"{{"id":{id},"op":"hello","token":"t"}}"#), now);
    }
    assert_eq!(refusals(&mut session), [(23, Code::RateLimited)]);
    for id in 30..60 {
        session.handle_text(&format!(r#"{{"id":{id},"op":"end"}}"#), now);
    }
    assert_eq!(
        refusals(&mut session).first(),
        Some(&(54, Code::RateLimited))
    );
}

#[test]
fn parts_of_a_page_have_a_rate_of_their_own() {
    let (mut session, now) = greeted();
    let part = |id: usize| {
        format!(
            r#"{{"id":{id},"op":"cobrowse","act":{{"do":"part","stream":"s","batch":{id},"at":0,"of":1,"fresh":true,"text":"[]"}}}}"#
        )
    };

    for id in 0..600 {
        session.handle_text(&part(id), now);
    }
    assert_eq!(refusals(&mut session), []);
    session.handle_text(&part(600), now);

    assert_eq!(refusals(&mut session), [(600, Code::RateLimited)]);
}

#[test]
fn an_agent_who_writes_in_six_chats_may_write_faster() {
    let now = Instant::now();
    let mut session: Session<AgentSide> = Session::new(Limits::agent(), now);
    session.handle_text(HELLO, now);
    session.poll_request().unwrap();

    for id in 0..41 {
        session.handle_text(
            &format!(
                r#"{{"id":{id},"op":"message","interaction":"0af7651916cd43dd8448eb211c80319c","mid":"m{id}","text":"x"}}"#
            ),
            now,
        );
    }

    let passed = std::iter::from_fn(|| session.poll_request()).count();
    assert_eq!(passed, 40);
}

#[test]
fn an_agents_frames_and_typing_have_rates_of_their_own() {
    const WHERE: &str = "0af7651916cd43dd8448eb211c80319c";
    let greeted = |now| {
        let mut session: Session<AgentSide> = Session::new(Limits::agent(), now);
        session.handle_text(HELLO, now);
        session.poll_request().unwrap();
        session
    };
    let refused = |session: &mut Session<AgentSide>| {
        let texts = std::iter::from_fn(|| session.poll_output()).map(|output| match output {
            Output::Text(text) => text,
            Output::Close(close) => format!("{close:?}"),
        });
        texts.collect::<Vec<_>>()
    };
    let slower = |re: u32, what: &str| {
        let text = format!("too many {what}; slow down and send this again in a second");
        format!(r#"{{"re":{re},"error":{{"code":"rate_limited","text":"{text}"}}}}"#)
    };
    let typing =
        |id: u32| format!(r#"{{"id":{id},"op":"typing","interaction":"{WHERE}","on":true}}"#);
    let accept = |id: u32| format!(r#"{{"id":{id},"op":"accept","interaction":"{WHERE}"}}"#);

    // Of all frames, the hello was one.
    for (what, frame, most, interval) in [
        (
            "typing and receipts",
            &typing as &dyn Fn(u32) -> String,
            60,
            50,
        ),
        ("frames", &accept as &dyn Fn(u32) -> String, 159, 25),
    ] {
        let now = Instant::now();
        let mut session = greeted(now);

        for id in 1..=most + 1 {
            session.handle_text(&frame(id), now);
        }

        assert_eq!(
            std::iter::from_fn(|| session.poll_request()).count(),
            most as usize
        );
        assert_eq!(refused(&mut session), [slower(most + 1, what)]);
        let earned = now + Duration::from_millis(interval);
        for id in [most + 2, most + 3] {
            session.handle_text(&frame(id), earned);
        }
        assert_eq!(
            session.poll_request().map(|asked| asked.id),
            Some(u64::from(most + 2))
        );
        assert_eq!(refused(&mut session), [slower(most + 3, what)]);
    }
}

#[test]
fn a_client_that_keeps_flooding_is_closed() {
    let (mut session, now) = greeted();

    for id in 0..200 {
        session.handle_text(&format!(r#"{{"id":{id},"op":"end"}}"#), now);
    }

    assert_eq!(closed(&mut session), Some(Close::Flooding));
}

#[test]
fn pings_carry_the_top_seq_and_two_unanswered_close_the_socket() {
    let (mut session, mut now) = greeted();
    session.tell(&entry(3, "x"));
    outputs(&mut session);

    for _ in 0..2 {
        now = session.poll_timeout().unwrap();
        session.handle_timeout(now);
        assert_eq!(
            outputs(&mut session),
            [Output::Text(r#"{"push":"ping","seq":3}"#.to_owned())]
        );
    }
    session.handle_timeout(now + Duration::from_secs(25));

    assert_eq!(closed(&mut session), Some(Close::Silent));
}

#[test]
fn who_only_listens_is_pinged_and_need_not_answer() {
    let start = Instant::now();
    let mut session = Visitor::listening(Limits::visitor(), start);
    session.tell(&entry(4, "hello"));
    outputs(&mut session);

    for n in 1..=4 {
        assert_eq!(
            session.poll_timeout(),
            Some(start + Limits::visitor().ping * n)
        );
        session.handle_timeout(start + Limits::visitor().ping * n);
        let [Output::Text(ping)] = &outputs(&mut session)[..] else {
            panic!("no ping");
        };
        assert!(ping.contains(r#""seq":4"#), "{ping}");
    }
}

#[test]
fn pongs_keep_the_socket_open_and_two_that_lag_close_it() {
    let (mut session, _) = greeted();
    session.tell(&entry(3, "x"));
    let pong = |session: &mut Visitor, seq: u64| {
        let now = session.poll_timeout().unwrap();
        session.handle_timeout(now);
        session.handle_text(&format!(r#"{{"id":9,"op":"pong","seq":{seq}}}"#), now);
        closed(session)
    };

    for _ in 0..5 {
        assert_eq!(pong(&mut session, 3), None);
    }
    assert_eq!(pong(&mut session, 2), None);
    assert_eq!(pong(&mut session, 2), Some(Close::Behind));
}

#[test]
fn an_unasked_pong_is_answered_and_proves_no_lag() {
    let (mut session, now) = greeted();
    session.tell(&entry(3, "x"));
    outputs(&mut session);

    for _ in 0..3 {
        session.handle_text(r#"{"id":9,"op":"pong","seq":0}"#, now);
    }

    let answer = Output::Text(r#"{"re":9,"ok":{"done":"ok"}}"#.to_owned());
    assert_eq!(outputs(&mut session), vec![answer; 3]);
}

#[test]
fn chat_that_is_not_read_closes_the_socket_and_typing_only_coalesces() {
    let (mut session, _) = greeted();

    for n in 0..100_000 {
        session.tell(&typing(n % 2 == 0));
    }
    assert_eq!(outputs(&mut session).len(), 1);

    for seq in 1..=70 {
        session.tell(&entry(seq, &"x".repeat(4_000)));
    }
    assert_eq!(outputs(&mut session), [Output::Close(Close::Slow)]);
}

#[test]
fn a_resumed_timeline_goes_out_whole_whatever_its_size() {
    let (mut session, _) = greeted();
    let told: Vec<_> = (1..=200)
        .map(|seq| entry(seq, &"x".repeat(4_000)))
        .collect();

    session.tell_resumed(&told);
    session.tell(&entry(201, "x"));

    assert_eq!(outputs(&mut session).len(), 201);
}

#[test]
fn what_was_queued_leaves_before_the_close_and_nothing_after() {
    let (mut session, now) = greeted();

    session.tell(&entry(1, "x"));
    session.close(Close::Unauthorized);
    session.close(Close::Fault);
    session.tell(&entry(2, "x"));
    session.handle_text(HELLO, now);

    let out = outputs(&mut session);
    assert_eq!(out.len(), 2);
    assert_eq!(out[1], Output::Close(Close::Unauthorized));
    assert_eq!(session.poll_request(), None);
}

#[test]
fn a_socket_is_closed_at_the_moment_its_credential_ends_unless_a_hello_brought_another() {
    let (mut session, now) = greeted();
    let second = Duration::from_secs(1);
    session.end_at(now + 60 * second);

    let close = |session: &mut Visitor, until: Instant| loop {
        let due = session.poll_timeout()?;
        if due > until {
            return None;
        }
        session.handle_text(r#"{"id":2,"op":"pong","seq":0}"#, due);
        session.handle_timeout(due);
        if let Some(close) = closed(session) {
            return Some((due, close));
        }
    };
    assert_eq!(close(&mut session, now + 55 * second), None);
    session.end_at(now + 90 * second);

    assert_eq!(
        close(&mut session, now + 600 * second),
        Some((now + 90 * second, Close::Unauthorized))
    );
}

#[test]
fn an_idle_socket_takes_little_memory() {
    assert!(size_of::<Visitor>() <= 640, "{}", size_of::<Visitor>());
}

proptest! {
    #[test]
    fn no_text_makes_a_session_panic(texts in prop::collection::vec(any::<String>(), 0..8)) {
        let (mut session, now) = greeted();
        for text in texts {
            session.handle_text(&text, now);
            outputs(&mut session);
        }
    }

    #[test]
    fn no_broken_request_makes_a_session_panic(
        cut in 0_usize..200, byte in any::<u8>(), example in 0_usize..5,
    ) {
        let examples = [
            HELLO,
            r#"{"id":2,"op":"open","zone":"shop","name":"Ada","mail":null,"page":"p","mid":"k3","text":"Hi ü"}"#,
            r#"{"id":7,"op":"callback","number":"+49301234567","at":1795400000000}"#,
            r#"{"id":8,"op":"cancel_callback","callback":"0af7651916cd43dd8448eb211c80319c.c1"}"#,
            r#"{"id":5,"op":"receipt","delivered":6,"read":5}"#,
        ];
        let mut bytes = examples[example].as_bytes().to_vec();
        let at = cut % bytes.len();
        bytes[at] = byte;
        let (mut session, now) = greeted();
        session.handle_text(&String::from_utf8_lossy(&bytes), now);
        bytes.truncate(at);
        session.handle_text(&String::from_utf8_lossy(&bytes), now);
        outputs(&mut session);
        while let Some(asked) = session.poll_request() {
            let printed = serde_json::to_string(&asked).unwrap();
            prop_assert_eq!(serde_json::from_str::<Asked<Request>>(&printed).unwrap(), asked);
        }
    }
}
