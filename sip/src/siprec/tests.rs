use roxmltree::{Document, Node};

use super::*;
use crate::{message::SessionId, siprec::metadata::time};

fn participant(id: u128, name: &str, label: &str, on: bool) -> Participant {
    Participant {
        id: UniqueId(id),
        aor: format!("sip:{name}@house.example"),
        name: name.to_owned(),
        since: 1_000,
        until: None,
        stream: Some(Heard {
            id: UniqueId(id + 100),
            label: label.to_owned(),
            on,
        }),
    }
}

fn metadata(participants: Vec<Participant>) -> Metadata {
    Metadata {
        group: UniqueId(1),
        session: UniqueId(2),
        sip_session: SessionId(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c),
        recording: "0af7651916cd43dd8448eb211c80319c.r1".to_owned(),
        since: 1_000,
        until: None,
        participants,
    }
}

fn all<'a>(document: &'a Document<'a>, name: &'a str) -> Vec<Node<'a, 'a>> {
    let nodes = document.root_element().children();
    nodes
        .filter(|node| node.tag_name().name() == name)
        .collect()
}

fn texts<'a>(node: &Node<'a, 'a>, name: &str) -> Vec<&'a str> {
    let found = node
        .children()
        .filter(|node| node.tag_name().name() == name);
    found.filter_map(|node| node.text()).collect()
}

#[test]
fn metadata_is_complete_and_in_the_order_of_the_schema() {
    let caller = participant(10, "caller", "1", true);
    let anna = participant(11, "anna", "2", true);
    let written = metadata(vec![caller, anna]).write();
    let document = Document::parse(&written).unwrap();

    let root = document.root_element();
    assert_eq!(
        root.tag_name().namespace(),
        Some("urn:ietf:params:xml:ns:recording:1")
    );
    assert_eq!(texts(&root, "datamode"), ["complete"]);
    let order: Vec<&str> = root
        .children()
        .filter(|node| node.is_element())
        .map(|node| node.tag_name().name())
        .collect();
    assert_eq!(
        order,
        [
            "datamode",
            "group",
            "session",
            "participant",
            "participant",
            "stream",
            "stream",
            "sessionrecordingassoc",
            "participantsessionassoc",
            "participantsessionassoc",
            "participantstreamassoc",
            "participantstreamassoc",
        ]
    );
}

#[test]
fn metadata_says_whose_stream_is_whose_and_who_hears_it() {
    let caller = participant(10, "caller", "1", true);
    let anna = participant(11, "anna", "2", true);
    let written = metadata(vec![caller, anna]).write();
    let document = Document::parse(&written).unwrap();

    let session = all(&document, "session")[0];
    assert_eq!(
        session.attribute("session_id"),
        Some("AAAAAAAAAAAAAAAAAAAAAg==")
    );
    assert_eq!(
        texts(&session, "sipSessionID"),
        ["0af7651916cd43dd8448eb211c80319c;remote=00000000000000000000000000000000"]
    );
    let group = all(&document, "group")[0].attribute("group_id");
    assert_eq!(texts(&session, "group-ref")[..], [group.unwrap()]);
    let labels: Vec<_> = all(&document, "stream")
        .iter()
        .flat_map(|node| texts(node, "label"))
        .collect();
    assert_eq!(labels, ["1", "2"]);
    let streams: Vec<_> = all(&document, "stream")
        .iter()
        .filter_map(|node| node.attribute("stream_id"))
        .collect();
    let heard: Vec<_> = all(&document, "participantstreamassoc")
        .iter()
        .map(|node| (texts(node, "send"), texts(node, "recv")))
        .collect();
    assert_eq!(
        heard,
        [
            (vec![streams[0]], vec![streams[1]]),
            (vec![streams[1]], vec![streams[0]]),
        ]
    );
}

#[test]
fn who_left_is_told_with_the_time_and_hears_nobody() {
    let mut anna = participant(11, "anna", "2", false);
    anna.until = Some(61_000);
    let caller = participant(10, "caller", "1", true);
    let ben = participant(12, "ben", "3", true);

    let written = metadata(vec![caller, anna, ben]).write();

    let document = Document::parse(&written).unwrap();
    let stays = all(&document, "participantsessionassoc");
    assert_eq!(
        texts(&stays[1], "disassociate-time"),
        ["1970-01-01T00:01:01.000Z"]
    );
    assert!(texts(&stays[0], "disassociate-time").is_empty());
    let heard = all(&document, "participantstreamassoc");
    assert!(texts(&heard[1], "send").is_empty() && texts(&heard[1], "recv").is_empty());
    assert_eq!(texts(&heard[0], "recv").len(), 1, "Anna is heard no more");
}

#[test]
fn the_last_metadata_says_that_all_is_over() {
    let mut last = metadata(vec![participant(10, "caller", "1", true)]);
    last.until = Some(5_500);

    let written = last.write();

    let document = Document::parse(&written).unwrap();
    let session = all(&document, "session")[0];
    assert_eq!(texts(&session, "stop-time"), ["1970-01-01T00:00:05.500Z"]);
    for name in [
        "sessionrecordingassoc",
        "participantsessionassoc",
        "participantstreamassoc",
    ] {
        let node = all(&document, name)[0];
        assert_eq!(texts(&node, "disassociate-time").len(), 1, "{name}");
    }
}

#[test]
fn what_people_are_called_stays_a_text() {
    let odd = "A<b>&\"'\r\n--tandem-recording-session\0\u{fffe}é";
    let mut caller = participant(10, "caller", "1", true);
    (caller.name, caller.aor) = (odd.to_owned(), format!("sip:{odd}@x"));

    let written = metadata(vec![caller]).write();

    let document = Document::parse(&written).unwrap();
    let name = all(&document, "participant")[0]
        .first_element_child()
        .unwrap();
    let read = "A<b>&\"'  --tandem-recording-sessioné";
    assert_eq!(texts(&name, "name"), [read]);
    assert_eq!(
        name.attribute("aor"),
        Some(format!("sip:{read}@x").as_str())
    );
    assert!(
        !written.lines().any(|line| line.starts_with("--")),
        "{written}"
    );
}

#[test]
fn a_body_has_two_parts_and_says_so() {
    let sdp = b"v=0\r\ns=-\r\n";
    let written = metadata(vec![participant(10, "caller", "1", true)]).write();

    let body = body(sdp, &written);

    let kind = content_type(&body);
    let boundary = kind.split_once("boundary=").unwrap().1;
    let text = std::str::from_utf8(&body).unwrap();
    let parts: Vec<&str> = text.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), 4, "nothing, two parts, and the end: {text}");
    assert_eq!((parts[0], parts[3]), ("", "--\r\n"));
    let (head, content) = parts[1].split_once("\r\n\r\n").unwrap();
    assert!(head.contains("Content-Type: application/sdp"), "{head}");
    assert_eq!(content.strip_suffix("\r\n"), Some("v=0\r\ns=-\r\n"));
    let (head, content) = parts[2].split_once("\r\n\r\n").unwrap();
    assert!(head.contains(
        "Content-Type: application/rs-metadata+xml\r\nContent-Disposition: recording-session"
    ));
    assert_eq!(content.strip_suffix("\r\n"), Some(written.as_str()));
    assert_eq!(metadata_of(&body), Some(written.as_str()));
    let called = metadata(vec![participant(
        11,
        "--tandem-recording-session",
        "1",
        true,
    )])
    .write();
    assert_eq!(
        metadata_of(&super::body::body(sdp, &called)),
        Some(called.as_str())
    );
    assert_eq!(
        (content_type(sdp), metadata_of(sdp)),
        ("application/sdp", None)
    );
}

#[test]
fn moments_are_written_as_the_calendar_has_them() {
    for (millis, written) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_799_999, "2000-02-29T23:59:59.999Z"),
        (1_709_251_199_000, "2024-02-29T23:59:59.000Z"),
        (1_735_689_600_001, "2025-01-01T00:00:00.001Z"),
        (4_107_542_399_000, "2100-02-28T23:59:59.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ] {
        assert_eq!(time(millis), written);
    }
}
