//! What is refused, and that each refusal is counted.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    house::{House, soon},
    tab::connect,
};

/// What a socket was told until it was closed, or until `frames` were answered.
#[derive(Debug)]
pub struct Heard {
    pub text: String,
    pub code: Option<u16>,
}

/// Opens a socket, sends frames, and listens until it is closed or nothing more is owed.
pub async fn exchange(house: &House, path: &str, frames: &[&str]) -> Heard {
    let mut socket = connect(house.web, path, &[("sec-websocket-protocol", "tandem.v1")])
        .await
        .unwrap();
    for frame in frames {
        // The server may have closed already.
        let _ = socket.send(Message::text((*frame).to_owned())).await;
    }
    let mut heard = Heard {
        text: String::new(),
        code: None,
    };
    let mut answers = 0;
    soon("what a socket is told", async {
        while answers < frames.len() {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    answers += usize::from(text.contains("\"re\":"));
                    heard.text.push_str(&text);
                }
                Some(Ok(Message::Close(close))) => {
                    heard.code = close.map(|close| close.code.into());
                    return;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            }
        }
    })
    .await;
    heard
}

async fn refused(house: &House, reason: &str) -> u64 {
    let metrics = house.look("/metrics").await.body;
    let line = format!("tandem_refusals_total{{reason=\"{reason}\"}} ");
    metrics
        .lines()
        .find_map(|found| found.strip_prefix(&line))
        .map_or(0, |count| count.parse().unwrap())
}

#[tokio::test]
async fn foreign_origins_are_refused_before_the_upgrade_and_counted() {
    let house = House::open(&[]).await;
    for path in ["/ws/visitor", "/ws/agent"] {
        for origin in [
            "http://evil.example",
            "null",
            "http://127.0.0.1:1",
            "https://127.0.0.1.evil.example",
        ] {
            let headers = [("sec-websocket-protocol", "tandem.v1"), ("origin", origin)];

            assert_eq!(
                connect(house.web, path, &headers).await.err(),
                Some(403),
                "{path} {origin}"
            );
        }
    }
    let answer = house
        .ask(
            "GET",
            "/api/v1/queues",
            &[("origin", "http://evil.example")],
            None,
        )
        .await;
    assert_eq!(answer.status, 403);
    assert_eq!(refused(&house, "origin").await, 9);
}

#[tokio::test]
async fn a_socket_must_offer_the_one_subprotocol() {
    let house = House::open(&[]).await;

    assert_eq!(
        connect(house.web, "/ws/visitor", &[]).await.err(),
        Some(400)
    );
    let other = [("sec-websocket-protocol", "tandem.v2, chat")];
    assert_eq!(
        connect(house.web, "/ws/visitor", &other).await.err(),
        Some(400)
    );
    let among = [("sec-websocket-protocol", "chat, tandem.v1")];
    assert!(connect(house.web, "/ws/visitor", &among).await.is_ok());
    assert_eq!(house.ask("GET", "/ws/visitor", &[], None).await.status, 426);
}

#[tokio::test]
async fn credentials_that_are_wrong_or_of_the_wrong_kind_are_refused_and_the_socket_closed() {
    let house = House::open(&[]).await;
    let (visitor, agent) = (house.visitor().await, house.agent("ben").await);
    for (path, token) in [
        ("/ws/visitor", "nonsense"),
        ("/ws/visitor", &*agent),
        ("/ws/agent", "nonsense"),
        ("/ws/agent", &*visitor),
    ] {
        let hello = json!({ "id": 1, "op": "hello", "token": token }).to_string();
        let heard = exchange(&house, path, &[&hello, "{}"]).await;

        assert!(heard.text.contains("unauthorized"), "{path} {heard:?}");
        assert_eq!(heard.code, Some(4003));
    }
    assert_eq!(house.read("/api/v1/queues", "nonsense").await.status, 401);
    assert_eq!(house.read("/api/v1/queues", &visitor).await.status, 403);
    assert_eq!(
        house.ask("GET", "/api/v1/queues", &[], None).await.status,
        401
    );
}

#[tokio::test]
async fn pain_32_a_credential_in_an_address_opens_nothing() {
    let house = House::open(&[]).await;
    let message = json!({ "id": 2, "op": "message", "mid": "m", "text": "hi" });
    let ready = json!({ "id": 2, "op": "presence", "presence": { "is": "ready" } });
    for (path, token, early) in [
        ("/ws/visitor", house.visitor().await, message),
        ("/ws/agent", house.agent("ben").await, ready),
    ] {
        let address = format!("{path}?token={token}&access_token={token}");
        let frames = [r#"{"id":1,"op":"hello"}"#, &early.to_string()];
        let heard = exchange(&house, &address, &frames).await;

        assert!(heard.text.contains("missing field `token`"), "{heard:?}");
        assert_eq!(heard.code, Some(4001), "{path} {heard:?}");
    }
    let token = house.agent("ben").await;
    let path = format!("/api/v1/queues?token={token}&access_token={token}");
    assert_eq!(house.ask("GET", &path, &[], None).await.status, 401);
    assert_eq!(house.read("/api/v1/queues", &token).await.status, 200);
}

#[tokio::test]
async fn frames_that_are_too_long_binary_or_early_close_the_socket() {
    let house = House::open(&[]).await;
    let long = format!(
        "{{\"id\":1,\"op\":\"hello\",\"token\":\"{}\"}}",
        "x".repeat(40_000)
    );
    let early = json!({ "id": 1, "op": "message", "mid": "m", "text": "hi" }).to_string();

    assert_eq!(
        exchange(&house, "/ws/visitor", &[&long]).await.code,
        Some(1009)
    );
    assert_eq!(
        exchange(&house, "/ws/visitor", &[&early]).await.code,
        Some(4001)
    );
    let mut socket = connect(
        house.web,
        "/ws/visitor",
        &[("sec-websocket-protocol", "tandem.v1")],
    )
    .await
    .unwrap();
    socket.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    let close = soon("a close", async {
        loop {
            if let Message::Close(close) = socket.next().await.unwrap().unwrap() {
                return close.unwrap();
            }
        }
    })
    .await;
    assert_eq!(u16::from(close.code), 1003);
}

// Sends bytes that no client's library would, and returns the code of the close frame that answers.
async fn broken(house: &House, bytes: &[u8]) -> u16 {
    let protocol = [("sec-websocket-protocol", "tandem.v1")];
    let socket = connect(house.web, "/ws/visitor", &protocol).await.unwrap();
    let mut stream = socket.into_inner();
    stream.write_all(bytes).await.unwrap();
    let mut head = [0; 4];
    soon("a close frame", stream.read_exact(&mut head))
        .await
        .unwrap();
    assert_eq!(head[0], 0x88, "a close frame, whole");
    u16::from_be_bytes([head[2], head[3]])
}

#[tokio::test]
async fn what_breaks_the_websocket_protocol_closes_the_socket() {
    let house = House::open(&[]).await;
    // A mask of zeros leaves the bytes as they are (RFC 6455 §5.3).
    let fragments: Vec<u8> = [[0x01, 0xfe, 0x40, 0x00], [0x80, 0xfe, 0x40, 0x00]]
        .iter()
        .flat_map(|head| [&head[..], &[0; 4], &[b'x'; 0x4000]].concat())
        .collect();

    let not_text = broken(&house, &[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]).await;
    let reserved = broken(&house, &[0x83, 0x80, 0, 0, 0, 0]).await;
    let unmasked = broken(&house, &[0x81, 0x02, b'{', b'}']).await;
    let in_parts = broken(&house, &fragments).await;

    assert_eq!(
        [not_text, reserved, unmasked, in_parts],
        [1007, 1002, 1002, 1009]
    );
}

#[tokio::test]
async fn a_credential_that_expired_opens_nothing() {
    // It is asked again and again until it is old.
    let house = House::open(&[
        ("TANDEM_WEB__VISITOR_TOKEN", "1s"),
        ("TANDEM_WEB__REQUESTS_PER_SECOND", "100000"),
        ("TANDEM_WEB__SOCKETS_PER_ADDRESS", "20000"),
    ])
    .await;
    let token = house.visitor().await;
    let hello = json!({ "id": 1, "op": "hello", "token": token }).to_string();

    let heard = soon("an old credential", async {
        loop {
            let heard = exchange(&house, "/ws/visitor", &[&hello]).await;
            if heard.text.contains("unauthorized") {
                return heard;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;

    assert!(heard.text.contains("expired"), "{heard:?}");
}

#[tokio::test]
async fn a_credential_of_one_website_is_of_no_use_to_a_page_of_another() {
    let house = House::open(&[
        ("TANDEM_ZONE__SHOP__ORIGINS", "[\"https://shop.example\"]"),
        ("TANDEM_ZONE__OTHER__QUEUE", "support"),
        ("TANDEM_ZONE__OTHER__ORIGINS", "[\"https://other.example\"]"),
    ])
    .await;
    let stolen = house.visitor().await;
    let hello = json!({ "id": 1, "op": "hello", "token": stolen }).to_string();
    let headers = [
        ("sec-websocket-protocol", "tandem.v1"),
        ("origin", "https://other.example"),
    ];

    let mut socket = connect(house.web, "/ws/visitor", &headers).await.unwrap();
    socket.send(Message::text(hello)).await.unwrap();
    let code = soon("a close", async {
        loop {
            if let Message::Close(close) = socket.next().await.unwrap().unwrap() {
                return close.unwrap().code;
            }
        }
    })
    .await;

    assert_eq!(u16::from(code), 4003);
}

#[tokio::test]
async fn a_field_that_is_too_long_is_refused_and_nothing_begins() {
    let house = House::open(&[]).await;
    let token = house.visitor().await;
    let hello = json!({ "id": 1, "op": "hello", "token": token }).to_string();
    let opening = json!({ "id": 2, "op": "open", "zone": "shop", "mid": "m", "text": "hi" });
    for (field, long) in [
        ("text", "x".repeat(4_001)),
        ("name", "x".repeat(101)),
        ("mail", format!("{}@example.org", "x".repeat(250))),
        (
            "page",
            format!("https://shop.example/{}", "x".repeat(2_000)),
        ),
    ] {
        let mut opening = opening.clone();
        opening[field] = json!(long);

        let heard = exchange(&house, "/ws/visitor", &[&hello, &opening.to_string()]).await;

        assert!(heard.text.contains("out_of_range"), "{field}: {heard:?}");
        assert_eq!(heard.code, None, "{field}");
    }
    let mid = json!({ "id": 2, "op": "open", "zone": "shop", "mid": "m".repeat(65), "text": "hi" });
    let heard = exchange(&house, "/ws/visitor", &[&hello, &mid.to_string()]).await;
    assert!(heard.text.contains("malformed"), "{heard:?}");
}

#[tokio::test]
async fn a_request_whose_header_does_not_come_is_given_up() {
    let house = House::open(&[("TANDEM_WEB__HEADER_TIME", "1s")]).await;
    let mut slow = TcpStream::connect(house.web).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();

    let mut told = Vec::new();
    soon("the end of the connection", slow.read_to_end(&mut told))
        .await
        .unwrap();

    let told = String::from_utf8_lossy(&told);
    assert!(
        told.is_empty() || told.starts_with("HTTP/1.1 408"),
        "{told}"
    );
}

// Pain 33: each limit has a test that hits it.
#[tokio::test]
async fn pain_33_logins_visitors_and_requests_are_limited() {
    let house = House::open(&[
        ("TANDEM_WEB__LOGINS_PER_MINUTE", "3"),
        ("TANDEM_WEB__VISITORS_PER_MINUTE", "2"),
    ])
    .await;
    let login = json!({ "agent": "anna", "password": "wrong horse" });

    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(
            house
                .ask("POST", "/api/v1/login", &[], Some(&login))
                .await
                .status,
        );
    }
    assert_eq!(statuses, [401, 401, 401, 429]);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let zone = json!({ "zone": "shop" });
        statuses.push(
            house
                .ask("POST", "/api/v1/visitors", &[], Some(&zone))
                .await
                .status,
        );
    }
    assert_eq!(statuses, [201, 201, 429]);
    assert_eq!(
        (
            refused(&house, "rate").await,
            refused(&house, "password").await
        ),
        (2, 3)
    );

    let narrow = House::open(&[("TANDEM_WEB__REQUESTS_PER_SECOND", "1")]).await;
    let mut last = narrow.ask("GET", "/api/openapi.json", &[], None).await;
    for _ in 0..20 {
        last = narrow.ask("GET", "/api/openapi.json", &[], None).await;
        if last.status == 429 {
            break;
        }
    }
    assert_eq!(last.status, 429);
    assert!(
        last.head.to_lowercase().contains("retry-after: 1"),
        "{last:?}"
    );
}

#[tokio::test]
async fn logins_by_one_name_are_limited_from_wherever_they_come() {
    let house = House::open(&[
        ("TANDEM_WEB__LOGINS_PER_MINUTE", "3"),
        ("TANDEM_WEB__BEHIND_PROXY", "true"),
    ])
    .await;
    let login = async |from: &str, agent: &str| {
        let login = json!({ "agent": agent, "password": "wrong horse" });
        let headers = [("x-forwarded-for", from)];
        house
            .ask("POST", "/api/v1/login", &headers, Some(&login))
            .await
    };

    for from in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
        assert_eq!(login(from, "anna").await.status, 401, "{from}");
    }
    let fourth = login("192.0.2.4", "anna").await;

    assert_eq!(fourth.status, 429, "{fourth:?}");
    assert_eq!(fourth.header("retry-after"), Some("60"));
    assert!(fourth.body.contains("wait a minute"), "{fourth:?}");
    assert_eq!(login("192.0.2.4", "ben").await.status, 401, "by another");
}

#[tokio::test]
async fn why_somebody_may_be_contacted_is_said_in_a_hundred_characters() {
    let house = House::open(&[]).await;
    let key = house.token(&["write:customers"]).await;
    let say = async |reason: String| {
        let wish = json!({ "channel": "voice", "change": "given", "reason": reason });
        let path = "/api/v1/consents/number:+4930123456";
        house.call("PUT", path, &key, &[], Some(&wish)).await
    };

    let longest = say("ü".repeat(100)).await;
    let longer = say("ü".repeat(101)).await;

    assert_eq!(longest.status, 200, "{longest:?}");
    assert_eq!(longer.status, 422, "{longer:?}");
    assert_eq!(
        longer.json()["detail"],
        "a reason has at most 100 characters"
    );
}

#[tokio::test]
async fn a_zone_for_signed_visitors_takes_nobody_whose_website_did_not_sign_a_segment() {
    let house = House::open(&[
        ("TANDEM_ZONE__VIP__QUEUE", "support"),
        ("TANDEM_ZONE__VIP__SEGMENTS", "[\"vip\"]"),
        ("TANDEM_ZONE__VIP__SIGNED", "true"),
        (
            "TANDEM_ZONE__VIP__IDENTITY_SECRET",
            "0123456789abcdef0123456789abcdef",
        ),
    ])
    .await;
    let post = async |path, body| {
        let answer = house.ask("POST", path, &[], Some(&body)).await;
        (answer.status, answer.body)
    };

    let (status, told) = post("/api/v1/visitors", json!({ "zone": "vip" })).await;
    assert_eq!(status, 403, "{told}");
    let forged = json!({ "zone": "vip", "identity": "x.y.z" });
    assert_eq!(post("/api/v1/visitors", forged).await.0, 401);
    let page = json!({ "path": "/", "segments": ["vip"] });
    let (status, told) = post("/api/v1/zones", page).await;
    assert_eq!(
        (status, told.as_str()),
        (200, "{\"zone\":\"shop\",\"identity\":false}")
    );
    let relative = json!({ "path": "cart" });
    assert_eq!(post("/api/v1/zones", relative).await.0, 422);
    let many = json!({ "path": "/", "segments": vec!["a"; 21] });
    assert_eq!(post("/api/v1/zones", many).await.0, 422);
}

#[tokio::test]
async fn sockets_are_limited() {
    let house = House::open(&[("TANDEM_WEB__SOCKETS", "2")]).await;
    let protocol = [("sec-websocket-protocol", "tandem.v1")];

    let _one = connect(house.web, "/ws/visitor", &protocol).await.unwrap();
    let _other = connect(house.web, "/ws/agent", &protocol).await.unwrap();

    assert_eq!(
        connect(house.web, "/ws/visitor", &protocol).await.err(),
        Some(503)
    );
}

#[tokio::test]
async fn sockets_of_one_address_are_limited_and_a_closed_one_makes_room() {
    let house = House::open(&[("TANDEM_WEB__SOCKETS_PER_ADDRESS", "2")]).await;
    let protocol = [("sec-websocket-protocol", "tandem.v1")];

    let one = connect(house.web, "/ws/visitor", &protocol).await.unwrap();
    let _other = connect(house.web, "/ws/agent", &protocol).await.unwrap();
    assert_eq!(
        connect(house.web, "/ws/visitor", &protocol).await.err(),
        Some(429)
    );
    assert_eq!(refused(&house, "sockets").await, 1);
    drop(one);

    soon("a place that is free again", async {
        while connect(house.web, "/ws/visitor", &protocol).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Method, path, body; the status they get, and a word in the explanation.
type Bad = (
    &'static str,
    &'static str,
    Option<serde_json::Value>,
    u16,
    &'static str,
);

#[rustfmt::skip]
fn bad_requests() -> [Bad; 13] {
    [
        ("POST", "/api/v1/visitors", Some(json!({ "zone": "nowhere" })), 404, "nowhere"),
        ("POST", "/api/v1/visitors", Some(json!({ "zone": 7 })), 400, "JSON"),
        ("POST", "/api/v1/visitors", Some(json!({ "zone": "shop", "identity": "x.y.z" })), 422, "identity_secret"),
        ("POST", "/api/v1/login", Some(json!({ "agent": "anna" })), 400, "password"),
        ("POST", "/api/v1/login", Some(json!({ "agent": "nobody", "password": "wrong horse" })), 401, "wrong"),
        ("GET", "/api/v1/interactions/12", None, 400, "32"),
        ("GET", "/api/v1/interactions/0af7651916cd43dd8448eb211c80319c", None, 404, "no interaction"),
        ("GET", "/api/v1/interactions?state=dead", None, 400, "live"),
        ("GET", "/api/v1/interactions?from=2026-11-99", None, 400, "write a day like"),
        ("GET", "/api/v1/interactions?customer=zz", None, 400, "an id is"),
        ("POST", "/api/v1/callbacks", Some(json!({ "number": "call me", "queue": "support" })), 400, "number"),
        ("POST", "/api/v1/callbacks", Some(json!({ "number": "+4930123", "queue": "x" })), 404, "queue"),
        ("GET", "/api/v1/nothing", None, 404, "openapi"),
    ]
}

#[tokio::test]
async fn bad_requests_get_a_problem_that_says_what_would_be_right() {
    let house = House::open(&[]).await;
    let agent = house.agent("anna").await;
    let bearer = format!("Bearer {agent}");
    for (method, path, body, status, word) in bad_requests() {
        let answer = house
            .ask(method, path, &[("authorization", &bearer)], body.as_ref())
            .await;

        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert!(answer.body.contains(word), "{method} {path}: {answer:?}");
        assert_eq!(answer.json()["status"], status);
        assert_ne!(answer.json()["title"], "Bad Request", "{method} {path}");
        assert!(
            answer
                .head
                .to_lowercase()
                .contains("application/problem+json"),
            "{answer:?}"
        );
    }
    for day in ["2026-11-26", "2026-11-26T09:00:00Z", "1767225600000"] {
        let path = format!("/api/v1/interactions?from={day}&to={day}");
        assert_eq!(house.read(&path, &agent).await.status, 200, "{day}");
    }
    let long = json!({ "zone": "x".repeat(100_000) });
    assert_eq!(
        house
            .ask("POST", "/api/v1/visitors", &[], Some(&long))
            .await
            .status,
        413
    );
}

// The head of an answer; its body is read as well.
async fn answered(stream: &mut TcpStream) -> String {
    let reading = async {
        let mut got = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&got).to_lowercase();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|one| one.strip_prefix("content-length: "));
                if body.len() >= length.unwrap().parse::<usize>().unwrap() {
                    return head.to_owned();
                }
            }
            assert!(stream.read_buf(&mut got).await.unwrap() > 0, "{text:?}");
        }
    };
    soon("an answer", reading).await
}

#[tokio::test]
async fn who_is_refused_before_their_little_was_read_goes_on_by_the_same_connection() {
    let house = House::open(&[]).await;
    let mut stream = TcpStream::connect(house.web).await.unwrap();
    let head = |length: usize| {
        format!(
            "POST /api/v1/callbacks HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n",
            house.web
        )
    };

    for _ in 0..3 {
        stream.write_all(head(8_192).as_bytes()).await.unwrap();
        // Not in one packet with its head.
        stream.flush().await.unwrap();
        tokio::task::yield_now().await;
        stream.write_all(&[b' '; 8_192]).await.unwrap();
        let answer = answered(&mut stream).await;
        assert!(answer.starts_with("http/1.1 401 "), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
    }

    // What does not come, and what is more.
    for length in [8_192, 8_193] {
        let mut stream = TcpStream::connect(house.web).await.unwrap();
        stream.write_all(head(length).as_bytes()).await.unwrap();
        let answer = answered(&mut stream).await;
        assert!(answer.starts_with("http/1.1 401 "), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
}
