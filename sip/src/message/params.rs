//! `;name=value` parameters of header values and URIs.

use super::defect::Defect;
use super::lexis::{self, trim};

/// The parameters behind a header value or URI, read as they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params<'a>(pub(super) &'a str);

impl<'a> Params<'a> {
    /// Returns name and value of each parameter in order; quoted values keep their quotes.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (param, after) = next_param(rest)?;
            rest = after;
            Some(param)
        })
    }

    /// Returns the value of the first parameter called `name` in any case: `Some("")` for one without a value.
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.unwrap_or(""))
    }

    /// Like [`Self::get`], without quotes and quoted pairs.
    pub fn unquoted(self, name: &str) -> Option<String> {
        self.get(name).map(lexis::unquote)
    }

    /// Whether a parameter called `name` is there.
    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Checks header parameters: each is `;token[=value]` with white space only around `;` and `=`.
    pub(super) fn check(text: &str) -> Result<(), Defect> {
        Params::walk(text, |_, _| {})
    }

    /// Like [`Self::check`], and shows each name and value that is passed, an empty one for none.
    pub(super) fn walk<'t>(
        text: &'t str,
        mut show: impl FnMut(&'t str, &'t str),
    ) -> Result<(), Defect> {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] != b';' {
                return Err(Defect::Parameter);
            }
            let start = skip_blanks(bytes, at + 1);
            let end = start + lexis::len_of(&lexis::TOKEN, &bytes[start..]);
            if end == start {
                return Err(Defect::Parameter);
            }
            at = skip_blanks(bytes, end);
            let mut value = "";
            if bytes.get(at) == Some(&b'=') {
                at = skip_blanks(bytes, at + 1);
                let value_end = at + value_len(&bytes[at..])?;
                value = &text[at..value_end];
                at = skip_blanks(bytes, value_end);
            }
            show(&text[start..end], value);
        }
        Ok(())
    }
}

fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    from + lexis::blank_len(&bytes[from..])
}

fn next_param(text: &str) -> Option<((&str, Option<&str>), &str)> {
    let body = text.strip_prefix(';')?;
    let end = param_end(body.as_bytes()).unwrap_or(body.len());
    Some((halves(trim(&body[..end])), &body[end..]))
}

fn halves(param: &str) -> (&str, Option<&str>) {
    match memchr::memchr(b'=', param.as_bytes()) {
        Some(at) => (trim(&param[..at]), Some(trim(&param[at + 1..]))),
        None => (param, None),
    }
}

/// Finds the `;` that ends a parameter, passing over quoted strings.
fn param_end(text: &[u8]) -> Result<usize, Defect> {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b';', b'"', &text[at..]) {
        at += found;
        if text[at] == b';' {
            return Ok(at);
        }
        at += lexis::quoted_len(&text[at..]).ok_or(Defect::Quote)?;
    }
    Ok(text.len())
}

/// Returns the length of the value that `text` starts with: a quoted string, or all up to what cannot be part of one.
fn value_len(text: &[u8]) -> Result<usize, Defect> {
    if text.starts_with(b"\"") {
        return lexis::quoted_len(text).ok_or(Defect::Quote);
    }
    let len = lexis::len_of(&lexis::VALUE, text);
    match text.get(len) {
        None | Some(b';' | b' ' | b'\t') => Ok(len),
        Some(_) => Err(Defect::Character),
    }
}
