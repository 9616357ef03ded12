//! Causes as SIP tells them and as the hub decides on them, both ways.

use sip::endpoint::{Cause as SipCause, EndedBy};

use crate::input::{Cause, CauseKind};

/// Reads why an outbound call was not answered.
pub fn of_failure(code: u16, reason: &str, told: Option<&SipCause>) -> Cause {
    let kind = match code {
        486 | 600 => CauseKind::Busy,
        408 | 480 | 487 => CauseKind::NoAnswer,
        403 | 433 | 603 => CauseKind::Rejected,
        // RFC 8197, RFC 8688: the callee, or somebody for them, does not want such calls.
        607 | 608 => CauseKind::Unwanted,
        404 | 410 | 484 | 485 | 502 | 604 => CauseKind::Unreachable,
        _ => told
            .and_then(|cause| cause.q850)
            .map_or(CauseKind::Fault, of_q850),
    };
    Cause {
        kind,
        status: Some(code),
        text: words(kind, reason, told),
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
    let (kind, text) = match by {
        EndedBy::Far | EndedBy::Us => (CauseKind::Normal, ""),
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

/// The final response to an inbound call that is released before its answer.
pub fn to_status(cause: &Cause) -> u16 {
    let own = match cause.kind {
        CauseKind::Normal | CauseKind::NoAnswer | CauseKind::Cancelled | CauseKind::MediaLost => {
            480
        }
        CauseKind::Busy => 486,
        CauseKind::Rejected | CauseKind::Unwanted => 603,
        CauseKind::Unreachable => 404,
        CauseKind::Interrupted => 503,
        CauseKind::Fault => 500,
    };
    cause
        .status
        .filter(|status| (400..700).contains(status) && *status != 487)
        .unwrap_or(own)
}

fn of_q850(cause: u8) -> CauseKind {
    match cause {
        16 => CauseKind::Normal,
        17 => CauseKind::Busy,
        18 | 19 => CauseKind::NoAnswer,
        21 => CauseKind::Rejected,
        1 | 2 | 3 | 20 | 22 | 27 | 28 => CauseKind::Unreachable,
        _ => CauseKind::Fault,
    }
}

fn words(kind: CauseKind, reason: &str, told: Option<&SipCause>) -> String {
    if let Some(told) = told.filter(|cause| !cause.text.is_empty()) {
        return told.text.clone();
    }
    match kind {
        CauseKind::Normal => "hung up",
        CauseKind::Cancelled => "the caller gave up",
        CauseKind::Busy => "busy",
        CauseKind::NoAnswer => "no answer",
        CauseKind::Rejected => "rejected",
        CauseKind::Unwanted => "the number does not want calls",
        CauseKind::Unreachable => "cannot be reached",
        CauseKind::MediaLost => "nothing was heard any more",
        CauseKind::Interrupted => "interrupted by a restart",
        CauseKind::Fault if reason.is_empty() => "a fault of the telephone network",
        CauseKind::Fault => reason,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_apart_by_status_then_by_q850() {
        let congestion = SipCause {
            q850: Some(17),
            sip: None,
            text: String::new(),
        };
        let cases = [
            (486, None, CauseKind::Busy),
            (600, None, CauseKind::Busy),
            (480, None, CauseKind::NoAnswer),
            (603, None, CauseKind::Rejected),
            (607, None, CauseKind::Unwanted),
            (404, None, CauseKind::Unreachable),
            (500, None, CauseKind::Fault),
            (500, Some(&congestion), CauseKind::Busy),
        ];
        for (code, told, kind) in cases {
            assert_eq!(of_failure(code, "", told).kind, kind, "{code}");
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
            assert!((400..700).contains(&to_status(&cause)), "{kind:?}");
            assert_ne!(to_status(&cause), 487);
        }
    }
}
