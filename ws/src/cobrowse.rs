//! Seeing a visitor's page together: what they allow, what is done with it, and the words of both sides. What the page
//! looks like travels in batches that are nobody's record; every act is a fact.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::id::{AgentId, SheetName, Timestamp};

/// What a visitor may allow, each by itself.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// To see the page, without what is masked.
    View,
    /// To point at it, mark it and scroll it.
    Point,
    /// To suggest other pages; the visitor opens them.
    Push,
    /// To fill in fields and press what does not submit.
    Control,
}

/// How a page is shared now; nothing is asked and nothing granted when it is not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Sharing {
    /// What the visitor is asked for and did not answer yet.
    pub asked: BTreeSet<Grant>,
    /// Who asks.
    pub by: Option<String>,
    /// How long the question stands.
    pub until: Option<Timestamp>,
    /// What they allowed.
    pub granted: BTreeSet<Grant>,
    /// Since when the page is shared.
    pub since: Option<Timestamp>,
    /// The page the visitor is on, without what follows `?` or `#`.
    pub page: Option<String>,
    /// What it is called now; told to agents alone, and kept nowhere.
    #[serde(default)]
    pub title: Option<String>,
    /// Who looks at it now.
    pub viewers: Vec<Viewer>,
}

/// Somebody who looks at a shared page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Viewer {
    /// Who.
    pub agent: AgentId,
    /// The name shown.
    pub name: String,
}

/// What was done about a shared page: a fact, and a line of the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Act {
    /// An agent asks for consent.
    Asked {
        /// To what.
        grants: BTreeSet<Grant>,
        /// How long the question stands.
        until: Timestamp,
    },
    /// The question was not answered in time, or was taken back.
    Unanswered,
    /// The visitor allowed something.
    Granted {
        /// What.
        grants: BTreeSet<Grant>,
    },
    /// The visitor did not allow something.
    Declined {
        /// What.
        grants: BTreeSet<Grant>,
    },
    /// The visitor took something back; the rest goes on.
    Revoked {
        /// What.
        grants: BTreeSet<Grant>,
    },
    /// Nothing is shared any more.
    Stopped {
        /// Why, in words for people.
        reason: String,
    },
    /// The visitor is on this page.
    Page {
        /// Where, without what follows `?` or `#`.
        url: String,
        /// Its title.
        title: Option<String>,
        /// How many other pages they were on since the last entry of the kind, beyond a hundred of those.
        #[serde(default)]
        skipped: u32,
    },
    /// A page was suggested to the other side.
    Pushed {
        /// Where.
        url: String,
        /// What it is called.
        title: Option<String>,
    },
    /// Somebody began to look.
    Joined {
        /// Who.
        agent: AgentId,
        /// The name shown.
        name: String,
    },
    /// Somebody looks no more.
    Left {
        /// Who.
        agent: AgentId,
    },
    /// Something on the page was marked.
    Marked {
        /// What, as the marker's console names it.
        label: Option<String>,
    },
    /// Something on the page was drawn.
    Drawn,
    /// A field was filled in; with what is not kept.
    Filled {
        /// Which, as the agent's console names it.
        label: Option<String>,
    },
    /// Something was pressed.
    Pressed {
        /// What, as the agent's console names it.
        label: Option<String>,
    },
    /// The page did not do what an agent did: nothing of the kind is there, or it is not to be touched.
    Undone {
        /// What, as the agent's console names it.
        label: Option<String>,
    },
    /// The visitor's page and this interaction were brought together by a code.
    Paired,
    /// The caller keyed a code that brought no page into the call.
    Astray {
        /// Why, as a program that asked would be told.
        reason: String,
    },
}

/// What an agent does on a visitor's page. Places are CSS pixels of the whole page, from its upper left corner; nodes are
/// numbered by the recorder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
pub enum Guide {
    /// The agent's pointer is here. Latest wins.
    Pointer {
        /// From the left.
        x: i32,
        /// From the top.
        y: i32,
    },
    /// The page, or an element of it that scrolls by itself, is to be scrolled to here. Latest wins.
    Scroll {
        /// From the left.
        x: i32,
        /// From the top.
        y: i32,
        /// Which element; none is the page's window.
        #[serde(default)]
        node: Option<i32>,
    },
    /// An element is to be marked.
    Mark {
        /// Which.
        node: i32,
        /// What it is, at most 100 characters; kept where it has 40 at most.
        #[serde(default)]
        label: Option<String>,
    },
    /// A line is drawn.
    Draw {
        /// Its points, 2 to 200 of them.
        points: Vec<[i32; 2]>,
    },
    /// Marks and lines go away.
    Clear {},
    /// A field is to be filled in.
    Fill {
        /// Which.
        node: i32,
        /// With what, at most 2,000 characters.
        value: String,
        /// What it is, at most 100 characters; kept where it has 40 at most.
        #[serde(default)]
        label: Option<String>,
    },
    /// Something is to be pressed.
    Press {
        /// Which.
        node: i32,
        /// What it is, at most 100 characters; kept where it has 40 at most.
        #[serde(default)]
        label: Option<String>,
    },
}

impl Guide {
    /// Returns what the visitor must have allowed for it.
    pub fn needs(&self) -> Grant {
        match self {
            Self::Pointer { .. }
            | Self::Scroll { .. }
            | Self::Mark { .. }
            | Self::Draw { .. }
            | Self::Clear {} => Grant::Point,
            Self::Fill { .. } | Self::Press { .. } => Grant::Control,
        }
    }

    /// Tells whether a newer one may replace it, and none of it is kept.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Pointer { .. } | Self::Scroll { .. } => true,
            Self::Mark { .. }
            | Self::Draw { .. }
            | Self::Clear {}
            | Self::Fill { .. }
            | Self::Press { .. } => false,
        }
    }
}

/// What an agent asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum AgentAct {
    /// Asks the visitor for consent.
    Ask {
        /// To what; seeing the page comes first.
        grants: BTreeSet<Grant>,
    },
    /// Ends it, or takes the question back.
    Stop {},
    /// Wants to see the page, from how it looks now; supervisors may in any interaction.
    Watch {
        /// The style sheets of it that are known here already, 64 at most.
        #[serde(default)]
        sheets: Vec<SheetName>,
    },
    /// Wants to see it no more.
    Leave {},
    /// Points, marks, scrolls, fills in.
    Guide {
        /// The recording in whose picture they do it; what another page came in between for is not done.
        stream: String,
        /// How.
        guide: Guide,
    },
    /// Suggests a page to the visitor.
    Page {
        /// Where; at most 2,000 characters, and begins as one of the configured addresses.
        url: String,
        /// What it is called, at most 100 characters.
        #[serde(default)]
        title: Option<String>,
    },
    /// Wants a code that the customer types on their page.
    Code {},
    /// Brings the page that shows this code into the interaction.
    Pair {
        /// Six digits.
        code: String,
    },
}

/// What a visitor asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum VisitorAct {
    /// Answers what they are asked for.
    Answer {
        /// What they allow; the rest is declined.
        grants: BTreeSet<Grant>,
    },
    /// Takes something back; without seeing the page nothing else is left.
    Revoke {
        /// What.
        grants: BTreeSet<Grant>,
    },
    /// Tells the page they are on.
    Page {
        /// Where, at most 2,000 characters.
        url: String,
        /// Its title, at most 100 characters are kept.
        #[serde(default)]
        title: Option<String>,
    },
    /// Tells which style sheets the next batch of a recording needs, beside those it named before; the answer says which
    /// of them the server does not have.
    Sheets {
        /// The recording.
        stream: String,
        /// Their names, 64 at most.
        sheets: Vec<SheetName>,
    },
    /// Sends a part of a style sheet.
    Sheet(SheetPart),
    /// Sends a part of a batch of what happened on the page.
    Part(Part),
    /// Suggests a page to the agent.
    Suggest {
        /// Where; as for an agent's `page`.
        url: String,
        /// What it is called, at most 100 characters.
        #[serde(default)]
        title: Option<String>,
    },
    /// Says that the page did not do what an agent did.
    Undone {
        /// What, as the agent's console names it.
        #[serde(default)]
        label: Option<String>,
    },
    /// Goes to a website that is not shown: what is shared ends when this page closes, if it was the visitor's last.
    Leave {},
    /// Wants a code that brings this page into a call.
    Code {},
    /// Brings this page into the interaction in which the code was given out.
    Pair {
        /// Six digits.
        code: String,
    },
}

/// A part of a batch: a batch may be longer than a frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Names the recording; another page, or another look at it, is another. 1 to 32 characters.
    pub stream: String,
    /// The batch's number within it, from 1 without gaps.
    pub batch: u32,
    /// The part's number, from 0.
    pub at: u16,
    /// How many parts the batch has.
    pub of: u16,
    /// Whether the batch begins with the whole page.
    pub fresh: bool,
    /// A piece of a JSON array of recorded events.
    pub text: String,
}

/// A part of a style sheet, which may be longer than a frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SheetPart {
    /// The recording that needs it.
    pub stream: String,
    /// Its name: the SHA-256 of its whole text in UTF-8.
    pub sheet: SheetName,
    /// The part's number, from 0.
    pub at: u16,
    /// How many parts the sheet has.
    pub of: u16,
    /// A piece of its text.
    pub text: String,
}

/// What a visitor is told unasked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum VisitorNews {
    /// How the page is shared now. Latest wins.
    State {
        /// How.
        sharing: Sharing,
    },
    /// An agent does something on the page.
    Guide {
        /// Who.
        by: String,
        /// The recording in whose picture they do it.
        stream: String,
        /// What.
        guide: Guide,
    },
    /// The recording is to begin anew, with the whole page. Latest wins.
    Fresh {},
    /// A code that this page shows is not good any more, since another page of the visitor had one made.
    Lapsed {},
    /// The code that a visitor's pages of this zone have, to one that was just welcomed; where there is none, none is good that
    /// was shown before.
    Code {
        /// Six digits.
        code: String,
        /// How long it is good, once.
        until: Timestamp,
    },
}

/// What an agent is told unasked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum AgentNews {
    /// How the page is shared now. Latest wins.
    State {
        /// How.
        sharing: Sharing,
    },
    /// What happened on the page.
    Batch {
        /// Of which recording.
        stream: String,
        /// The batch's number within it.
        batch: u32,
        /// Whether it begins with the whole page.
        fresh: bool,
        /// The style sheets it needs that none before it in its recording needed.
        #[serde(default)]
        sheets: Vec<SheetName>,
        /// A JSON array of recorded events, with the server's times.
        events: String,
    },
    /// A style sheet, before the first batch that needs it; each comes once.
    Sheet {
        /// Its name.
        sheet: SheetName,
        /// Its text.
        text: String,
    },
    /// More happened than could be sent: ask `watch` again.
    Behind {},
    /// A code that this console shows is not good any more, since another one was made for the contact.
    Lapsed {},
    /// The code of a contact, to a console that was just welcomed; a contact without one has none, whatever was shown before.
    Code {
        /// Six digits.
        code: String,
        /// How long it is good, once.
        until: Timestamp,
    },
}
