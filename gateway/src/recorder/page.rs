//! Pages of Ogg (RFC 3533), written and read: a page is whole or it is none, so what a crash leaves can be cut where the
//! last whole one ends.

/// What every page begins with (RFC 3533 §6).
const CAPTURE: &[u8] = b"OggS";
/// The bytes before the segment table.
const HEADER: usize = 27;
/// The bits of the header type.
const CONTINUED: u8 = 1;
const FIRST: u8 = 2;
const LAST: u8 = 4;
/// The position of a page on which no packet ends.
const NO_POSITION: u64 = u64::MAX;
/// Longer packets are read by nobody here: a picture in the comments is most of one.
const LONGEST_PACKET: usize = 1 << 20;

/// Whether a page begins or ends its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the first.
    First,
    /// It is one of many.
    Within,
    /// It is the last.
    Last,
}

/// Writes one page with whole packets, 255 segments of them at most.
pub fn write(
    packets: &[Vec<u8>],
    place: Place,
    position: u64,
    serial: u32,
    number: u32,
) -> Vec<u8> {
    let mut page = Vec::with_capacity(HEADER + 255);
    page.extend_from_slice(CAPTURE);
    page.push(0);
    page.push(match place {
        Place::First => FIRST,
        Place::Within => 0,
        Place::Last => LAST,
    });
    page.extend_from_slice(&position.to_le_bytes());
    page.extend_from_slice(&serial.to_le_bytes());
    page.extend_from_slice(&number.to_le_bytes());
    page.extend_from_slice(&[0; 4]);
    let table: Vec<u8> = packets
        .iter()
        .flat_map(|packet| lacing(packet.len()))
        .collect();
    page.push(u8::try_from(table.len()).expect("a page is asked to take 255 segments at most"));
    page.extend_from_slice(&table);
    packets
        .iter()
        .for_each(|packet| page.extend_from_slice(packet));
    seal(&mut page);
    page
}

/// Returns how many segments a packet takes in a page.
#[cfg(test)]
pub fn segments(packet: &[u8]) -> usize {
    packet.len() / 255 + 1
}

fn lacing(length: usize) -> impl Iterator<Item = u8> {
    let whole = std::iter::repeat_n(255, length / 255);
    whole.chain([(length % 255) as u8])
}

/// A page as it lies in a file.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a>(&'a [u8]);

impl<'a> Page<'a> {
    /// Reads the page that `bytes` begin with; none if they begin with none that is whole and right.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        if bytes.get(..4)? != CAPTURE || *bytes.get(4)? != 0 {
            return None;
        }
        let count = usize::from(*bytes.get(26)?);
        let table = bytes.get(HEADER..HEADER + count)?;
        let length: usize = table.iter().map(|&n| usize::from(n)).sum();
        let page = bytes.get(..HEADER + count + length)?;
        let mut bare = page.to_vec();
        seal(&mut bare);
        (bare == page).then_some(Self(page))
    }

    /// Its length in bytes.
    pub fn length(&self) -> usize {
        self.0.len()
    }

    /// Where the stream stands after it, in units of its codec; none if no packet ends on it.
    pub fn position(&self) -> Option<u64> {
        let bytes = self.0[6..14].try_into().expect("these are eight");
        Some(u64::from_le_bytes(bytes)).filter(|&position| position != NO_POSITION)
    }

    /// The stream it is of.
    pub fn serial(&self) -> u32 {
        u32::from_le_bytes(self.0[14..18].try_into().expect("these are four"))
    }

    /// The same page as the last of its stream.
    pub fn as_last(&self) -> Vec<u8> {
        let mut page = self.0.to_vec();
        page[5] |= LAST;
        seal(&mut page);
        page
    }

    // The packets, or parts of packets, each with whether it ends here.
    fn parts(&self) -> impl Iterator<Item = (&'a [u8], bool)> + use<'a> {
        let table = &self.0[HEADER..HEADER + usize::from(self.0[26])];
        let mut rest = &self.0[HEADER + table.len()..];
        let mut table = table.iter();
        std::iter::from_fn(move || {
            let mut length = 0;
            let mut ends = false;
            let mut any = false;
            for &n in table.by_ref() {
                any = true;
                length += usize::from(n);
                if n < 255 {
                    ends = true;
                    break;
                }
            }
            let (part, after) = rest.split_at(length);
            rest = after;
            any.then_some((part, ends))
        })
    }

    fn continues(&self) -> bool {
        self.0[5] & CONTINUED != 0
    }
}

/// Returns the packets of the first stream in a file, as far as its pages are whole.
pub fn packets(mut file: &[u8]) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    let mut serial = None;
    while let Some(page) = Page::read(file) {
        file = &file[page.length()..];
        if *serial.get_or_insert(page.serial()) != page.serial() {
            continue;
        }
        if !page.continues() {
            open.clear();
        }
        for (part, ends) in page.parts() {
            if open.len() + part.len() <= LONGEST_PACKET {
                open.extend_from_slice(part);
            }
            if ends {
                packets.push(std::mem::take(&mut open));
            }
        }
    }
    packets
}

// Writes the checksum: CRC-32 by the polynomial 0x04c11db7, begun with nothing, over the page with nothing in its place.
fn seal(page: &mut [u8]) {
    page[22..26].fill(0);
    let sum = page.iter().fold(0u32, |sum, &byte| {
        let place = (sum >> 24) as u8 ^ byte;
        (sum << 8) ^ TABLE[usize::from(place)]
    });
    page[22..26].copy_from_slice(&sum.to_le_bytes());
}

static TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let mut sum = (n as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum >> 31 == 1 {
                (sum << 1) ^ 0x04c1_1db7
            } else {
                sum << 1
            };
            bit += 1;
        }
        table[n] = sum;
        n += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_any_length_survive_a_page() {
        let sent: Vec<Vec<u8>> = [0, 1, 254, 255, 256, 510, 1000]
            .map(|length| (0..length).map(|n| n as u8).collect())
            .into();
        let segments: usize = sent.iter().map(|packet| segments(packet)).sum();
        let page = write(&sent, Place::First, 7, 5, 0);

        assert_eq!(segments, 1 + 1 + 1 + 2 + 2 + 3 + 4);
        assert_eq!(packets(&page), sent);
        let read = Page::read(&page).unwrap();
        assert_eq!((read.position(), read.serial()), (Some(7), 5));
    }

    #[test]
    fn a_page_that_is_cut_or_changed_is_none() {
        let page = write(&[vec![1, 2, 3]], Place::Within, 960, 5, 2);

        assert!((0..page.len()).all(|end| Page::read(&page[..end]).is_none()));
        for at in 0..page.len() {
            let mut changed = page.clone();
            changed[at] ^= 0x10;
            assert!(Page::read(&changed).is_none(), "byte {at}");
        }
    }

    #[test]
    fn a_page_becomes_the_last_and_stays_right() {
        let page = write(&[vec![9; 300]], Place::Within, 960, 5, 2);
        let last = Page::read(&page).unwrap().as_last();

        assert_eq!(Page::read(&last).unwrap().position(), Some(960));
        assert_eq!(packets(&last), [vec![9; 300]]);
    }

    #[test]
    fn the_checksum_by_table_is_the_checksum_bit_by_bit() {
        let page = write(&[Vec::new()], Place::First, 0, 0, 0);
        assert_eq!(
            u32::from_le_bytes(page[22..26].try_into().unwrap()),
            reference(&page)
        );
    }

    // The same sum bit by bit.
    fn reference(page: &[u8]) -> u32 {
        let mut sum = 0u32;
        for (at, &byte) in page.iter().enumerate() {
            let byte = if (22..26).contains(&at) { 0 } else { byte };
            for bit in (0..8).rev() {
                let carry = (sum >> 31) as u8 ^ (byte >> bit & 1);
                sum = (sum << 1) ^ if carry == 1 { 0x04c1_1db7 } else { 0 };
            }
        }
        sum
    }
}
