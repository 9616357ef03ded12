//! Any bytes are parsed, looked into, stamped and answered.

use bytes::Bytes;
use sip::message::{Message, StatusCode};

/// Calls everything that looks into bytes from the network.
pub fn exercise(bytes: &[u8]) {
    match Message::parse(Bytes::copy_from_slice(bytes)) {
        Ok(message) => {
            let stamped = message
                .clone()
                .received_from("[2001:db8::1]:5060".parse().unwrap());
            for message in [message, stamped] {
                look(&message);
                let again = Message::parse(message.as_bytes().clone()).unwrap();
                assert_eq!(again, message);
            }
        }
        Err(error) => {
            if let Some(rejection) = error.rejection() {
                let _ = rejection.response("tag", rejection.via()).build();
            }
        }
    }
}

fn look(message: &Message) {
    let _ = (
        message.contacts().count(),
        message.routes().count(),
        message.record_routes().count(),
    );
    let _ = (
        message.vias().count(),
        message.expires(),
        message.session_id(),
        message.reasons().count(),
    );
    let _ = (
        message.authorization().count(),
        message.www_authenticate().count(),
        message.allow().count(),
        message.description(),
        message.is_understood(|_| false),
    );
    let _ = (
        message.top_via().response_target(),
        message.top_via().branch(),
        message.reason(),
    );
    let _ = (
        message.from().display(),
        message.to().tag(),
        message.to().without_param("tag"),
    );
    if let Some(uri) = message.request_uri() {
        assert!(
            uri.equivalent(uri) || !uri.is_sip() || uri.params().iter().count() > 1,
            "{uri}"
        );
        let _ = (
            uri.user_decoded(),
            uri.ip(),
            uri.headers().count(),
            uri.without_headers(),
        );
    }
    if message.is_request() {
        let answer = message
            .response(StatusCode::OK, Some("tag"))
            .message()
            .unwrap();
        assert_eq!(answer.vias().count(), message.vias().count());
        assert_eq!(
            (answer.call_id(), answer.cseq()),
            (message.call_id(), message.cseq())
        );
    }
}
