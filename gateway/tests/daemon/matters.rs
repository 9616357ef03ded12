//! Two interactions that turn out to be one matter, over real HTTP.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::house::{Answer, House};

const SCOPES: [&str; 4] = [
    "write:interactions",
    "read:records",
    "read:customers",
    "write:customers",
];

async fn post(house: &House, key: &str, path: &str, body: &Value) -> Answer {
    house.call("POST", path, key, &[], Some(body)).await
}

/// Two chats of two browsers; the interactions and their customers.
async fn two(house: &House, key: &str) -> [(String, String); 2] {
    let mut found = Vec::new();
    for word in ["my boots", "those boots again"] {
        let opening = json!({ "zone": "shop", "text": word, "name": "Ida" });
        let opened = post(house, key, "/api/v1/interactions", &opening).await;
        assert_eq!(opened.status, 201, "{opened:?}");
        let id = opened.json()["interaction"].as_str().unwrap().to_owned();
        let record = house.read(&format!("/api/v1/interactions/{id}"), key).await;
        let customer = record.json()["customer"]["customer"].clone();
        found.push((id, customer.as_str().unwrap().to_owned()));
    }
    found.try_into().unwrap()
}

/// Two interactions of one customer, merged; the customer, the one that stayed and the other.
async fn merged(house: &House, key: &str) -> (String, String, String) {
    let [(a, ida), (b, same)] = two(house, key).await;
    let merge = format!("/api/v1/interactions/{a}/merge");
    let matter = json!({ "interaction": b, "reason": "the same boots" });

    let strangers = post(house, key, &merge, &matter).await;
    assert_eq!(strangers.status, 409, "{strangers:?}");
    assert!(
        strangers.body.contains("merge the customers"),
        "{strangers:?}"
    );
    let people = json!({ "customer": same, "reason": "one person" });
    let path = format!("/api/v1/customers/{ida}/merge");
    assert_eq!(post(house, key, &path, &people).await.status, 204);
    assert_eq!(post(house, key, &merge, &matter).await.status, 204);
    assert_eq!(post(house, key, &merge, &matter).await.status, 409);
    (ida, a, b)
}

async fn read(house: &House, key: &str, id: &str, end: &str) -> Answer {
    let path = format!("/api/v1/interactions/{id}{end}");
    let answer = house.read(&path, key).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

#[tokio::test]
async fn who_is_taken_apart_shares_no_contact_with_the_other() {
    let house = House::open(&[]).await;
    let key = house.token(&SCOPES).await;
    let [(a, ida), (b, same)] = two(&house, &key).await;
    let why = json!({ "reason": "two people" });
    let people = json!({ "customer": same, "reason": "one person" });
    let merge = format!("/api/v1/customers/{ida}/merge");
    let matter = json!({ "interaction": b, "reason": "the same boots" });
    let link = format!("/api/v1/interactions/{a}/merge");
    for (path, body) in [(&merge, &people), (&link, &matter)] {
        assert_eq!(post(&house, &key, path, body).await.status, 204);
    }
    let apart = format!("/api/v1/customers/{same}/unmerge");

    let refused = post(&house, &key, &apart, &why).await;
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.body.contains(&b), "{refused:?}");

    let unlink = format!("/api/v1/interactions/{b}/unmerge");
    assert_eq!(post(&house, &key, &unlink, &why).await.status, 204);
    assert_eq!(post(&house, &key, &apart, &why).await.status, 204);
}

#[tokio::test]
async fn a_matter_is_read_as_one_also_after_a_power_cut_and_its_parts_stay_as_they_are() {
    let mut house = House::open(&[]).await;
    let key = house.token(&SCOPES).await;
    let (ida, a, b) = merged(&house, &key).await;

    house.crash().await;
    house.restart().await;

    let whole = read(&house, &key, &a, "").await.json();
    assert_eq!(whole["merged"][0]["interaction"], b.as_str());
    let why = &whole["merges"][0]["reason"];
    assert_eq!(why, "the same boots");
    assert_eq!(whole["merges"][0]["author"], "program");
    assert_eq!(whole["merges"][0]["program"], "test");
    let part = read(&house, &key, &b, "").await.json();
    assert_eq!(part["merged_into"], a.as_str());
    assert_eq!(part["merged"], json!([]));
    for end in ["?format=csv", "/vcon?form=unsigned"] {
        let one = read(&house, &key, &a, end).await.body;
        assert!(
            one.contains("those boots") && one.contains("my boots"),
            "{one}"
        );
        let part = read(&house, &key, &b, end).await.body;
        assert!(!part.contains("my boots"), "{part}");
    }
    for form in ["vcon", "csv", "json"] {
        let one = house
            .run(&["interaction", "export", &a, "--format", form])
            .await;
        let one = match form {
            "vcon" => payload(&one),
            _ => one,
        };
        assert!(
            one.contains("those boots") && one.contains("my boots"),
            "{form}: {one}"
        );
    }
    let path = format!("/api/v1/interactions?customer={ida}");
    let found = house.read(&path, &key).await.json();
    let lines = found["interactions"].as_array().unwrap().iter();
    let links: Vec<_> = lines
        .map(|line| (line["interaction"].clone(), line["merged_into"].clone()))
        .collect();
    assert_eq!(links, [(json!(b), json!(a)), (json!(a), Value::Null)]);
}

#[tokio::test]
async fn a_merge_of_matters_is_taken_back_with_who_and_why() {
    let house = House::open(&[]).await;
    let key = house.token(&SCOPES).await;
    let (_, a, b) = merged(&house, &key).await;
    let unmerge = format!("/api/v1/interactions/{b}/unmerge");
    let why = json!({ "reason": "other boots" });

    assert_eq!(post(&house, &key, &unmerge, &why).await.status, 204);

    let whole = read(&house, &key, &a, "").await.json();
    assert_eq!(whole["merged"], json!([]));
    let undone = &whole["merges"][0]["undone_reason"];
    assert_eq!(undone, "other boots");
    assert_eq!(whole["merges"][0]["undone_program"], "test");
    assert_eq!(post(&house, &key, &unmerge, &why).await.status, 409);
}

#[tokio::test]
async fn what_is_wrong_with_a_merge_of_matters_is_told() {
    let house = House::open(&[]).await;
    let key = house.token(&SCOPES).await;
    let [(a, _), (b, _)] = two(&house, &key).await;
    let nothing = "0123456789abcdef0123456789abcdef";
    let at = |id: &str, end: &str| format!("/api/v1/interactions/{id}/{end}");
    let with = |id: &str| json!({ "interaction": id, "reason": "why" });

    for (path, body, status) in [
        (at("x", "merge"), with(&b), 400),
        (at(&a, "merge"), with("x"), 400),
        (at(&a, "merge"), json!({ "interaction": b }), 400),
        (at(&a, "merge"), with(nothing), 404),
        (at(nothing, "merge"), with(&a), 404),
        (at(&a, "merge"), with(&a), 409),
        (at(nothing, "unmerge"), json!({ "reason": "why" }), 404),
    ] {
        let answer = post(&house, &key, &path, &body).await;
        assert_eq!(answer.status, status, "{path} {body}: {answer:?}");
    }
    let short = house.token(&["read:records", "write:interactions"]).await;
    let refused = post(&house, &short, &at(&a, "merge"), &with(&b)).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("write:customers"), "{refused:?}");
}

// What a signed vCon says.
fn payload(signed: &str) -> String {
    let signed: Value = serde_json::from_str(signed).unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(signed["payload"].as_str().unwrap());
    String::from_utf8(bytes.unwrap()).unwrap()
}

#[tokio::test]
async fn what_a_program_says_of_a_customer_is_held_to_the_rules_of_signed_identities() {
    let house = House::open(&[]).await;
    let key = house.token(&SCOPES).await;
    let open = async |field: &str, value: &str| {
        let mut opening = json!({ "zone": "shop", "text": "my boots" });
        opening[field] = json!(value);
        post(&house, &key, "/api/v1/interactions", &opening).await
    };

    let long = "x".repeat(201);
    for (field, wrong, word) in [
        ("verified", "", "empty"),
        ("verified", "42\n", "control"),
        ("verified", " 42", "space"),
        ("verified", &long, "200"),
        ("verified", "4111 1111 1111 1111", "card number"),
        ("mail", "ida", "mail address"),
        ("mail", "ida @x.example", "mail address"),
    ] {
        let refused = open(field, wrong).await;
        assert_eq!(refused.status, 422, "{field} {wrong:?}: {refused:?}");
        assert!(refused.body.contains(word), "{wrong:?}: {refused:?}");
    }
    for (field, right) in [("verified", &long[1..]), ("mail", "ida@x.example")] {
        assert_eq!(open(field, right).await.status, 201, "{field} {right:?}");
    }
}
