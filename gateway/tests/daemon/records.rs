//! Records over real HTTP and by the command line: found, listed a page at a time, exported as vCon and CSV.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::house::{House, soon};

/// Opens a chat for a customer; returns the interaction.
async fn chat(house: &House, key: &str, name: &str, text: &str) -> String {
    let opening = json!({ "zone": "shop", "text": text, "name": name });
    let opened = house
        .call("POST", "/api/v1/interactions", key, &[], Some(&opening))
        .await;
    assert_eq!(opened.status, 201, "{opened:?}");
    opened.json()["interaction"].as_str().unwrap().to_owned()
}

/// Ends it and waits until its record is complete.
async fn ended(house: &House, key: &str, id: &str) {
    let path = format!("/api/v1/interactions/{id}");
    let end = house
        .call("POST", &format!("{path}/end"), key, &[], None)
        .await;
    assert_eq!(end.status, 204, "{end:?}");
    soon("a complete record", async {
        while house.read(&path, key).await.json()["sealed_at"].is_null() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

fn bytes(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_record_leaves_as_a_vcon_that_the_published_key_proves() {
    let house = House::open(&[]).await;
    let key = house.token(&["write:interactions", "read:records"]).await;
    let id = chat(&house, &key, "Ida", "where is my order?").await;
    let path = format!("/api/v1/interactions/{id}/vcon");

    let signed = house.read(&path, &key).await;
    let keys = house.ask("GET", "/.well-known/jwks.json", &[], None).await;

    assert_eq!(signed.status, 200, "{signed:?}");
    assert_eq!(signed.header("content-type"), Some("application/vcon"));
    let known = [("if-none-match", signed.header("etag").unwrap())];
    let again = house.call("GET", &path, &key, &known, None).await;
    assert_eq!(again.status, 304, "{again:?}");
    let signed = signed.json();
    let payload: Value = serde_json::from_slice(&bytes(&signed["payload"])).unwrap();
    assert_eq!(payload["uuid"].as_str().unwrap().replace('-', ""), id);
    assert_eq!(payload["dialog"][0]["body"], "where is my order?");
    let one = &signed["signatures"][0];
    let jwk = &keys.json()["keys"][0];
    let mut point = vec![4];
    point.extend(bytes(&jwk["x"]));
    point.extend(bytes(&jwk["y"]));
    let text = format!(
        "{}.{}",
        one["protected"].as_str().unwrap(),
        signed["payload"].as_str().unwrap()
    );
    let proves = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    assert!(
        proves
            .verify(text.as_bytes(), &bytes(&one["signature"]))
            .is_ok()
    );
    let plain = house.read(&format!("{path}?form=unsigned"), &key).await;
    assert_eq!(plain.json()["uuid"], payload["uuid"]);
    let odd = house.read(&format!("{path}?form=sealed"), &key).await;
    assert_eq!(odd.status, 400, "{odd:?}");

    let said = house
        .run(&["interaction", "export", &id, "--format", "vcon"])
        .await;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["signatures"][0]["protected"], one["protected"]);
}

#[tokio::test]
async fn a_record_leaves_as_csv_in_which_nothing_is_a_formula() {
    let house = House::open(&[]).await;
    let key = house.token(&["write:interactions", "read:records"]).await;
    let id = chat(&house, &key, "Ida", "=HYPERLINK(\"http://x\")").await;
    let path = format!("/api/v1/interactions/{id}");

    let asked = house.read(&format!("{path}?format=csv"), &key).await;
    let accept = [("accept", "text/csv")];
    let accepted = house.call("GET", &path, &key, &accept, None).await;

    assert_eq!(asked.status, 200, "{asked:?}");
    let kind = asked.header("content-type").unwrap();
    assert!(kind.starts_with("text/csv"), "{kind}");
    assert!(asked.body.starts_with("time,at,interaction,"), "{asked:?}");
    assert!(
        asked.body.contains("\"'=HYPERLINK(\"\"http://x\"\")\""),
        "{asked:?}"
    );
    assert_eq!(accepted.body, asked.body);
    let said = house
        .run(&["interaction", "export", &id, "--format", "csv"])
        .await;
    assert_eq!(said, asked.body.trim());
    let odd = house.read(&format!("{path}?format=xml"), &key).await;
    assert_eq!(odd.status, 400);
    assert!(odd.body.contains("\\\"csv\\\""), "{}", odd.body);
    let nobody = "/api/v1/interactions/0123456789abcdef0123456789abcdef";
    for end in ["", "?format=csv", "/vcon"] {
        let unknown = house.read(&format!("{nobody}{end}"), &key).await;
        assert_eq!(unknown.status, 404, "{end}: {unknown:?}");
    }
}

#[tokio::test]
async fn interactions_are_found_by_what_is_known_of_them() {
    let house = House::open(&[("TANDEM_WEB__REQUESTS_PER_SECOND", "100000")]).await;
    let scopes = ["write:interactions", "read:records", "write:customers"];
    let key = house.token(&scopes).await;
    let first = chat(&house, &key, "Ida Example", "a boot without a sole").await;
    let second = chat(&house, &key, "Otto", "only asking").await;
    ended(&house, &key, &first).await;

    let found = async |query: &str| {
        let path = format!("/api/v1/interactions?{query}");
        let answer = house.read(&path, &key).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let lines = answer.json()["interactions"].as_array().unwrap().clone();
        let ids = lines.iter().map(|line| line["interaction"].as_str());
        ids.map(|id| id.unwrap().to_owned()).collect::<Vec<_>>()
    };

    let (first, second) = (first.as_str(), second.as_str());
    assert_eq!(found("name=ida").await, [first]);
    assert_eq!(found("text=sole%20boot").await, [first]);
    assert_eq!(found("state=live").await, [second]);
    assert_eq!(found("outcome=abandoned").await, [first]);
    assert_eq!(found("queue=support").await, [second, first]);
    assert_eq!(found("queue=support&name=otto").await, [second]);
    for nothing in [
        "number=%2B4930999",
        "mail=x%40x.example",
        "to=1",
        "agent=ben",
    ] {
        assert_eq!(found(nothing).await, Vec::<String>::new(), "{nothing}");
    }
}

#[tokio::test]
async fn lists_lead_from_page_to_page_in_either_form() {
    let house = House::open(&[]).await;
    let key = house.token(&["write:interactions", "read:records"]).await;
    for n in 0..3 {
        chat(&house, &key, &format!("Ida{n}"), "hello").await;
    }

    let mut rows = Vec::new();
    let mut path = Some("/api/v1/interactions?format=csv&limit=2".to_owned());
    while let Some(next) = path {
        let page = house.read(&next, &key).await;
        assert_eq!(page.status, 200, "{page:?}");
        rows.extend(page.body.lines().skip(1).map(str::to_owned));
        path = page.header("link").map(|link| {
            let (address, _) = link.split_once(">; rel=\"next\"").unwrap();
            address.trim_start_matches('<').to_owned()
        });
    }
    assert_eq!(rows.len(), 3, "{rows:?}");

    let listed = house.run(&["interaction", "list", "--format", "csv"]).await;
    assert_eq!(listed.lines().skip(1).collect::<Vec<_>>(), rows);
    let later = ["interaction", "list", "--from", "2100-01-01"];
    assert_eq!(house.run(&later).await, "");
    let nowhere = ["interaction", "list", "--queue", "nothing"];
    let refused = house.run_in_vain(&nowhere).await;
    assert!(refused.contains("no queue"), "{refused}");
    for (query, status) in [
        ("state=dead", 400),
        ("customer=x", 400),
        ("from=soon", 400),
        ("limit=0", 422),
        ("after=x", 400),
        ("format=xml", 400),
        ("nothing=1", 400),
    ] {
        let path = format!("/api/v1/interactions?{query}");
        let refused = house.read(&path, &key).await;
        assert_eq!(refused.status, status, "{query}: {refused:?}");
    }
}
