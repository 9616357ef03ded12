//! How the trunks stand, as the SIP side measures it, and since when they answer or do not. It is no fact: a start measures anew.

use std::collections::BTreeMap;

use sip::endpoint::TrunkStanding;
use ws::{
    board::TrunkView,
    id::{Timestamp, TrunkId},
};

/// The trunks, in the order of the configuration.
#[derive(Debug, Default)]
pub(super) struct Trunks(Vec<TrunkView>);

impl Trunks {
    /// Takes how all of them stand; tells whether that is news.
    pub(super) fn take(&mut self, standings: &[TrunkStanding], now: Timestamp) -> bool {
        let known: BTreeMap<&TrunkId, &TrunkView> =
            self.0.iter().map(|view| (&view.trunk, view)).collect();
        let view = |standing: &TrunkStanding| {
            let trunk: TrunkId = standing.trunk.parse().ok()?;
            let before = known.get(&trunk).filter(|view| view.up == standing.up);
            Some(TrunkView {
                up: standing.up,
                since: before.map_or(now, |view| view.since),
                registered: standing.registered,
                calls: standing.calls,
                limit: standing.max_calls,
                trunk,
            })
        };
        let views = standings.iter().filter_map(view).collect();
        let is_news = self.0 != views;
        self.0 = views;
        is_news
    }

    pub(super) fn views(&self) -> &[TrunkView] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(trunk: &str, up: bool, calls: u32) -> TrunkStanding {
        TrunkStanding {
            trunk: trunk.to_owned(),
            up,
            registered: None,
            calls,
            max_calls: Some(30),
        }
    }

    #[test]
    fn since_when_a_trunk_answers_or_does_not_outlasts_other_news() {
        let mut trunks = Trunks::default();
        let seen = |trunks: &Trunks| -> Vec<(String, bool, u64, u32)> {
            let views = trunks.views().iter();
            views
                .map(|view| (view.trunk.to_string(), view.up, view.since.0, view.calls))
                .collect()
        };
        let both = |up, calls| [standing("a", up, calls), standing("b", true, 0)];
        let b = || ("b".to_owned(), true, 1, 0);

        assert!(trunks.take(&both(true, 0), Timestamp(1)));
        assert!(!trunks.take(&both(true, 0), Timestamp(2)));
        assert!(trunks.take(&both(true, 3), Timestamp(3)));
        assert_eq!(seen(&trunks), [("a".to_owned(), true, 1, 3), b()]);
        assert!(trunks.take(&both(false, 3), Timestamp(4)));
        assert!(trunks.take(&both(false, 0), Timestamp(5)));
        assert_eq!(seen(&trunks), [("a".to_owned(), false, 4, 0), b()]);
        assert!(trunks.take(&both(true, 0), Timestamp(6)));
        assert_eq!(seen(&trunks), [("a".to_owned(), true, 6, 0), b()]);
        assert!(trunks.take(&[], Timestamp(7)));
        assert_eq!(seen(&trunks), []);
    }
}
