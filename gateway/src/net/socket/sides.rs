//! What visitors' and agents' sockets do differently: whom they believe, what they let in, and what a page shows.

use hub::{
    edge::browser::{AgentResume, VisitorCredential},
    house,
};
use ws::{
    agent,
    cobrowse::{Grant, VisitorAct, VisitorNews},
    frame::{Asked, Code, Refusal},
    id::Timestamp,
    server::Parts,
    side::{AgentSide, VisitorSide},
    visitor,
    voice::VisitorVoice,
};

use super::{Gathered, Page, Rejection, Speaks};
use crate::{
    auth::{Bearer, roll::SignIn},
    metrics,
    net::{app::App, mirror, origin},
    run::sockets::Handles,
};

impl Speaks for VisitorSide {
    const WORD: &'static str = "visitor";

    fn handles(app: &App) -> &Handles<Self> {
        &app.sockets.visitors
    }

    fn signs_in(_: &App, _: &Asked<visitor::Request>) -> Option<SignIn> {
        None
    }

    fn read(
        app: &App,
        page: &mut Page,
        socket: u64,
        asked: Asked<visitor::Request>,
    ) -> Result<house::Told, Rejection> {
        let re = asked.id;
        let visitor::Request::Hello { token, resume } = asked.request else {
            offered(app, page, &asked)?;
            admitted(app, &asked)?;
            return Ok(house::Told::VisitorAsked { socket, asked });
        };
        let (bearer, until) = app
            .mint
            .proved(&token, app.now())
            .map_err(|rejected| Rejection::unauthorized(re, rejected.to_string()))?;
        let Bearer::Visitor {
            visitor,
            zone,
            verified,
        } = bearer
        else {
            return Err(Rejection::unauthorized(
                re,
                "this is no visitor's credential",
            ));
        };
        if !origin::is_of_zone(&app.config.load(), &zone, &page.from) {
            metrics::refused("origin");
            return Err(Rejection::unauthorized(
                re,
                "pages of this origin are not of the credential's zone",
            ));
        }
        page.zone = Some(zone.clone());
        let credential = VisitorCredential {
            visitor,
            zone: Some(zone),
            verified,
            until,
            origin: page.from.origin().map(str::to_owned),
        };
        Ok(house::Told::VisitorHello {
            socket,
            re,
            credential,
            resume,
        })
    }

    fn gather(
        parts: &mut Parts,
        asked: Asked<visitor::Request>,
        now: Timestamp,
    ) -> Result<Gathered<visitor::Request>, Refusal> {
        gather_page(parts, asked, now)
    }

    // Nothing of a page is taken before the visitor knows that it is shared, or after they know that it is not.
    fn note(parts: &mut Parts, push: &visitor::Push) {
        if let visitor::Push::Cobrowse { news, .. } = push
            && let VisitorNews::State { sharing } = &**news
        {
            parts.share(sharing.granted.contains(&Grant::View));
        }
    }
}

fn gather_page(
    parts: &mut Parts,
    asked: Asked<visitor::Request>,
    now: Timestamp,
) -> Result<Gathered<visitor::Request>, Refusal> {
    let Asked { id, request } = asked;
    let visitor::Request::Cobrowse { act } = request else {
        return Ok(Gathered::Whole(Asked { id, request }));
    };
    let act = match *act {
        VisitorAct::Part(part) => match parts.take(part)? {
            None => return Ok(Gathered::Kept),
            Some(mut batch) => {
                batch.text = mirror::clean(&batch.text, now)?;
                VisitorAct::Part(batch)
            }
        },
        VisitorAct::Sheet(part) => match parts.take_sheet(part)? {
            None => return Ok(Gathered::Kept),
            Some(sheet) => VisitorAct::Sheet(mirror::named(sheet)?),
        },
        act => act,
    };
    let act = Box::new(act);
    let request = visitor::Request::Cobrowse { act };
    Ok(Gathered::Whole(Asked { id, request }))
}

// New work waits at the door while there is too much of it; the widget asks again by itself.
fn admitted(app: &App, asked: &Asked<visitor::Request>) -> Result<(), Rejection> {
    let begins = match &asked.request {
        visitor::Request::Open { .. }
        | visitor::Request::Call { .. }
        | visitor::Request::Callback { .. } => true,
        visitor::Request::Voice { act } => begins_call(act),
        visitor::Request::Hello { .. }
        | visitor::Request::Message { .. }
        | visitor::Request::Revise { .. }
        | visitor::Request::Typing { .. }
        | visitor::Request::Receipt { .. }
        | visitor::Request::CancelCallback { .. }
        | visitor::Request::End {}
        | visitor::Request::Rate { .. }
        | visitor::Request::Cobrowse { .. }
        | visitor::Request::Cross { .. }
        | visitor::Request::Pong { .. } => false,
    };
    if !begins || app.admission.admits() {
        return Ok(());
    }
    let refusal = Refusal {
        code: Code::Unavailable,
        text: "there is too much to do at the moment; try again in a few seconds".to_owned(),
    };
    Err(Rejection {
        re: asked.id,
        refusal,
        close: None,
    })
}

fn begins_call(act: &VisitorVoice) -> bool {
    match act {
        VisitorVoice::Call { .. } => true,
        VisitorVoice::Media { .. } | VisitorVoice::HangUp {} => false,
    }
}

// What a zone does not offer, its visitors cannot ask for.
fn offered(app: &App, page: &Page, asked: &Asked<visitor::Request>) -> Result<(), Rejection> {
    let config = app.config.load();
    let Some(zone) = page.zone.as_ref().and_then(|zone| config.zone.get(zone)) else {
        return Ok(());
    };
    let (offered, what) = match &asked.request {
        visitor::Request::Open { callback: None, .. } => (zone.chat, "chats"),
        visitor::Request::Call { .. } => (zone.call, "calls"),
        visitor::Request::Voice { act } if begins_call(act) => {
            (zone.browser_call, "calls from the page")
        }
        visitor::Request::Open {
            callback: Some(_), ..
        }
        | visitor::Request::Callback { .. } => (zone.callback, "callbacks"),
        visitor::Request::Cross { to, .. } => {
            (origin::is_way(zone, &page.from, to), "ways to that website")
        }
        visitor::Request::Hello { .. }
        | visitor::Request::Message { .. }
        | visitor::Request::Revise { .. }
        | visitor::Request::Typing { .. }
        | visitor::Request::Receipt { .. }
        | visitor::Request::CancelCallback { .. }
        | visitor::Request::End {}
        | visitor::Request::Rate { .. }
        | visitor::Request::Cobrowse { .. }
        | visitor::Request::Voice { .. }
        | visitor::Request::Pong { .. } => (true, ""),
    };
    if offered {
        return Ok(());
    }
    metrics::refused("zone");
    let refusal = Refusal {
        code: Code::Forbidden,
        text: format!("there are no {what} in this zone"),
    };
    Err(Rejection {
        re: asked.id,
        refusal,
        close: None,
    })
}

impl Speaks for AgentSide {
    const WORD: &'static str = "agent";

    fn handles(app: &App) -> &Handles<Self> {
        &app.sockets.agents
    }

    fn signs_in(app: &App, asked: &Asked<agent::Request>) -> Option<SignIn> {
        let agent::Request::Hello { token, .. } = &asked.request else {
            return None;
        };
        match app.mint.proved(token, app.now()) {
            Ok((Bearer::Agent(sign_in), _)) => Some(sign_in),
            // Told when it is read.
            Ok((Bearer::Visitor { .. }, _)) | Err(_) => None,
        }
    }

    fn read(
        app: &App,
        page: &mut Page,
        socket: u64,
        asked: Asked<agent::Request>,
    ) -> Result<house::Told, Rejection> {
        let re = asked.id;
        let agent::Request::Hello {
            token,
            resume,
            timelines,
        } = asked.request
        else {
            return Ok(house::Told::AgentAsked { socket, asked });
        };
        let rejected =
            |rejected: crate::auth::Rejected| Rejection::unauthorized(re, rejected.to_string());
        let (bearer, until) = app.mint.proved(&token, app.now()).map_err(rejected)?;
        let Bearer::Agent(sign_in) = bearer else {
            return Err(Rejection::unauthorized(re, "this is no agent's credential"));
        };
        let agent = sign_in.agent.clone();
        page.signed_in = Some((sign_in, until));
        Ok(house::Told::AgentHello {
            socket,
            re,
            agent,
            resume: Box::new(AgentResume {
                desk: resume,
                timelines,
            }),
        })
    }

    fn gather(
        _: &mut Parts,
        asked: Asked<agent::Request>,
        _: Timestamp,
    ) -> Result<Gathered<agent::Request>, Refusal> {
        Ok(Gathered::Whole(asked))
    }

    fn note(_: &mut Parts, _: &agent::Push) {}
}
