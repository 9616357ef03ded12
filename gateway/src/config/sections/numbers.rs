//! How people and programs write telephone numbers: `[numbers]`.

use std::collections::BTreeSet;

use hub::numbering::Numbering;
use serde::{Deserialize, Serialize};
use sip::trunk::{NumberForm, NumberPlan};

use super::Config;

/// `[numbers]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Numbers {
    /// The country code that national numbers lack, such as `49`; when empty, what the trunks customers are called by say,
    /// if they all say the same.
    pub country: String,
    /// What stands before a national number.
    pub national: String,
    /// What stands before an international number.
    pub international: String,
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            country: String::new(),
            national: "0".to_owned(),
            international: "00".to_owned(),
        }
    }
}

impl Config {
    /// Returns how the house reads numbers.
    pub fn numbering(&self) -> Numbering {
        let own = &self.numbers;
        if !own.country.is_empty() {
            return Numbering::new(NumberPlan {
                country: own.country.clone(),
                national: own.national.clone(),
                international: own.international.clone(),
                form: NumberForm::Plus,
            });
        }
        let Some(way) = &self.outbound.trunk.0 else {
            return Numbering::default();
        };
        let ways = self
            .trunk
            .iter()
            .filter(|(name, trunk)| *name == way || trunk.carrier.0.as_ref() == Some(way));
        let plans = ways.map(|(_, trunk)| {
            let said = &trunk.numbers;
            (&said.country, &said.national, &said.international)
        });
        let plans: BTreeSet<_> = plans.collect();
        match plans.first() {
            Some((country, national, international)) if plans.len() == 1 => {
                Numbering::new(NumberPlan {
                    country: (*country).clone(),
                    national: (*national).clone(),
                    international: (*international).clone(),
                    form: NumberForm::Plus,
                })
            }
            Some(_) | None => Numbering::default(),
        }
    }

    /// Says which rules bind fewer calls than they seem to.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        let numbering = self.numbering();
        if self.outbound.trunk.0.is_some() && !numbering.has_country() {
            doubts.push(
                "no country is known: give [numbers] country. Until then what is suppressed, withdrawn or listed, and what [toll.prefixes] says, \
                 binds numbers that are written with + only; typed numbers of more than 7 digits need one, and callers whose trunk shows no + are \
                 known, and called back, as it shows them"
                    .to_owned(),
            );
        }
        let unread = self.consent.numbers.unread();
        if unread > 0 {
            doubts.push(format!(
                "consent.lists: {unread} numbers have no + and cannot be read; they bind no call. Give their file a prefix, or [numbers] country"
            ));
        }
        for (name, trunk) in &self.trunk {
            let (often, answer) = (trunk.qualify, trunk.qualify_answer);
            if !often.0.is_zero() && answer > often {
                doubts.push(format!(
                    "trunk.{name}.qualify_answer, {answer}, is longer than trunk.{name}.qualify, {often}: who does not answer is asked again, and passed over, \
                     later than every {often}. Write at most \"{often}\""
                ));
            }
        }
        doubts.extend(crate::net::tls::doubts(self.chains()));
        doubts
    }

    fn chains(&self) -> impl Iterator<Item = &str> {
        let first = [&self.web.certificate.0, &self.sip.certificate.0];
        let further = self.tls.certificates.iter();
        let first = first.into_iter().flatten().map(String::as_str);
        first.chain(further.map(|one| one.certificate.as_str()))
    }
}
