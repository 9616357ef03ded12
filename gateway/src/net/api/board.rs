//! The supervisors' board, for programs.

use std::sync::Arc;

use axum::{Json, extract::State};
use hub::house::House;
use ws::board::Board;

use crate::net::{app::App, problem::Problem};

/// Draws the board: the queues with their figures, the agents with what they hold, who waits, promised calls, the last
/// choices of an agent and the last ratings, the day in quarters, limits on calls that leave the house, and how the trunks
/// stand. It is what a supervisor's console sees first; changes are told at a console.
#[utoipa::path(get, path = "/api/v1/board", security(("bearer" = ["read:board"])), responses(
    (status = 200, body = Board)))]
pub async fn board(State(app): State<Arc<App>>) -> Result<Json<Board>, Problem> {
    let now = app.now();
    let drawn = move |house: &House| house.browsers.board(&house.hub, now);
    app.look_round(drawn).await.map(Json).map_err(Problem::from)
}
