//! Bodies of requests.

use axum::{
    extract::{FromRequest, Request},
    http::StatusCode,
};
use serde::de::DeserializeOwned;

use crate::net::problem::Problem;

/// A JSON body, refused in our words when it is none.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|rejection| {
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    Problem::unprocessable("the body is longer than allowed")
                } else {
                    Problem::bad_request(rejection.body_text())
                }
            })?;
        if let Some(other) = other_than_object(&bytes) {
            return Err(Problem::bad_request(format!(
                "the body is an object, such as {{\"name\": \"value\"}}, not {other}"
            )));
        }
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| error.to_string());
        let whole = read.and_then(|body| {
            let end = reader.end().map_err(|error| error.to_string());
            end.map(|()| Self(body))
        });
        whole.map_err(|error| {
            Problem::bad_request(format!(
                "the body is not the JSON that is expected here: {error}"
            ))
        })
    }
}

// What a body is, by how it begins, that is no object. A struct is read from a list of its fields' values as well, and what
// is told of one that is too short has our names for it.
fn other_than_object(body: &[u8]) -> Option<&'static str> {
    match body.trim_ascii_start().first()? {
        b'[' => Some("a list"),
        b'"' => Some("a text"),
        b'0'..=b'9' | b'-' => Some("a number"),
        _ if body.trim_ascii() == b"null" => Some("null"),
        _ if [&b"true"[..], b"false"].contains(&body.trim_ascii()) => Some("a truth value"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    #[tokio::test]
    async fn a_body_that_is_no_object_is_told_so_in_a_sentence() {
        #[derive(Debug, serde::Deserialize)]
        struct Wish {
            name: String,
        }
        let read = async |body: &str| {
            let request = Request::new(axum::body::Body::from(body.to_owned()));
            Body::<Wish>::from_request(request, &()).await
        };

        for (body, what) in [
            ("[]", "a list"),
            (" [\"Ida\"]", "a list"),
            ("\"Ida\"", "a text"),
            ("-1", "a number"),
            ("null", "null"),
            ("true\n", "a truth value"),
        ] {
            let refused = read(body).await.err().unwrap().into_response();
            assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{body}");
            let told = axum::body::to_bytes(refused.into_body(), 4_096).await;
            let told: serde_json::Value = serde_json::from_slice(&told.unwrap()).unwrap();
            let sentence =
                format!("the body is an object, such as {{\"name\": \"value\"}}, not {what}");
            assert_eq!(told["detail"], sentence, "{body}");
        }
        assert_eq!(
            read("\n{\"name\": \"Ida\"}").await.ok().unwrap().0.name,
            "Ida"
        );
    }
}
