//! Recordings of the house's own: read from WAV files, and said in place of those built in or beside them.

use std::{collections::BTreeMap, io::Read, path::Path, sync::Arc};

use sip::tone;

/// The longest recording, in seconds.
const LONGEST: u32 = 300;
/// How much of a file is read at most: the longest recording with room for what editors add.
const FILE: u64 = 2 * (LONGEST as u64) * (tone::RATE as u64) + 65_536;

/// Recordings by name, as samples at 8 kHz.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recordings(pub(super) BTreeMap<Arc<str>, Vec<i16>>);

impl Recordings {
    /// Reads a file and keeps it by a name.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the file, and what would be right.
    pub fn read(&mut self, name: &str, path: &Path) -> Result<(), String> {
        let at = path.display();
        let file = std::fs::File::open(path).map_err(|e| format!("{at} cannot be read: {e}"))?;
        let mut bytes = Vec::new();
        file.take(FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| format!("{at} cannot be read: {e}"))?;
        let longer = format!("{at} is longer than {LONGEST} seconds");
        if bytes.len() as u64 > FILE {
            return Err(longer);
        }
        let samples = samples(&bytes).map_err(|text| format!("{at} {text}"))?;
        if samples.len() as u64 > u64::from(LONGEST) * u64::from(tone::RATE) {
            return Err(longer);
        }
        self.0.insert(name.into(), samples);
        Ok(())
    }
}

/// Reads a WAV file of 8 kHz, mono, 16 bit.
pub(super) fn samples(wav: &[u8]) -> Result<Vec<i16>, String> {
    let mut reader =
        hound::WavReader::new(wav).map_err(|error| format!("is no WAV file: {error}"))?;
    let spec = reader.spec();
    let fits = spec.sample_rate == tone::RATE
        && spec.channels == 1
        && spec.bits_per_sample == 16
        && spec.sample_format == hound::SampleFormat::Int;
    if !fits {
        return Err(format!(
            "has {} Hz, {} channel(s) and {} bits; make it 8000 Hz, mono, 16 bits, such as by `sox IN.wav -r 8000 -c 1 -b 16 OUT.wav`",
            spec.sample_rate, spec.channels, spec.bits_per_sample
        ));
    }
    let samples: Result<Vec<i16>, _> = reader.samples().collect();
    match samples {
        Ok(samples) if samples.is_empty() => Err("holds no sound".to_owned()),
        Ok(samples) => Ok(samples),
        Err(error) => Err(format!("is not complete: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(rate: u32, channels: u16, count: u32) -> Vec<u8> {
        let spec = hound::WavSpec {
            channels,
            sample_rate: rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        for n in 0..count {
            writer.write_sample((n % 100) as i16).unwrap();
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_telephone_recording_is_read_and_others_are_told_what_to_do() {
        assert_eq!(samples(&wav(8_000, 1, 80)).unwrap().len(), 80);
        for (bytes, right) in [
            (wav(44_100, 1, 80), "8000 Hz"),
            (wav(8_000, 2, 80), "mono"),
            (wav(8_000, 1, 0), "no sound"),
            (b"RIFF".to_vec(), "no WAV"),
            (wav(8_000, 1, 80)[..100].to_vec(), "complete"),
        ] {
            let told = samples(&bytes).unwrap_err();
            assert!(told.contains(right), "{told}");
        }
    }
}
