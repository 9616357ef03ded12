//! Visitors and the zones they come by.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
};
use hub::{
    Hub,
    form::{Field, Kind, is_mail, later},
    hours::Opening,
    input::Signed,
    policy::Rule,
    scope::NAME,
};
use rand::SeedableRng;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::id::{Timestamp, VisitorId, ZoneId};

use super::{Body, Peer, id};
use crate::{
    auth::{self, Bearer},
    config::{Cobrowse, Config, Files, Invite, Zone, ZoneCobrowse, choice},
    metrics,
    net::{app::App, origin, problem::Problem},
};

/// Who wants to become a visitor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Introduction {
    /// The zone of the page.
    #[schema(value_type = String)]
    zone: ZoneId,
    /// An identity signed by the website (JWT, HS256, with `sub` and `exp`, and `name`, `email` and `phone_number` if it knows them).
    #[serde(default)]
    identity: Option<String>,
}

/// A visitor's credential.
#[derive(Debug, Serialize, ToSchema)]
pub struct Admission {
    /// For the first frame on `/ws/visitor`.
    token: String,
    /// Who this is from now on.
    #[schema(value_type = String)]
    visitor: VisitorId,
    /// When the credential ends.
    #[schema(value_type = u64)]
    expires_at: Timestamp,
}

/// A zone as its widget shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZoneView {
    #[schema(value_type = String)]
    zone: ZoneId,
    /// The widget's language on pages that name none, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    title: String,
    greeting: String,
    /// What visitors are asked before a chat.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    form: Vec<FieldView>,
    /// Whether visitors may write.
    chat: bool,
    /// Whether visitors may ask to be called now.
    call: bool,
    /// Whether visitors may call from the page: not while it or its queue is closed, where the queue's rule has nobody take them.
    browser_call: bool,
    /// Whether visitors may ask to be called later.
    callback: bool,
    /// Whether visitors may have a chat mailed that ended.
    mail: bool,
    /// Set while nobody can be there, where a message can be left: what is asked of who leaves one.
    #[serde(skip_serializing_if = "Option::is_none")]
    later: Option<LaterView>,
    /// When the page invites to a chat; the first whose conditions all hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    invite: Vec<InviteView>,
    /// Whether an agent is free for a chat at this moment, where the page invites to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    free: Option<bool>,
    /// What of a page is never shown to an agent; none where pages are not seen together.
    #[serde(skip_serializing_if = "Option::is_none")]
    cobrowse: Option<PageRules>,
    /// Which files visitors may share; none where they may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<FileRules>,
    /// For how many seconds a message may be written anew or taken back; none where it may not.
    #[serde(skip_serializing_if = "is_zero")]
    revise: u64,
    /// The websites over which a contact follows its visitor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    origins: Vec<String>,
    /// Whether it and its queue are within their hours.
    open: bool,
    /// When both are next, where it is closed and that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens_at: Option<u64>,
    /// Until when it is open, where it or its queue keeps hours and they end within nine days.
    #[serde(skip_serializing_if = "Option::is_none")]
    closes_at: Option<u64>,
}

/// A field of the form before a chat.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldView {
    /// What its answer is called by.
    field: String,
    /// What it asks for: `name`, `mail`, `number`, `text`, `choice` or `consent`.
    #[schema(value_type = String)]
    kind: Kind,
    /// What is asked.
    label: String,
    /// Whether it has to be answered.
    required: bool,
    /// What can be chosen, of a choice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<OptionView>,
    /// Where what is agreed to can be read, of a consent.
    #[serde(skip_serializing_if = "String::is_empty")]
    link: String,
}

/// Something that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub struct OptionView {
    /// What is answered.
    value: String,
    /// What is read.
    label: String,
}

impl FieldView {
    fn of(field: &Field, lang: Option<&str>) -> Self {
        let options = field.options.iter().map(|pick| OptionView {
            value: pick.value.clone(),
            label: pick.label.in_language(lang).to_owned(),
        });
        Self {
            field: field.field.clone(),
            kind: field.kind,
            label: field.label.in_language(lang).to_owned(),
            required: field.required,
            options: options.collect(),
            link: field.link.clone(),
        }
    }
}

/// What is asked of who leaves a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct LaterView {
    /// Why nobody can be there: `closed`, `full`, `unstaffed` or `slow`.
    #[schema(value_type = String)]
    because: Rule,
    /// The form.
    form: Vec<FieldView>,
}

/// A rule by which a page invites to a chat.
#[derive(Debug, Serialize, ToSchema)]
pub struct InviteView {
    /// What it says.
    text: String,
    /// After how many seconds on a page.
    after: u64,
    /// How much of the page was scrolled through, in percent.
    scroll: u8,
    /// What the basket is worth at least.
    cart: u32,
    /// The paths it is for, where `*` stands for anything; every page without any.
    pages: Vec<String>,
    /// The visitors it is for; everybody without any.
    segments: Vec<String>,
}

impl InviteView {
    fn of(rule: &Invite, lang: Option<&str>) -> Self {
        Self {
            text: rule.text.in_language(lang).to_owned(),
            after: rule.after.0.as_secs(),
            scroll: rule.scroll,
            cart: rule.cart,
            pages: rule.pages.clone(),
            segments: rule.segments.clone(),
        }
    }
}

/// In which language a page is told.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Language {
    /// A tag such as `de` or `de-AT`; the zone's language where there is none, and English where there is no text in it.
    #[serde(default)]
    lang: Option<String>,
}

/// What of a page is shown to an agent, as CSS selectors.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageRules {
    /// Parts whose text is masked.
    mask: Vec<String>,
    /// Parts that are left out.
    block: Vec<String>,
    /// Fields whose content is shown.
    reveal: Vec<String>,
}

impl PageRules {
    fn of(house: &Cobrowse, zone: &ZoneCobrowse) -> Option<Self> {
        let both = |house: &[String], zone: &[String]| [house, zone].concat();
        (house.enabled && zone.enabled).then(|| Self {
            mask: both(&house.mask, &zone.mask),
            block: both(&house.block, &zone.block),
            reveal: both(&house.reveal, &zone.reveal),
        })
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(seconds: &u64) -> bool {
    *seconds == 0
}

/// Which files are taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileRules {
    /// The largest, in bytes.
    largest: usize,
    /// Media types, as found in the content.
    types: Vec<String>,
}

impl FileRules {
    fn of(files: &Files) -> Option<Self> {
        files.enabled.then(|| Self {
            largest: files.largest,
            types: files.types.clone(),
        })
    }
}

/// Gives out a credential to a page of the zone.
#[utoipa::path(post, path = "/api/v1/visitors", request_body = Introduction, responses(
    (status = 201, body = Admission), (status = 401, body = Problem)))]
pub async fn become_visitor(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Body(who): Body<Introduction>,
) -> Result<(StatusCode, Json<Admission>), Problem> {
    app.admit_visitor(peer.address.ip(), &headers, "visitors")?;
    let config = app.config.load();
    let zone = config
        .zone
        .get(&who.zone)
        .ok_or_else(|| Problem::not_found(format!("there is no zone \"{}\"", who.zone)))?;
    if !origin::is_of_zone(&config, &who.zone, &origin::From::read(&headers)) {
        metrics::refused("origin");
        return Err(Problem::forbidden(format!(
            "pages of this origin are not of zone \"{}\"",
            who.zone
        )));
    }
    let verified = proved(&config, &who, zone, app.clock.machine())?;
    let mut rng = rand::rngs::StdRng::from_seed(auth::random());
    let visitor = VisitorId::mint(&mut rng);
    let bearer = Bearer::Visitor {
        visitor,
        zone: who.zone,
        verified,
    };
    let (token, expires_at) = app
        .mint
        .sign(&bearer, app.now(), config.web.visitor_token.0)?;
    Ok((
        StatusCode::CREATED,
        Json(Admission {
            token,
            visitor,
            expires_at,
        }),
    ))
}

// Who the website says this is, and whether that is enough for the zone.
fn proved(
    config: &Config,
    who: &Introduction,
    zone: &Zone,
    now: Timestamp,
) -> Result<Option<Signed>, Problem> {
    let verified = match &who.identity {
        None => None,
        Some(_) if zone.identity_secret.is_empty() => {
            return Err(Problem::unprocessable(
                "this zone has no identity_secret, so no identity can be proved",
            ));
        }
        Some(token) => Some(auth::identity(token, &zone.identity_secret, now).map_err(
            |rejected| {
                metrics::refused("identity");
                Problem::unauthorized(format!("the signed identity is not taken: {rejected}"))
            },
        )?),
    };
    let told = choice::Page {
        identity: who.identity.as_deref(),
        now,
        ..choice::Page::default()
    };
    if zone.signed && !choice::is_of_segment(config, &who.zone, &told) {
        return Err(Problem::forbidden(format!(
            "zone \"{}\" is for visitors whose signed identity names one of its segments",
            who.zone
        )));
    }
    let Some(identity) = verified else {
        return Ok(None);
    };
    let subject = subject(config, zone, &identity.sub)?;
    signed(subject, identity).map(Some)
}

// Whoever holds the key of one website signs no customers of another that numbers its own.
fn subject(config: &Config, zone: &Zone, sub: &str) -> Result<String, Problem> {
    let numbers_it =
        |other: &Zone| !other.identity_issuer.is_empty() && other.own_id(sub).is_some();
    if zone.identity_issuer.is_empty() && config.zone.values().any(numbers_it) {
        return Err(Problem::unprocessable(
            "the signed identity: sub begins as those of another zone's identity_issuer",
        ));
    }
    Ok(zone.subject(sub))
}

// What the website says must be of the lengths that the hub takes from anybody.
fn signed(subject: String, identity: auth::Identity) -> Result<Signed, Problem> {
    let wrong = |what: &str| Problem::unprocessable(format!("the signed identity: {what}"));
    let (name, mail) = (identity.name, identity.email);
    // One that mail goes to by other rules than ours is not known, and the customer is.
    let mail = mail.filter(|mail| is_mail(mail) || !mail.contains('@'));
    if name
        .as_ref()
        .is_some_and(|name| name.chars().count() > NAME)
    {
        return Err(wrong(&format!("name is longer than {NAME} characters")));
    }
    if mail.as_ref().is_some_and(|mail| !is_mail(mail)) {
        return Err(wrong("email is no mail address"));
    }
    let number = identity.phone_number.map(|number| number.parse());
    let number = number
        .transpose()
        .map_err(|_| wrong("phone_number is no telephone number; write it like +49301234567"))?;
    Ok(Signed {
        subject,
        name,
        mail,
        number,
    })
}

/// Tells what a zone offers.
#[utoipa::path(get, path = "/api/v1/zones/{zone}", params(("zone" = String, Path), Language), responses(
    (status = 200, body = ZoneView)))]
pub async fn zone(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Query(Language { lang }): Query<Language>,
) -> Result<Json<ZoneView>, Problem> {
    let name: ZoneId = id(&name)?;
    let config = app.config.load_full();
    let zone = config
        .zone
        .get(&name)
        .ok_or_else(|| Problem::not_found(format!("there is no zone \"{name}\"")))?;
    let lang = lang.as_deref().or(zone.language.0.as_deref());
    let (asked, line, now) = (name.clone(), zone.queue.clone(), app.now());
    let seen = move |hub: &Hub| {
        let free = hub.is_free_for(&asked, now);
        let because = hub.leaves_message(&asked, now);
        let opening = hub.opening(&line, Some(&asked), now);
        (free, because, hub.closed_to_calls(&asked, now), opening)
    };
    let (free, because, deaf, opening) = app.look(seen).await?;
    let (open, opens_at, closes_at) = match opening {
        Opening::Open { until } => (true, None, until.map(|at| at.0)),
        Opening::Closed { opens } => (false, opens.map(|at| at.0), None),
    };
    let fields = |form: &[Field]| {
        form.iter()
            .map(|field| FieldView::of(field, lang))
            .collect()
    };
    let because = because.filter(|_| zone.chat);
    let later = because.map(|because| LaterView {
        because,
        form: fields(&later(&zone.form)),
    });
    Ok(Json(ZoneView {
        language: zone.language.0.clone(),
        title: zone.title.in_language(lang).to_owned(),
        greeting: zone.greeting.in_language(lang).to_owned(),
        form: fields(&zone.form),
        later,
        chat: zone.chat,
        call: zone.call && config.outbound.trunk.0.is_some(),
        browser_call: zone.browser_call && config.web_rtc.listen.0.is_some() && !deaf,
        callback: zone.callback && config.outbound.trunk.0.is_some(),
        mail: config.mail.server.0.is_some(),
        invite: zone
            .invite
            .iter()
            .map(|rule| InviteView::of(rule, lang))
            .collect(),
        free: (!zone.invite.is_empty()).then_some(free),
        cobrowse: PageRules::of(&config.cobrowse, &zone.cobrowse),
        files: FileRules::of(&config.files),
        revise: config.work.revise.0.as_secs(),
        origins: zone.origins.iter().map(ToString::to_string).collect(),
        open,
        opens_at,
        closes_at,
        zone: name,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_mail_does_not_go_to_is_not_known_and_the_customer_is() {
        let said = |email: &str| {
            let identity = serde_json::json!({ "sub": "4711", "email": email, "exp": 1 });
            signed("4711".to_owned(), serde_json::from_value(identity).unwrap())
        };

        for unwritable in ["ida@b\u{fc}cher.example", "a..b@shop.example", "ida@shop"] {
            let known = said(unwritable).unwrap();
            assert_eq!((known.subject.as_str(), known.mail), ("4711", None));
        }
        let known = said("ida@shop.example").unwrap();
        assert_eq!(known.mail.as_deref(), Some("ida@shop.example"));
        assert!(said("nonsense").is_err());
    }
}
