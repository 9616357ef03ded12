use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, IsCa, KeyPair,
    PKCS_ECDSA_P384_SHA384,
};
use serde_json::json;
use sip::endpoint::{Arrival, CallKey, Caller, Elsewhere, Event, Peer, SessionId, Tag, Transport};
use sip::families::Families;
use tokio::sync::mpsc;

use super::*;

const URL: &str = "https://certificates.example/net.pem";
const NOW: u64 = 1_767_225_600;

/// A directory of one test.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let nth = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("tandem-stir-{}-{nth}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// A network with its certificate on our shelf, and who signed it.
struct House {
    directory: Folder,
    stir: Stir,
}

fn house() -> House {
    house_with(&KeyPair::generate().unwrap(), "net.pem")
}

fn house_with(key: &KeyPair, file: &str) -> House {
    house_of(key, file, CertificateParams::new(Vec::new()).unwrap())
}

fn house_of(key: &KeyPair, file: &str, network: CertificateParams) -> House {
    let directory = Folder::make();
    let at = |name: &str| directory.0.join(name).display().to_string();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let network = network.signed_by(key, &root).unwrap();
    std::fs::write(at("roots.pem"), root.pem()).unwrap();
    std::fs::write(at(file), network.pem()).unwrap();
    std::fs::write(at("net.key"), key.serialize_pem()).unwrap();
    let asked = TrunkStir {
        verify: Verify::Note,
        trust: Maybe(Some(at("roots.pem"))),
        certificates: Maybe(Some(directory.0.display().to_string())),
        key_file: Maybe(Some(at("net.key"))),
        certificate_url: Maybe(Some(URL.to_owned())),
        ours: vec!["+4930".to_owned()],
        ..TrunkStir::default()
    };
    let mut stir = Stir::default();
    let made = check(&asked).unwrap().unwrap();
    stir.checks.insert("carrier".to_owned(), Arc::new(made));
    if let Ok(Some(made)) = sign(&asked, Some("+4989555".to_owned())) {
        stir.signs.insert("carrier".to_owned(), made);
    }
    House { directory, stir }
}

fn from(number: &str) -> Identity {
    Identity {
        display: String::new(),
        user: number.to_owned(),
        vouched: Vec::new(),
        sent_on: None,
    }
}

fn dial(number: &str) -> Command {
    let to = |trunk: &str| Target::Trunk {
        trunk: trunk.to_owned(),
        number: "+4989100".to_owned(),
    };
    Command::Dial {
        call: CallKey::Out(1),
        to: to("carrier"),
        from: from(number),
        elsewhere: vec![Elsewhere {
            trunk: "other".to_owned(),
            from: from(number),
            lack: None,
        }],
        sdp: Families::V4(Default::default()).into(),
        tag: Tag {
            session: SessionId(7),
            headers: Vec::new(),
        },
        headers: Vec::new(),
        hops: 70,
        ring_for: Duration::from_secs(30),
    }
}

/// Signs a call from `number` as it would leave.
fn vouched(house: &House, number: &str) -> Option<String> {
    vouched_in(house, dial(number))
}

fn vouched_in(house: &House, mut command: Command) -> Option<String> {
    house.stir.vouch(&mut command, NOW);
    match command {
        Command::Dial {
            from, elsewhere, ..
        } => {
            assert!(
                elsewhere[0].from.vouched.is_empty(),
                "that trunk has no key"
            );
            let [one] = <[String; 1]>::try_from(from.vouched).ok()?;
            Some(one)
        }
        other => panic!("{other:?}"),
    }
}

fn call(identity: Option<String>, caller: &str) -> Signed {
    Signed {
        identities: identity.into_iter().collect(),
        from: vec![caller.to_owned()],
        to: vec!["+4989100".to_owned()],
    }
}

async fn judged(house: &House, call: &Signed, now: u64) -> Verdict {
    let judged = house.stir.checks["carrier"].judge(call, now).await;
    assert_eq!(judged.diverted, None);
    judged.verdict
}

/// What who diverted a call of `+4930123` says of that, signed with the key of `house`.
fn diversion(house: &House, from: &str, to: &str, at: u64) -> String {
    let head = json!({ "alg": "ES256", "ppt": "div", "typ": "passport", "x5u": URL });
    let said = json!({ "dest": { "tn": [to] }, "div": { "tn": from }, "iat": at, "orig": { "tn": "4930123" } });
    let [head, said] = [head, said].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let unsigned = format!("{head}.{said}");
    let key = &house.stir.signs["carrier"].key;
    let signature = key.sign(&SystemRandom::new(), unsigned.as_bytes()).unwrap();
    let signature = URL_SAFE_NO_PAD.encode(signature);
    format!("{unsigned}.{signature};info=<{URL}>;alg=ES256;ppt=div")
}

#[tokio::test]
async fn a_call_that_leaves_is_signed_so_that_it_is_vouched_for_where_it_comes_in() {
    let house = house();
    for (number, level) in [
        ("+4930123", Level::Full),
        ("+4989555", Level::Full),
        ("+49401", Level::Partial),
    ] {
        let identity = vouched(&house, number);

        let verdict = judged(&house, &call(identity, number), NOW + 5).await;

        assert_eq!(verdict, Verdict::Vouched(level));
    }
    let mut passed_on = dial("+49401");
    if let Command::Dial { headers, .. } = &mut passed_on {
        headers.push(("Referred-By".to_owned(), "<sip:pbx@192.0.2.9>".to_owned()));
    }
    let identity = vouched_in(&house, passed_on);
    let verdict = judged(&house, &call(identity, "+49401"), NOW).await;
    assert_eq!(verdict, Verdict::Vouched(Level::Gateway));
    assert_eq!(vouched(&house, ""), None, "a number that is not shown");
    let absent = judged(&house, &call(None, "+4930123"), NOW).await;
    assert_eq!(absent, Verdict::Absent);
}

/// Tells who vouches for a call, how far, and by what it is known.
fn origin(identity: &str) -> (String, String) {
    let said = identity.split('.').nth(1).unwrap();
    let said = URL_SAFE_NO_PAD.decode(said).unwrap();
    let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
    let text = |name: &str| said[name].as_str().unwrap().to_owned();
    (text("attest"), text("origid"))
}

#[test]
fn a_call_that_is_sent_elsewhere_is_vouched_for_as_before_and_known_by_the_same() {
    let house = house();
    let followed = |passed_on| {
        let mut command = Command::Follow {
            call: CallKey::Out(1),
            to: Target::Trunk {
                trunk: "carrier".to_owned(),
                number: "+4989200".to_owned(),
            },
            from: from("+49401"),
            elsewhere: Vec::new(),
            done: 1,
            session: SessionId(7),
            passed_on,
        };
        house.stir.vouch(&mut command, NOW);
        match command {
            Command::Follow { from, .. } => origin(&from.vouched[0]),
            other => panic!("{other:?}"),
        }
    };

    let before = origin(&vouched(&house, "+49401").unwrap());

    assert_eq!(before.0, "B");
    assert_eq!(followed(false), before);
    assert_eq!(followed(true), ("C".to_owned(), before.1));
}

#[tokio::test]
async fn a_signature_that_does_not_hold_says_why() {
    let (house, other) = (house(), house());
    let good = vouched(&house, "+4930123").unwrap();
    let (head, rest) = good.split_once('.').unwrap();
    let forged = vouched(&house, "+4930999").unwrap();
    let (_, forged) = forged.split_once('.').unwrap();
    let (claims, _) = forged.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let swapped = format!("{head}.{claims}.{signature}");
    let lost = good.clone();
    for (identity, caller, now, flaw) in [
        (good.clone(), "+4930123", NOW + 61, Flaw::Stale),
        (good.clone(), "+4930124", NOW, Flaw::Number),
        (swapped, "+4930999", NOW, Flaw::Signature),
        ("junk".to_owned(), "+4930123", NOW, Flaw::Form),
    ] {
        let verdict = judged(&house, &call(Some(identity), caller), now).await;

        assert_eq!(verdict, Verdict::Failed(flaw));
    }
    // Signed by somebody whom the other house does not know.
    std::fs::copy(
        house.directory.0.join("net.pem"),
        other.directory.0.join("net.pem"),
    )
    .unwrap();
    let unknown = judged(&other, &call(Some(good), "+4930123"), NOW).await;
    assert_eq!(unknown, Verdict::Failed(Flaw::Certificate));
    std::fs::remove_file(house.directory.0.join("net.pem")).unwrap();
    let fresh = house_again(&house);
    let missing = judged(&fresh, &call(Some(lost), "+4930123"), NOW).await;
    assert_eq!(missing, Verdict::Failed(Flaw::Unreachable));
}

/// The same trust without what was kept.
fn house_again(house: &House) -> House {
    let at = |name: &str| house.directory.0.join(name).display().to_string();
    let asked = TrunkStir {
        verify: Verify::Note,
        trust: Maybe(Some(at("roots.pem"))),
        certificates: Maybe(Some(house.directory.0.display().to_string())),
        ..TrunkStir::default()
    };
    let mut stir = Stir::default();
    let made = check(&asked).unwrap().unwrap();
    stir.checks.insert("carrier".to_owned(), Arc::new(made));
    House {
        directory: Folder::make(),
        stir,
    }
}

#[tokio::test]
async fn a_certificate_of_another_curve_vouches_for_nothing() {
    let house = house();
    let identity = vouched(&house, "+4930123");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let other = house_with(&key, "net.pem");

    let verdict = judged(&other, &call(identity, "+4930123"), NOW).await;

    assert_eq!(verdict, Verdict::Failed(Flaw::Certificate));
}

#[tokio::test]
async fn a_certificate_vouches_for_the_numbers_it_lists_alone() {
    let mut network = CertificateParams::new(Vec::new()).unwrap();
    // [1] { "4930100", 100 } and [2] "49401" (RFC 8226 §9).
    let list = b"\x30\x19\xa1\x0e\x30\x0c\x16\x074930100\x02\x01\x64\xa2\x07\x16\x0549401";
    let listed = CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 26], list.to_vec());
    network.custom_extensions.push(listed);
    let house = house_of(&KeyPair::generate().unwrap(), "net.pem", network);

    for (number, verdict) in [
        ("+4930150", Verdict::Vouched(Level::Full)),
        ("+49401", Verdict::Vouched(Level::Partial)),
        ("+49402", Verdict::Failed(Flaw::Authority)),
    ] {
        let identity = vouched(&house, number);
        assert_eq!(judged(&house, &call(identity, number), NOW).await, verdict);
    }
}

#[tokio::test]
async fn of_several_signatures_one_that_holds_is_enough() {
    let house = house();
    let good = vouched(&house, "+4930123").unwrap();
    let other = vouched(&house, "+4930999").unwrap();
    let mut several = call(None, "+4930123");

    several.identities = vec![other.clone(), "junk".to_owned(), good];
    assert_eq!(
        judged(&house, &several, NOW).await,
        Verdict::Vouched(Level::Full)
    );
    several.identities = vec![other, "junk".to_owned()];
    assert_eq!(
        judged(&house, &several, NOW).await,
        Verdict::Failed(Flaw::Number)
    );
}

#[tokio::test]
async fn a_call_that_was_diverted_is_vouched_for_where_each_diversion_is_signed() {
    let (house, stranger) = (house(), house());
    let good = || vouched(&house, "+4930123").unwrap();
    let (first, last) = ("4989100", "4989300");
    let sound = || diversion(&house, first, "4989200", NOW);
    let second = || diversion(&house, "4989200", last, NOW);
    let forged = || diversion(&stranger, "4989200", last, NOW);
    let stale = || diversion(&house, first, "4989200", NOW - 61);
    let known = Judged {
        verdict: Verdict::Vouched(Level::Full),
        diverted: Some("+4989100".to_owned()),
    };
    let failed = |flaw| Verdict::Failed(flaw).into();
    for (identities, expected) in [
        (vec![good(), sound(), second()], known.clone()),
        (vec![second(), good(), sound()], known.clone()),
        // One that is forged stands in nobody's way.
        (vec![good(), forged(), sound(), second()], known),
        (vec![good(), sound(), forged()], failed(Flaw::Signature)),
        (vec![good(), stale(), second()], failed(Flaw::Stale)),
        (vec![good(), second()], failed(Flaw::Number)),
        (vec![good()], failed(Flaw::Number)),
        (vec![sound(), second()], Verdict::Absent.into()),
    ] {
        let call = Signed {
            identities,
            from: vec!["+4930123".to_owned()],
            to: vec![format!("+{last}")],
        };

        let judged = house.stir.checks["carrier"].judge(&call, NOW).await;

        assert_eq!(judged, expected);
    }
}

/// What a call of `+4930123` leaves with that came for `+4989100` with `identities` and is sent on to `+4989200`.
fn sent_on(house: &House, identities: Vec<String>, now: u64) -> Vec<String> {
    let mut command = dial("+4930123");
    if let Command::Dial { from, to, .. } = &mut command {
        let number = "+4989200".to_owned();
        let trunk = "carrier".to_owned();
        *to = Target::Trunk { trunk, number };
        let came = call(None, "+4930123");
        from.sent_on = Some(Arc::new(Signed { identities, ..came }));
    }
    house.stir.vouch(&mut command, now);
    match command {
        Command::Dial { from, .. } => from.vouched,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_call_that_is_sent_on_leaves_with_what_it_came_with_and_that_it_was_diverted() {
    let (house, network) = (house(), house());
    let came = vouched(&network, "+4930123").unwrap();
    let mut there = call(None, "+4930123");
    there.to = vec!["+4989200".to_owned()];

    there.identities = sent_on(&house, vec![came.clone()], NOW + 30);
    assert_eq!(there.identities.len(), 2);
    assert_eq!(there.identities[0], came);
    let diversion = Diversion::read(&there.identities[1]).unwrap();
    assert_eq!(diversion.from(), "4989100");
    // It is of a network of its own here; where all are known the caller's network vouches as it did.
    let own = vouched(&house, "+4930123").unwrap();
    there.identities = sent_on(&house, vec![own], NOW + 30);
    let judged = house.stir.checks["carrier"].judge(&there, NOW + 31).await;
    let known = Judged {
        verdict: Verdict::Vouched(Level::Full),
        diverted: Some("+4989100".to_owned()),
    };
    assert_eq!(judged, known);
}

#[tokio::test]
async fn of_a_call_that_is_sent_on_with_nothing_that_leads_on_it_is_said_where_it_came_in() {
    let mut house = house();
    let sign = house.stir.signs.get_mut("carrier").unwrap();
    sign.ours.clear();
    let came = vouched(&house, "+4930123").unwrap();
    let mut there = call(None, "+4930123");
    there.to = vec!["+4989200".to_owned()];
    for (identities, now) in [
        (Vec::new(), NOW),
        (vec![came], NOW + 61),
        (vec![diversion(&house, "4989300", "4989100", NOW)], NOW),
    ] {
        there.identities = sent_on(&house, identities, now);

        let judged = house.stir.checks["carrier"].judge(&there, now).await;

        assert_eq!(judged.verdict, Verdict::Vouched(Level::Gateway));
        assert_eq!(judged.diverted, None);
    }
}

#[tokio::test]
async fn who_diverts_a_call_vouches_for_the_number_that_it_left() {
    let mut network = CertificateParams::new(Vec::new()).unwrap();
    // [2] "4930123" and [2] "4989100" (RFC 8226 §9).
    let list = b"\x30\x16\xa2\x09\x16\x074930123\xa2\x09\x16\x074989100";
    let listed = CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 26], list.to_vec());
    network.custom_extensions.push(listed);
    let house = house_of(&KeyPair::generate().unwrap(), "net.pem", network);
    let good = vouched(&house, "+4930123").unwrap();
    let own = diversion(&house, "4989100", "4989200", NOW);
    let others = diversion(&house, "4989200", "4989300", NOW);
    let mut call = call(Some(good), "+4930123");
    call.identities.extend([own, others]);

    for (to, verdict) in [
        ("+4989200", Verdict::Vouched(Level::Full)),
        ("+4989300", Verdict::Failed(Flaw::Authority)),
    ] {
        call.to = vec![to.to_owned()];
        let judged = house.stir.checks["carrier"].judge(&call, NOW).await;
        assert_eq!(judged.verdict, verdict, "{to}");
    }
}

#[tokio::test]
async fn certificates_are_fetched_by_https_alone_and_not_from_our_own_network() {
    let library = Library::of_the_web(false).unwrap();
    for url in [
        "http://127.0.0.1:9/a.pem",
        "https://127.0.0.1:9/a.pem",
        "file:///etc/passwd",
        "",
    ] {
        assert!(library.chain(url).await.is_none(), "{url}");
    }
    let directory = Folder::make();
    let local = Library::of_directory(directory.0.join("certificates"));
    assert!(local.chain("https://x/..").await.is_none());
}

fn arrived(call: u64, identity: Option<String>) -> Event {
    Event::Arrived {
        call: CallKey::In(call),
        arrival: Box::new(Arrival {
            peer: Peer::Trunk("carrier".to_owned()),
            trusted: false,
            source: "192.0.2.1:5060".parse().unwrap(),
            transport: Transport::Udp,
            to_user: "+4989100".to_owned(),
            caller: Caller::default(),
            call_id: "c".to_owned(),
            hops: 70,
            session: None,
            offer: None,
            replaces: None,
            signed: identity.map(|one| Box::new(self::call(Some(one), "+4930123"))),
            verdict: None,
            must_be_vouched: false,
            diverted: None,
            headers: Vec::new(),
        }),
    }
}

fn verdict(event: &Event) -> Option<Verdict> {
    match event {
        Event::Arrived { arrival, .. } => arrival.verdict,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_told_of_a_call_waits_behind_its_verdict() {
    let house = house();
    let identity = vouched(&house, "+4930123");
    let (answer, mut verdicts) = mpsc::channel(VERDICTS);
    let mut witness = Witness::new(house.stir, answer);
    let gone = |call| Event::Cancelled {
        call: CallKey::In(call),
        cause: None,
    };

    assert_eq!(witness.take(arrived(1, identity)), None);
    assert_eq!(witness.take(gone(1)), None, "it waits behind the call");
    assert_eq!(witness.take(gone(2)), Some(gone(2)), "others do not");
    let unsigned = witness.take(arrived(3, None)).unwrap();
    assert_eq!(verdict(&unsigned), Some(Verdict::Absent));

    let (call, judged) = verdicts.recv().await.unwrap();
    // The signature is of another day.
    assert_eq!(judged, Verdict::Failed(Flaw::Stale).into());
    let told = witness.judged(call, &judged);
    assert_eq!(verdict(&told[0]), Some(judged.verdict));
    assert_eq!(told[1], gone(1));
    assert_eq!(
        witness.take(gone(1)),
        Some(gone(1)),
        "nothing waits any more"
    );
}
