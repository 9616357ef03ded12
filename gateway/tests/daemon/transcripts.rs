//! Chats that are had mailed over HTTP: who may, which, and how often.

use ws::{
    client::Visitor,
    id::InteractionId,
    timeline::{Entry, What},
};

use crate::{
    chats::{chat, opened},
    house::{Answer, House, request_with},
    tab::Tab,
};

/// So that mails are posted; nobody is there to take them.
const MAILING: [(&str, &str); 6] = [
    ("TANDEM_MAIL__SERVER", "127.0.0.1"),
    ("TANDEM_MAIL__PORT", "9"),
    ("TANDEM_MAIL__TLS", "none"),
    ("TANDEM_MAIL__FROM", "Shop <shop@shop.example>"),
    ("TANDEM_WEB__URL", "http://127.0.0.1:1"),
    ("TANDEM_WEB__TRANSCRIPTS_PER_HOUR", "2"),
];

async fn mail(
    house: &House,
    token: &str,
    interaction: InteractionId,
    to: &str,
    origin: Option<&str>,
) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    headers.extend(origin.map(|origin| ("origin", origin)));
    let body = serde_json::json!({ "interaction": interaction, "mail": to }).to_string();
    let path = "/api/v1/visitors/transcripts";
    request_with(house.web, "POST", path, &headers, body.as_bytes()).await
}

async fn end(visitor: &mut Tab<Visitor>) {
    visitor.machine.end();
    visitor
        .until("the end", |visitor, _| {
            let entries = visitor.thread().entries();
            let over = |entry: &Entry| matches!(entry.what, What::Ended { .. });
            entries.iter().any(over).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_chat_is_mailed_when_an_agent_took_it_from_a_page_of_its_zone_and_not_often() {
    let house = House::open(&MAILING).await;
    let (mut visitor, _agent, interaction) = chat(&house).await;
    let token = visitor.machine.token().to_owned();
    end(&mut visitor).await;

    let foreign = mail(
        &house,
        &token,
        interaction,
        "ida@x.example",
        Some("https://other.example"),
    )
    .await;
    assert_eq!(foreign.status, 403, "{foreign:?}");
    for (to, status) in [
        ("ida@x.example", 202),
        ("IDA@x.example", 202),
        ("bob@x.example", 202),
        ("eve@x.example", 429),
    ] {
        let answer = mail(&house, &token, interaction, to, None).await;
        assert_eq!(answer.status, status, "{to}: {answer:?}");
    }
}

#[tokio::test]
async fn words_that_no_agent_read_are_mailed_to_nobody() {
    let house = House::open(&MAILING).await;
    let (mut visitor, interaction) = opened(&house).await;
    let token = visitor.machine.token().to_owned();
    end(&mut visitor).await;

    let answer = mail(&house, &token, interaction, "eve@x.example", None).await;

    assert_eq!(answer.status, 409, "{answer:?}");
    assert!(
        answer.json()["detail"]
            .as_str()
            .unwrap()
            .contains("no agent")
    );
}
