//! Chats between real sockets, and what a crash does to them.

use ws::{
    agent::Presence,
    client::{Agent, AgentNews, Opening, Visitor, VisitorNews},
    id::{InteractionId, Mid},
    timeline::{Entry, What},
};

use crate::{house::House, tab::Tab};

fn opening() -> Opening {
    Opening {
        zone: "shop".parse().unwrap(),
        name: Some("Vera".to_owned()),
        mail: None,
        page: Some("http://127.0.0.1/demo/".to_owned()),
        referrer: None,
        form: None,
    }
}

fn mid(text: &str) -> Mid {
    text.parse().unwrap()
}

/// Returns what was written.
pub fn texts(entries: &[Entry]) -> Vec<String> {
    let text = |entry: &Entry| match &entry.what {
        What::Message { text, .. } => Some(text.clone()),
        _ => None,
    };
    entries.iter().filter_map(text).collect()
}

/// A visitor who opened a chat, and the agent who took it.
pub async fn chat(house: &House) -> (Tab<Visitor>, Tab<Agent>, InteractionId) {
    let token = house.visitor().await;
    chat_of(house, &token).await
}

/// The visitor of a credential opened a chat, and the agent took it.
pub async fn chat_of(house: &House, token: &str) -> (Tab<Visitor>, Tab<Agent>, InteractionId) {
    let mut agent = Tab::open(house.web, Agent::new(house.agent("anna").await)).await;
    agent
        .until("the agent's welcome", |agent, _| agent.desk().map(drop))
        .await;
    agent.machine.set_presence(Presence::Ready);
    let (visitor, _) = opened_of(house, token).await;
    let interaction = agent
        .until("an offer", |agent, _| {
            agent.desk()?.offers.first().map(|offer| offer.interaction)
        })
        .await;
    agent.machine.accept(interaction);
    agent
        .until("the contact", |agent, _| holds(agent, interaction))
        .await;
    (visitor, agent, interaction)
}

/// A visitor who opened a chat that nobody took.
pub async fn opened(house: &House) -> (Tab<Visitor>, InteractionId) {
    let token = house.visitor().await;
    opened_of(house, &token).await
}

async fn opened_of(house: &House, token: &str) -> (Tab<Visitor>, InteractionId) {
    let mut visitor = Tab::open(house.web, Visitor::new(token.to_owned())).await;
    visitor
        .machine
        .open(opening(), mid("first"), "Hello?".to_owned());
    visitor
        .until("the first message's acknowledgement", |_, news| {
            acknowledged(news, "first")
        })
        .await;
    let interaction = visitor.machine.interaction();
    (visitor, interaction.expect("an opened chat has one"))
}

fn acknowledged(news: Option<VisitorNews>, wanted: &str) -> Option<()> {
    matches!(news, Some(VisitorNews::Acknowledged(known)) if known.as_str() == wanted).then_some(())
}

fn holds(agent: &Agent, interaction: InteractionId) -> Option<()> {
    agent
        .desk()?
        .contacts
        .iter()
        .any(|contact| contact.interaction == interaction)
        .then_some(())
}

fn sees(agent: &Agent, interaction: InteractionId, wanted: &[&str]) -> Option<()> {
    (texts(agent.thread(interaction)?.entries()) == wanted).then_some(())
}

#[tokio::test]
async fn both_sides_of_a_chat_write_and_the_record_has_all_of_it() {
    let house = House::open(&[]).await;
    let (mut visitor, mut agent, interaction) = chat(&house).await;

    agent
        .machine
        .write(interaction, mid("reply"), "Good day!".to_owned());
    agent
        .until("the agent's acknowledgement", |_, news| {
            matches!(news, Some(AgentNews::Acknowledged(_, known)) if known.as_str() == "reply")
                .then_some(())
        })
        .await;
    visitor
        .until("the reply", |visitor, _| {
            (texts(visitor.thread().entries()) == ["Hello?", "Good day!"]).then_some(())
        })
        .await;

    let token = house.agent("anna").await;
    let record = house
        .read(&format!("/api/v1/interactions/{interaction}"), &token)
        .await
        .json();
    assert_eq!(record["interaction"], interaction.to_string());
    assert_eq!(record["assignments"][0]["agent"], "anna");
    let timeline = record["timeline"].as_array().unwrap();
    let said: Vec<_> = timeline
        .iter()
        .filter(|entry| entry["what"] == "message")
        .map(|entry| &entry["text"])
        .collect();
    assert_eq!(said, ["Hello?", "Good day!"]);
    let live = house
        .read("/api/v1/interactions?state=live", &token)
        .await
        .json();
    assert_eq!(
        live["interactions"][0]["interaction"],
        interaction.to_string()
    );
    let queues = house.read("/api/v1/queues", &token).await.json();
    assert_eq!(queues["queues"][0]["agents"]["ready"], 1);
}

// Pains 10, 11 and 26: nothing is missed after a crash, nothing doubled, and both sides go on.
#[tokio::test]
async fn pain_10_every_acknowledged_message_outlives_kill_9() {
    let mut house = House::open(&[]).await;
    let (mut visitor, mut agent, interaction) = chat(&house).await;
    for n in 1..=5 {
        visitor
            .machine
            .write(mid(&format!("v{n}")), format!("before {n}"));
    }
    visitor
        .until("the last acknowledgement", |_, news| {
            acknowledged(news, "v5")
        })
        .await;

    house.crash().await;
    visitor.drop_socket();
    agent.drop_socket();
    // Written while the house is down, sent again by both when it is up.
    visitor.machine.write(mid("v6"), "meanwhile".to_owned());
    house.restart().await;
    visitor.reconnect(house.web).await;
    agent.reconnect(house.web).await;
    visitor
        .until("the acknowledgement after the crash", |_, news| {
            acknowledged(news, "v6")
        })
        .await;
    agent
        .until("the contact after the crash", |agent, _| {
            holds(agent, interaction)
        })
        .await;
    agent
        .machine
        .write(interaction, mid("a1"), "still here".to_owned());
    agent
        .until("the agent's acknowledgement after the crash", |agent, _| {
            (agent.unsent() == 0).then_some(())
        })
        .await;

    let all = [
        "Hello?",
        "before 1",
        "before 2",
        "before 3",
        "before 4",
        "before 5",
        "meanwhile",
        "still here",
    ];
    visitor
        .until("the whole chat", |visitor, _| {
            (texts(visitor.thread().entries()) == all).then_some(())
        })
        .await;
    agent
        .until("the whole chat", |agent, _| sees(agent, interaction, &all))
        .await;
    assert_eq!(visitor.machine.interaction(), Some(interaction));
}

#[tokio::test]
async fn pain_30_a_visitor_never_sees_another_visitors_chat() {
    let house = House::open(&[]).await;
    let (_visitor, agent, interaction) = chat(&house).await;
    let token = house.visitor().await;

    let mut other = Tab::open(house.web, Visitor::new(token.clone())).await;
    let welcomed = other
        .until("a welcome", |_, news| match news {
            Some(VisitorNews::Welcomed(interaction)) => Some(interaction),
            _ => None,
        })
        .await;
    let record = house
        .read(&format!("/api/v1/interactions/{interaction}"), &token)
        .await;

    assert_eq!(welcomed, None);
    assert_eq!(record.status, 403, "{record:?}");
    assert!(agent.machine.is_live());
    let resume = serde_json::json!({
        "id": 1, "op": "hello", "token": token,
        "resume": { "interaction": interaction, "epoch": "guess", "seq": 0 },
    });
    let heard = crate::refusals::exchange(&house, "/ws/visitor", &[&resume.to_string()]).await;
    assert!(!heard.text.contains("Hello?"), "{heard:?}");
}

#[tokio::test]
async fn pain_11_a_message_sent_twice_stands_once() {
    let house = House::open(&[]).await;
    let (mut visitor, mut agent, interaction) = chat(&house).await;

    visitor.machine.write(mid("twice"), "only once".to_owned());
    visitor
        .until("its acknowledgement", |_, news| acknowledged(news, "twice"))
        .await;
    visitor.machine.write(mid("twice"), "only once".to_owned());
    visitor
        .until("its acknowledgement again", |_, news| {
            acknowledged(news, "twice")
        })
        .await;

    agent
        .until("the chat", |agent, _| {
            sees(agent, interaction, &["Hello?", "only once"])
        })
        .await;
}
