//! The corpora of the fuzz targets, replayed: what once broke something stays mended.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "../fuzz/exercise/mod.rs"]
mod exercise;

fn replay(folders: &[&str], least: usize, exercise: fn(&[u8])) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for folder in folders {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                println!("{}", path.display());
                exercise(&std::fs::read(path).unwrap());
                seen += 1;
            }
        }
    }
    assert!(seen >= least, "only {seen} in {folders:?}");
}

#[test]
fn messages() {
    let folders = [
        "tests/torture",
        "tests/torture/rfc5118",
        "fuzz/corpus/message",
    ];
    replay(&folders, 63, exercise::message::exercise);
}

#[test]
fn streams() {
    replay(&["fuzz/corpus/framing"], 3, exercise::framing::exercise);
}

#[test]
fn descriptions() {
    replay(&["fuzz/corpus/sdp"], 6, exercise::sdp::exercise);
}

#[test]
fn datagrams() {
    replay(&["fuzz/corpus/media"], 4, exercise::media::exercise);
}

#[test]
fn conversations() {
    replay(&["fuzz/corpus/endpoint"], 6, exercise::endpoint::exercise);
}
