//! Pure SIP.
