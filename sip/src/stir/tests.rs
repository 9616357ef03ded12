use super::*;

const NOW: u64 = 1_767_225_600;
const URL: &str = "https://certificates.example/a.pem";

fn claim() -> Claim<'static> {
    Claim {
        level: Level::Full,
        caller: "+49 30 123-456",
        called: "+4930900100",
        at: NOW,
        origin: "00000000-0000-4000-8000-000000000001",
        certificate: URL,
    }
}

fn signed(claim: &Claim<'_>) -> String {
    claim.identity(&claim.unsigned().unwrap(), &[7; 64])
}

fn call(from: &[&str], to: &[&str]) -> Signed {
    let owned = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
    Signed {
        identities: Vec::new(),
        from: owned(from),
        to: owned(to),
    }
}

#[test]
fn what_is_signed_is_written_as_rfc_8225_wants_and_read_again() {
    let text = claim().unsigned().unwrap();
    let parts: Vec<String> = text
        .split('.')
        .map(|part| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
        .collect();
    assert_eq!(
        parts,
        [
            format!(r#"{{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"{URL}"}}"#),
            format!(
                r#"{{"attest":"A","dest":{{"tn":["4930900100"]}},"iat":{NOW},"orig":{{"tn":"4930123456"}},"origid":"00000000-0000-4000-8000-000000000001"}}"#
            ),
        ]
    );

    let read = Passport::read(&signed(&claim())).unwrap();

    assert_eq!(read.certificate(), URL);
    assert_eq!(read.signed(), text.as_bytes());
    assert_eq!(read.signature(), [7; 64]);
}

#[test]
fn it_is_held_against_numbers_and_time_of_the_call() {
    let read = Passport::read(&signed(&claim())).unwrap();
    let sound = call(
        &["anonymous", "+4930123456"],
        &["support", "+49(30)900-100"],
    );

    for late in [0, 60] {
        assert_eq!(read.check(&sound, NOW + late), Ok(Level::Full));
        assert_eq!(read.check(&sound, NOW - late), Ok(Level::Full));
    }
    assert_eq!(read.check(&sound, NOW + 61), Err(Flaw::Stale));
    assert_eq!(read.check(&sound, NOW - 61), Err(Flaw::Stale));
    for other in [
        call(&["+4930123457"], &["+4930900100"]),
        call(&["+4930123456"], &["+4930900101"]),
        call(&[], &[]),
    ] {
        assert_eq!(read.check(&other, NOW), Err(Flaw::Number));
    }
}

#[test]
fn what_a_network_vouches_for_is_read_by_its_letter() {
    for level in [Level::Full, Level::Partial, Level::Gateway] {
        let read = Passport::read(&signed(&Claim { level, ..claim() })).unwrap();

        let sound = call(&["4930123456"], &["4930900100"]);
        assert_eq!(read.check(&sound, NOW), Ok(level));
    }
}

#[test]
fn what_must_be_understood_and_is_not_or_names_no_origin_is_no_passport() {
    let good = claim().unsigned().unwrap();
    let (head, said) = good.split_once('.').unwrap();
    let changed = |part: &str, change: &dyn Fn(&mut Value)| {
        let mut value: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        change(&mut value);
        URL_SAFE_NO_PAD.encode(value.to_string())
    };
    let read = |unsigned: String| Passport::read(&claim().identity(&unsigned, &[7; 64]));
    let same = |_: &mut Value| {};
    assert!(read(format!("{}.{}", changed(head, &same), changed(said, &same))).is_ok());

    let critical = changed(head, &|head| head["crit"] = json!(["foo"]));
    assert_eq!(read(format!("{critical}.{said}")), Err(Flaw::Form));
    for origin in [Value::Null, json!(""), json!(7)] {
        let said = changed(said, &|said| said["origid"] = origin.clone());
        assert_eq!(read(format!("{head}.{said}")), Err(Flaw::Form), "{origin}");
    }
}

#[test]
fn what_is_broken_or_of_another_kind_is_no_passport() {
    let good = signed(&claim());
    let (token, params) = good.split_once(';').unwrap();
    let (unsigned, signature) = token.rsplit_once('.').unwrap();
    for bad in [
        String::new(),
        token.to_owned(),
        format!("{unsigned};{params}"),
        // The compact form leaves out what SHAKEN needs.
        format!("..{signature};{params}"),
        format!("{token}.x;{params}"),
        format!("{unsigned}.AAAA;{params}"),
        good.replace("alg=ES256", "alg=RS256"),
        good.replace("ppt=shaken", "ppt=div"),
        good.replace("info=<https://certificates", "info=<https://elsewhere"),
        good.replace('<', ""),
        format!("{good};x=\"{}\"", "x".repeat(LONGEST)),
    ] {
        assert_eq!(Passport::read(&bad), Err(Flaw::Form), "{bad}");
    }
    for name in ["support", "", "+", "12a"] {
        let nobody = Claim {
            caller: name,
            ..claim()
        };
        assert_eq!(nobody.unsigned(), None, "{name}");
    }
}
