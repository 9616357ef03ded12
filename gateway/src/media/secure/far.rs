//! What a browser does, for the tests of this module's users.

use super::*;

/// Writes a check as a browser sends it.
pub(in crate::media) fn check(
    name: &str,
    password: &str,
    nominate: bool,
    identity: &Identity,
) -> Vec<u8> {
    let mut request = Message::new();
    request.typ = BINDING_REQUEST;
    request.new_transaction_id().expect("randomness");
    request.write_header();
    request.add(ATTR_USERNAME, name.as_bytes());
    if nominate {
        request.add(ATTR_USE_CANDIDATE, &[]);
    }
    seal(&mut request, password, identity).expect("an attribute fits");
    request.raw
}

/// Begins a handshake that offers no profile of ours.
pub(in crate::media) fn stray(own: &Identity, to: Fingerprint, now: Instant) -> Association {
    let config = own.config(to.into());
    let config = config.with_srtp_protection_profiles(vec![Offered::Srtp_Aead_Aes_256_Gcm]);
    Association::begin_with(config, now).expect("cryptography")
}

/// Whether a datagram is the answer to a check, and what address it saw.
pub(in crate::media) fn answered(datagram: &[u8]) -> Option<SocketAddr> {
    let mut answer = Message::new();
    answer.unmarshal_binary(datagram).ok()?;
    let mut seen = XorMappedAddress::default();
    seen.get_from(&answer).ok()?;
    (answer.typ == BINDING_SUCCESS).then(|| SocketAddr::new(seen.ip, seen.port))
}

/// Ends an association, as a page does that is left; the last that it sends says so.
pub(in crate::media) fn end(association: &mut Association, now: Instant) -> BytesMut {
    association.dtls.close(now).expect("it stands");
    association.poll_transmit().expect("it is said")
}

/// What would end an association if it were proved.
pub(in crate::media) fn forged_end() -> [u8; 15] {
    [21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0]
}
