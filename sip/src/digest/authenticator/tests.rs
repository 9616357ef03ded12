use std::str::FromStr;

use super::*;
use crate::digest::Credentials;

const URI: &str = "sip:support@shop.example";

fn secret(user: &str) -> Option<Secret> {
    (user == "alice").then(|| Secret::Password("correct horse".to_owned()))
}

struct Pair {
    server: Authenticator,
    now: Instant,
}

impl Pair {
    fn new() -> Self {
        let now = Instant::START;
        let server = Authenticator::new("shop.example", [9; 32]);
        Self { server, now }
    }

    fn challenge(&mut self) -> Challenge {
        Challenge::strongest(self.server.challenges(false, self.now)).unwrap()
    }

    fn answer(&self, challenge: &Challenge, password: &str, nc: u32) -> Authorization {
        let credentials = Credentials::new("alice", password);
        challenge
            .answer(&credentials, &Method::Invite, URI, "0a4f113b", nc)
            .unwrap()
    }

    fn weigh(&mut self, answer: &Authorization) -> Verdict {
        self.server.weigh(answer, &Method::Invite, secret, self.now)
    }
}

fn accepted() -> Verdict {
    Verdict::Accepted {
        username: "alice".to_owned(),
    }
}

#[test]
fn the_right_password_is_accepted_with_every_algorithm() {
    let all = [
        "MD5",
        "MD5-sess",
        "SHA-256",
        "SHA-256-sess",
        "SHA-512-256",
        "SHA-512-256-sess",
    ];
    for name in all {
        let algorithm = Algorithm::read(name).unwrap();
        let mut pair = Pair::new();
        pair.server = pair.server.with_algorithms(&[algorithm]);
        let challenge = pair.challenge().to_string().parse().unwrap();

        let answer = pair
            .answer(&challenge, "correct horse", 1)
            .to_string()
            .parse()
            .unwrap();

        assert_eq!(pair.weigh(&answer), accepted(), "{name}");
    }
}

#[test]
fn the_strongest_algorithm_offered_is_answered() {
    let mut pair = Pair::new();

    assert_eq!(pair.challenge().algorithm, Algorithm::Sha256);
}

#[test]
fn a_wrong_password_and_an_unknown_user_are_refused() {
    let mut pair = Pair::new();
    let challenge = pair.challenge();
    let wrong = pair.answer(&challenge, "wrong", 1);
    let mut nobody = pair.answer(&challenge, "correct horse", 1);
    nobody.username = "nobody".to_owned();

    assert_eq!(pair.weigh(&wrong), Verdict::Refused(Doubt::WrongDigest));
    assert_eq!(pair.weigh(&nobody), Verdict::Refused(Doubt::UnknownUser));
}

#[test]
fn an_answer_for_another_method_is_refused() {
    let mut pair = Pair::new();
    let challenge = pair.challenge();
    let answer = pair.answer(&challenge, "correct horse", 1);

    let verdict = pair
        .server
        .weigh(&answer, &Method::Register, secret, pair.now);

    assert_eq!(verdict, Verdict::Refused(Doubt::WrongDigest));
}

#[test]
fn a_replay_is_challenged_anew_and_the_next_count_accepted() {
    let mut pair = Pair::new();
    let challenge = pair.challenge();
    let first = pair.answer(&challenge, "correct horse", 1);
    let second = pair.answer(&challenge, "correct horse", 2);

    assert_eq!(pair.weigh(&first), accepted());
    assert_eq!(pair.weigh(&first), Verdict::Stale);
    assert_eq!(pair.weigh(&second), accepted());
}

#[test]
fn an_answer_without_a_count_uses_the_nonce_up() {
    let mut pair = Pair::new();
    let mut challenge = pair.challenge();
    challenge.qop = Qop::Unstated;
    let answer = pair.answer(&challenge, "correct horse", 1);

    assert_eq!(answer.nc, None);
    assert_eq!(pair.weigh(&answer), accepted());
    assert_eq!(pair.weigh(&answer), Verdict::Stale);
}

#[test]
fn an_old_nonce_and_one_of_another_server_are_stale() {
    let mut pair = Pair::new();
    let mut other = Pair::new();
    other.server = Authenticator::new("shop.example", [1; 32]);
    let old = pair.challenge();
    let foreign = other.challenge();
    let foreign = pair.answer(&foreign, "correct horse", 1);
    let old = pair.answer(&old, "correct horse", 1);

    pair.now += LIFETIME + Duration::from_secs(1);

    assert_eq!(pair.weigh(&foreign), Verdict::Stale);
    assert_eq!(pair.weigh(&old), Verdict::Stale);
}

#[test]
fn a_stored_hash_serves_instead_of_the_password() {
    let mut pair = Pair::new();
    let challenge = pair.challenge();
    let answer = pair.answer(&challenge, "correct horse", 1);
    let hash = Secret::hashed(Algorithm::Sha256, "alice", "shop.example", "correct horse");

    let verdict = pair
        .server
        .weigh(&answer, &Method::Invite, |_| Some(hash.clone()), pair.now);

    assert_eq!(verdict, accepted());
}

#[test]
fn an_algorithm_that_was_not_offered_is_refused() {
    let mut pair = Pair::new();
    let mut challenge = pair.challenge();
    challenge.algorithm = Algorithm::Sha512256;
    let answer = pair.answer(&challenge, "correct horse", 1);

    assert_eq!(pair.weigh(&answer), Verdict::Refused(Doubt::NotOffered));
}

#[test]
fn the_examples_of_the_documents_are_met() {
    // RFC 2617 §3.5 and RFC 7616 §3.9.1.
    let md5 = r#"Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
        uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1",
        opaque="5ccc069c403ebaf9f0171e9517f40e41""#;
    let sha256 = r#"Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256,
        nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001,
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth,
        response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;
    for (line, password) in [(md5, "Circle Of Life"), (sha256, "Circle of Life")] {
        let answer: Authorization = line.parse().unwrap();
        let secret = Secret::Password(password.to_owned());

        let expected = answer.expected(&secret, &Method::from_str("GET").unwrap());

        assert_eq!(expected.as_deref(), Ok(answer.response.as_str()));
    }
}

#[test]
fn an_unknown_scheme_counts_as_absent() {
    let bytes = bytes::Bytes::from_static(include_bytes!("../../../tests/torture/regaut01.dat"));
    let request = Message::parse(bytes).unwrap();
    let mut pair = Pair::new();

    let verdict = pair
        .server
        .judge(&request, Header::Authorization, secret, pair.now);

    assert_eq!(verdict, Verdict::Absent);
}
