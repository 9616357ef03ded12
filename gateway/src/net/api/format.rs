//! In which form something is wanted: JSON, or CSV for tables of people.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::net::problem::Problem;

/// The media type of CSV (RFC 7111), with a line of headers.
const CSV: &str = "text/csv; charset=utf-8; header=present";

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// CSV.
    Csv,
}

impl Format {
    /// Reads it off `format` in the query or, without one, off the Accept header.
    pub fn wanted(query: Option<&str>, headers: &HeaderMap) -> Result<Self, Problem> {
        match query {
            Some("json") => Ok(Self::Json),
            Some("csv") => Ok(Self::Csv),
            Some(other) => Err(Problem::bad_request(format!(
                "format \"{other}\": it can be \"json\" or \"csv\""
            ))),
            None => Ok(Self::accepted(headers)),
        }
    }

    // RFC 9110 §12.5.1, as far as two forms need it: CSV for those who like it better than JSON.
    fn accepted(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT).iter();
        let ranges: Vec<(String, f32)> = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|list| list.split(','))
            .map(range)
            .collect();
        let like = |names: [&str; 3]| {
            let named = names.iter().find_map(|name| {
                let found = ranges.iter().find(|(range, _)| range == name);
                found.map(|(_, weight)| *weight)
            });
            named.unwrap_or(0.0)
        };
        let csv = like(["text/csv", "text/*", "*/*"]);
        let json = like(["application/json", "application/*", "*/*"]);
        if csv > json { Self::Csv } else { Self::Json }
    }
}

fn range(text: &str) -> (String, f32) {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q="));
    (name, weight.and_then(|q| q.parse().ok()).unwrap_or(1.0))
}

/// Makes an answer of CSV; `name` is what a browser calls the file.
pub fn csv(text: String, name: &str) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CSV));
    let file = format!("attachment; filename=\"{name}.csv\"");
    if let Ok(file) = HeaderValue::try_from(file) {
        headers.insert(header::CONTENT_DISPOSITION, file);
    }
    response
}

/// Says that another Accept header may be answered otherwise.
pub fn varies(mut response: Response) -> Response {
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("Accept"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(text: &str) -> Format {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, text.parse().unwrap());
        Format::wanted(None, &headers).unwrap()
    }

    #[test]
    fn csv_is_for_those_who_like_it_better() {
        assert_eq!(accepting("text/csv"), Format::Csv);
        assert_eq!(accepting("text/csv, */*;q=0.5"), Format::Csv);
        assert_eq!(
            accepting("application/json;q=0.2, text/csv; q=0.8"),
            Format::Csv
        );
        for text in ["*/*", "application/json, text/csv", "text/csv;q=0, */*"] {
            assert_eq!(accepting(text), Format::Json, "{text}");
        }
    }

    #[test]
    fn the_query_goes_before_the_header_and_knows_two_words() {
        let headers = HeaderMap::new();

        assert_eq!(Format::wanted(Some("csv"), &headers), Ok(Format::Csv));
        assert_eq!(Format::wanted(Some("json"), &headers), Ok(Format::Json));
        assert!(Format::wanted(Some("xml"), &headers).is_err());
    }
}
