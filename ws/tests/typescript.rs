//! The browser's types are generated from the Rust ones: `UPDATE=1 cargo test -p ws --test typescript` writes them anew.

use std::{fmt::Write, fs, path::PathBuf};

use ts_rs::{Config, TS};
use ws::{
    agent, board, callback, caller, cobrowse, consent, crossing, file, form, frame, id, memo,
    rating, recording, supervision, timeline, transfer, visitor, voice,
};

const HEAD: &str = "// The frames of subprotocol `tandem.v1`, generated from the Rust types in `ws/src` by the test \
                    `ws/tests/typescript.rs`;\n// `UPDATE=1 cargo test -p ws --test typescript` writes it anew. \
                    PROTOCOL.md explains them.\n";

fn push<T: TS>(out: &mut String, config: &Config) {
    for line in T::docs().iter().flat_map(|docs| docs.lines()) {
        // Type docs become one line; those of fields stay in Rust.
        let text = line.trim_matches(|c: char| "/* ".contains(c));
        if !text.is_empty() {
            let _ = writeln!(out, "/** {text} */");
        }
    }
    let decl = tidied(&T::decl(config));
    let _ = writeln!(out, "export {}", decl.replace(" } | { ", " }\n  | { "));
}

fn tidied(decl: &str) -> String {
    let mut kept = String::new();
    let mut rest = decl;
    while let Some((before, after)) = rest.split_once("\n/**") {
        kept.push_str(before);
        rest = after
            .split_once("*/\n")
            .expect("ts-rs closes its comments")
            .1;
    }
    kept.push_str(rest);
    for tag in [
        "party", "what", "is", "op", "done", "push", "change", "do", "how", "act",
    ] {
        kept = kept.replace(&format!("\"{tag}\": "), &format!("{tag}: "));
    }
    kept.replace(", }", " }")
}

macro_rules! generate {
    ($($type:ty),* $(,)?) => {{
        let config = Config::new();
        let mut out = HEAD.to_owned();
        $( out.push('\n'); push::<$type>(&mut out, &config); )*
        out
    }};
}

#[expect(clippy::too_many_lines, reason = "every type has its line")]
fn protocol() -> String {
    generate!(
        id::InteractionId,
        id::VisitorId,
        id::CustomerId,
        id::LegId,
        id::AssignmentId,
        id::CallbackId,
        id::RecordingId,
        id::AgentId,
        id::QueueId,
        id::TrunkId,
        id::ZoneId,
        id::Skill,
        id::Mid,
        id::FileId,
        id::SheetName,
        id::Number,
        id::Seq,
        id::Timestamp,
        frame::Asked<visitor::Request>,
        frame::Told<visitor::Done, visitor::Push>,
        frame::Resume,
        frame::Refusal,
        frame::Code,
        rating::Score,
        transfer::TransferTo,
        transfer::Consult,
        transfer::Parted,
        transfer::PartedWhy,
        transfer::Guest,
        transfer::Colleague,
        transfer::Member,
        supervision::Supervision,
        supervision::Supervise,
        supervision::Supervisor,
        supervision::Supervised,
        memo::MemoTo,
        memo::Memo,
        memo::Memos,
        file::SharedFile,
        timeline::Entry,
        timeline::Author,
        timeline::What,
        timeline::CallState,
        timeline::CallbackState,
        consent::ContactChannel,
        callback::Order,
        callback::Wish,
        callback::Wanted,
        cobrowse::Grant,
        cobrowse::Sharing,
        cobrowse::Viewer,
        cobrowse::Act,
        cobrowse::Guide,
        cobrowse::AgentAct,
        voice::VisitorVoice,
        voice::AgentVoice,
        voice::HeadsetCall,
        voice::Headset,
        voice::LineQuality,
        recording::Record,
        recording::RecordingState,
        recording::Recording,
        recording::Voicemail,
        cobrowse::VisitorAct,
        cobrowse::SheetPart,
        cobrowse::Part,
        cobrowse::AgentNews,
        cobrowse::VisitorNews,
        form::Filled,
        form::Answer,
        crossing::Pass,
        crossing::Carried,
        visitor::Request,
        visitor::Done,
        visitor::Push,
        agent::Request,
        agent::DeskResume,
        transfer::HandOverTo,
        agent::Presence,
        agent::Done,
        agent::Push,
        agent::Desk,
        agent::AwayReason,
        agent::Disposition,
        agent::QueueLength,
        agent::Consulted,
        agent::OwnWait,
        agent::Channel,
        agent::Offer,
        agent::Note,
        agent::Card,
        caller::Shown,
        caller::Attestation,
        caller::Flaw,
        caller::CarrierSays,
        agent::Earlier,
        agent::Contact,
        agent::Promise,
        agent::Change,
        board::Board,
        board::QueueView,
        board::Figures,
        board::Activity,
        board::Spent,
        board::RatingMean,
        board::Share,
        board::AgentView,
        board::Held,
        board::Stage,
        board::Hold,
        board::WaitingView,
        board::CallbackView,
        board::DecisionView,
        board::RatingView,
        board::Quarter,
        board::TollLimit,
        board::TollView,
        board::TrunkView,
        board::Change,
    )
}

#[test]
fn the_browsers_types_are_those_of_this_crate() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("web/src/generated/protocol.ts");
    let generated = protocol();

    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &generated).unwrap();
    }

    let written = fs::read_to_string(&path).unwrap();
    assert!(
        written == generated,
        "{} is out of date: run `UPDATE=1 cargo test -p ws --test typescript`",
        path.display()
    );
}
