//! How far and how often calls leave the house: `[toll]`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::value::TollRule;

/// `[toll]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Toll {
    /// Beginnings of numbers and what holds for them; the longest that fits counts.
    pub prefixes: BTreeMap<String, TollRule>,
    /// What holds for all other numbers.
    pub others: TollRule,
    /// Calls that an agent may ask for within an hour; 0 for no bound.
    pub per_agent: u32,
    /// Calls that may leave the house within an hour; 0 for no bound.
    pub per_hour: u32,
}
