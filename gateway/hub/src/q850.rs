//! The cause numbers of Q.850 that carriers tell in Reason header fields (RFC 3326): what they are to the hub, and in words.

use crate::input::CauseKind;

/// Returns what a cause is, and its words; none for one that says nothing in particular.
pub fn read(cause: u8) -> Option<(CauseKind, &'static str)> {
    let known = match cause {
        1 => (CauseKind::Unreachable, "the number is not assigned"),
        2 | 3 => (CauseKind::Unreachable, "there is no way to the number"),
        16 => (CauseKind::Normal, "hung up"),
        17 => (CauseKind::Busy, "busy"),
        18 => (CauseKind::NoAnswer, "the phone does not respond"),
        19 => (CauseKind::NoAnswer, "no answer"),
        20 => (CauseKind::Unreachable, "the phone is switched off"),
        21 => (CauseKind::Rejected, "rejected"),
        22 => (CauseKind::Unreachable, "the number has changed"),
        26 => (CauseKind::Normal, "answered elsewhere"),
        27 => (CauseKind::Unreachable, "the destination is out of order"),
        28 => (CauseKind::Unreachable, "the number is not complete"),
        29 => (CauseKind::Fault, "the network does not do that"),
        31 => (CauseKind::Normal, "hung up"),
        34 => (CauseKind::Fault, "no line is free in the network"),
        38 => (CauseKind::Fault, "the network is out of order"),
        41 => (CauseKind::Fault, "a passing fault of the network"),
        42 => (CauseKind::Fault, "the network is congested"),
        44 | 47 => (CauseKind::Fault, "the network has no room"),
        50 | 52 | 55 | 57 => (CauseKind::Rejected, "the network does not allow the call"),
        58 | 63 | 65 | 69 | 79 | 88 => (CauseKind::Fault, "the network cannot carry the call"),
        95..=101 | 111 => (CauseKind::Fault, "the network broke its protocol"),
        102 => (CauseKind::Fault, "the network gave up after a time"),
        127 => (CauseKind::Fault, "another network failed"),
        _ => return None,
    };
    Some(known)
}
