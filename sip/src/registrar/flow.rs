//! A flow that a phone keeps open to be called by (RFC 5626): which phone it is of, and which of its flows.

use std::fmt;

use crate::message::{NameAddr, Params};

/// The parameter that names the phone (RFC 5626 §4.1).
pub(crate) const INSTANCE: &str = "+sip.instance";
/// The parameter that names the flow (RFC 5626 §4.2).
pub(crate) const REG_ID: &str = "reg-id";
/// The option tag (RFC 5626 §11.1).
pub(crate) const OUTBOUND: &str = "outbound";
/// The URI parameter of who keeps flows (RFC 5626 §11.2).
pub(crate) const OB: &str = "ob";

/// The name of one who registers flows: a UUID that outlives its restarts (RFC 5626 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance(u128);

impl Instance {
    /// Makes it of a hash of what lasts (RFC 9562 §5.8).
    pub fn of(hash: [u8; 16]) -> Self {
        const FIXED: u128 = 0xf << 76 | 0x3 << 62;
        const EIGHTH: u128 = 0x8 << 76 | 0x2 << 62;
        Self(u128::from_be_bytes(hash) & !FIXED | EIGHTH)
    }

    /// Returns the flow of that number, from 1.
    pub(crate) fn flow(self, reg_id: u32) -> PhoneFlow {
        let instance = self.to_string();
        PhoneFlow { instance, reg_id }
    }
}

/// Writes it as `<urn:uuid:…>`.
impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.0);
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
        write!(f, "<urn:uuid:{}>", parts.join("-"))
    }
}

/// One flow of a phone: a new registration replaces the earlier of the same flow, whatever its contact (RFC 5626 §6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PhoneFlow {
    /// The phone's URN in angle brackets, in lowercase, such as `<urn:uuid:…>`; it outlives restarts of the phone.
    pub instance: String,
    /// The number of the flow, from 1.
    pub reg_id: u32,
}

impl PhoneFlow {
    /// Reads it from a contact; none without both parameters, which a phone must give together (RFC 5626 §6).
    pub(crate) fn of(contact: &NameAddr) -> Option<Self> {
        Self::read(contact.params())
    }

    fn read(params: Params<'_>) -> Option<Self> {
        let instance = params.unquoted(INSTANCE)?;
        let urn = instance.strip_prefix('<')?.strip_suffix('>')?;
        if urn.is_empty() || urn.contains(['"', '\\', '<', '>']) || !urn.is_ascii() {
            return None;
        }
        let digits = params.get(REG_ID)?;
        let reg_id: u32 = digits.parse().ok().filter(|number| *number > 0)?;
        Some(Self {
            instance: instance.to_ascii_lowercase(),
            reg_id,
        })
    }
}

/// Writes the contact parameters.
impl fmt::Display for PhoneFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { instance, reg_id } = self;
        write!(f, "{INSTANCE}=\"{instance}\";{REG_ID}={reg_id}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(params: &str) -> Option<PhoneFlow> {
        PhoneFlow::of(&format!("<sip:anna@10.0.0.5;ob>{params}").parse().unwrap())
    }

    #[test]
    fn a_flow_has_the_phone_s_name_and_a_number() {
        let read =
            of(";reg-id=2;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"");

        let flow = read.unwrap();
        assert_eq!(
            flow.to_string(),
            "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000a95a0e128>\";reg-id=2"
        );
    }

    #[test]
    fn an_instance_is_a_uuid_of_its_own_making_and_reads_as_it_is_written() {
        for (hash, urn) in [
            ([0; 16], "<urn:uuid:00000000-0000-8000-8000-000000000000>"),
            (
                [0xff; 16],
                "<urn:uuid:ffffffff-ffff-8fff-bfff-ffffffffffff>",
            ),
        ] {
            let instance = Instance::of(hash);

            assert_eq!(instance.to_string(), urn);
            let flow = instance.flow(3);
            assert_eq!(of(&format!(";{flow}")), Some(flow));
        }
    }

    #[test]
    fn half_of_a_name_is_none() {
        for params in [
            ";reg-id=1",
            ";+sip.instance=\"<urn:uuid:1>\"",
            ";reg-id=0;+sip.instance=\"<urn:uuid:1>\"",
            ";reg-id=x;+sip.instance=\"<urn:uuid:1>\"",
            ";reg-id=4294967296;+sip.instance=\"<urn:uuid:1>\"",
            ";reg-id=1;+sip.instance=\"urn:uuid:1\"",
            ";reg-id=1;+sip.instance=\"<>\"",
            ";reg-id=1;+sip.instance=\"<a\\\"b>\"",
        ] {
            assert_eq!(of(params), None, "{params}");
        }
    }
}
