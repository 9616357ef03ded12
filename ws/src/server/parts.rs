//! Puts the parts of a batch together again, while a page is shared and within a bound.

use crate::{
    cobrowse::{Part, SheetPart},
    frame::{Code, Refusal},
};

/// The most bytes of one batch: a whole page, as the recorder writes it.
pub const BATCH: usize = 3 * 1024 * 1024;

/// The most bytes of one style sheet that goes by name.
pub const SHEET: usize = 1024 * 1024;

/// The batch and the style sheet of one socket that are not complete.
#[derive(Debug, Default)]
pub struct Parts {
    shared: bool,
    open: Option<Part>,
    sheet: Option<SheetPart>,
}

impl Parts {
    /// Notes whether the socket's page is shared. When it is not, nothing is kept and nothing taken.
    pub fn share(&mut self, shared: bool) {
        self.shared = shared;
        if !shared {
            (self.open, self.sheet) = (None, None);
        }
    }

    /// Takes a part of a style sheet; returns the sheet as its only part once it is whole.
    pub fn take_sheet(&mut self, part: SheetPart) -> Result<Option<SheetPart>, Refusal> {
        self.check(&part.stream, part.at, part.of)?;
        let joined = match self.sheet.take() {
            Some(open) if continues(&open, &part) => SheetPart {
                text: open.text + &part.text,
                ..part
            },
            Some(_) | None if part.at == 0 => part,
            Some(_) | None => {
                return refuse(
                    Code::Conflict,
                    "the part before this is missing; begin the sheet again",
                );
            }
        };
        if joined.text.len() > SHEET {
            return refuse(
                Code::OutOfRange,
                format!("a style sheet that goes by name has at most {SHEET} bytes"),
            );
        }
        if joined.at + 1 < joined.of {
            self.sheet = Some(joined);
            return Ok(None);
        }
        let whole = SheetPart {
            at: 0,
            of: 1,
            ..joined
        };
        Ok(Some(whole))
    }

    /// Takes a part; returns the batch as its only part once it is whole.
    pub fn take(&mut self, part: Part) -> Result<Option<Part>, Refusal> {
        self.check(&part.stream, part.at, part.of)?;
        let joined = match self.open.take() {
            None if part.at == 0 => part,
            Some(open) if follows(&open, &part) => Part {
                at: part.at,
                text: open.text + &part.text,
                ..part
            },
            Some(_) | None if part.at == 0 => part,
            Some(_) | None => {
                return refuse(
                    Code::Conflict,
                    "the part before this is missing; begin the batch again",
                );
            }
        };
        if joined.text.len() > BATCH {
            return refuse(
                Code::OutOfRange,
                format!("a batch has at most {BATCH} bytes; the page is too large to be shown"),
            );
        }
        if joined.at + 1 < joined.of {
            self.open = Some(joined);
            return Ok(None);
        }
        Ok(Some(Part {
            at: 0,
            of: 1,
            ..joined
        }))
    }

    fn check(&self, stream: &str, at: u16, of: u16) -> Result<(), Refusal> {
        if !self.shared {
            return refuse(
                Code::Forbidden,
                "nothing is shared; what the page shows is not taken",
            );
        }
        if stream.is_empty() || stream.len() > 32 || at >= of {
            return refuse(
                Code::OutOfRange,
                "a part has a stream of 1 to 32 characters and at < of",
            );
        }
        Ok(())
    }
}

fn continues(open: &SheetPart, part: &SheetPart) -> bool {
    open.stream == part.stream
        && open.sheet == part.sheet
        && open.of == part.of
        && open.at.checked_add(1) == Some(part.at)
}

fn follows(open: &Part, part: &Part) -> bool {
    open.stream == part.stream
        && open.batch == part.batch
        && open.of == part.of
        && open.at.checked_add(1) == Some(part.at)
}

fn refuse<T>(code: Code, text: impl Into<String>) -> Result<T, Refusal> {
    let text = text.into();
    Err(Refusal { code, text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SheetName;

    fn part(batch: u32, at: u16, of: u16, text: &str) -> Part {
        Part {
            stream: "s".to_owned(),
            batch,
            at,
            of,
            fresh: false,
            text: text.to_owned(),
        }
    }

    #[test]
    fn parts_in_order_become_the_batch() {
        let mut parts = Parts::default();
        parts.share(true);

        assert_eq!(parts.take(part(1, 0, 3, "[{")), Ok(None));
        assert_eq!(parts.take(part(1, 1, 3, "}")), Ok(None));
        assert_eq!(
            parts.take(part(1, 2, 3, "]")),
            Ok(Some(part(1, 0, 1, "[{}]")))
        );
        assert_eq!(
            parts.take(part(2, 0, 1, "[]")),
            Ok(Some(part(2, 0, 1, "[]")))
        );
    }

    #[test]
    fn a_part_out_of_order_is_refused_and_the_batch_may_begin_again() {
        let mut parts = Parts::default();
        parts.share(true);

        assert_eq!(parts.take(part(1, 0, 3, "[")), Ok(None));
        assert!(parts.take(part(1, 2, 3, "]")).is_err());
        assert_eq!(parts.take(part(1, 0, 2, "[")), Ok(None));
        assert_eq!(parts.take(part(2, 0, 2, "[")), Ok(None));
        assert_eq!(
            parts.take(part(2, 1, 2, "]")),
            Ok(Some(part(2, 0, 1, "[]")))
        );
    }

    #[test]
    fn nothing_is_kept_of_a_page_that_is_not_shared() {
        let mut parts = Parts::default();
        let refused = parts.take(part(1, 0, 2, "[")).unwrap_err();
        assert_eq!(refused.code, Code::Forbidden, "not to be begun anew");

        parts.share(true);
        assert_eq!(parts.take(part(1, 0, 2, "[")), Ok(None));
        parts.share(false);
        assert!(parts.take(part(1, 1, 2, "]")).is_err());
        parts.share(true);

        assert!(parts.take(part(1, 1, 2, "]")).is_err());
    }

    #[test]
    fn a_batch_that_is_too_long_is_refused() {
        let mut parts = Parts::default();
        parts.share(true);
        let long = "x".repeat(BATCH);

        assert_eq!(parts.take(part(1, 0, 2, &long)), Ok(None));
        assert!(parts.take(part(1, 1, 2, "x")).is_err());
        assert!(parts.take(part(1, 1, 2, "x")).is_err());
    }
    fn sheet(sheet: u8, at: u16, of: u16, text: &str) -> SheetPart {
        SheetPart {
            stream: "s".to_owned(),
            sheet: SheetName::new([sheet; 32]),
            at,
            of,
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_style_sheet_comes_in_parts_of_its_own_and_only_while_the_page_is_shared() {
        let mut parts = Parts::default();
        assert!(parts.take_sheet(sheet(1, 0, 1, "a{}")).is_err());

        parts.share(true);
        assert_eq!(parts.take(part(1, 0, 2, "[")), Ok(None));
        assert_eq!(parts.take_sheet(sheet(1, 0, 2, "a{")), Ok(None));
        assert_eq!(
            parts.take(part(1, 1, 2, "]")),
            Ok(Some(part(1, 0, 1, "[]")))
        );
        assert!(parts.take_sheet(sheet(2, 1, 2, "}")).is_err());
        assert_eq!(parts.take_sheet(sheet(1, 0, 2, "a{")), Ok(None));
        assert_eq!(
            parts.take_sheet(sheet(1, 1, 2, "}")),
            Ok(Some(sheet(1, 0, 1, "a{}")))
        );
        parts.share(false);
        assert!(parts.take_sheet(sheet(1, 0, 1, "a{}")).is_err());
    }

    #[test]
    fn a_style_sheet_that_is_too_long_is_refused() {
        let mut parts = Parts::default();
        parts.share(true);
        let long = "x".repeat(SHEET);

        assert_eq!(parts.take_sheet(sheet(1, 0, 2, &long)), Ok(None));
        let refused = parts.take_sheet(sheet(1, 1, 2, "x")).unwrap_err();

        assert_eq!(refused.code, Code::OutOfRange);
    }
}
