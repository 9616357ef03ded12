//! Pure decisions about interactions, queues, agents and callbacks.
//!
//! [`Hub`] is the one door. What it is told ([`Input`]) and the time lead to decisions; each decision is a [`Fact`], and
//! [`State`] is nothing but a fold over facts. Around them, one noun a file:
//!
//! | what lasts | decisions | worked out anew |
//! |---|---|---|
//! | [`interaction`], [`leg`], [`queue`] and its [`line`], [`agent`], [`customer`], [`consent`], [`matter`] | offers, chats, calls, escalation, ratings, pages seen together, callbacks, the gate, desks, restart | who fits which queue (roster), who is free and what waits (board), timers (sweep) |
//!
//! After each input `work` settles what was touched: what an interaction needs next follows from how it stands, not from
//! the order in which things came in.

pub mod agent;
mod aside;
mod attend;
mod awaited;
pub mod blend;
mod board;
mod browser_call;
mod call;
pub mod callback;
mod callers;
pub mod calling;
mod chat;
pub mod cobrowse;
pub mod command;
mod conference;
pub mod consent;
mod consult;
pub mod crossing;
pub mod customer;
pub mod demand;
mod desk;
mod dispatch;
mod divert;
mod early;
pub mod edge;
mod escalation;
pub mod event;
mod explain;
pub mod figures;
mod fold;
pub mod form;
mod full;
pub mod gate;
mod handing;
mod hands;
pub mod hours;
pub mod house;
mod hub;
mod ids;
pub mod input;
pub mod interaction;
mod introduce;
mod inviting;
mod keypad;
mod knocks;
mod lease;
mod leaving;
pub mod leg;
pub mod line;
pub mod link;
pub mod lookup;
pub mod mail;
pub mod matter;
mod member;
pub mod memo;
pub mod menu;
pub mod mids;
mod note;
pub mod numbered;
pub mod numbering;
mod offers;
mod opening;
pub mod outward;
pub mod own;
mod pace;
mod park;
mod pause;
pub mod phrase;
pub mod policy;
pub mod priority;
pub mod promise;
mod q850;
pub mod quality;
pub mod queue;
mod rating;
pub mod reasons;
pub mod recorder;
pub mod recording;
pub mod redact;
mod redirect;
mod referral;
mod referred;
mod restart;
pub mod revise;
mod roster;
mod routing;
pub mod scope;
pub mod screen_pop;
mod settle;
pub mod setup;
mod share;
pub mod state;
mod statement;
pub mod step;
pub mod stranded;
mod supervise;
mod sweep;
mod talk;
pub mod times;
pub mod toll;
mod transfer;
pub mod trunk;
pub mod voicemail;
pub mod wait;
mod work;

#[cfg(test)]
mod tests;

pub use command::Command;
pub use event::{Event, Fact};
pub use explain::Explanation;
pub use hub::{Hub, Output};
pub use input::Input;
pub use state::State;
