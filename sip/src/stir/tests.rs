use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::token::LONGEST;
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

/// What is vouched for of a call that nobody is said to have diverted.
fn check(passport: &Passport, call: &Signed, now: u64) -> Result<Level, Flaw> {
    Ok(Route::begin(passport, call, now)?.end()?.0)
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

    assert_eq!(read.token().certificate(), URL);
    assert_eq!(read.token().signed(), text.as_bytes());
    assert_eq!(read.token().signature(), [7; 64]);
}

#[test]
fn it_is_held_against_numbers_and_time_of_the_call() {
    let read = Passport::read(&signed(&claim())).unwrap();
    let sound = call(
        &["anonymous", "+4930123456"],
        &["support", "+49(30)900-100"],
    );

    for late in [0, 60] {
        assert_eq!(check(&read, &sound, NOW + late), Ok(Level::Full));
        assert_eq!(check(&read, &sound, NOW - late), Ok(Level::Full));
    }
    assert_eq!(check(&read, &sound, NOW + 61), Err(Flaw::Stale));
    assert_eq!(check(&read, &sound, NOW - 61), Err(Flaw::Stale));
    for other in [
        call(&["+4930123457"], &["+4930900100"]),
        call(&["+4930123456"], &["+4930900101"]),
        call(&[], &[]),
    ] {
        assert_eq!(check(&read, &other, NOW), Err(Flaw::Number));
    }
}

#[test]
fn what_a_network_vouches_for_is_read_by_its_letter() {
    for level in [Level::Full, Level::Partial, Level::Gateway] {
        let read = Passport::read(&signed(&Claim { level, ..claim() })).unwrap();

        let sound = call(&["4930123456"], &["4930900100"]);
        assert_eq!(check(&read, &sound, NOW), Ok(level));
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

/// A diversion of the call of [`claim`] from one number to others.
fn diverted(from: &str, to: Value) -> String {
    let head = json!({ "alg": "ES256", "ppt": "div", "typ": "passport", "x5u": URL });
    let said = json!({ "dest": { "tn": to }, "div": { "tn": from }, "iat": NOW, "orig": { "tn": "4930123456" } });
    let [head, said] = [head, said].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signature = URL_SAFE_NO_PAD.encode([7; 64]);
    format!("{head}.{said}.{signature};info=<{URL}>;alg=ES256;ppt=\"div\"")
}

/// Goes where `diversions` lead, as if all were proved.
fn led(diversions: &[String], to: &[&str]) -> Result<(Level, Option<String>), Flaw> {
    let passport = Passport::read(&signed(&claim())).unwrap();
    let read: Vec<_> = diversions
        .iter()
        .map(|one| Diversion::read(one).unwrap())
        .collect();
    let call = call(&["+4930123456"], to);
    let mut left: Vec<_> = read.iter().collect();
    let mut route = Route::begin(&passport, &call, NOW)?;
    while let Some(next) = route.next(&mut left) {
        route.follow(next);
    }
    route.end()
}

#[test]
fn a_call_that_was_diverted_is_vouched_for_as_far_as_diversions_lead_from_number_to_number() {
    let first = || diverted("+49 30 900 100", json!("4930900200"));
    let second = || diverted("4930900200", json!(["4989100", "4930900300"]));
    let from = |number: &str| Ok((Level::Full, Some(number.to_owned())));
    let table = [
        (vec![first()], vec!["+4930900200"], from("+4930900100")),
        (
            vec![second(), first()],
            vec!["+4930900300"],
            from("+4930900100"),
        ),
        // To has the number that was called first.
        (
            vec![first()],
            vec!["+4930900200", "+4930900100"],
            from("+4930900100"),
        ),
        (
            vec![],
            vec!["trunk", "+4930900100"],
            Ok((Level::Full, None)),
        ),
        // Led somewhere else, it came for the first number all the same.
        (vec![first()], vec!["+4930900100"], Ok((Level::Full, None))),
        (vec![second()], vec!["+4930900300"], Err(Flaw::Number)),
        (vec![first()], vec!["+4930900300"], Err(Flaw::Number)),
        (vec![], vec!["+4930900200"], Err(Flaw::Number)),
    ];
    for (diversions, to, expected) in table {
        assert_eq!(led(&diversions, &to), expected, "{to:?}");
    }
}

#[test]
fn what_another_caller_was_diverted_by_leads_nowhere_and_nor_does_a_sixth() {
    let chain = |length: u32| {
        let one = |n: u32| {
            diverted(
                &format!("4930900{}", 100 + n),
                json!([format!("4930900{}", 101 + n)]),
            )
        };
        (0..length).map(one).collect::<Vec<_>>()
    };
    assert!(led(&chain(5), &["+4930900105"]).is_ok());
    assert_eq!(led(&chain(6), &["+4930900106"]), Err(Flaw::Number));

    let (head, said) = ("4930123456", "4930123457");
    let other = diverted("4930900100", json!("4930900200"));
    let (start, rest) = other.split_once('.').unwrap();
    let (claims, rest) = rest.split_once('.').unwrap();
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let claims = URL_SAFE_NO_PAD.encode(claims.replace(head, said));
    let other = format!("{start}.{claims}.{rest}");
    assert_eq!(led(&[other], &["+4930900200"]), Err(Flaw::Number));
}

#[test]
fn a_diversion_is_told_from_what_networks_write_and_is_of_now() {
    let value = diverted("4930900100", json!(["4930900200"]));
    assert!(Diversion::is_one(&value) && !Diversion::is_one(&signed(&claim())));
    assert_eq!(Passport::read(&value), Err(Flaw::Form));
    assert_eq!(Diversion::read(&signed(&claim())), Err(Flaw::Form));
    let read = Diversion::read(&value).unwrap();
    assert_eq!(read.from(), "4930900100");
    assert_eq!(
        (read.check(NOW + 60), read.check(NOW + 61)),
        (Ok(()), Err(Flaw::Stale))
    );
    assert!(!is_foreign(&value) && is_foreign("a.b.c;info=<x>;ppt=rph"));
    // What has others within it is passed over, and vouches for nobody however it names itself.
    let nested = value.replace("\"div\"", "\"div-o\"");
    assert!(is_foreign(&nested) && !Diversion::is_one(&nested));
    assert_eq!(Passport::read(&nested), Err(Flaw::Form));
    let head = json!({ "alg": "ES256", "ppt": "div-o", "typ": "passport", "x5u": URL });
    let (_, rest) = value.split_once('.').unwrap();
    let head = URL_SAFE_NO_PAD.encode(head.to_string());
    for kind in ["div", "shaken"] {
        let named = format!("{head}.{rest}").replace("\"div\"", kind);
        assert_eq!(Diversion::read(&named), Err(Flaw::Form), "{kind}");
        assert_eq!(Passport::read(&named), Err(Flaw::Form), "{kind}");
    }
}

#[test]
fn who_sends_a_call_on_signs_which_number_it_left_where_its_network_signed_that_it_came_for_it() {
    let (caller, ours) = ("+4930123456", "+4930900100");
    let came = |identities: Vec<String>, to: &[&str]| Signed {
        identities,
        ..call(&[caller], to)
    };
    let first = || diverted("4930900100", json!(["4930900200"]));
    let direct = came(vec![signed(&claim())], &["support", ours]);
    assert_eq!(direct.came_for(caller, NOW + 60), Some(ours));
    assert_eq!(direct.came_for(caller, NOW + 61), None, "it is stale");
    assert_eq!(direct.came_for("+4930999", NOW), None, "of another");
    let sent = came(vec![first(), signed(&claim())], &["+4930900200", ours]);
    assert_eq!(sent.came_for(caller, NOW), Some("+4930900200"));
    let unsigned = came(vec![first()], &["+4930900200"]);
    assert_eq!(unsigned.came_for(caller, NOW), None);
    let elsewhere = came(vec![signed(&claim())], &["+4930900300"]);
    assert_eq!(elsewhere.came_for(caller, NOW), None);

    let onward = Onward {
        caller,
        left: ours,
        called: "+49 171 1",
        at: NOW,
        certificate: URL,
    };
    let made = onward.identity(&onward.unsigned().unwrap(), &[7; 64]);
    assert_eq!(
        led(&[made], &["+491711"]),
        Ok((Level::Full, Some(ours.to_owned())))
    );
    let nowhere = Onward {
        called: "anna",
        ..onward
    };
    assert_eq!(nowhere.unsigned(), None);
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
