//! Causes as SIP tells them and as the hub decides on them, both ways.

use sip::{
    endpoint::{Cause as SipCause, EndedBy, Warning},
    sdp::SdpError,
};

use crate::{
    input::{Cause, CauseKind},
    q850,
};

/// Reads why an outbound call was not answered.
pub fn of_failure(code: u16, reason: &str, told: Option<&SipCause>) -> Cause {
    let by_status = match code {
        486 | 600 => Some(CauseKind::Busy),
        408 | 487 => Some(CauseKind::NoAnswer),
        403 | 433 | 603 => Some(CauseKind::Rejected),
        // RFC 8197, RFC 8688: the callee, or somebody for them, does not want such calls.
        607 | 608 => Some(CauseKind::Unwanted),
        404 | 410 | 430 | 484 | 485 | 604 => Some(CauseKind::Unreachable),
        // What gateways answer for everything: their Reason tells more.
        _ => None,
    };
    let told_kind = told.and_then(|cause| cause.q850).and_then(q850::read);
    let kind = by_status
        .or(told_kind.map(|(kind, _)| kind))
        .unwrap_or(match code {
            480 => CauseKind::NoAnswer,
            300..400 | 502 => CauseKind::Unreachable,
            _ => CauseKind::Fault,
        });
    Cause {
        kind,
        status: Some(code),
        text: words(kind, reason, told),
    }
}

/// Reads why nobody was asked: without room, or a way that is known to answer, the house came between, and nothing was tried.
pub fn of_undialled(code: u16, reason: &str) -> Cause {
    match code {
        503 => Cause {
            kind: CauseKind::Interrupted,
            status: Some(code),
            text: reason.to_lowercase(),
        },
        _ => of_failure(code, reason, None),
    }
}

/// The final response to a description of a session that nothing comes of: bad syntax, or nothing that both can do
/// (RFC 3261 §21.4.1, §21.4.26), which is named then.
pub fn of_description(error: &SdpError) -> (u16, Option<Warning>) {
    match error.is_malformed() {
        true => (400, None),
        false => (488, Some(error.into())),
    }
}

/// Reads why an inbound call went away before its answer.
pub fn of_cancel(told: Option<&SipCause>) -> Cause {
    Cause {
        kind: CauseKind::Cancelled,
        status: Some(487),
        text: words(CauseKind::Cancelled, "", told),
    }
}

/// Reads why an answered call ended.
pub fn of_end(by: EndedBy, told: Option<&SipCause>) -> Cause {
    let of_network = told.and_then(|cause| cause.q850).and_then(q850::read);
    let (kind, text) = match by {
        EndedBy::Far => (of_network.map_or(CauseKind::Normal, |(kind, _)| kind), ""),
        EndedBy::Us => (CauseKind::Normal, ""),
        EndedBy::NoAck => (CauseKind::Fault, "the answer was never acknowledged"),
        EndedBy::Lost => (CauseKind::Fault, "the phone no longer answers"),
        EndedBy::Broken => (CauseKind::Fault, "the phone broke the protocol"),
    };
    Cause {
        kind,
        status: None,
        text: words(kind, text, told),
    }
}

/// Says a cause in the Reason header field (RFC 3326).
pub fn to_sip(cause: &Cause) -> SipCause {
    SipCause {
        q850: Some(match cause.kind {
            CauseKind::Normal | CauseKind::Cancelled => 16,
            CauseKind::Busy => 17,
            CauseKind::NoAnswer => 19,
            CauseKind::Rejected | CauseKind::Unwanted => 21,
            CauseKind::Unreachable => 20,
            CauseKind::MediaLost | CauseKind::Interrupted => 41,
            CauseKind::Fault => 127,
        }),
        sip: cause.status,
        text: cause.text.clone(),
    }
}

fn words(kind: CauseKind, reason: &str, told: Option<&SipCause>) -> String {
    if let Some(told) = told.filter(|cause| !cause.text.is_empty()) {
        return told.text.clone();
    }
    // RFC 3326 §3.1: somebody else took a call that was offered to many.
    if told.is_some_and(|cause| cause.sip == Some(200)) {
        return "answered elsewhere".to_owned();
    }
    if let Some((_, words)) = told.and_then(|cause| cause.q850).and_then(q850::read) {
        return words.to_owned();
    }
    match kind == CauseKind::Fault && !reason.is_empty() {
        true => reason,
        false => kind.words(),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_apart_by_status_then_by_q850() {
        let said = |q850| SipCause {
            q850: Some(q850),
            sip: None,
            text: String::new(),
        };
        let (busy, absent, unassigned) = (said(17), said(20), said(1));
        let cases = [
            (486, None, CauseKind::Busy),
            (600, None, CauseKind::Busy),
            (480, None, CauseKind::NoAnswer),
            (480, Some(&absent), CauseKind::Unreachable),
            (603, None, CauseKind::Rejected),
            (607, None, CauseKind::Unwanted),
            (404, None, CauseKind::Unreachable),
            (404, Some(&busy), CauseKind::Unreachable),
            (302, None, CauseKind::Unreachable),
            (500, None, CauseKind::Fault),
            (500, Some(&busy), CauseKind::Busy),
            (503, Some(&unassigned), CauseKind::Unreachable),
        ];
        for (code, told, kind) in cases {
            assert_eq!(of_failure(code, "", told).kind, kind, "{code}");
        }
        assert_eq!(
            of_failure(503, "", Some(&unassigned)).text,
            "the number is not assigned"
        );
    }

    #[test]
    fn what_the_house_had_no_room_for_was_not_tried() {
        let full = of_undialled(503, "Trunk Is Full");

        assert_eq!(full.kind, CauseKind::Interrupted);
        assert_eq!(full.text, "trunk is full");
        let absent = of_undialled(480, "Not Registered");
        assert_eq!(absent.kind, CauseKind::NoAnswer);
    }

    #[test]
    fn a_bye_and_a_cancel_say_why() {
        let said = |q850, sip| SipCause {
            q850,
            sip,
            text: String::new(),
        };
        let broken = of_end(EndedBy::Far, Some(&said(Some(38), None)));
        assert_eq!(broken.kind, CauseKind::Fault);
        assert_eq!(broken.text, "the network is out of order");
        let usual = of_end(EndedBy::Far, Some(&said(Some(16), None)));
        assert_eq!(
            (usual.kind, usual.text.as_str()),
            (CauseKind::Normal, "hung up")
        );
        let elsewhere = of_cancel(Some(&said(None, Some(200))));
        assert_eq!(elsewhere.kind, CauseKind::Cancelled);
        assert_eq!(elsewhere.text, "answered elsewhere");
    }

    #[test]
    fn every_kind_is_said_by_a_cause_that_reads_as_the_same() {
        for kind in [
            CauseKind::Normal,
            CauseKind::Busy,
            CauseKind::NoAnswer,
            CauseKind::Rejected,
            CauseKind::Unreachable,
            CauseKind::Fault,
        ] {
            let cause = Cause {
                kind,
                status: None,
                text: String::new(),
            };
            let q850 = to_sip(&cause).q850.unwrap();
            assert_eq!(q850::read(q850).unwrap().0, kind);
        }
    }

    #[test]
    fn a_release_before_the_answer_is_a_final_refusal() {
        for kind in [
            CauseKind::Normal,
            CauseKind::Cancelled,
            CauseKind::Busy,
            CauseKind::Fault,
        ] {
            let cause = Cause {
                kind,
                status: Some(487),
                text: String::new(),
            };
            assert!((400..700).contains(&cause.response()), "{kind:?}");
            assert_ne!(cause.response(), 487);
        }
    }
}
