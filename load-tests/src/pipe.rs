//! A console or a widget for scripts: requests go in as JSON lines, everything the server says comes out as JSON lines.
//! What goes out to the server is printed too, within `{"asked": …}`: its `id` is the `re` of the answer. The line `"cut"` drops the socket without a word and opens it anew.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader, stdin},
    time,
};
use ws::{
    agent::{self, Change, Presence},
    client::{Agent, AgentNews, Opening, Visitor},
    visitor,
};

use crate::{
    browser::{Machine, Tab},
    web::Web,
};

/// How long a lost server is waited for before the next try.
const PAUSE: Duration = Duration::from_millis(200);
/// How many tries there are.
const TRIES: u32 = 100;

/// What a console does by itself.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct Habits {
    /// Becomes ready as soon as it is welcome.
    #[arg(long)]
    pub ready: bool,
    /// Accepts every offer.
    #[arg(long)]
    pub accept: bool,
    /// Finishes every wrap-up at once.
    #[arg(long)]
    pub wrap_up: bool,
}

/// Runs a console until its input ends.
pub async fn console(web: &Web, name: &str, password: &str, habits: Habits) -> Result<()> {
    let token = web.login(name, password).await?;
    let tab = Tab::open(web, Agent::new(token)).await?;
    run(tab, tell_agent, |agent, news| habits.follow(agent, news)).await
}

/// Runs a widget until its input ends; with a token, as the visitor who was here before.
pub async fn widget(web: &Web, zone: &str, token: Option<String>) -> Result<()> {
    let token = match token {
        Some(token) => token,
        None => web.visitor(zone).await?,
    };
    println!("{}", json!({ "token": token }));
    let tab = Tab::open(web, Visitor::new(token)).await?;
    run(tab, tell_visitor, |_, _| {}).await
}

impl Habits {
    /// Does what the habits say about a piece of news.
    pub fn follow(self, agent: &mut Agent, news: AgentNews) {
        match news {
            AgentNews::Welcomed if self.ready => agent.set_presence(Presence::Ready),
            AgentNews::Desk => self.clear(agent),
            AgentNews::Change(change) => match *change {
                Change::Offered { offer } if self.accept => agent.accept(offer.interaction),
                Change::Contact { contact } if self.wrap_up && contact.wrap_up_until.is_some() => {
                    agent.wrap_up(contact.interaction, None, None, None);
                }
                Change::Offered { .. }
                | Change::OfferGone { .. }
                | Change::Contact { .. }
                | Change::Released { .. }
                | Change::Presence { .. }
                | Change::Phone { .. }
                | Change::Own { .. }
                | Change::Consulted { .. }
                | Change::Supervised { .. }
                | Change::Memos { .. }
                | Change::Headset { .. } => {}
            },
            AgentNews::Welcomed
            | AgentNews::Entry(..)
            | AgentNews::Acknowledged(..)
            | AgentNews::Typing(..)
            | AgentNews::Receipt(..)
            | AgentNews::Promised(_)
            | AgentNews::Done(_)
            | AgentNews::Refused(..)
            | AgentNews::Lost(_)
            | AgentNews::Strange => {}
        }
    }

    // What lay on the desk before the socket was there.
    fn clear(self, agent: &mut Agent) {
        let Some(desk) = agent.desk() else { return };
        let offers: Vec<_> = desk.offers.iter().map(|offer| offer.interaction).collect();
        let done = |contact: &&agent::Contact| contact.wrap_up_until.is_some();
        let over: Vec<_> = desk
            .contacts
            .iter()
            .filter(done)
            .map(|contact| contact.interaction)
            .collect();
        if self.accept {
            offers
                .into_iter()
                .for_each(|interaction| agent.accept(interaction));
        }
        if self.wrap_up {
            over.into_iter()
                .for_each(|interaction| agent.wrap_up(interaction, None, None, None));
        }
    }
}

async fn run<M: Machine>(
    mut tab: Tab<M>,
    mut tell: impl FnMut(&mut M, &str) -> Result<()>,
    mut react: impl FnMut(&mut M, M::News),
) -> Result<()> {
    tab.tap = Some(Box::new(|frame| println!("{frame}")));
    tab.sent = Some(Box::new(|frame| println!(r#"{{"asked":{frame}}}"#)));
    let mut lines = BufReader::new(stdin()).lines();
    loop {
        while let Some(news) = tab.machine.news() {
            react(&mut tab.machine, news);
        }
        if let Err(error) = tab.flush().await {
            eprintln!("{error:#}");
            return_to(&mut tab).await?;
        }
        tokio::select! {
            heard = tab.wait() => if let Err(error) = heard {
                eprintln!("{error:#}");
                return_to(&mut tab).await?;
            },
            line = lines.next_line() => match line? {
                Some(line) if line.as_str() == "\"cut\"" => return_to(&mut tab).await?,
                Some(line) => tell(&mut tab.machine, &line).with_context(|| format!("the line {line:?}"))?,
                None => return Ok(()),
            },
        }
    }
}

// The server may be on its way back from a restart.
async fn return_to<M: Machine>(tab: &mut Tab<M>) -> Result<()> {
    tab.cut();
    for _ in 1..TRIES {
        if tab.connect().await.is_ok() {
            return Ok(());
        }
        time::sleep(PAUSE).await;
    }
    tab.connect().await
}

fn tell_agent(agent: &mut Agent, line: &str) -> Result<()> {
    ask_agent(agent, serde_json::from_str(line)?)
}

#[allow(clippy::too_many_lines, reason = "one arm a kind of request")]
fn ask_agent(agent: &mut Agent, request: agent::Request) -> Result<()> {
    match request {
        agent::Request::Presence { presence } => agent.set_presence(presence),
        agent::Request::Accept { interaction } => agent.accept(interaction),
        agent::Request::Decline { interaction } => agent.decline(interaction),
        agent::Request::Message {
            interaction,
            mid,
            text,
        } => agent.write(interaction, mid, text),
        agent::Request::Revise {
            interaction,
            mid,
            text,
        } => agent.revise(interaction, mid, text),
        agent::Request::Typing { interaction, on } => agent.typing(interaction, on),
        agent::Request::Receipt { interaction, .. } => agent.read(interaction),
        agent::Request::Escalate {
            interaction,
            number,
        } => agent.escalate(interaction, number),
        agent::Request::Callback {
            interaction,
            number,
            at,
            wish,
        } => agent.callback(interaction, number, at, wish),
        agent::Request::CancelCallback { callback } => agent.cancel_callback(callback),
        agent::Request::Consent {
            interaction,
            channel,
            given,
            reason,
        } => agent.consent(interaction, channel, given, reason),
        agent::Request::HangUp { interaction } => agent.hang_up(interaction),
        request @ (agent::Request::Transfer { .. }
        | agent::Request::Consult { .. }
        | agent::Request::Complete { .. }
        | agent::Request::TakeBack { .. }
        | agent::Request::Conference { .. }
        | agent::Request::Dismiss { .. }
        | agent::Request::Supervise { .. }
        | agent::Request::Whisper { .. }
        | agent::Request::Memo { .. }
        | agent::Request::MemosRead { .. }
        | agent::Request::Hold { .. }
        | agent::Request::Mute { .. }
        | agent::Request::Digits { .. }
        | agent::Request::Watch { .. }
        | agent::Request::Record { .. }) => agent.in_call(request),
        agent::Request::End { interaction } => agent.end(interaction),
        agent::Request::WrapUp {
            interaction,
            disposition,
            note,
            solved,
        } => agent.wrap_up(interaction, disposition, note, solved),
        agent::Request::ExtendWrapUp {
            interaction,
            seconds,
        } => agent.extend_wrap_up(interaction, seconds),
        agent::Request::Note { interaction, text } => agent.note(interaction, text),
        agent::Request::HandOver {
            interaction,
            to,
            note,
        } => agent.hand_over(interaction, to, note),
        agent::Request::Invite {
            interaction,
            agent: colleague,
            note,
        } => agent.invite(interaction, colleague, note),
        agent::Request::Withdraw {
            interaction,
            agent: colleague,
        } => agent.withdraw(interaction, colleague),
        agent::Request::Leave { interaction } => agent.leave(interaction),
        agent::Request::Park { interaction } => agent.park(interaction),
        agent::Request::Unpark { interaction } => agent.unpark(interaction),
        agent::Request::PresenceOf {
            agent: other,
            presence,
        } => agent.presence_of(other, presence),
        agent::Request::Cobrowse { interaction, act } => agent.cobrowse(interaction, *act),
        request @ (agent::Request::Hello { .. }
        | agent::Request::Voice { .. }
        | agent::Request::Pong { .. }) => {
            anyhow::bail!("{request:?} is said without being asked")
        }
    }
    Ok(())
}

fn tell_visitor(visitor: &mut Visitor, line: &str) -> Result<()> {
    match serde_json::from_str(line)? {
        visitor::Request::Open {
            zone,
            name,
            mail,
            page,
            referrer,
            form,
            callback: _,
            mid,
            text,
        } => {
            visitor.open(
                Opening {
                    zone,
                    name,
                    mail,
                    page,
                    referrer,
                    form,
                },
                mid,
                text,
            );
        }
        visitor::Request::Message { mid, text, .. } => visitor.write(mid, text),
        visitor::Request::Revise { mid, text, .. } => visitor.revise(mid, text),
        visitor::Request::Typing { on } => visitor.typing(on),
        visitor::Request::Receipt { .. } => visitor.read(),
        visitor::Request::Call { number } => visitor.call(number),
        visitor::Request::Callback { number, at, wish } => visitor.callback(number, at, wish),
        visitor::Request::CancelCallback { callback } => visitor.cancel_callback(callback),
        visitor::Request::End {} => visitor.end(),
        visitor::Request::Rate {
            interaction,
            score,
            comment,
        } => visitor.rate(interaction, score, comment),
        visitor::Request::Cobrowse { act } => visitor.cobrowse(*act),
        request @ (visitor::Request::Hello { .. }
        | visitor::Request::Voice { .. }
        | visitor::Request::Cross { .. }
        | visitor::Request::Pong { .. }) => {
            anyhow::bail!("{request:?} is said without being asked")
        }
    }
    Ok(())
}
