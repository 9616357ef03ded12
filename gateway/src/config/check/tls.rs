//! Certificates by name.

use crate::config::{fault::Fault, sections::Config, source::Lines};

/// Checks that there is one for those who ask for no name.
pub(super) fn check(config: &Config, has_other: bool, lines: &Lines) -> Result<(), Fault> {
    let has_first = has_other || config.sip.certificate.0.is_some();
    if !config.tls.certificates.is_empty() && !has_first {
        return Err(lines.fault(
            &["tls", "certificates"],
            "are shown to whoever asks for their names; for all others give web.certificate and web.key_file, or those of [sip]",
        ));
    }
    Ok(())
}
