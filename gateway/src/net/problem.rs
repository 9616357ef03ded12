//! Errors as the API tells them: `application/problem+json` (RFC 9457).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use ws::frame::{Code, Refusal};

/// The media type of a problem.
pub const KIND: &str = "application/problem+json";

/// What is wrong with a request, or with us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// A word for programs, as a relative URI reference.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The kind in words for people.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong and what would be right.
    pub detail: String,
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            retry_after: None,
        }
    }

    /// The request makes no sense.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            "The request cannot be understood",
            detail,
        )
    }

    /// A value is outside its bounds.
    pub fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "out_of_range",
            "A value cannot be used",
            detail,
        )
    }

    /// The body is of a type that is not taken.
    pub fn unsupported(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported",
            "Files of this type are not taken",
            detail,
        )
    }

    /// The body is longer than is read.
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "The body is too long",
            format!("a request's body may have {limit} bytes"),
        )
    }

    /// A picture has more pixels than is taken.
    pub fn too_many_pixels(detail: String) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "The picture is too large",
            detail,
        )
    }

    /// The request took too long to come.
    pub fn too_slow(seconds: u64) -> Self {
        Self::too_slow_for(format!(
            "a request must be there, and be answered, within {seconds} seconds"
        ))
    }

    /// The request came more slowly than is waited for.
    pub fn too_slow_for(detail: String) -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "The request took too long",
            detail,
        )
    }

    /// The credential is missing or wrong.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "A valid credential is needed",
            detail,
        )
    }

    /// It is not this party's to do or see.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "This is not allowed",
            detail,
        )
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is no such thing",
            detail,
        )
    }

    /// It cannot be done in the present state.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "conflict",
            "This cannot be done now",
            detail,
        )
    }

    /// The method is not one of the path's.
    pub fn method_not_allowed(allow: &str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This path has other methods",
            format!("it has {allow}"),
        )
    }

    /// What an If-Match asked for is not so.
    pub fn unmet(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "changed",
            "A condition is not met",
            detail,
        )
    }

    /// The same request runs already.
    pub fn running(detail: impl Into<String>) -> Self {
        Self {
            retry_after: Some(1),
            ..Self::conflict(detail)
        }
    }

    /// Puts what a library said into our words.
    pub fn of_status(status: StatusCode, detail: String) -> Self {
        let kind = match status {
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            status if status.is_server_error() => "fault",
            _ => "malformed",
        };
        let title = match status {
            StatusCode::BAD_REQUEST => "The request cannot be understood",
            StatusCode::NOT_FOUND => "There is no such thing",
            _ => status.canonical_reason().unwrap_or("The request failed"),
        };
        Self::new(status, kind, title, detail)
    }

    /// Too many requests.
    pub fn too_many(retry_after: u64, detail: impl Into<String>) -> Self {
        let problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            "Too many requests",
            detail,
        );
        Self {
            retry_after: Some(retry_after),
            ..problem
        }
    }

    /// What is sent would not fit on the disk, or on our part of it.
    pub fn no_room(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "full",
            "There is no room",
            detail,
        )
    }

    /// We are leaving, ill or full.
    pub fn unavailable(retry_after: u64, detail: impl Into<String>) -> Self {
        let problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Not at the moment",
            detail,
        );
        Self {
            retry_after: Some(retry_after),
            ..problem
        }
    }

    /// We erred; the cause is logged, not told.
    pub fn fault(error: &anyhow::Error) -> Self {
        tracing::error!(error = format!("{error:#}"), "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "fault",
            "The server failed",
            "it is in the server's log",
        )
    }

    /// The hub answered what was asked, `what`, as if something else had been.
    pub fn otherwise(what: &str) -> Self {
        Self::fault(&anyhow::anyhow!("{what} was answered with something else"))
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.text;
        match refusal.code {
            Code::Malformed => Self::bad_request(text),
            Code::OutOfRange => Self::unprocessable(text),
            Code::Unauthorized => Self::unauthorized(text),
            Code::Forbidden => Self::forbidden(text),
            Code::NotFound => Self::not_found(text),
            Code::Conflict | Code::Full => Self::conflict(text),
            Code::Suppressed => Self::new(
                StatusCode::CONFLICT,
                "suppressed",
                "The number must not be contacted",
                text,
            ),
            Code::RateLimited => Self::too_many(1, text),
            Code::Unavailable => Self::unavailable(5, text),
        }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        Self::fault(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (retry_after, unauthorized) = (self.retry_after, status == StatusCode::UNAUTHORIZED);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(KIND));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
