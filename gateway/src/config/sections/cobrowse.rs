//! Seeing visitors' pages together: `[cobrowse]` and `[zone.NAME.cobrowse]`.

use hub::cobrowse::CobrowseSetup;
use serde::{Deserialize, Serialize};

use crate::config::value::{Origin, Span};

/// `[cobrowse]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cobrowse {
    /// Whether agents may ask to see a visitor's page.
    pub enabled: bool,
    /// How long a visitor may take to answer.
    pub ask: Span,
    /// How long a visitor who is between two pages, or lost, is waited for.
    pub lost: Span,
    /// How long a page is shared that nobody looks at.
    pub unwatched: Span,
    /// How long a page is shared at most.
    pub longest: Span,
    /// How addresses begin that may be suggested: `https://host/path`, or `/path` of the page's own website.
    pub pages: Vec<String>,
    /// Where pictures, styles and fonts of pages lie, beside the websites themselves: agents' browsers fetch them from nowhere else.
    pub assets: Vec<Origin>,
    /// Selectors of parts whose text is never shown.
    pub mask: Vec<String>,
    /// Selectors of parts that are not shown at all.
    pub block: Vec<String>,
    /// Selectors of fields whose content is shown; that of passwords, cards and the like never is.
    pub reveal: Vec<String>,
}

impl Default for Cobrowse {
    fn default() -> Self {
        let setup = CobrowseSetup::default();
        Self {
            enabled: setup.enabled,
            ask: Span(setup.ask),
            lost: Span(setup.lost),
            unwatched: Span(setup.unwatched),
            longest: Span(setup.longest),
            pages: Vec::new(),
            assets: Vec::new(),
            mask: Vec::new(),
            block: Vec::new(),
            reveal: Vec::new(),
        }
    }
}

impl Cobrowse {
    /// Returns what the hub is told.
    pub fn setup(&self) -> CobrowseSetup {
        CobrowseSetup {
            enabled: self.enabled,
            ask: self.ask.0,
            lost: self.lost.0,
            unwatched: self.unwatched.0,
            longest: self.longest.0,
            pages: self.pages.clone(),
        }
    }
}

/// `[zone.NAME.cobrowse]`: what holds for its pages beside `[cobrowse]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ZoneCobrowse {
    /// Whether agents may ask to see its visitors' pages.
    pub enabled: bool,
    /// Further beginnings of addresses that may be suggested.
    pub pages: Vec<String>,
    /// Further parts whose text is never shown.
    pub mask: Vec<String>,
    /// Further parts that are not shown at all.
    pub block: Vec<String>,
    /// Further fields whose content is shown.
    pub reveal: Vec<String>,
}

impl Default for ZoneCobrowse {
    fn default() -> Self {
        Self {
            enabled: true,
            pages: Vec::new(),
            mask: Vec::new(),
            block: Vec::new(),
            reveal: Vec::new(),
        }
    }
}
