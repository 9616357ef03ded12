//! IPv4 and IPv6: what there is of each, such as an address of ours, and which of it a peer is told.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// The family of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

impl Family {
    /// Returns that of an address; one of IPv4 that a socket of IPv6 shows is of IPv4.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }
}

/// One of each family, or of one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Families<T> {
    /// IPv4 alone.
    V4(T),
    /// IPv6 alone.
    V6(T),
    /// Both.
    Both {
        /// That of IPv4.
        v4: T,
        /// That of IPv6.
        v6: T,
    },
}

impl<T> Families<T> {
    /// Returns one of a family alone.
    pub fn one(family: Family, it: T) -> Self {
        match family {
            Family::V4 => Self::V4(it),
            Family::V6 => Self::V6(it),
        }
    }

    /// Returns that of a family.
    pub const fn get(&self, family: Family) -> Option<&T> {
        match (self, family) {
            (Self::V4(it) | Self::Both { v4: it, .. }, Family::V4)
            | (Self::V6(it) | Self::Both { v6: it, .. }, Family::V6) => Some(it),
            (Self::V4(_), Family::V6) | (Self::V6(_), Family::V4) => None,
        }
    }

    /// Returns that of a family, or the only one where there is none of it.
    pub const fn near(&self, family: Family) -> &T {
        match (self, family) {
            (Self::V4(it) | Self::V6(it), _)
            | (Self::Both { v4: it, .. }, Family::V4)
            | (Self::Both { v6: it, .. }, Family::V6) => it,
        }
    }

    /// Returns the same, to be changed.
    pub const fn near_mut(&mut self, family: Family) -> &mut T {
        match (self, family) {
            (Self::V4(it) | Self::V6(it), _)
            | (Self::Both { v4: it, .. }, Family::V4)
            | (Self::Both { v6: it, .. }, Family::V6) => it,
        }
    }

    /// Returns the first: of both that of IPv4.
    pub const fn first(&self) -> &T {
        self.near(Family::V4)
    }

    /// Returns each with its family, that of IPv4 in front.
    pub fn iter(&self) -> impl Iterator<Item = (Family, &T)> {
        let each = [Family::V4, Family::V6].into_iter();
        each.filter_map(|family| Some((family, self.get(family)?)))
    }

    /// Returns each with its family, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Family, &mut T)> {
        let (v4, v6) = match self {
            Self::V4(it) => (Some(it), None),
            Self::V6(it) => (None, Some(it)),
            Self::Both { v4, v6 } => (Some(v4), Some(v6)),
        };
        let v4 = v4.into_iter().map(|it| (Family::V4, it));
        v4.chain(v6.into_iter().map(|it| (Family::V6, it)))
    }

    /// Makes something else of each.
    pub fn map<U>(self, mut make: impl FnMut(T) -> U) -> Families<U> {
        self.map_by(|_, it| make(it))
    }

    /// Makes something else of each, by its family.
    pub fn map_by<U>(self, mut make: impl FnMut(Family, T) -> U) -> Families<U> {
        match self {
            Self::V4(it) => Families::V4(make(Family::V4, it)),
            Self::V6(it) => Families::V6(make(Family::V6, it)),
            Self::Both { v4, v6 } => Families::Both {
                v4: make(Family::V4, v4),
                v6: make(Family::V6, v6),
            },
        }
    }

    /// Makes something that may fail of each, and returns the first failure.
    ///
    /// # Errors
    /// What `make` returns.
    pub fn try_map<U, E>(self, mut make: impl FnMut(T) -> Result<U, E>) -> Result<Families<U>, E> {
        Ok(match self {
            Self::V4(it) => Families::V4(make(it)?),
            Self::V6(it) => Families::V6(make(it)?),
            Self::Both { v4, v6 } => Families::Both {
                v4: make(v4)?,
                v6: make(v6)?,
            },
        })
    }

    /// Borrows each.
    pub const fn as_ref(&self) -> Families<&T> {
        match self {
            Self::V4(it) => Families::V4(it),
            Self::V6(it) => Families::V6(it),
            Self::Both { v4, v6 } => Families::Both { v4, v6 },
        }
    }
}

impl<T> IntoIterator for Families<T> {
    type Item = T;
    type IntoIter = std::iter::Flatten<std::array::IntoIter<Option<T>, 2>>;

    fn into_iter(self) -> Self::IntoIter {
        let each = match self {
            Self::V4(it) => [Some(it), None],
            Self::V6(it) => [None, Some(it)],
            Self::Both { v4, v6 } => [Some(v4), Some(v6)],
        };
        each.into_iter().flatten()
    }
}

impl From<IpAddr> for Families<IpAddr> {
    fn from(address: IpAddr) -> Self {
        Self::one(Family::of(address), address)
    }
}

impl From<SocketAddr> for Families<SocketAddr> {
    fn from(address: SocketAddr) -> Self {
        Self::one(Family::of(address.ip()), address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_of_the_family_or_the_only_one() {
        let both = Families::Both { v4: 4, v6: 6 };

        assert_eq!((both.near(Family::V4), both.near(Family::V6)), (&4, &6));
        assert_eq!(Families::V4(4).near(Family::V6), &4);
        assert_eq!(Families::V4(4).get(Family::V6), None);
        assert_eq!(both.map(|it| it + 1).iter().count(), 2);
        assert_eq!(Family::of("::ffff:192.0.2.1".parse().unwrap()), Family::V4);
    }
}
