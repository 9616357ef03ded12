//! `sip`, `ws` and `hub` are pure; foreign vocabularies stay behind one door.

use std::fs;

use crate::house::{Source, code, none, root, sources};

/// Crates that own a socket, task, clock, lock, file or randomness.
const WORLDLY: [&str; 24] = [
    "anyhow",
    "async-std",
    "axum",
    "clap",
    "crossbeam",
    "dashmap",
    "futures",
    "futures-util",
    "getrandom",
    "hyper",
    "listenfd",
    "metrics",
    "mio",
    "notify",
    "parking_lot",
    "reqwest",
    "rusqlite",
    "rustls",
    "sd-notify",
    "smol",
    "socket2",
    "tokio",
    "tokio-tungstenite",
    "tracing-subscriber",
];

/// What a pure crate's product code never names.
const TOUCHES: [&str; 25] = [
    "UdpSocket",
    "TcpStream",
    "TcpListener",
    "UnixStream",
    "Instant::now",
    "SystemTime",
    "std::thread",
    "thread::spawn",
    "thread::sleep",
    "std::fs",
    "fs::read",
    "File::",
    "io::stdin",
    "io::stdout",
    "println!",
    "std::env",
    "std::process",
    "Mutex",
    "RwLock",
    "Condvar",
    "mpsc",
    "thread_rng",
    "rand::rng()",
    "rand::random",
    "from_os_rng",
];

/// Returns the names in a manifest's `[dependencies]` and its target-specific kin, `[dev-dependencies]` left out.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            inside = section == "dependencies"
                || section == "build-dependencies"
                || section.ends_with(".dependencies");
            if let Some(name) = section.strip_prefix("dependencies.") {
                names.push(name.to_owned());
            }
        } else if inside && !line.starts_with('#') {
            let end = line.find(['.', ' ', '=']).unwrap_or(line.len());
            names.push(line[..end].to_owned());
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn pure_crates_depend_on_nothing_that_touches_the_world() {
    let found = ["sip", "ws", "gateway/hub"]
        .into_iter()
        .flat_map(|krate| {
            let manifest = fs::read_to_string(root().join(krate).join("Cargo.toml")).unwrap();
            let names = dependencies(&manifest);
            assert!(
                !names.is_empty(),
                "{krate}/Cargo.toml: no dependencies were found, so none were checked"
            );
            names
                .into_iter()
                .filter(|name| WORLDLY.contains(&name.as_str()))
                .map(move |name| format!("{krate}/Cargo.toml: {name}"))
        })
        .collect();

    none(
        "a pure crate has no socket, task, clock, lock, file or randomness",
        found,
    );
}

#[test]
fn pure_code_names_no_socket_clock_lock_file_or_randomness() {
    let found = sources(&[".rs"])
        .iter()
        .filter(|source| source.is_pure())
        .flat_map(|source| source.product_lines_with(&TOUCHES))
        .collect();

    none(
        "in a pure crate time is the last argument and seeds come at birth",
        found,
    );
}

fn names_crate(source: &Source, names: &[&str]) -> Vec<String> {
    source
        .text
        .lines()
        .enumerate()
        .filter_map(|(at, line)| {
            let line = code(line);
            let hit = names.iter().any(|name| {
                line.match_indices(&format!("{name}::")).any(|(start, _)| {
                    !line[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                })
            });
            hit.then(|| format!("{}:{}", source.path, at + 1))
        })
        .collect()
}

#[test]
fn rsip_is_seen_only_by_the_message_module() {
    let found = sources(&[".rs"])
        .iter()
        .filter(|source| {
            !source.path.starts_with("sip/src/message/") && !source.path.contains("/tidy/")
        })
        .flat_map(|source| names_crate(source, &["rsip"]))
        .collect();

    none("only sip/src/message/ may name rsip", found);
}

#[test]
fn the_dns_is_seen_by_one_file() {
    let found = sources(&[".rs"])
        .iter()
        .filter(|source| source.path != "gateway/src/net/dns.rs")
        .flat_map(|source| names_crate(source, &["hickory_resolver"]))
        .collect();

    none(
        "only gateway/src/net/dns.rs may name hickory_resolver",
        found,
    );
}

/// The synthetic browser, which is not part of the daemon.
const SYNTHETIC: &str = "load-tests/src/headset.rs";

#[test]
fn browser_media_is_seen_by_one_file_of_the_media_plane() {
    let seen: Vec<(String, Vec<String>)> = sources(&[".rs"])
        .iter()
        .filter(|source| !source.path.contains("/tidy/"))
        .map(|source| (source.path.clone(), names_crate(source, &["webrtc", "rtc"])))
        .filter(|(_, lines)| !lines.is_empty())
        .collect();
    let outside = seen
        .iter()
        .filter(|(path, _)| !path.starts_with("gateway/src/media/") && path != SYNTHETIC)
        .flat_map(|(_, lines)| lines.clone())
        .collect();

    none(
        "only one file under gateway/src/media may name webrtc",
        outside,
    );
    let ours = seen.iter().filter(|(path, _)| path != SYNTHETIC);
    assert!(
        ours.count() <= 1,
        "webrtc is named in more than one file: {seen:?}"
    );
}

#[test]
fn big_crates_and_providers_of_cryptography_come_once() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let count = |name: &str| {
        lock.lines()
            .filter(|line| *line == format!("name = \"{name}\""))
            .count()
    };
    let foreign = [
        "aws-lc-rs",
        "aws-lc-sys",
        "openssl-sys",
        "native-tls",
        "rsa",
    ];
    let once = [
        "axum",
        "hyper",
        "ring",
        "rusqlite",
        "rustls",
        "serde",
        "tokio",
        "tokio-rustls",
        "tungstenite",
    ];

    let mut found: Vec<String> = foreign
        .iter()
        .filter(|name| count(name) > 0)
        .map(|name| format!("{name} is there"))
        .collect();
    found.extend(
        once.iter()
            .filter(|name| count(name) > 1)
            .map(|name| format!("{name} is there {} times", count(name))),
    );

    none(
        "one provider of cryptography (ring), one version of each big crate",
        found,
    );
}

#[test]
fn dependencies_are_read_off_every_kind_of_section() {
    let manifest = "[dependencies]\nws.workspace = true\n# tokio\nserde = \"1\"\n[dependencies.bytes]\nversion = \"1\"\n\
        [dev-dependencies]\ntokio = \"1\"\n[target.'cfg(unix)'.dependencies]\nmio = \"1\"\n";

    let names = dependencies(manifest);

    assert_eq!(names, ["ws", "serde", "bytes", "mio"]);
}
