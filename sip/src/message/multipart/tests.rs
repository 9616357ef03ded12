use super::*;

const SESSION: &str = "Content-Type: application/sdp\r\n\r\nv=0\r\n";
const ISUP: &str = "Content-Type: application/isup;version=itu-t92+\r\n";
const OPTIONAL: &str = "Content-Disposition: signal ; handling = Optional\r\n";

fn message(kind: &str, body: &str) -> Message {
    let text = format!(
        "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 7\r\n\
         CSeq: 4 INVITE\r\nContact: <sip:a@b>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    Message::parse(Bytes::from(text)).unwrap()
}

fn parts(subtype: &str, parts: &[&str]) -> Message {
    let kind = format!("Content-Type: multipart/{subtype};boundary=\"x y\"\r\n");
    message(&kind, &body("x y", parts))
}

fn body(boundary: &str, parts: &[&str]) -> String {
    let parts = parts.iter();
    let all = parts.fold("preamble\r\n".to_owned(), |all, part| {
        format!("{all}--{boundary}\r\n{part}\r\n")
    });
    format!("{all}--{boundary}--\r\nepilogue")
}

fn isup(more: &str) -> String {
    format!("{ISUP}{more}\r\n\u{1}\u{0}")
}

#[test]
fn the_description_among_parts_is_found_and_what_is_required_beside_it_is_missed() {
    let (optional, required) = (isup(OPTIONAL), isup(""));
    let gzip = format!("Content-Encoding: gzip\r\n{SESSION}");
    let early = format!("Content-Disposition: early-session\r\n{SESSION}");
    let folded =
        "content-type:\r\n application/SDP\r\nContent-Transfer-Encoding: binary\r\n\r\nv=0\r\n";
    let nested = format!(
        "Content-Type: multipart/mixed;boundary=in\r\n\r\n{}",
        body("in", &[&optional, SESSION])
    );
    let other = "Content-Type: application/sdp\r\n\r\nv=1\r\n";
    for (subtype, inside, found, understood) in [
        ("mixed", vec![SESSION], Some("v=0\r\n"), true),
        ("mixed", vec![SESSION, &optional], Some("v=0\r\n"), true),
        ("mixed", vec![&optional, SESSION], Some("v=0\r\n"), true),
        ("mixed", vec![&required, SESSION], Some("v=0\r\n"), false),
        ("mixed", vec![&optional], None, true),
        ("mixed", vec![folded], Some("v=0\r\n"), true),
        ("mixed", vec![SESSION, other], Some("v=0\r\n"), true),
        ("mixed", vec![&gzip], None, false),
        ("mixed", vec![&early, SESSION], Some("v=0\r\n"), false),
        ("mixed", vec![&nested], Some("v=0\r\n"), true),
        ("mixed", vec!["", "\r\n"], None, false),
        ("alternative", vec![SESSION, other], Some("v=1\r\n"), true),
        (
            "alternative",
            vec![SESSION, &required],
            Some("v=0\r\n"),
            true,
        ),
        ("alternative", vec![&required], None, false),
        ("related", vec![SESSION, &required], Some("v=0\r\n"), true),
        ("mixed", vec![SESSION; 16], Some("v=0\r\n"), true),
        ("mixed", vec![SESSION; 17], None, false),
        ("mixed", vec![], None, false),
    ] {
        let message = parts(subtype, &inside);

        let description = message.description();
        let description = description
            .as_deref()
            .map(|it| std::str::from_utf8(it).unwrap());
        assert_eq!(description, found, "{subtype} {inside:?}");
        let all = message.is_understood(|_| false);
        assert_eq!(all, understood, "{subtype} {inside:?}");
    }
}

#[test]
fn what_has_no_boundary_or_too_many_levels_is_not_understood() {
    let mut deep = SESSION.to_owned();
    for level in 0..4 {
        let boundary = format!("b{level}");
        let inside = body(&boundary, &[&deep]);
        deep = format!("Content-Type: multipart/mixed;boundary={boundary}\r\n\r\n{inside}");
    }
    let long = "x".repeat(71);
    let cases = [
        (
            "Content-Type: multipart/mixed\r\n".to_owned(),
            body("x", &[SESSION]),
        ),
        (
            "Content-Type: multipart/mixed;boundary=\"\"\r\n".to_owned(),
            body("", &[SESSION]),
        ),
        (
            "Content-Type: multipart/mixed;boundary=y\r\n".to_owned(),
            body("x", &[SESSION]),
        ),
        (
            format!("Content-Type: multipart/mixed;boundary={long}\r\n"),
            body(&long, &[SESSION]),
        ),
        (
            "Content-Type: multipart/mixed;boundary=x\r\n".to_owned(),
            body("x", &[&deep]),
        ),
    ];
    for (kind, body) in cases {
        let message = message(&kind, &body);

        assert_eq!(message.description(), None, "{kind}");
        assert!(!message.is_understood(|_| false), "{kind}");
    }
}

#[test]
fn a_missing_last_boundary_is_the_end_of_the_body() {
    let whole = format!("--x\r\n{SESSION}");

    let message = message("Content-Type: multipart/mixed;boundary=x\r\n", &whole);

    assert_eq!(message.description().as_deref(), Some(&b"v=0\r\n"[..]));
}

#[test]
fn what_is_known_by_its_type_is_understood() {
    let metadata = "Content-Type: Application/RS-Metadata\r\n\r\nx";

    let message = parts("mixed", &[SESSION, metadata]);

    assert!(message.is_understood(|kind| kind == "application/rs-metadata"));
    assert!(!message.is_understood(|_| false));
}
