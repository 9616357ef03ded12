//! SIP messages (RFC 3261 §7, §18 to §20, §25): a strict, zero-copy reader that never panics or allocates without bound,
//! a writer that cannot be made to write a line too many, and the small types of what headers hold.

mod auth;
mod builder;
mod cseq;
mod defect;
mod fault;
mod framer;
mod glance;
mod header;
mod index;
pub(crate) mod lexis;
mod list;
#[expect(clippy::module_inception, reason = "a file has the name of its noun")]
mod message;
mod method;
mod multipart;
mod name_addr;
mod params;
mod parse;
mod reason;
mod rejection;
mod replaces;
mod response;
mod session_expires;
mod session_id;
mod start;
mod status;
mod text;
mod transport;
mod uri;
mod via;
mod vocabulary;

pub use builder::Builder;
pub use cseq::CSeq;
pub use defect::Defect;
pub use fault::{Fault, ParseError};
pub use framer::{Frame, Framer};
pub use glance::begins_call;
pub use header::{Header, Name};
pub use index::MAX_MESSAGE;
pub use message::Message;
pub use method::Method;
pub use name_addr::NameAddr;
pub use params::Params;
pub use reason::Reason;
pub use rejection::Rejection;
pub use replaces::Replaces;
pub use session_expires::{Refresher, SessionExpires};
pub use session_id::{SessionId, SessionIds};
pub use status::{NoStatusCode, StatusCode};
pub use text::Text;
pub use transport::Transport;
pub(crate) use uri::host_of;
pub use uri::{Scheme, Uri};
pub use via::{MAGIC_COOKIE, Rport, Via};
