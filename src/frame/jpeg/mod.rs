//! Checks that a JPEG holds its whole picture.
//!
//! A decoder fills in missing data and skips surplus data, so a picture with a hole looks intact, and the filling would be
//! scored as part of the face. Here the Huffman codes are read without computing a pixel: a scan must end with its last block
//! (ITU-T T.81, sections B, F.2 and G.2). Headers that cannot be followed are left to the decoder, which reports what is wrong
//! with them.
//!
//! | module | owns |
//! |---|---|
//! | `bits` | the bits of a scan, and Huffman codes |
//! | `scan` | the blocks of a scan |

mod bits;
mod scan;

use bits::Huffman;
use scan::{Component, MAX_LEFT_OVER, Scan};

/// Why a JPEG does not hold its whole picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Incomplete {
    /// No end marker.
    #[error("its end is missing")]
    NoEnd,
    /// A scan with missing, surplus or invalid codes.
    #[error("{percent} % into its data, a part is missing or overwritten")]
    Scan { percent: usize },
}

/// Tables and sizes, as defined by the headers so far.
#[derive(Default)]
struct Headers {
    /// Width and height.
    size: [usize; 2],
    is_progressive: bool,
    components: Vec<Component>,
    /// DC and AC tables.
    tables: [[Option<Huffman>; 4]; 2],
    /// Blocks between restart markers; 0 without markers.
    restart_interval: usize,
}

/// The decoder refuses more scans than this: a small file with many scans of a large picture would keep it busy for hours.
const MAX_SCANS: usize = 100;

/// Checks that the scans up to the end marker hold all blocks of a picture of this width and height, which the decoder found.
pub(super) fn check(bytes: &[u8], size: [u32; 2]) -> Result<(), Incomplete> {
    let mut headers = Headers { size: size.map(|side| side as usize), ..Headers::default() };
    let (mut at, mut scans) = (2, 0);
    loop {
        let skipped = bytes[at.min(bytes.len())..].iter().position(|byte| *byte == 0xff).ok_or(Incomplete::NoEnd)?;
        // A hole may swallow the header of a scan.
        if scans > 0 && skipped > MAX_LEFT_OVER {
            return Err(Incomplete::Scan { percent: 100 * at / bytes.len() });
        }
        at += skipped;
        let [_, marker, ..] = bytes[at..] else { return Err(Incomplete::NoEnd) };
        at += 1;
        match marker {
            // Filling, stuffing and restarts have no segment.
            0xff => continue,
            0x00 | 0x01 | 0xd0..=0xd8 => at += 1,
            0xd9 => return Ok(()),
            _ => {
                let segment = segment(&bytes[at + 1..]).ok_or(Incomplete::NoEnd)?;
                at += 3 + segment.len();
                if marker != 0xda {
                    headers.read(marker, segment);
                    continue;
                }
                scans += 1;
                if scans > MAX_SCANS {
                    return Ok(());
                }
                let data = &bytes[at..];
                let length = length(data).ok_or(Incomplete::NoEnd)?;
                if let Some(scan) = headers.scan(segment) {
                    let damaged = |place: usize| Incomplete::Scan { percent: 100 * (at + place) / bytes.len() };
                    scan.check(&data[..length], &mut headers).map_err(damaged)?;
                }
                at += length;
            }
        }
    }
}

/// The content of a segment, which begins with its length.
fn segment(bytes: &[u8]) -> Option<&[u8]> {
    let [high, low, ..] = *bytes else { return None };
    bytes.get(2..usize::from(u16::from_be_bytes([high, low])))
}

/// The length of a scan's data, which ends at any marker other than a restart.
fn length(data: &[u8]) -> Option<usize> {
    let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    data.windows(2).position(is_end)
}

impl Headers {
    fn read(&mut self, marker: u8, segment: &[u8]) {
        match (marker, segment) {
            (0xc0..=0xc2, [_, height_high, height_low, width_high, width_low, _, components @ ..]) => {
                let size =
                    [[*width_high, *width_low], [*height_high, *height_low]].map(|side| usize::from(u16::from_be_bytes(side)));
                // A second header of another size could request any amount of memory.
                if size != self.size || !self.components.is_empty() {
                    return;
                }
                self.is_progressive = marker == 0xc2;
                self.components = components.as_chunks::<3>().0.iter().map(|of| Component::new(*of)).collect();
            }
            (0xc4, tables) => self.read_tables(tables),
            (0xdd, [high, low]) => self.restart_interval = u16::from_be_bytes([*high, *low]).into(),
            _ => {}
        }
    }

    fn read_tables(&mut self, mut tables: &[u8]) {
        while let [place, rest @ ..] = tables {
            let Some((counts, rest)) = rest.split_first_chunk::<16>() else { return };
            let symbols = counts.iter().map(|count| usize::from(*count)).sum::<usize>().min(rest.len());
            let (symbols, rest) = rest.split_at(symbols);
            let slot = self.tables.get_mut(usize::from(place >> 4)).and_then(|of| of.get_mut(usize::from(place & 15)));
            if let Some(slot) = slot {
                *slot = Huffman::new(counts, symbols);
            }
            tables = rest;
        }
    }

    /// The scan announced by a header, if it can be followed.
    fn scan(&self, header: &[u8]) -> Option<Scan> {
        let [count, rest @ ..] = header else { return None };
        let (selected, rest) = rest.split_at_checked(2 * usize::from(*count))?;
        let &[first, last, bits] = rest else { return None };
        let known = |[id, tables]: &[u8; 2]| {
            let index = self.components.iter().position(|component| component.id == *id)?;
            Some((index, [tables >> 4, tables & 15].map(usize::from)))
        };
        let components = selected.as_chunks::<2>().0.iter().map(known).collect::<Option<Vec<_>>>()?;
        let band = if self.is_progressive { [first, last] } else { [0, 63] };
        Scan::new(components, band.map(usize::from), bits >> 4 != 0, self)
    }
}
