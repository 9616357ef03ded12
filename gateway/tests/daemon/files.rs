//! Files in chats over HTTP, and what is done about those who mean harm.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use ws::{id::InteractionId, timeline::What};

use crate::{
    chats::chat,
    house::{Answer, House, request_with, soon},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

async fn send(house: &House, path: &str, token: &str, name: &str, body: &[u8]) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("x-file-name", name)];
    request_with(house.web, "POST", path, &headers, body).await
}

fn visitors(interaction: InteractionId) -> String {
    format!("/api/v1/visitors/interactions/{interaction}/files")
}

// Whoever is led to it saves it, and nothing in it runs.
fn check_harmless(answer: &Answer) {
    let header = |name| answer.header(name).unwrap_or_default();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "private, no-store");
    assert!(header("content-disposition").starts_with("attachment;"));
    assert!(header("content-security-policy").starts_with("sandbox;"));
}

#[tokio::test]
async fn a_file_goes_from_the_visitor_to_the_agent_and_into_the_record() {
    let house = House::open(&[]).await;
    let (mut visitor, mut agent, interaction) = chat(&house).await;
    let token = visitor.machine.token().to_owned();
    let path = visitors(interaction);

    let sent = send(
        &house,
        &format!("{path}?mid=f1"),
        &token,
        "..%2FGr%C3%BC%C3%9Fe.png",
        PNG,
    )
    .await;
    let again = send(&house, &format!("{path}?mid=f1"), &token, "again.png", PNG).await;

    assert_eq!((sent.status, again.status), (201, 201), "{sent:?}");
    assert_eq!(sent.body, again.body, "a repeat is answered the same");
    let kept = std::fs::read_dir(house.file("data/files")).unwrap().count();
    assert_eq!(kept, 1, "a repeat leaves no copy");
    let shown = |entries: &[ws::timeline::Entry]| {
        entries.iter().find_map(|entry| match &entry.what {
            What::File { file, .. } => Some(file.clone()),
            _ => None,
        })
    };
    let file = agent
        .until("the file", |agent, _| {
            shown(agent.thread(interaction)?.entries())
        })
        .await;
    visitor
        .until("the own file", |visitor, _| {
            shown(visitor.thread().entries())
        })
        .await;
    assert_eq!(
        (file.name.as_str(), file.kind.as_str()),
        ("Grüße.png", "image/png")
    );

    let anna = house.agent("anna").await;
    let theirs = format!("/api/v1/interactions/{interaction}/files/{}", file.file);
    check_harmless(&house.read(&theirs, &anna).await);
    let own = format!("{path}/{}", file.file);
    check_harmless(&house.read(&own, &token).await);
    let record = house
        .read(&format!("/api/v1/interactions/{interaction}"), &anna)
        .await
        .json();
    let timeline = record["timeline"].as_array().unwrap();
    assert!(
        timeline
            .iter()
            .any(|entry| entry["file"]["name"] == "Grüße.png"),
        "{record}"
    );
}

#[tokio::test]
async fn what_is_not_what_it_says_or_too_much_is_refused_with_a_sentence() {
    let house = House::open(&[
        ("TANDEM_FILES__LARGEST", "1000"),
        ("TANDEM_FILES__MOST", "2"),
    ])
    .await;
    let (visitor, _agent, interaction) = chat(&house).await;
    let token = visitor.machine.token().to_owned();
    let path = visitors(interaction);
    let page = b"<html><script>alert(document.domain)</script></html>";
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";

    for (mid, name, body, status) in [
        ("a", "page.png", &page[..], 415),
        ("b", "page.html", &page[..], 415),
        ("c", "drawing.svg", &svg[..], 415),
        ("d", "picture.png.exe", PNG, 415),
        ("e", "program.txt", b"MZ\x90\0\x03", 415),
        ("f", "empty.txt", b"", 415),
        ("g", "long.txt", &[b'x'; 1_001], 413),
        ("h", "%ff%fe", PNG, 400),
        ("", "a.png", PNG, 400),
    ] {
        let answer = send(&house, &format!("{path}?mid={mid}"), &token, name, body).await;
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        assert!(
            answer.json()["detail"].as_str().unwrap().len() > 10,
            "{answer:?}"
        );
    }
    for mid in ["1", "2"] {
        let taken = send(&house, &format!("{path}?mid={mid}"), &token, "a.png", PNG).await;
        assert_eq!(taken.status, 201, "{taken:?}");
    }
    let third = send(&house, &format!("{path}?mid=3"), &token, "a.png", PNG).await;
    assert_eq!(third.status, 409, "{third:?}");
    let kept = std::fs::read_dir(house.file("data/files")).unwrap().count();
    assert_eq!(kept, 2, "what was refused is not kept");
}

#[tokio::test]
async fn who_sends_too_much_can_send_all_of_it_and_is_told_so() {
    let house = House::open(&[]).await;
    let (visitor, _agent, interaction) = chat(&house).await;
    let token = visitor.machine.token().to_owned();
    let path = visitors(interaction);
    // More than systems keep for a connection.
    let body = vec![b'x'; 10 * 1024 * 1024 + 1];
    let said = format!("content-length: {}", body.len());
    let chunked = "transfer-encoding: chunked".to_owned();

    for (mid, length) in [("a", said), ("b", chunked)] {
        let head = format!(
            "POST {path}?mid={mid} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\nx-file-name: a.txt\r\n{length}\r\n\r\n",
            house.web
        );
        let exchange = async {
            let mut stream = TcpStream::connect(house.web).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            if mid == "b" {
                let size = format!("{:x}\r\n", body.len());
                stream.write_all(size.as_bytes()).await.unwrap();
            }
            stream.write_all(&body).await.expect("all of it is taken");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let answer = soon("an answer", exchange).await.to_lowercase();
        assert!(answer.starts_with("http/1.1 413 "), "{answer}");
        for word in [
            "application/problem+json",
            "connection: close",
            "\"too_large\"",
        ] {
            assert!(answer.contains(word), "{answer}");
        }
    }
}

#[tokio::test]
async fn beyond_the_room_that_all_files_have_none_is_taken() {
    let house = House::open(&[
        ("TANDEM_FILES__LARGEST", "40"),
        ("TANDEM_FILES__ROOM", "50"),
    ])
    .await;
    let (visitor, _agent, interaction) = chat(&house).await;
    let token = visitor.machine.token().to_owned();
    let path = visitors(interaction);
    let text = |letters: usize| vec![b'x'; letters];

    let mut told = Vec::new();
    for (mid, letters) in [("1", 30), ("2", 21), ("3", 20), ("4", 1)] {
        let path = format!("{path}?mid={mid}");
        told.push(send(&house, &path, &token, "a.txt", &text(letters)).await);
    }

    let answers: Vec<_> = told.iter().map(|answer| answer.status).collect();
    assert_eq!(answers, [201, 507, 201, 507], "{told:?}");
    assert_eq!(told[1].json()["type"], "full");
    let kept = std::fs::read_dir(house.file("data/files")).unwrap().count();
    assert_eq!(kept, 2, "what was refused is not kept");
}

async fn check_hostile_names(house: &House, interaction: InteractionId, anna: &str) {
    for hostile in [
        "..%2F..%2Ftandem.db",
        "%2e%2e",
        "7f3c2a1b9d8e4f6aa1b2c3d4e5f60718",
    ] {
        let answer = house
            .read(
                &format!("/api/v1/interactions/{interaction}/files/{hostile}"),
                anna,
            )
            .await;
        assert!([400, 404].contains(&answer.status), "{hostile}: {answer:?}");
    }
}

#[tokio::test]
async fn a_photo_of_an_erased_customer_is_off_the_disk_before_the_erasure_is_finished() {
    let house = House::open(&[("TANDEM_WEB__REQUESTS_PER_SECOND", "100000")]).await;
    let key = house
        .token(&["read:records", "read:customers", "admin:privacy"])
        .await;
    let (visitor, _agent, interaction) = chat(&house).await;
    let token = visitor.machine.token().to_owned();
    let path = visitors(interaction);
    let sent = send(&house, &format!("{path}?mid=f1"), &token, "me.png", PNG).await;
    assert_eq!(sent.status, 201, "{sent:?}");
    let record = format!("/api/v1/interactions/{interaction}");
    let shown = house.read(&record, &key).await.json();
    let entries = shown["timeline"].as_array().unwrap();
    let file = entries.iter().find_map(|it| it["file"]["file"].as_str());
    let file = file.expect("the photo is in the record").to_owned();
    let [own, theirs] = [format!("{path}/{file}"), format!("{record}/files/{file}")];
    check_harmless(&house.read(&theirs, &key).await);
    let anna = house.agent("anna").await;
    let contact = format!("/api/v1/agents/anna/contacts/{interaction}");
    for act in ["end", "wrap-up"] {
        let body = (act == "wrap-up").then(|| serde_json::json!({}));
        let done = house
            .call(
                "POST",
                &format!("{contact}/{act}"),
                &anna,
                &[],
                body.as_ref(),
            )
            .await;
        assert!((200..300).contains(&done.status), "{act}: {done:?}");
    }
    let customer = shown["customer"]["customer"].as_str().unwrap();
    let customer = format!("/api/v1/customers/{customer}");

    let why = serde_json::json!({ "reason": "asked for" });
    let erase = format!("{customer}/erase");
    let erased = house.call("POST", &erase, &key, &[], Some(&why)).await;

    assert_eq!(erased.status, 202, "{erased:?}");
    soon("the end of the erasure", async {
        while house.read(&customer, &key).await.json()["erased"]["finished_at"].is_null() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let kept = std::fs::read_dir(house.file("data/files")).unwrap().count();
    assert_eq!(kept, 0, "the photo is on the disk");
    assert_eq!(house.read(&theirs, &key).await.status, 404);
    let visitors = house.read(&own, &token).await;
    assert!([401, 404].contains(&visitors.status), "{visitors:?}");
}

#[tokio::test]
async fn nobody_reaches_the_files_of_others() {
    let house = House::open(&[]).await;
    let (mut visitor, _agent, interaction) = chat(&house).await;
    let token = visitor.machine.token().to_owned();
    let path = visitors(interaction);
    let sent = send(&house, &format!("{path}?mid=f1"), &token, "a.png", PNG).await;
    assert_eq!(sent.status, 201, "{sent:?}");
    let file = visitor
        .until("the file", |visitor, _| {
            visitor
                .thread()
                .entries()
                .iter()
                .find_map(|entry| match &entry.what {
                    What::File { file, .. } => Some(file.file),
                    _ => None,
                })
        })
        .await;
    let stranger = house.visitor().await;
    let anna = house.agent("anna").await;
    let one = format!("{path}/{file}");

    let read = house.read(&one, &stranger).await;
    assert_eq!(read.status, 404, "{read:?}");
    let written = send(&house, &format!("{path}?mid=x"), &stranger, "a.png", PNG).await;
    assert_eq!(written.status, 403, "{written:?}");
    assert_eq!(house.ask("GET", &one, &[], None).await.status, 401);
    assert_eq!(house.read(&one, "forged").await.status, 401);
    assert_eq!(
        house.read(&one, &anna).await.status,
        403,
        "an agent is no visitor"
    );
    let agents = format!("/api/v1/interactions/{interaction}/files/{file}");
    assert_eq!(
        house.read(&agents, &token).await.status,
        403,
        "a visitor is no agent"
    );
    let mut other = interaction.to_string();
    other.replace_range(0..1, if other.starts_with('a') { "b" } else { "a" });
    let elsewhere = format!("/api/v1/interactions/{other}/files/{file}");
    assert_eq!(house.read(&elsewhere, &anna).await.status, 404);
    check_hostile_names(&house, interaction, &anna).await;
    let foreign = [
        ("authorization", format!("Bearer {token}")),
        ("origin", "https://evil.example".to_owned()),
    ];
    let foreign: Vec<_> = foreign
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(house.ask("GET", &one, &foreign, None).await.status, 403);
}

// Begins to send a megabyte and sends a little of it.
async fn begin(house: &House, path: &str, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(house.web).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         x-file-name: a.png\r\ncontent-length: 1000000\r\n\r\n",
        house.web
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(PNG).await.unwrap();
    stream
}

async fn status(mut stream: TcpStream) -> String {
    let mut line = [0; 12];
    soon("an answer", stream.read_exact(&mut line))
        .await
        .unwrap();
    String::from_utf8_lossy(&line[9..]).into_owned()
}

#[tokio::test]
async fn who_may_not_write_is_refused_before_the_file_is_read() {
    let house = House::open(&[]).await;
    let (visitor, _agent, interaction) = chat(&house).await;
    let path = visitors(interaction);
    let stranger = house.visitor().await;

    let refused = begin(&house, &format!("{path}?mid=x"), &stranger).await;
    assert_eq!(status(refused).await, "403");

    let token = visitor.machine.token().to_owned();
    let slow = begin(&house, &format!("{path}?mid=1"), &token).await;
    // The first is on its way from when the second is refused beside it.
    let second = soon("a refusal", async {
        loop {
            let second = send(&house, &format!("{path}?mid=2"), &token, "b.png", PNG).await;
            if second.status != 201 {
                return second;
            }
        }
    });
    assert_eq!(second.await.status, 429);
    drop(slow);
    let third = soon("a turn", async {
        loop {
            let third = send(&house, &format!("{path}?mid=3"), &token, "c.png", PNG).await;
            if third.status != 429 {
                return third;
            }
        }
    });
    assert_eq!(third.await.status, 201);
}
