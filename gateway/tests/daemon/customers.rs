//! Customers and what they said about contact, over real HTTP and by the command line.

use serde_json::{Value, json};

use crate::{
    crossings::Page,
    house::{Answer, House, soon},
};

// Who waits for something asks for it again and again.
const OFTEN: [(&str, &str); 1] = [("TANDEM_WEB__REQUESTS_PER_SECOND", "100000")];

const EVERYTHING: [&str; 5] = [
    "read:records",
    "write:interactions",
    "read:customers",
    "write:customers",
    "admin:privacy",
];

/// Opens a chat; returns its customer and the interaction.
async fn customer(house: &House, key: &str, name: &str) -> (String, String) {
    let opening = json!({ "zone": "shop", "text": "a word of mine", "name": name });
    let opened = post(house, key, "/api/v1/interactions", opening).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    let id = opened.json()["interaction"].as_str().unwrap().to_owned();
    let record = house
        .read(&format!("/api/v1/interactions/{id}"), key)
        .await
        .json();
    let customer = record["customer"]["customer"].as_str().unwrap();
    (customer.to_owned(), id)
}

async fn post(house: &House, key: &str, path: &str, body: Value) -> Answer {
    house.call("POST", path, key, &[], Some(&body)).await
}

async fn change(house: &House, key: &str, method: &str, path: &str, body: Value) {
    let done = house.call(method, path, key, &[], Some(&body)).await;
    assert!((200..300).contains(&done.status), "{path}: {done:?}");
}

async fn shown(house: &House, key: &str, id: &str) -> Value {
    let answer = house.read(&format!("/api/v1/customers/{id}"), key).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_customer_is_described_found_merged_and_taken_apart_again() {
    let house = House::open(&[]).await;
    let key = house.token(&EVERYTHING).await;
    let (ida, first) = customer(&house, &key, "Ida").await;
    let (same, second) = customer(&house, &key, "I. Example").await;
    let at = |id: &str, end: &str| format!("/api/v1/customers/{id}{end}");
    let described = json!({ "name": "Ida Example", "number": "+49 30 1234", "mail": "Ida@X.example", "value": 7 });
    change(&house, &key, "PATCH", &at(&ida, ""), described).await;
    change(
        &house,
        &key,
        "POST",
        &at(&ida, "/notes"),
        json!({ "text": "likes boots" }),
    )
    .await;
    let crm = at(&ida, "/external/crm");
    change(&house, &key, "PUT", &crm, json!({ "id": "4711" })).await;

    let taken = json!({ "mail": "ida@x.example" });
    let taken = house
        .call("PATCH", &at(&same, ""), &key, &[], Some(&taken))
        .await;
    assert_eq!(taken.status, 409, "{taken:?}");
    for clue in [
        "number=%2B49301234",
        "mail=ida%40x.example",
        "mail=IDA%40x.example",
        "external=crm%3A4711",
    ] {
        let found = house
            .read(&format!("/api/v1/customers?{clue}"), &key)
            .await
            .json();
        assert_eq!(found["customers"][0]["customer"], ida.as_str(), "{clue}");
    }
    let merge = json!({ "customer": same, "reason": "one person" });
    change(&house, &key, "POST", &at(&ida, "/merge"), merge.clone()).await;
    let again = post(&house, &key, &at(&ida, "/merge"), merge).await;
    assert_eq!(again.status, 409, "{again:?}");

    let one = shown(&house, &key, &same).await;
    assert_eq!(one["customer"], ida.as_str());
    assert_eq!(one["value"], 7);
    assert_eq!(one["notes"][0]["text"], "likes boots");
    assert_eq!(one["notes"][0]["program"], "test");
    let theirs = one["interactions"].as_array().unwrap();
    let theirs: Vec<_> = theirs.iter().map(|it| it["interaction"].clone()).collect();
    assert_eq!(theirs, [json!(second), json!(first)]);
    let why = json!({ "reason": "two persons" });
    change(&house, &key, "POST", &at(&same, "/unmerge"), why.clone()).await;
    assert_eq!(shown(&house, &key, &same).await["customer"], same.as_str());
    let trace = &shown(&house, &key, &ida).await["merges"][0];
    assert_eq!(trace["undone_reason"].as_str().unwrap(), "two persons");
    assert_eq!(trace["undone_program"], "test");
    let twice = post(&house, &key, &at(&same, "/unmerge"), why).await;
    assert_eq!(twice.status, 409, "{twice:?}");
}

#[tokio::test]
async fn a_field_that_is_null_or_empty_is_cleared_and_what_turns_the_writing_is_refused() {
    let house = House::open(&[]).await;
    let key = house.token(&EVERYTHING).await;
    let (ida, _) = customer(&house, &key, "Ida").await;
    let at = format!("/api/v1/customers/{ida}");
    let all = json!({ "name": "Ida Example", "number": "+49301234", "mail": "ida@x.example", "value": 7 });
    let nothing = [json!(null), json!(null), json!(null), json!(0)];
    let fields = |line: &Value| ["name", "number", "mail", "value"].map(|it| line[it].clone());

    for empty in [json!(null), json!("")] {
        change(&house, &key, "PATCH", &at, all.clone()).await;
        let full = shown(&house, &key, &ida).await;
        assert_eq!(fields(&full)[2], "ida@x.example");

        let cleared = json!({ "name": empty, "number": empty, "mail": empty, "value": null });
        change(&house, &key, "PATCH", &at, cleared).await;

        let line = shown(&house, &key, &ida).await;
        assert_eq!(fields(&line), nothing, "{empty}");
        for clue in ["number=%2B49301234", "mail=ida%40x.example"] {
            let found = house.read(&format!("/api/v1/customers?{clue}"), &key).await;
            assert_eq!(found.json()["customers"], json!([]), "{clue}");
        }
    }
    for (field, text, odd) in [
        ("name", "I\u{0}da", "U+0000"),
        ("name", "Ida\u{202e}gnp.exe", "U+202E"),
        ("mail", "i\u{202e}da@x.example", "U+202E"),
    ] {
        let said = json!({ field: text });
        let refused = house.call("PATCH", &at, &key, &[], Some(&said)).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        assert!(refused.body.contains(odd), "{refused:?}");
    }
    let wrong = json!({ "number": "call me" });
    let wrong = house.call("PATCH", &at, &key, &[], Some(&wrong)).await;
    assert_eq!(wrong.status, 400, "{wrong:?}");
    let opening = json!({ "zone": "shop", "text": "a word", "name": "I\u{202e}da" });
    let refused = post(&house, &key, "/api/v1/interactions", opening).await;
    assert_eq!(refused.status, 422, "{refused:?}");
}

// One suppression for calls stands there, with why.
fn is_suppressed(consents: &Value, customer: &str) {
    let [said] = &consents.as_array().unwrap()[..] else {
        panic!("{consents}");
    };
    assert_eq!(said["subject"], format!("customer:{customer}"));
    assert_eq!(
        (&said["change"], &said["channel"]),
        (&json!("suppressed"), &json!("voice"))
    );
    assert_eq!(said["reason"], "a word of mine");
}

#[tokio::test]
async fn an_erased_customer_is_gone_from_every_answer() {
    let house = House::open(&OFTEN).await;
    let key = house.token(&EVERYTHING).await;
    let (ida, id) = customer(&house, &key, "Ida Unforgotten").await;
    let export = format!("/api/v1/customers/{ida}/export");
    let before = house.read(&export, &key).await;
    assert_eq!(before.status, 200, "{before:?}");
    assert!(before.body.contains("a word of mine"), "{before:?}");
    let consent = format!("/api/v1/consents/customer:{ida}");
    let said = json!({ "channel": "voice", "change": "suppressed", "reason": "a word of mine" });
    change(&house, &key, "PUT", &consent, said).await;
    let exported = house.read(&export, &key).await.json();
    for consents in [
        &shown(&house, &key, &ida).await["consents"],
        &exported["customer"]["consents"],
    ] {
        is_suppressed(consents, &ida);
    }

    let erase = format!("/api/v1/customers/{ida}/erase");
    let erased = post(
        &house,
        &key,
        &erase,
        json!({ "reason": "Frau UNFORGOTTEN asked for it" }),
    )
    .await;

    assert_eq!(erased.status, 202, "{erased:?}");
    soon("the end of the erasure", async {
        while shown(&house, &key, &ida).await["erased"]["finished_at"].is_null() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let why = &shown(&house, &key, &ida).await["erased"]["reason"];
    assert_eq!(why, "Frau … asked for it");
    let record = format!("/api/v1/interactions/{id}");
    let csv = format!("{record}?format=csv");
    let vcon = format!("{record}/vcon?form=unsigned");
    for path in [&export, &record, &csv, &vcon] {
        let answer = house.read(path, &key).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(!answer.body.contains("a word of mine"), "{answer:?}");
        assert!(!answer.body.contains("Unforgotten"), "{answer:?}");
    }
    let standing = house.read(&consent, &key).await.json();
    let of = |it: &&serde_json::Value| it["channel"] == "voice";
    let voice = standing["channels"]
        .as_array()
        .and_then(|all| all.iter().find(of));
    let suppression = &voice.expect("a line a channel")["suppression"];
    assert_eq!(suppression, &json!(null), "it goes with the record");
    let found = house
        .read("/api/v1/interactions?name=unforgotten", &key)
        .await
        .json();
    assert_eq!(found["interactions"], json!([]));
    let again = post(&house, &key, &erase, json!({ "reason": "again" })).await;
    assert_eq!(again.status, 404, "{again:?}");
}

#[tokio::test]
async fn a_program_writes_nothing_to_who_is_not_to_be_contacted_by_chat() {
    let house = House::open(&[]).await;
    let key = house.token(&EVERYTHING).await;
    let (ida, id) = customer(&house, &key, "Ida").await;
    let messages = format!("/api/v1/interactions/{id}/messages");
    let news = |from: &str| json!({ "from": from, "text": "It is on its way." });
    assert_eq!(
        post(&house, &key, &messages, news("house")).await.status,
        201
    );
    let consent = format!("/api/v1/consents/customer:{ida}");
    let chat = |change: &str| json!({ "channel": "chat", "change": change });
    change(&house, &key, "PUT", &consent, chat("suppressed")).await;

    let refused = post(&house, &key, &messages, news("house")).await;

    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(
        refused.body.contains("must not be contacted"),
        "{refused:?}"
    );
    assert_eq!(
        post(&house, &key, &messages, news("customer")).await.status,
        201
    );
    change(&house, &key, "PUT", &consent, chat("unsuppressed")).await;
    assert_eq!(
        post(&house, &key, &messages, news("house")).await.status,
        201
    );
}

#[tokio::test]
async fn how_it_stands_with_a_customer_nobody_knows_is_not_told() {
    let house = House::open(&[]).await;
    let key = house.token(&EVERYTHING).await;
    let (ida, _) = customer(&house, &key, "Ida").await;
    let nobody = "0123456789abcdef0123456789abcdef";

    for end in ["", "/history"] {
        for (whom, status) in [(ida.as_str(), 200), (nobody, 404)] {
            let path = format!("/api/v1/consents/customer:{whom}{end}");
            let answer = house.read(&path, &key).await;
            assert_eq!(answer.status, status, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_about_a_customer_is_told() {
    let house = House::open(&[]).await;
    let key = house.token(&EVERYTHING).await;
    let (ida, _) = customer(&house, &key, "Ida").await;
    let nobody = "0123456789abcdef0123456789abcdef";
    let reason = json!({ "reason": "why" });
    let at = |id: &str, end: &str| format!("/api/v1/customers/{id}{end}");
    let long = "x".repeat(201);

    for (method, path, body, status) in [
        ("GET", at("ida", ""), None, 400),
        ("GET", at(nobody, ""), None, 404),
        ("GET", at(nobody, "/export"), None, 404),
        ("GET", "/api/v1/customers".to_owned(), None, 400),
        ("GET", "/api/v1/customers?number=call".to_owned(), None, 400),
        (
            "GET",
            "/api/v1/customers?external=crm".to_owned(),
            None,
            400,
        ),
        (
            "GET",
            "/api/v1/customers?mail=a&subject=b".to_owned(),
            None,
            400,
        ),
        ("POST", at("ida", "/erase"), Some(reason.clone()), 400),
        ("POST", at(nobody, "/erase"), Some(reason.clone()), 404),
        ("POST", at(&ida, "/erase"), Some(json!({})), 400),
        (
            "POST",
            at(&ida, "/erase"),
            Some(json!({ "reason": long })),
            422,
        ),
        ("POST", at(&ida, "/unmerge"), Some(reason), 409),
        (
            "POST",
            at(&ida, "/merge"),
            Some(json!({ "customer": nobody, "reason": "why" })),
            404,
        ),
        (
            "POST",
            at(&ida, "/merge"),
            Some(json!({ "customer": "x", "reason": "" })),
            400,
        ),
        ("POST", at(&ida, "/notes"), Some(json!({ "text": "" })), 422),
        ("PATCH", at(&ida, ""), Some(json!({ "value": 10 })), 422),
        ("PATCH", at(&ida, ""), Some(json!({ "age": 10 })), 400),
    ] {
        let answer = house.call(method, &path, &key, &[], body.as_ref()).await;
        assert_eq!(
            answer.status, status,
            "{method} {path} {body:?}: {answer:?}"
        );
        assert!(answer.json()["detail"].is_string(), "{answer:?}");
    }
}

#[tokio::test]
async fn who_only_reads_customers_does_not_get_all_of_one() {
    let house = House::open(&[]).await;
    let key = house.token(&EVERYTHING).await;
    let (ida, _) = customer(&house, &key, "Ida").await;
    let reader = house.token(&["read:customers"]).await;

    let export = format!("/api/v1/customers/{ida}/export");
    let refused = house.read(&export, &reader).await;

    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("admin:privacy"), "{}", refused.body);
}

#[tokio::test]
async fn what_the_house_suppressed_is_lifted_by_programs_and_supervisors_and_by_no_agent() {
    let house = House::open(&[]).await;
    let [anna, sam] = [house.agent("anna").await, house.agent("sam").await];
    let key = house.token(&["write:customers"]).await;
    let path = "/api/v1/consents/number:+49301234";
    let say = async |change: &str, by: &str| {
        let wish = json!({ "channel": "voice", "change": change });
        house.call("PUT", path, by, &[], Some(&wish)).await
    };

    for (lifter, status) in [(&anna, 403), (&sam, 200), (&key, 200)] {
        assert_eq!(say("suppressed", &anna).await.status, 200);
        let lifted = say("unsuppressed", lifter).await;

        assert_eq!(lifted.status, status, "{lifted:?}");
        let stands = house.read(path, &anna).await.json();
        assert_eq!(stands["channels"][0]["allowed"], status == 200);
        let why = "what the house blocks is unblocked by a supervisor or a program";
        assert!(status == 200 || lifted.json()["detail"] == why);
    }
    for change in ["withdrawn", "given"] {
        assert_eq!(say(change, &anna).await.status, 200);
    }
}

#[tokio::test]
async fn what_was_said_about_contact_is_kept_told_and_listed_a_page_at_a_time() {
    let house = House::open(&[]).await;
    let key = house.token(&EVERYTHING).await;
    let path = "/api/v1/consents/number:+49301234";
    let say = |change: &str| json!({ "channel": "voice", "change": change, "reason": "said so" });

    for word in ["given", "withdrawn", "suppressed"] {
        change(&house, &key, "PUT", path, say(word)).await;
    }
    let standing = house.read(path, &key).await.json();
    let voice = standing["channels"].as_array().unwrap();
    let voice = voice.iter().find(|it| it["channel"] == "voice").unwrap();
    assert_eq!(voice["allowed"], false);
    assert_eq!(voice["reason"], "suppressed");
    assert_eq!(voice["consent"]["allows"], false);
    assert_eq!(voice["consent"]["reason"], "said so");
    assert_eq!(voice["suppression"]["reason"], "said so");

    let history = format!("{path}/history");
    let all = house.read(&history, &key).await.json();
    let words = |page: &Value| {
        let lines = page["history"].as_array().unwrap().iter();
        lines
            .map(|line| line["change"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(words(&all), ["suppressed", "withdrawn", "given"]);
    assert_eq!(all["history"][0]["program"], "test");
    let short = house.read(&format!("{history}?limit=1"), &key).await;
    assert_eq!(words(&short.json()), ["suppressed"]);
    let next = short.header("link").unwrap();
    let (next, _) = next.split_once(">; rel=\"next\"").unwrap();
    let next = house.read(next.trim_start_matches('<'), &key).await;
    assert_eq!(words(&next.json()), ["withdrawn"]);

    for (path, body, status) in [
        ("/api/v1/consents/ida", say("given"), 400),
        ("/api/v1/consents/number:call", say("given"), 400),
        (path, json!({ "channel": "fax", "change": "given" }), 400),
        (
            path,
            json!({ "channel": "voice", "change": "perhaps" }),
            400,
        ),
        (
            path,
            json!({ "channel": "voice", "change": "given", "until": 1 }),
            422,
        ),
    ] {
        let answer = house.call("PUT", path, &key, &[], Some(&body)).await;
        assert_eq!(answer.status, status, "{path} {body}: {answer:?}");
    }
    for limit in ["0", "201", "x"] {
        let answer = house.read(&format!("{history}?limit={limit}"), &key).await;
        assert!((400..423).contains(&answer.status), "{limit}: {answer:?}");
    }
}

// Whoever said something of contact, what, from where and why, as a list has it.
fn said(list: &Value) -> Vec<[&str; 3]> {
    let lines = list.as_array().unwrap().iter();
    let words = ["change", "source", "reason"];
    lines
        .map(|line| words.map(|word| line[word].as_str().unwrap()))
        .collect()
}

// The interaction of what was said is refused, in a sentence with these words.
async fn is_refused(house: &House, key: &str, path: &str, said: &Value, words: &str) {
    let refused = house.call("PUT", path, key, &[], Some(said)).await;
    assert_eq!(refused.status, 422, "{path}: {refused:?}");
    let detail = refused.json()["detail"].to_string();
    assert!(
        detail.contains("interaction: ") && detail.contains(words),
        "{detail}"
    );
}

#[tokio::test]
async fn what_is_said_in_a_contact_by_console_or_program_stands_in_its_record() {
    let house = House::open(&[]).await;
    let key = house.token(&EVERYTHING).await;
    let origin = format!("http://{}", house.web);
    let ben = house.agent("ben").await;
    let (mut console, _) = Page::open_at(&house, "/ws/agent", &origin, &ben).await;
    let ready = json!({ "op": "presence", "presence": { "is": "ready" } });
    assert_eq!(console.ask(&ready).await["ok"]["done"], "ok");
    let (ida, id) = customer(&house, &key, "Ida").await;
    let offered = |told: &Value| told["change"]["offer"]["interaction"] == id.as_str();
    console.until("the offer", offered).await;
    let accept = json!({ "op": "accept", "interaction": id });
    assert_eq!(console.ask(&accept).await["ok"]["done"], "ok");
    let frame = json!({ "op": "consent", "interaction": id, "channel": "voice", "given": false, "reason": "on the phone" });
    assert_eq!(console.ask(&frame).await["ok"]["done"], "ok");

    let path = format!("/api/v1/consents/customer:{ida}");
    let wish = |change: &str, interaction: &str| json!({ "channel": "voice", "change": change, "reason": "in a letter", "interaction": interaction });
    change(&house, &key, "PUT", &path, wish("suppressed", &id)).await;
    let number = "/api/v1/consents/number:+49301234";
    let (_, others) = customer(&house, &key, "Otto").await;
    let nobodys = "0123456789abcdef0123456789abcdef";
    for (path, interaction, told) in [
        (path.as_str(), others.as_str(), "is not with customer:"),
        (number, &id, "is not with number:+49301234"),
        (path.as_str(), nobodys, "there is no interaction"),
    ] {
        is_refused(&house, &key, path, &wish("given", interaction), told).await;
    }
    let hers = json!({ "number": "+49301234" });
    change(
        &house,
        &key,
        "PATCH",
        &format!("/api/v1/customers/{ida}"),
        hers,
    )
    .await;
    change(&house, &key, "PUT", number, wish("withdrawn", &id)).await;

    let record = house
        .read(&format!("/api/v1/interactions/{id}"), &key)
        .await;
    let all = [
        ["withdrawn", "agent", "on the phone"],
        ["suppressed", "api", "in a letter"],
        ["withdrawn", "api", "in a letter"],
    ];
    assert_eq!(said(&record.json()["consents"]), all);
    let history = house.read(&format!("{path}/history"), &key).await.json();
    assert_eq!(said(&history["history"]), [all[1], all[0]]);
    let of_number = house.read(&format!("{number}/history"), &key).await.json();
    assert_eq!(said(&of_number["history"]), [all[2]]);
    for list in [&history, &of_number] {
        for line in list["history"].as_array().unwrap() {
            assert_eq!(line["interaction"], id.as_str(), "{line}");
        }
    }
    let others = house
        .read(&format!("/api/v1/interactions/{others}"), &key)
        .await;
    assert_eq!(others.json()["consents"], json!([]));
}

#[tokio::test]
async fn the_command_line_reads_beside_the_daemon_and_has_it_decide() {
    let mut house = House::open(&[]).await;
    let key = house.token(&EVERYTHING).await;
    let (ida, _) = customer(&house, &key, "Ida").await;
    let (same, _) = customer(&house, &key, "Ida again").await;
    let number = json!({ "number": "+4930777" });
    change(
        &house,
        &key,
        "PATCH",
        &format!("/api/v1/customers/{ida}"),
        number,
    )
    .await;
    shown(&house, &key, &ida).await;

    let merge = ["customer", "merge", &ida, &same, "--reason", "one person"];
    house.run(&merge).await;
    // Who reads by the API waits for the tables, and so do those who read after.
    shown(&house, &key, &ida).await;
    let found = house
        .run(&["customer", "search", "--number", "+4930777"])
        .await;
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["merged"], json!([same]));
    let merge = house.run_in_vain(&merge).await;
    assert!(merge.contains("one customer already"), "{merge}");
    house
        .run(&["customer", "unmerge", &same, "--reason", "two"])
        .await;
    let export = house.run(&["customer", "export", &ida]).await;
    assert!(export.contains("a word of mine"), "{export}");
    let erase = ["customer", "erase", &ida, "--reason", "asked for", "--yes"];
    house.run(&erase).await;
    assert!(shown(&house, &key, &ida).await["erased"].is_object());
    let tokens = house.run(&["token", "list"]).await;
    assert!(
        !tokens.contains("command line"),
        "what was made for one request is gone: {tokens}"
    );

    house.crash().await;
    let nobody = house.run_in_vain(&erase).await;
    assert!(nobody.contains("no daemon runs on this store"), "{nobody}");
    let shown = house.run(&["customer", "show", &ida]).await;
    assert!(shown.contains("asked for"), "{shown}");
}
