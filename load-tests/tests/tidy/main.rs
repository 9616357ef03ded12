//! The rules of this house that no compiler checks, read off the repository as it lies here: what may depend on what,
//! how long a file may be, which words are used, which names the metrics have.

mod house;
mod layout;
mod metrics;
mod mutations;
mod pains;
mod purity;
mod schemas;
mod words;
