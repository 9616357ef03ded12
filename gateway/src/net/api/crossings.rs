//! A visitor comes from another website of their zone: the page shows the pass that the link carried.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use hub::{
    crossing::{Arrival, Crossing},
    input::{Done, Input},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use ws::{
    crossing::{Carried, Pass},
    id::{InteractionId, Timestamp, VisitorId, ZoneId},
};

use super::{Body, Peer};
use crate::{
    auth::Bearer,
    metrics,
    net::{app::App, origin, problem::Problem},
};

/// A page that shows a pass.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// The pass.
    #[schema(value_type = String)]
    pass: Pass,
    /// The origin it was come from, as the browser tells it (`document.referrer`).
    from: String,
    /// The zone that the page names, if it names one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    zone: Option<ZoneId>,
    /// The credential of a visitor that the page has already.
    #[serde(default)]
    token: Option<String>,
}

/// Who came, and what they go on with.
#[derive(Serialize, ToSchema)]
pub struct Came {
    /// For the first frame on `/ws/visitor`; it ends when the one of the page before ends.
    token: String,
    /// Who this is from now on.
    #[schema(value_type = String)]
    visitor: VisitorId,
    /// When the credential ends.
    #[schema(value_type = u64)]
    expires_at: Timestamp,
    /// The zone.
    #[schema(value_type = String)]
    zone: ZoneId,
    /// What goes on.
    #[schema(value_type = String)]
    interaction: InteractionId,
    /// The website's own id of who this is, where its zone proved one.
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<String>,
    /// What the page before knew by itself.
    carried: Carried,
}

/// Gives the credential of the website before to a page of another website of the same zone. It takes the pass that the page
/// before made known, once, whatever comes of it.
#[utoipa::path(post, path = "/api/v1/visitors/crossings", request_body = Shown, responses(
    (status = 201, body = Came)))]
pub async fn arrive(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Body(shown): Body<Shown>,
) -> Result<(StatusCode, Json<Came>), Problem> {
    app.admit_visitor(peer.address.ip(), &headers, "visitors")?;
    let from = origin::From::read(&headers);
    let own = shown.token.as_deref();
    let own = own.map(|token| app.mint.bearer(token, app.now()));
    let page = Box::new(Arrival {
        // A program has none, and shows that it found the pass somewhere.
        at: from.origin().unwrap_or_default().to_owned(),
        from: shown.from,
        zone: shown.zone,
        own: match own {
            Some(Ok(Bearer::Visitor { visitor, .. })) => Some(visitor),
            // Whoever the page's visitor was, they cannot go on there.
            Some(Ok(Bearer::Agent(_)) | Err(_)) | None => None,
        },
    });
    let pass = shown.pass;
    let done = app.ask(|re| Input::Arrive { pass, page, re }).await;
    let done = done.inspect_err(|_| metrics::refused("crossing"))?;
    let Done::Arrived(crossing) = done else {
        return Err(Problem::otherwise("a pass"));
    };
    // The configuration may have changed since it was made known.
    let config = app.config.load();
    let zone = config.zone.get(&crossing.zone);
    let leaves = origin::From::Page {
        origin: crossing.from.clone(),
        at_home: false,
    };
    if !zone.is_some_and(|zone| origin::is_way(zone, &leaves, &crossing.to)) {
        metrics::refused("origin");
        return Err(Problem::forbidden(
            "pages of this origin are not of the contact's zone",
        ));
    }
    let who = zone.zip(crossing.verified.as_ref());
    let who = who.and_then(|(zone, signed)| zone.own_id(&signed.subject));
    let who = who.map(str::to_owned);
    came(&app, *crossing, who)
}

fn came(
    app: &App,
    crossing: Crossing,
    who: Option<String>,
) -> Result<(StatusCode, Json<Came>), Problem> {
    let now = app.now();
    if crossing.until <= now {
        return Err(Problem::unauthorized("the credential has expired"));
    }
    let bearer = Bearer::Visitor {
        visitor: crossing.visitor,
        zone: crossing.zone.clone(),
        verified: crossing.verified,
    };
    let (token, expires_at) = app.mint.sign(&bearer, now, crossing.until.since(now))?;
    let came = Came {
        token,
        visitor: crossing.visitor,
        expires_at,
        zone: crossing.zone,
        interaction: crossing.interaction,
        who,
        carried: crossing.carried,
    };
    Ok((StatusCode::CREATED, Json(came)))
}
