//! Long lists, a page at a time: `limit` and `after` in the query, and the way to the next page in a `Link` header
//! (RFC 8288). A page begins behind the last thing of the one before, so that what comes in between moves nothing.

use std::str::FromStr;

use axum::{
    Json,
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use crate::{auth::cursor::CursorKey, net::problem::Problem};

/// The most things of a page.
pub const LONGEST: u32 = 200;

/// The query of a list that comes whole: it has none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whole {}

/// Which page is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// How many things, 1 to 200.
    pub limit: u32,
    /// The last thing of the page before.
    pub after: Option<String>,
    uri: Uri,
}

impl Paging {
    /// Takes what the query says; `usual` things where it says nothing. `uri` is that of the request, as it came.
    pub fn of(
        uri: &Uri,
        limit: Option<u32>,
        after: Option<String>,
        usual: u32,
    ) -> Result<Self, Problem> {
        let limit = limit.unwrap_or(usual);
        if !(1..=LONGEST).contains(&limit) {
            return Err(Problem::unprocessable(format!(
                "limit={limit}: it can be from 1 to {LONGEST}"
            )));
        }
        Ok(Self {
            limit,
            after,
            uri: uri.clone(),
        })
    }

    /// Returns how many things to read: one more than wanted tells whether there is a next page.
    pub fn reach(&self) -> u32 {
        self.limit + 1
    }

    /// Cuts what was read to the page; `name` tells how a thing is named in `after`.
    pub fn cut<T>(&self, read: Vec<T>, name: impl Fn(&T) -> String) -> (Vec<T>, Next) {
        let named = |thing: &T| Ok::<_, std::convert::Infallible>(name(thing));
        match self.try_cut(read, named) {
            Ok(cut) => cut,
            Err(never) => match never {},
        }
    }

    /// The same where a thing may have no name.
    pub fn try_cut<T, E>(
        &self,
        mut read: Vec<T>,
        name: impl Fn(&T) -> Result<String, E>,
    ) -> Result<(Vec<T>, Next), E> {
        let wanted = self.limit as usize;
        let more = read.len() > wanted;
        read.truncate(wanted);
        let last = read.last().filter(|_| more).map(name).transpose()?;
        let next = last.map(|last| self.next(&last));
        Ok((read, Next(next)))
    }

    /// Reads the name that a page of `list` is to begin behind, which the house signed.
    pub fn behind<T: FromStr>(&self, places: &CursorKey, list: &str) -> Result<Option<T>, Problem> {
        let read = |text: &String| {
            let name = places.read_name(list, text).ok();
            name.and_then(|name| name.parse().ok())
                .ok_or_else(|| self.unknown())
        };
        self.after.as_ref().map(read).transpose()
    }

    /// Tells who names something to begin behind that is not there.
    pub fn unknown(&self) -> Problem {
        let after = self.after.as_deref().unwrap_or_default();
        Problem::bad_request(format!(
            "after \"{after}\" is not in this list; it is what the Link header of the page before has"
        ))
    }

    /// Returns the way to what lies behind the last thing that was looked at, where the page is not full and looking stopped.
    pub fn or_behind(&self, next: Next, last: Option<String>) -> Next {
        let behind = last.map(|last| self.next(&last));
        Next(next.0.or(behind))
    }

    fn next(&self, last: &str) -> String {
        let kept = self.uri.query().unwrap_or_default().split('&');
        let kept = kept.filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !pair.is_empty() && name != "after" && name != "limit"
        });
        let mut query: Vec<String> = kept.map(str::to_owned).collect();
        query.push(format!("limit={}", self.limit));
        query.push(format!("after={}", crate::net::url::encode(last)));
        format!("<{}?{}>; rel=\"next\"", self.uri.path(), query.join("&"))
    }
}

/// The way to the next page, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next(Option<String>);

/// A page as it is answered.
pub struct Page<T>(pub T, pub Next);

impl Next {
    /// Puts it into an answer.
    pub fn lead(self, mut response: Response) -> Response {
        let link = self.0.and_then(|link| HeaderValue::try_from(link).ok());
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        self.1.lead(Json(self.0).into_response())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(uri: &str, limit: u32) -> Paging {
        Paging::of(&uri.parse().unwrap(), Some(limit), None, 50).unwrap()
    }

    #[test]
    fn a_full_page_names_the_next_and_keeps_the_other_words_of_the_query() {
        let paging = paging("/api/v1/things?state=open&after=x&limit=9", 2);

        let (page, next) = paging.cut(vec!["a", "b b", "c"], |thing| (*thing).to_owned());

        assert_eq!(page, ["a", "b b"]);
        assert_eq!(
            next.0.as_deref(),
            Some("</api/v1/things?state=open&limit=2&after=b%20b>; rel=\"next\"")
        );
    }

    #[test]
    fn the_last_page_names_none() {
        let (page, next) = paging("/api/v1/things", 2).cut(vec!["a", "b"], |it| (*it).to_owned());

        assert_eq!(page.len(), 2);
        assert_eq!(next, Next(None));
    }

    #[test]
    fn no_page_and_a_page_too_long_are_refused() {
        let uri = "/api/v1/things".parse().unwrap();

        assert!(Paging::of(&uri, Some(0), None, 50).is_err());
        assert!(Paging::of(&uri, Some(LONGEST + 1), None, 50).is_err());
    }
}
