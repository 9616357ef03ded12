//! The Replaces header (RFC 3891 §6.1): the name of a dialog, seen from whoever is to receive it.

use std::fmt;

use super::defect::Defect;
use super::lexis::trim;

/// Which dialog is to give way to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaces {
    /// Its Call-ID.
    pub call_id: String,
    /// The tag of whoever receives the header.
    pub to_tag: String,
    /// The tag of the other end.
    pub from_tag: String,
    /// Whether it is meant only while the dialog is not answered.
    pub early_only: bool,
}

impl std::str::FromStr for Replaces {
    type Err = Defect;

    fn from_str(text: &str) -> Result<Self, Defect> {
        let mut parts = text.split(';').map(trim);
        let call_id = parts.next().unwrap_or_default();
        if call_id.is_empty() {
            return Err(Defect::Empty);
        }
        let (mut to_tag, mut from_tag, mut early_only) = (None, None, false);
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match trim(name).to_ascii_lowercase().as_str() {
                "to-tag" if to_tag.is_none() => to_tag = Some(trim(value)),
                "from-tag" if from_tag.is_none() => from_tag = Some(trim(value)),
                "to-tag" | "from-tag" => return Err(Defect::Parameter),
                "early-only" => early_only = true,
                // §6.1: other parameters are for extensions.
                _ => {}
            }
        }
        match (to_tag, from_tag) {
            (Some(to_tag), Some(from_tag)) if !to_tag.is_empty() && !from_tag.is_empty() => {
                Ok(Self {
                    call_id: call_id.to_owned(),
                    to_tag: to_tag.to_owned(),
                    from_tag: from_tag.to_owned(),
                    early_only,
                })
            }
            _ => Err(Defect::Parameter),
        }
    }
}

impl fmt::Display for Replaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            call_id,
            to_tag,
            from_tag,
            early_only,
        } = self;
        write!(f, "{call_id};to-tag={to_tag};from-tag={from_tag}")?;
        if *early_only {
            f.write_str(";early-only")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_are_read_and_written() {
        for (text, early_only) in [
            (
                "425928@bobster.example.org;to-tag=7743;from-tag=6472",
                false,
            ),
            (
                "98732@sip.example.com;to-tag=ff87ff;from-tag=r33th4x0r",
                false,
            ),
            (
                "12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only",
                true,
            ),
        ] {
            let replaces: Replaces = text.parse().unwrap();

            assert_eq!(replaces.early_only, early_only);
            assert_eq!(replaces.to_string(), text);
        }
    }

    #[test]
    fn order_case_and_space_do_not_matter() {
        let replaces: Replaces = "a@b ; From-Tag = 2;x=y; TO-TAG=1".parse().unwrap();

        assert_eq!(replaces.to_string(), "a@b;to-tag=1;from-tag=2");
    }

    #[test]
    fn without_both_tags_it_names_no_dialog() {
        for text in [
            "",
            ";to-tag=1;from-tag=2",
            "a",
            "a;to-tag=1",
            "a;from-tag=1",
            "a;to-tag=;from-tag=1",
            "a;to-tag=1;to-tag=2;from-tag=1",
        ] {
            assert!(text.parse::<Replaces>().is_err(), "{text}");
        }
    }
}
