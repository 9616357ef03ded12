//! Values inside URLs.

/// Encodes a value for any place in a URL: all but RFC 3986's unreserved characters as percent-encoded UTF-8.
pub fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_value_can_be_taken_for_a_part_of_the_url() {
        assert_eq!(
            encode("+49 30 a/b?c=d&e#f"),
            "%2B49%2030%20a%2Fb%3Fc%3Dd%26e%23f"
        );
        assert_eq!(encode("Ünal-1.2_~"), "%C3%9Cnal-1.2_~");
    }
}
