//! How a trunk is spoken to: numbers, identities, marks, and how much it may ask and be asked.

use super::NumberPlan;

/// What a trunk's messages look like, and how many calls it has. The default translates nothing, follows
/// [`super::Trunk::trusted`] and has no bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// How it writes telephone numbers.
    pub numbers: NumberPlan,
    /// Whether callees are not to see our number: it is asserted to a trusted trunk alone (RFC 3325, `Privacy: id`).
    pub withhold: bool,
    /// Whether the asserted number of a caller who withholds it is told, for whoever looks the customer up by it.
    pub reveal: bool,
    /// Which marks it is sent; where nothing is said all to a trusted one, Session-ID to others.
    pub marks: Option<MarkSet>,
    /// Bounds of the calls it sends us.
    pub inbound: Bounds,
    /// Bounds of the calls we send it.
    pub outbound: Bounds,
}

/// How many calls go one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// At a time; none for no bound.
    pub calls: Option<u32>,
    /// Begun within a second, as many at once; none for no bound.
    pub rate: Option<u32>,
}

/// A header field that names an interaction (DESIGN 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// `Session-ID` (RFC 7989).
    SessionId,
    /// `X-Interaction-ID`.
    InteractionId,
    /// `X-Leg-ID`.
    LegId,
    /// `User-to-User` (RFC 7433).
    UserToUser,
    /// `X-CID`, the Call-ID of the interaction's first call.
    CallId,
}

impl Mark {
    const ALL: [Self; 5] = [
        Self::SessionId,
        Self::InteractionId,
        Self::LegId,
        Self::UserToUser,
        Self::CallId,
    ];

    /// Returns the name of the header field.
    pub fn header(self) -> &'static str {
        match self {
            Self::SessionId => "Session-ID",
            Self::InteractionId => "X-Interaction-ID",
            Self::LegId => "X-Leg-ID",
            Self::UserToUser => "User-to-User",
            Self::CallId => "X-CID",
        }
    }

    /// Returns the mark that a header field of that name is, in whatever case.
    pub fn of_header(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|mark| mark.header().eq_ignore_ascii_case(name))
    }
}

/// Which marks are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MarkSet(u8);

impl MarkSet {
    /// Every mark.
    pub const ALL: Self = Self(0b1_1111);
    /// Session-ID alone.
    pub const SESSION: Self = Self(0b1);

    /// Tells whether a mark is in it.
    pub fn has(self, mark: Mark) -> bool {
        self.0 & (1 << mark as u8) != 0
    }

    /// Tells whether a header field may be sent: every one that is no mark where any but Session-ID is.
    pub fn lets(self, header: &str) -> bool {
        match Mark::of_header(header) {
            Some(mark) => self.has(mark),
            None => self.0 & !Self::SESSION.0 != 0,
        }
    }
}

impl FromIterator<Mark> for MarkSet {
    fn from_iter<T: IntoIterator<Item = Mark>>(marks: T) -> Self {
        Self(marks.into_iter().fold(0, |set, mark| set | 1 << mark as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_lets_through_what_is_in_it() {
        let some: MarkSet = [Mark::SessionId, Mark::CallId].into_iter().collect();

        assert!(some.lets("session-id") && some.lets("x-cid"));
        assert!(!some.lets("X-Leg-ID") && !some.lets("User-to-User"));
        assert!(MarkSet::ALL.lets("X-Interaction-ID"));
        assert!(MarkSet::SESSION.lets("Session-ID"));
        assert!(!MarkSet::SESSION.lets("X-Anything"));
        assert!(!MarkSet::default().lets("Session-ID"));
    }
}
