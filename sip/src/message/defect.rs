//! What can be wrong with one header value or URI.

/// Why a header value or URI is not what its grammar asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// Nothing is there.
    #[error("it is empty")]
    Empty,
    /// A character stands where the grammar has no place for it.
    #[error("it holds a character that is not allowed there")]
    Character,
    /// The value is longer than we read.
    #[error("it is too long")]
    TooLong,
    /// A quoted string never ends.
    #[error("a quoted string is not closed")]
    Quote,
    /// `<` without `>`, or something odd after it.
    #[error("the angle brackets do not enclose one URI")]
    Brackets,
    /// A URI has no scheme and colon.
    #[error("a URI has no scheme")]
    Scheme,
    /// A host name or address cannot be one.
    #[error("the host is not a name, an IPv4 address or a bracketed IPv6 address")]
    Host,
    /// A port is not a number below 65536.
    #[error("the port is not a number from 0 to 65535")]
    Port,
    /// A `%` is not followed by two hex digits.
    #[error("a % is not followed by two hex digits")]
    Escape,
    /// A parameter has no name, or its name is no token.
    #[error("a parameter is empty or has an impossible name")]
    Parameter,
    /// A URI has `?headers` where they are not allowed.
    #[error("URI headers are not allowed there")]
    UriHeaders,
    /// A Via does not start with `SIP/2.0/transport`.
    #[error("it does not start with SIP/2.0 and a transport")]
    Protocol,
    /// The branch is the magic cookie and nothing more (RFC 4475 §3.2.1).
    #[error("the branch is only the magic cookie")]
    BareBranch,
    /// A number is not one, or too large for its field.
    #[error("it is not a number in range")]
    Number,
    /// A method is not a token.
    #[error("the method is not a token")]
    Method,
}
