//! The lookup of who comes, against a system that knows nobody, and one that does not answer.

use serde_json::json;

use crate::{
    house::{House, soon},
    receiver::{Receiver, Reply, SECRET, TAKEN},
};

async fn is_asked_once(reply: Reply) {
    let mut crm = Receiver::open(move |_| reply).await;
    let mut told = Receiver::open(|_| TAKEN).await;
    let (crm_url, told_url) = (crm.url(), told.url());
    let mut house = House::open(&[
        ("TANDEM_LOOKUP__URL", crm_url.as_str()),
        ("TANDEM_LOOKUP__PRIVATE", "true"),
        ("TANDEM_LOOKUP__DEADLINE", "1s"),
        ("TANDEM_WEBHOOK_TOLD__URL", told_url.as_str()),
        ("TANDEM_WEBHOOK_TOLD__SECRET", SECRET),
        ("TANDEM_WEBHOOK_TOLD__EVENTS", "[\"customer.looked_up\"]"),
        ("TANDEM_WEBHOOK_TOLD__PRIVATE", "true"),
        ("TANDEM_WEB__REQUESTS_PER_SECOND", "100000"),
    ])
    .await;
    let token = house.token(&["write:callbacks", "admin:webhooks"]).await;
    // What happens before it has begun is not told to it.
    soon("the webhook's beginning", async {
        while house.read("/api/v1/webhooks/told", &token).await.json()["state"] != "well" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let first = promise(&house, &token, "+4930111").await;
    assert_eq!(crm.next().await.json()["interaction"], first.as_str());
    let over = told.next().await.json();
    assert_eq!(over["interaction"], first.as_str());

    house.crash().await;
    house.restart().await;

    let second = promise(&house, &token, "+4930222").await;
    let question = crm.next().await.json();
    assert_eq!(question["interaction"], second.as_str(), "{question}");
}

async fn promise(house: &House, token: &str, number: &str) -> String {
    let wish = json!({ "number": number, "queue": "support" });
    let answer = house
        .call("POST", "/api/v1/callbacks", token, &[], Some(&wish))
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["interaction"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn who_is_unknown_there_is_not_asked_for_again_after_a_crash() {
    is_asked_once(TAKEN).await;
}

#[tokio::test]
async fn nor_is_who_it_never_answered_for() {
    is_asked_once(None).await;
}

async fn asking(crm: &Receiver) -> (House, String) {
    let url = crm.url();
    let house = House::open(&[
        ("TANDEM_LOOKUP__URL", url.as_str()),
        ("TANDEM_LOOKUP__PRIVATE", "true"),
        ("TANDEM_WEB__REQUESTS_PER_SECOND", "100000"),
    ])
    .await;
    let token = house.token(&["write:callbacks"]).await;
    (house, token)
}

async fn counted(house: &House, series: &str) {
    soon(series, async {
        while !house.look("/metrics").await.body.contains(series) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn why_nobody_can_be_looked_up_is_logged_once_a_cause() {
    let crm = Receiver::open(|post| {
        let last = post.text.contains("+4930333");
        Some((if last { 403 } else { 500 }, ""))
    })
    .await;
    let (house, token) = asking(&crm).await;

    for number in ["+4930111", "+4930222"] {
        promise(&house, &token, number).await;
    }
    counted(&house, "tandem_lookups_total{result=\"failed\"} 2").await;

    // Another cause is told after whatever those told.
    promise(&house, &token, "+4930333").await;
    let warned = ["WARN", "somebody could not be looked up"];
    house
        .until_said(1, &[&warned[..], &["it answered 403"]].concat())
        .await;
    let first = [&warned[..], &["it answered 500"]].concat();
    assert_eq!(house.said(&first).len(), 1);
}

#[tokio::test]
async fn a_field_that_is_odd_is_logged_once_by_its_name_and_not_by_what_is_in_it() {
    let crm = Receiver::saying(|post| {
        if post.text.contains("+4930333") {
            r#"{"note": 7}"#
        } else {
            r#"{"name": ["Lovelace"], "value": 99, "note": "likes tea"}"#
        }
    })
    .await;
    let (house, token) = asking(&crm).await;

    for number in ["+4930111", "+4930222"] {
        promise(&house, &token, number).await;
    }
    counted(&house, "tandem_lookups_total{result=\"found\"} 2").await;

    // Another field is told after whatever those told.
    promise(&house, &token, "+4930333").await;
    let odd = ["WARN", "was odd and left out"];
    house
        .until_said(1, &[&odd[..], &["field=\"note\""]].concat())
        .await;
    for field in ["field=\"name\"", "field=\"value\""] {
        assert_eq!(house.said(&[&odd[..], &[field]].concat()).len(), 1);
    }
    for private in ["Lovelace", "tea"] {
        assert_eq!(house.said(&[private]), Vec::<String>::new());
    }
}
