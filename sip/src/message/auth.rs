//! Digest challenges and answers in messages.

use super::header::Header;
use super::message::Message;
use crate::digest::{AuthError, Authorization, Challenge};

impl Message {
    /// Returns the digest answers in Authorization that can be read.
    pub fn authorization(&self) -> impl Iterator<Item = Authorization> {
        self.lines(Header::Authorization)
            .filter_map(|line| line.parse().ok())
    }

    /// Returns the digest answers in Proxy-Authorization that can be read.
    pub fn proxy_authorization(&self) -> impl Iterator<Item = Authorization> {
        self.lines(Header::ProxyAuthorization)
            .filter_map(|line| line.parse().ok())
    }

    /// Returns why none of the challenges can be answered, where there are some.
    pub fn unanswerable(&self) -> Option<AuthError> {
        let lines = self.lines(Header::WwwAuthenticate);
        let lines = lines.chain(self.lines(Header::ProxyAuthenticate));
        let read: Result<Vec<AuthError>, Challenge> = lines
            .map(|line| match line.parse::<Challenge>() {
                Ok(challenge) => Err(challenge),
                Err(error) => Ok(error),
            })
            .collect();
        read.ok()?.pop()
    }

    /// Returns the digest challenges in WWW-Authenticate that can be answered.
    pub fn www_authenticate(&self) -> impl Iterator<Item = Challenge> {
        self.lines(Header::WwwAuthenticate)
            .filter_map(|line| line.parse().ok())
    }

    /// Returns the digest challenges in Proxy-Authenticate that can be answered.
    pub fn proxy_authenticate(&self) -> impl Iterator<Item = Challenge> {
        self.lines(Header::ProxyAuthenticate)
            .filter_map(|line| line.parse().ok())
    }
}
