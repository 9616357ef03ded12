//! The real daemon on free ports: chats over real WebSockets, crashes, refusals, leaving.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that cannot go on fails here"
)]

mod api;
mod bounds;
mod chats;
mod consoles;
mod crossings;
mod customers;
mod files;
mod house;
mod lookups;
mod matters;
mod operations;
mod receiver;
mod records;
mod refusals;
mod slow;
mod staff;
mod stores;
mod tab;
mod transcripts;
mod ways;
mod webhooks;
