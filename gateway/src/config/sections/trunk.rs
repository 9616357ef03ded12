//! How a trunk is spoken to: `[trunk.NAME.numbers]`, `[trunk.NAME.caller]`, `[trunk.NAME.limits]`.

use serde::{Deserialize, Serialize};
use sip::endpoint::Account;
use sip::trunk::{Bounds, Manner, Mark, MarkSet, NumberForm, NumberPlan};
use ws::id::Number;

use crate::config::value::Maybe;

/// `[trunk.NAME.numbers]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrunkNumbers {
    /// The country code that national numbers lack, such as `49`; when empty numbers are taken and given as they are.
    pub country: String,
    /// What stands before a national number.
    pub national: String,
    /// What stands before an international number.
    pub international: String,
    /// How numbers are written that go out.
    pub form: Form,
}

impl Default for TrunkNumbers {
    fn default() -> Self {
        Self {
            country: String::new(),
            national: "0".to_owned(),
            international: "00".to_owned(),
            form: Form::default(),
        }
    }
}

impl TrunkNumbers {
    /// Returns what the SIP endpoint is told.
    pub fn plan(&self) -> NumberPlan {
        NumberPlan {
            country: self.country.clone(),
            national: self.national.clone(),
            international: self.international.clone(),
            form: match self.form {
                Form::Plus => NumberForm::Plus,
                Form::International => NumberForm::International,
                Form::National => NumberForm::National,
                Form::Digits => NumberForm::Digits,
            },
        }
    }
}

/// How a trunk wants numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// `+4930123456`.
    #[default]
    Plus,
    /// `004930123456`.
    International,
    /// `030123456`, and with the international prefix abroad.
    National,
    /// `4930123456`.
    Digits,
}

/// `[trunk.NAME.caller]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrunkCaller {
    /// The number shown by this trunk, in place of that of `[outbound]`.
    pub number: Maybe<Number>,
    /// Whether callees are not to see it: a trusted trunk is told, with the wish to keep it (RFC 3325).
    pub withhold: bool,
    /// Whether a customer who withholds the number is looked up by the one that a trusted trunk asserts. It is written nowhere.
    pub match_withheld: bool,
    /// Which of our ID header fields are sent; where nothing is said all to a trusted trunk, Session-ID to others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<IdHeader>>,
}

/// A header field that names an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdHeader {
    /// RFC 7989.
    #[serde(rename = "Session-ID")]
    SessionId,
    /// The interaction.
    #[serde(rename = "X-Interaction-ID")]
    InteractionId,
    /// The leg.
    #[serde(rename = "X-Leg-ID")]
    LegId,
    /// RFC 7433.
    #[serde(rename = "User-to-User")]
    UserToUser,
    /// The Call-ID of the interaction's first call.
    #[serde(rename = "X-CID")]
    CallId,
}

impl From<IdHeader> for Mark {
    fn from(header: IdHeader) -> Self {
        match header {
            IdHeader::SessionId => Self::SessionId,
            IdHeader::InteractionId => Self::InteractionId,
            IdHeader::LegId => Self::LegId,
            IdHeader::UserToUser => Self::UserToUser,
            IdHeader::CallId => Self::CallId,
        }
    }
}

/// `[trunk.NAME.login]`: the account by which it proves itself where `sources` does not name the address it calls from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrunkLogin {
    /// Its user name; when empty the trunk is known by its address or certificate alone.
    pub user: String,
    /// Its password.
    pub password: String,
    /// A file that holds it.
    pub password_file: Maybe<String>,
    /// Whether it may answer with MD5, besides SHA-256.
    pub md5: bool,
}

impl Default for TrunkLogin {
    fn default() -> Self {
        Self {
            user: String::new(),
            password: String::new(),
            password_file: Maybe(None),
            md5: true,
        }
    }
}

impl TrunkLogin {
    /// Returns what the SIP endpoint is told, where there is an account.
    pub fn account(&self, realm: &str) -> Option<sip::trunk::TrunkLogin> {
        (!self.user.is_empty()).then(|| sip::trunk::TrunkLogin {
            user: self.user.clone(),
            account: Account::with_password(&self.user, realm, &self.password),
            md5: self.md5,
        })
    }
}

/// `[trunk.NAME.limits]`: 0 for no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrunkLimits {
    /// Calls from it at a time; more are told 503.
    pub calls_in: u32,
    /// Calls to it at a time; more go by another trunk of its carrier, or fail with 503.
    pub calls_out: u32,
    /// Calls from it that begin within a second, as many at once.
    pub per_second_in: u32,
    /// Calls to it that begin within a second, as many at once.
    pub per_second_out: u32,
    /// Calls to it within an hour; more go by another trunk of its carrier, or are refused.
    pub per_hour_out: u32,
}

impl super::Trunk {
    /// Returns how the SIP endpoint speaks to it.
    pub fn manner(&self) -> Manner {
        let some = |bound: u32| (bound != 0).then_some(bound);
        let headers = self.caller.headers.as_ref();
        Manner {
            numbers: self.numbers.plan(),
            withhold: self.caller.withhold,
            reveal: self.caller.match_withheld,
            marks: headers.map(|all| all.iter().copied().map(Mark::from).collect::<MarkSet>()),
            inbound: Bounds {
                calls: some(self.limits.calls_in),
                rate: some(self.limits.per_second_in),
            },
            outbound: Bounds {
                calls: some(self.limits.calls_out),
                rate: some(self.limits.per_second_out),
            },
        }
    }
}
