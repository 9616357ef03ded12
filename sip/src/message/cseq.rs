//! The CSeq header.

use std::fmt;

use super::defect::Defect;
use super::lexis::{is_blank, trim};
use super::method::Method;
use super::text::Text;

/// A sequence number and the method it counts for (RFC 3261 §20.16).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CSeq {
    /// The number, which orders the requests of a dialog.
    pub number: u32,
    /// The request's method.
    pub method: Method,
}

impl CSeq {
    /// Makes a sequence number for `method`.
    pub fn new(number: u32, method: Method) -> Self {
        Self { number, method }
    }

    pub(super) fn read(value: &str, share: impl FnOnce(&str) -> Text) -> Result<Self, Defect> {
        let end = value.bytes().position(is_blank).ok_or(Defect::Method)?;
        let (digits, method) = value.split_at(end);
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Defect::Number);
        }
        Ok(Self {
            number: digits.parse().map_err(|_| Defect::Number)?,
            method: Method::read(trim(method), share)?,
        })
    }
}

impl std::str::FromStr for CSeq {
    type Err = Defect;

    fn from_str(value: &str) -> Result<Self, Defect> {
        Self::read(trim(value), |name| Text::from(name))
    }
}

impl fmt::Display for CSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}
