//! Every message of RFC 4475 and RFC 5118 is read or refused as those documents say.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "torture/cases.rs"]
mod cases;

use cases::Case;
use sip::message::Fault;

#[test]
fn all_sixty_one_messages_are_there() {
    assert_eq!(Case::all().len(), 61);
}

#[test]
fn valid_messages_are_read() {
    for case in Case::all().iter().filter(|case| case.class == "valid") {
        let message = case.parse();

        assert!(message.is_ok(), "{}: {}", case.file, message.unwrap_err());
    }
}

#[test]
fn invalid_requests_are_refused_with_the_status_their_document_names() {
    for case in Case::all().iter().filter(|case| case.class == "invalid") {
        // RFC 4475 §3.1.2.12: refused only by those to whom the date matters.
        if case.file == "baddate.dat" {
            assert!(case.parse().is_ok());
            continue;
        }
        let error = case.parse().expect_err(&case.file);
        let rejection = error
            .rejection()
            .unwrap_or_else(|| panic!("{} can be answered: {error}", case.file));

        assert!(
            Case::names(&case.must, rejection.status()),
            "{}: {} {error}",
            case.file,
            rejection.status()
        );
    }
}

#[test]
fn messages_left_to_the_application_are_read_or_refused_with_an_allowed_status() {
    for case in Case::all().iter().filter(|case| case.class == "app") {
        match case.parse() {
            Ok(_) => assert!(
                !matches!(
                    case.file.as_str(),
                    "insuf.dat" | "multi01.dat" | "mcl01.dat"
                ),
                "{} cannot be read",
                case.file
            ),
            Err(error) => {
                let rejection = error.rejection().expect("a request");
                assert!(case.allows(rejection.status()), "{}: {error}", case.file);
            }
        }
    }
}

#[test]
fn responses_are_read_or_dropped_but_never_answered() {
    for case in Case::all().iter().filter(|case| case.class == "response") {
        assert!(case.is_silent(), "{}", case.file);
        match (case.file.as_str(), case.parse()) {
            ("scalarlg.dat" | "bigcode.dat", parsed) => {
                let error = parsed.expect_err("it has no meaning");
                assert!(error.rejection().is_none(), "{}", case.file);
            }
            (file, parsed) => assert!(parsed.is_ok(), "{file}: {}", parsed.unwrap_err()),
        }
    }
}

#[test]
fn the_tortuous_invite_means_what_its_document_says() {
    let message = Case::named("wsinv.dat").parse().unwrap();

    assert_eq!(message.method().as_str(), "INVITE");
    assert_eq!(message.to().tag(), Some("1918181833n"));
    assert_eq!(
        message.from().display().as_deref(),
        Some("J Rosenberg \\\"")
    );
    assert_eq!(message.from().tag(), Some("98asjd8"));
    assert_eq!(message.max_forwards(), Some(68));
    assert_eq!(message.cseq().number, 9);
    assert_eq!(message.header("Subject"), Some(""));
    assert_eq!(
        message.header("UnknownHeaderWithUnusualValue"),
        Some(";;,,;;,;")
    );
    let vias: Vec<_> = message.vias().collect();
    assert_eq!(vias.len(), 3);
    assert_eq!(
        (vias[1].host(), vias[1].branch()),
        ("spindle.example.com", Some("z9hG4bK9ikj8"))
    );
    assert_eq!(
        (vias[2].host(), vias[2].branch()),
        ("192.168.255.111", Some("z9hG4bK30239"))
    );
    let contact = message.contacts().next().unwrap();
    assert_eq!(contact.display().as_deref(), Some("Quoted string \"\""));
    assert_eq!(contact.param("newparam"), Some("newvalue"));
    assert_eq!(contact.param("q"), Some("0.33"));
    assert_eq!(message.body().len(), 150);
}

#[test]
fn a_datagram_ends_where_content_length_says() {
    let message = Case::named("dblreq.dat").parse().unwrap();

    assert_eq!(message.method().as_str(), "REGISTER");
    assert!(message.body().is_empty());
}

#[test]
fn a_body_shorter_than_content_length_is_named_as_such() {
    let error = Case::named("clerr.dat").parse().unwrap_err();

    assert_eq!(error.fault(), Fault::BodyTruncated);
}
