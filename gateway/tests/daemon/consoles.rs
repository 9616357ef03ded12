//! Consoles that programs open: what an agent's page is told, as server-sent events, and what is done at one.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::{
    crossings::Page,
    house::{Answer, House, soon},
};

/// The events of an open console.
struct Console {
    reader: BufReader<TcpStream>,
    path: String,
    token: String,
}

impl Console {
    /// Opens one and reads the first event.
    async fn open(house: &House, agent: &str, token: &str) -> Self {
        let mut stream = TcpStream::connect(house.web).await.unwrap();
        let path = format!("/api/v1/agents/{agent}/console");
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\r\n",
            house.web
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut console = Self {
            reader: BufReader::new(stream),
            path,
            token: token.to_owned(),
        };
        let mut head = Vec::new();
        while head.last().is_none_or(|line: &String| !line.is_empty()) {
            head.push(console.line().await.unwrap());
        }
        assert_eq!(head[0], "HTTP/1.1 200 OK", "{head:?}");
        let kind = "content-type: text/event-stream".to_owned();
        assert!(head.contains(&kind), "{head:?}");
        let (name, first) = console.next().await.unwrap();
        assert_eq!(name, "console");
        console.path = format!("{}/{}", console.path, first["console"]);
        console
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = soon("a line", self.reader.read_line(&mut line)).await;
        (read.unwrap() > 0).then(|| line.trim_end().to_owned())
    }

    /// Reads the next event; none after the last.
    async fn next(&mut self) -> Option<(String, Value)> {
        let mut name = "message".to_owned();
        loop {
            let line = self.line().await?;
            if let Some(named) = line.strip_prefix("event: ") {
                name = named.to_owned();
            } else if let Some(data) = line.strip_prefix("data: ") {
                return Some((name, serde_json::from_str(data).unwrap()));
            }
        }
    }

    /// Reads up to the frame in which something stands under a pointer (RFC 6901), and returns the frame.
    async fn until(&mut self, pointer: &str, wanted: &Value) -> Value {
        let what = format!("{wanted} at {pointer}");
        let found = async {
            loop {
                let (_, frame) = self.next().await.unwrap();
                if frame.pointer(pointer) == Some(wanted) {
                    return frame;
                }
            }
        };
        soon(&what, found).await
    }

    /// Asks for something at this console.
    async fn ask(&self, house: &House, method: &str, what: &str, body: &Value) -> Answer {
        let path = format!("{}/{what}", self.path);
        house
            .call(method, &path, &self.token, &[], Some(body))
            .await
    }
}

async fn done(house: &House, token: &str, (method, path): (&str, &str), body: &Value) {
    let answer = house.call(method, path, token, &[], Some(body)).await;
    assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
}

#[tokio::test]
async fn a_program_is_told_what_a_console_is_told_and_sees_and_guides_a_page() {
    let house = House::open(&[]).await;
    let bot = house.token(&["act:agent"]).await;
    let mut console = Console::open(&house, "ben", &bot).await;
    console.until("/ok/done", &json!("welcome")).await;
    console.until("/push", &json!("desk")).await;
    done(
        &house,
        &bot,
        ("PUT", "/api/v1/agents/ben/presence"),
        &json!({ "is": "ready" }),
    )
    .await;
    let origin = format!("http://{}", house.web);
    let (mut page, _) = Page::open(&house, &origin, &house.visitor().await).await;
    let opening = json!({ "op": "open", "zone": "shop", "mid": "m1", "text": "hello" });
    let id = page.ask(&opening).await["ok"]["interaction"].clone();
    let id = id.as_str().unwrap();
    console.until("/change/offer/interaction", &json!(id)).await;
    let accept = format!("/api/v1/agents/ben/offers/{id}/accept");
    done(&house, &bot, ("POST", &accept), &json!({})).await;
    console.until("/entry/text", &json!("hello")).await;

    let about = format!("/api/v1/agents/ben/contacts/{id}/page");
    let ask = json!({ "do": "ask", "grants": ["view", "point"] });
    done(&house, &bot, ("POST", &about), &ask).await;
    let act = |act: Value| json!({ "op": "cobrowse", "act": act });
    page.until("the question", |told| told["news"]["is"] == "state")
        .await;
    let yes = act(json!({ "do": "answer", "grants": ["view", "point"] }));
    assert_eq!(page.ask(&yes).await["ok"]["done"], "ok");
    let see = format!("pages/{id}");
    let seen = console.ask(&house, "PUT", &see, &json!({})).await;
    assert_eq!(seen.status, 204, "{seen:?}");
    let part = json!({ "do": "part", "stream": "s", "batch": 1, "at": 0, "of": 1, "fresh": true, "text": r#"[{"type":2,"timestamp":1}]"# });
    assert_eq!(page.ask(&act(part)).await["ok"]["done"], "ok");
    let batch = console.until("/news/is", &json!("batch")).await;
    assert_eq!(batch["news"]["stream"], "s", "{batch}");

    let points =
        json!({ "do": "guide", "stream": "s", "guide": { "how": "pointer", "x": 3, "y": 4 } });
    done(&house, &bot, ("POST", &about), &points).await;
    let guided = page
        .until("the pointer", |told| told["news"]["is"] == "guide")
        .await;
    assert_eq!(guided["news"]["guide"]["y"], 4);
    let left = console.ask(&house, "DELETE", &see, &json!({})).await;
    assert_eq!(left.status, 204, "{left:?}");
    let record = house.token(&["read:records"]).await;
    let record = house
        .read(&format!("/api/v1/interactions/{id}"), &record)
        .await;
    for act in ["joined", "left"] {
        assert!(record.body.contains(act), "no {act}: {}", record.body);
    }
}

#[tokio::test]
async fn calls_ring_at_a_programs_console_while_it_is_open() {
    let mut house = House::open(&[]).await;
    let (anna, ben) = (house.agent("anna").await, house.agent("ben").await);
    let mut console = Console::open(&house, "anna", &anna).await;
    console.until("/push", &json!("desk")).await;

    let on = console
        .ask(&house, "PUT", "headset", &json!({ "on": true }))
        .await;
    assert_eq!(on.status, 204, "{on:?}");
    let desk = house.read("/api/v1/agents/anna/desk", &anna).await.json();
    assert_eq!(desk["headset"]["on"], true, "{desk}");
    let offer = json!({ "sdp": "v=0" });
    let leg = "/api/v1/agents/anna/legs/0af7651916cd43dd8448eb211c80319c.1/media";
    let refused = house.call("POST", leg, &anna, &[], Some(&offer)).await;
    assert_eq!(refused.status, 404, "{refused:?}");
    let elsewhere = json!({ "sdp": "v=0", "console": 4711 });
    let refused = house.call("POST", leg, &anna, &[], Some(&elsewhere)).await;
    assert_eq!(refused.status, 404, "{refused:?}");
    assert!(refused.body.contains("no console 4711"), "{refused:?}");

    // It is anna's, and whoever is not anna does nothing at it.
    for (path, status) in [
        (console.path.clone(), 403),
        (console.path.replace("/anna/", "/ben/"), 404),
    ] {
        let path = format!("{path}/headset");
        let body = json!({ "on": true });
        let answer = house.call("PUT", &path, &ben, &[], Some(&body)).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    let board = console.ask(&house, "PUT", "board", &json!({})).await;
    let expected = house.read("/api/v1/board", &anna).await.status;
    assert_eq!((board.status, expected), (403, 403), "{board:?}");

    drop(console);
    soon("the headset's end", async {
        loop {
            let desk = house.read("/api/v1/agents/anna/desk", &anna).await.json();
            if desk["headset"]["on"] != true {
                return;
            }
        }
    })
    .await;

    let mut console = Console::open(&house, "anna", &anna).await;
    house.signal("TERM").await;
    let last = loop {
        let (name, frame) = console.next().await.unwrap();
        if name == "close" {
            break frame;
        }
    };
    assert_eq!(last["code"], 1001, "{last}");
    assert!(house.ended().await);
}

#[tokio::test]
async fn a_console_whose_token_is_withdrawn_is_closed_with_the_next_ping() {
    let house = House::open(&[]).await;
    let admin = house.token(&["admin:tokens", "act:agent"]).await;
    let made = json!({ "name": "bot", "scopes": ["act:agent"], "agents": ["ben"] });
    let made = house
        .call("POST", "/api/v1/tokens", &admin, &[], Some(&made))
        .await;
    let made = made.json();
    let key = made["key"].as_str().unwrap();
    let mut console = Console::open(&house, "ben", key).await;

    let path = format!("/api/v1/tokens/{}", made["token"].as_str().unwrap());
    done(&house, &admin, ("DELETE", &path), &json!({})).await;

    let mut last = None;
    while let Some(event) = console.next().await {
        last = Some(event);
    }
    let (name, frame) = last.unwrap();
    assert_eq!(
        (name.as_str(), &frame["code"]),
        ("close", &json!(4003)),
        "{frame}"
    );
}
