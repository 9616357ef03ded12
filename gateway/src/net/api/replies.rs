//! Replies that agents insert instead of typing them.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::id::QueueId;

use crate::net::{app::App, problem::Problem};

/// Which replies are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Choice {
    /// Those offered in contacts of this queue.
    queue: Option<String>,
    /// Those in this language.
    language: Option<String>,
}

/// One reply in one language.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplyView {
    /// What agents type after a slash.
    name: String,
    /// In whose contacts it is offered; in all when empty.
    #[schema(value_type = Vec<String>)]
    queues: Vec<QueueId>,
    /// Two letters, such as `en`.
    language: String,
    /// What is written; `{customer}`, `{agent}` and `{queue}` are for the console to fill in.
    text: String,
}

/// All that fit, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replies {
    replies: Vec<ReplyView>,
}

/// Lists the configured replies.
#[utoipa::path(get, path = "/api/v1/replies", params(Choice), security(("bearer" = ["read:queues"])), responses(
    (status = 200, body = Replies)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Query(choice): Query<Choice>,
) -> Result<Json<Replies>, Problem> {
    let config = app.config.load();
    let mut replies = Vec::new();
    for (name, reply) in &config.replies {
        let of_queue = choice.queue.as_ref().is_none_or(|queue| {
            reply.queues.is_empty() || reply.queues.iter().any(|it| it.as_str() == queue)
        });
        let texts = reply.text.iter().filter(|(language, _)| {
            of_queue && choice.language.as_ref().is_none_or(|it| it == *language)
        });
        replies.extend(texts.map(|(language, text)| ReplyView {
            name: name.clone(),
            queues: reply.queues.clone(),
            language: language.clone(),
            text: text.clone(),
        }));
    }
    Ok(Json(Replies { replies }))
}
