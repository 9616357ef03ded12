//! Records as other systems read them: vCons, signed, and CSV.

pub mod csv;
pub mod seal;
pub mod vcon;

use ws::id::Timestamp;

/// Returns a time as RFC 3339 has it: UTC, to the millisecond.
pub fn rfc3339(at: Timestamp) -> String {
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    match jiff::Timestamp::from_millisecond(millis) {
        Ok(time) => format!("{time:.3}"),
        // Beyond the year 9999 there is no such form.
        Err(_) => at.0.to_string(),
    }
}

/// Returns an id of 32 digits as RFC 9562 writes a UUID.
pub fn uuid(id: &impl ToString) -> String {
    let hex = id.to_string();
    let cut = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    let parts = [cut(0, 8), cut(8, 12), cut(12, 16), cut(16, 20), cut(20, 32)];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_ids_are_written_as_the_standards_have_them() {
        assert_eq!(
            rfc3339(Timestamp(1_767_225_600_007)),
            "2026-01-01T00:00:00.007Z"
        );
        let id: ws::id::InteractionId = "0af7651916cd43dd8448eb211c80319c".parse().unwrap();
        assert_eq!(uuid(&id), "0af76519-16cd-43dd-8448-eb211c80319c");
    }
}
