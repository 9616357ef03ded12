//! Clients that stop reading: closed with the documented code, bounded in what waits for them, and whole again afterwards.

use std::net::SocketAddr;

use serde_json::json;
use tokio::net::TcpStream;
use ws::{
    client::{Visitor, VisitorNews},
    id::InteractionId,
};

use crate::{
    chats::{chat_of, texts},
    house::House,
    tab::Tab,
};

/// Characters of a message, of three bytes each.
const LONG: usize = 4_000;
/// What the system keeps for a client: little, so that the daemon's own bound is reached soon.
const RECEIVED: usize = 4 * 1024;
const SEGMENT: u32 = 536;

/// A connection on which little is under way.
async fn narrow(to: SocketAddr) -> TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(RECEIVED).unwrap();
    socket.set_tcp_mss(SEGMENT).unwrap();
    socket.connect(&to.into()).unwrap();
    socket.set_nonblocking(true).unwrap();
    TcpStream::from_std(socket.into()).unwrap()
}

/// A further tab of a visitor, whose connection is narrow, and which is up to date.
async fn narrow_tab(house: &House, token: &str) -> Tab<Visitor> {
    let mut tab = Tab::open_by(
        narrow(house.web).await,
        house.web,
        Visitor::new(token.to_owned()),
    )
    .await;
    tab.until("a welcome", |_, news| {
        matches!(news, Some(VisitorNews::Welcomed(Some(_)))).then_some(())
    })
    .await;
    tab
}

/// The house writes long messages, all of them durable when this returns.
async fn write(
    house: &House,
    key: &str,
    interaction: InteractionId,
    numbers: std::ops::Range<usize>,
) {
    let path = format!("/api/v1/interactions/{interaction}/messages");
    for number in numbers {
        let message = json!({ "from": "house", "text": long(number) });
        let answer = house.call("POST", &path, key, &[], Some(&message)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
}

fn long(number: usize) -> String {
    let begin = format!("{number} ");
    let rest = "€".repeat(LONG - begin.len());
    begin + &rest
}

#[tokio::test]
async fn who_does_not_read_is_closed_with_4008_and_misses_nothing_when_they_are_back() {
    let house = House::open(&[]).await;
    let token = house.visitor().await;
    let (_visitor, _agent, interaction) = chat_of(&house, &token).await;
    let key = house.token(&["write:interactions"]).await;
    let mut slow = narrow_tab(&house, &token).await;

    write(&house, &key, interaction, 0..60).await;
    let code = slow.until_closed().await;
    assert_eq!(code, Some(4008));
    assert!(
        slow.machine.thread().entries().len() < 60,
        "it was told all"
    );
    slow.reconnect(house.web).await;

    let mut all = vec!["Hello?".to_owned()];
    all.extend((0..60).map(long));
    slow.until("the whole chat", |visitor, _| {
        (texts(visitor.thread().entries()) == all).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_waits_for_those_who_do_not_read_is_bounded() {
    let house = House::open(&[]).await;
    let token = house.visitor().await;
    let (visitor, _agent, interaction) = chat_of(&house, &token).await;
    let key = house.token(&["write:interactions"]).await;
    // What the messages themselves take, beside those who read them: nobody else is there.
    drop(visitor);
    write(&house, &key, interaction, 0..200).await;
    let before = house.resident().await;
    write(&house, &key, interaction, 200..400).await;
    let without = house.resident().await.saturating_sub(before);

    let mut slow = Vec::new();
    for _ in 0..7 {
        slow.push(narrow_tab(&house, &token).await);
    }
    let before = house.resident().await;
    write(&house, &key, interaction, 400..600).await;
    let with = house.resident().await.saturating_sub(before);

    // Unbounded, 2.4 MB would wait for each.
    assert!(
        with.saturating_sub(without) < 7 * 1_000_000,
        "{with} bytes with and {without} without"
    );
}
