//! The User-to-User header, by which two ends tell one another what is none of the network's business (RFC 7433).

use super::lexis::{quoted_len, trim, unquote};
use super::list;
use super::params::Params;

/// One value of a User-to-User header: `data;encoding=hex;purpose=…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserToUser<'a>(&'a str);

impl<'a> UserToUser<'a> {
    /// Reads the values of one header line, of which there may be several between commas (§4.1).
    pub fn read_all(line: &'a str) -> impl Iterator<Item = Self> {
        list::split(line).map(Self)
    }

    /// Returns the value as it was received, with its parameters.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// Returns its data, which is a token or a quoted string, without quotes and parameters.
    pub fn data(self) -> String {
        unquote(trim(self.halves().0))
    }

    /// Returns its parameters: `encoding`, `purpose`, `content`, and others.
    pub fn params(self) -> Params<'a> {
        Params(trim(self.halves().1))
    }

    fn halves(self) -> (&'a str, &'a str) {
        let text = self.0;
        let quoted = text.starts_with('"').then(|| quoted_len(text.as_bytes()));
        let end = match quoted.flatten() {
            Some(end) => end,
            None => text.find(';').unwrap_or(text.len()),
        };
        text.split_at(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_read_as_token_and_as_quoted_string_and_values_stand_between_commas() {
        for (line, data) in [
            ("56a390f3d2b7;encoding=hex", &["56a390f3d2b7"][..]),
            ("\"56a390\" ;encoding=hex", &["56a390"]),
            (
                r#""a;b,\"c\"";encoding=ascii, 04ff"#,
                &["a;b,\"c\"", "04ff"],
            ),
            ("04ff , ,12;purpose=\"x,y\"", &["04ff", "12"]),
            ("\"not closed;encoding=hex", &["\"not closed"]),
            ("", &[]),
        ] {
            let read: Vec<String> = UserToUser::read_all(line).map(UserToUser::data).collect();

            assert_eq!(read, data, "{line}");
        }
        let mut all = UserToUser::read_all("04ff , \"1,2\" ;encoding=hex");
        assert_eq!(all.next().unwrap().as_str(), "04ff");
        assert_eq!(all.next().unwrap().as_str(), "\"1,2\" ;encoding=hex");
    }
    #[test]
    fn parameters_stand_behind_the_data_and_not_in_it() {
        let line = "\"a;purpose=x\" ; Encoding = hex;purpose=isdn-uui, 04ff";
        let read: Vec<_> = UserToUser::read_all(line).map(UserToUser::params).collect();

        assert_eq!(read[0].get("encoding"), Some("hex"));
        assert_eq!(read[0].get("purpose"), Some("isdn-uui"));
        assert_eq!(read[1].iter().count(), 0);
    }
}
