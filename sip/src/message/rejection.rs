//! What is left of a malformed request: enough to answer it.

use super::builder::Builder;
use super::fault::Fault;
use super::header::Header;
use super::index::Index;
use super::lexis::trim;
use super::list;
use super::start;
use super::status::StatusCode;
use super::text::Text;
use super::via::Via;

/// How to answer a malformed request: the status, and the headers that its response must copy, as they came in.
#[derive(Clone, Debug)]
pub struct Rejection {
    status: StatusCode,
    reason: String,
    via: Option<Via>,
    echoed: Vec<(Header, String)>,
    to: Option<String>,
}

impl Rejection {
    /// Saves what a response needs; `None` for responses, ACKs and what has no Via.
    pub(super) fn of(index: &Index<'_>, fault: Fault) -> Option<Self> {
        if !start::wants_answer(index.start) {
            return None;
        }
        let top = index.first(Header::Via)?;
        let via = list::split(top)
            .next()
            .and_then(|top| Via::read(Text::from(top)).ok());
        let mut echoed = Vec::new();
        for value in index.all(Header::Via) {
            echoed.push((Header::Via, value.to_owned()));
        }
        for header in [Header::From, Header::CallId, Header::CSeq] {
            let value = index.first(header);
            echoed.extend(value.map(|value| (header, value.to_owned())));
        }
        Some(Self {
            status: fault.status(),
            reason: format!("{}: {fault}", fault.status().phrase()),
            via,
            echoed,
            to: index.first(Header::To).map(str::to_owned),
        })
    }

    /// Returns the status to answer with.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the reason phrase, which says what was wrong.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns the request's top Via if it can be read; without it, only the packet's source is left to answer to.
    pub fn via(&self) -> Option<&Via> {
        self.via.as_ref()
    }

    /// Starts the response, with `to_tag` added to the To if it has none. The Vias are copied as they came in, except that
    /// the first is `via` if given (as stamped by [`Via::received_from`]).
    pub fn response(&self, to_tag: &str, via: Option<&Via>) -> Builder {
        let mut builder = Builder::response(self.status, &self.reason);
        let mut stamp = via;
        for (header, value) in &self.echoed {
            match stamp.take_if(|_| *header == Header::Via) {
                Some(via) => {
                    builder = builder.header(Header::Via, via);
                    for rest in list::split(value).skip(1) {
                        builder = builder.header(Header::Via, rest);
                    }
                }
                None => builder = builder.header(*header, value),
            }
        }
        match &self.to {
            Some(to) if has_tag(to) => builder.header(Header::To, to),
            Some(to) => builder.header(Header::To, format_args!("{to};tag={to_tag}")),
            None => builder,
        }
    }
}

// The value may be malformed, so this looks for the parameter without reading the rest.
fn has_tag(to: &str) -> bool {
    let params = &to[to.rfind('>').unwrap_or(0)..];
    params
        .split(';')
        .skip(1)
        .filter_map(|param| param.split_once('='))
        .any(|(name, _)| trim(name).eq_ignore_ascii_case("tag"))
}
