//! The words we share with `rsip`: methods, status codes, transports. Its parser and writer never touch the wire, as they
//! refuse valid messages and damage others; nothing outside this folder knows it.

use super::method::Method;
use super::status::{NoStatusCode, StatusCode};
use super::transport::Transport;

impl From<rsip::Method> for Method {
    fn from(method: rsip::Method) -> Self {
        match method {
            rsip::Method::Ack => Self::Ack,
            rsip::Method::Bye => Self::Bye,
            rsip::Method::Cancel => Self::Cancel,
            rsip::Method::Info => Self::Info,
            rsip::Method::Invite => Self::Invite,
            rsip::Method::Message => Self::Message,
            rsip::Method::Notify => Self::Notify,
            rsip::Method::Options => Self::Options,
            rsip::Method::PRack => Self::Prack,
            rsip::Method::Publish => Self::Publish,
            rsip::Method::Refer => Self::Refer,
            rsip::Method::Register => Self::Register,
            rsip::Method::Subscribe => Self::Subscribe,
            rsip::Method::Update => Self::Update,
        }
    }
}

impl Method {
    /// Returns `rsip`'s word for this method, if it has one.
    pub fn to_rsip(&self) -> Option<rsip::Method> {
        rsip::Method::all()
            .into_iter()
            .find(|&theirs| Self::from(theirs) == *self)
    }
}

impl From<StatusCode> for rsip::StatusCode {
    fn from(status: StatusCode) -> Self {
        match Self::from(status.code()) {
            Self::Other(code, _) => Self::Other(code, status.phrase().to_owned()),
            known => known,
        }
    }
}

impl TryFrom<rsip::StatusCode> for StatusCode {
    type Error = NoStatusCode;

    fn try_from(status: rsip::StatusCode) -> Result<Self, NoStatusCode> {
        Self::try_from(status.code())
    }
}

impl From<rsip::Transport> for Transport {
    fn from(transport: rsip::Transport) -> Self {
        match transport {
            rsip::Transport::Udp => Self::Udp,
            rsip::Transport::Tcp => Self::Tcp,
            rsip::Transport::Tls => Self::Tls,
            rsip::Transport::Sctp => Self::Sctp,
            rsip::Transport::TlsSctp => Self::Other,
            rsip::Transport::Ws => Self::Ws,
            rsip::Transport::Wss => Self::Wss,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_mean_the_same_to_both() {
        for theirs in rsip::Method::all() {
            assert_eq!(Method::from(theirs).as_str(), theirs.to_string());
            assert_eq!(Method::from(theirs).to_rsip(), Some(theirs));
        }
        for ours in Method::KNOWN {
            assert!(ours.to_rsip().is_some(), "{ours}");
        }
    }

    #[test]
    fn named_status_codes_keep_their_number() {
        for &ours in StatusCode::NAMED {
            let theirs = rsip::StatusCode::from(ours);

            assert_eq!(StatusCode::try_from(theirs), Ok(ours));
        }
    }

    #[test]
    fn transports_that_both_know_are_spelled_alike() {
        for theirs in rsip::Transport::all() {
            let ours = Transport::from(theirs);

            assert!(ours == Transport::Other || ours.as_str() == theirs.to_string());
        }
    }
}
