use super::{
    Headers,
    bits::{Bits, Huffman},
};

/// Some cameras leave a byte or two between the last block and the next marker. A hole leaves more.
pub(super) const MAX_LEFT_OVER: usize = 4;

/// A colour component of the picture.
pub(super) struct Component {
    pub(super) id: u8,
    /// Blocks per unit, across and down.
    sampling: [usize; 2],
    /// For each block of a progressive picture, which of its 64 coefficients are nonzero so far.
    nonzero: Vec<u64>,
}

impl Component {
    /// From the frame header.
    pub(super) fn new([id, sampling, _]: [u8; 3]) -> Self {
        Self { id, sampling: [sampling >> 4, sampling & 15].map(|factor| usize::from(factor).max(1)), nonzero: vec![] }
    }
}

/// One pass over all or some components.
pub(super) struct Scan {
    /// Index, and indices of the DC and the AC table.
    components: Vec<(usize, [usize; 2])>,
    /// First and last coefficient, in zigzag order.
    band: [usize; 2],
    /// Whether the scan adds a bit to coefficients of earlier scans.
    is_refinement: bool,
    /// Number of units: blocks of one component, or groups of blocks of several.
    units: usize,
}

/// The part of each block that a scan holds.
enum Coding<'a> {
    /// All coefficients.
    Sequential { dc: &'a Huffman, ac: &'a Huffman },
    /// The first bits of the first coefficient.
    DcFirst { dc: &'a Huffman },
    /// One more bit of the first coefficient.
    DcRefinement,
    /// The first bits of the other coefficients.
    AcFirst { ac: &'a Huffman },
    /// One more bit of the other coefficients.
    AcRefinement { ac: &'a Huffman },
}

impl Scan {
    pub(super) fn new(
        components: Vec<(usize, [usize; 2])>,
        band: [usize; 2],
        is_refinement: bool,
        headers: &Headers,
    ) -> Option<Self> {
        let [first, last] = band;
        // Only the first coefficient may be coded for several components at once.
        let is_valid = first <= last && last < 64 && (!headers.is_progressive || (first > 0) == (last > 0));
        let several = components.len() > 1;
        if !is_valid || components.is_empty() || (headers.is_progressive && first > 0 && several) {
            return None;
        }
        let most = |axis: usize| headers.components.iter().map(|component| component.sampling[axis]).max();
        let mut units = 1;
        for axis in 0..2 {
            let most = most(axis)?;
            // A component on its own is coded without a group's filling.
            let (scale, side) = match several {
                true => (1, 8 * most),
                false => (headers.components[components[0].0].sampling[axis], 8),
            };
            let samples = if several { headers.size[axis] } else { (headers.size[axis] * scale).div_ceil(most) };
            units *= samples.div_ceil(side);
        }
        Some(Self { components, band, is_refinement, units }).filter(|scan| scan.units > 0)
    }

    /// Checks that `data` holds all blocks and nothing else; the error is the position of the first fault.
    pub(super) fn check(&self, data: &[u8], headers: &mut Headers) -> Result<(), usize> {
        let Headers { components, tables, is_progressive, restart_interval, .. } = headers;
        let several = self.components.len() > 1;
        let mut blocks = Vec::new();
        for (component, [dc, ac]) in &self.components {
            let table = |class: usize, index: usize| tables[class].get(index).and_then(Option::as_ref);
            let coding = match (*is_progressive, self.band[0] == 0, self.is_refinement) {
                (false, _, _) => table(0, *dc).zip(table(1, *ac)).map(|(dc, ac)| Coding::Sequential { dc, ac }),
                (true, true, false) => table(0, *dc).map(|dc| Coding::DcFirst { dc }),
                (true, true, true) => Some(Coding::DcRefinement),
                (true, false, false) => table(1, *ac).map(|ac| Coding::AcFirst { ac }),
                (true, false, true) => table(1, *ac).map(|ac| Coding::AcRefinement { ac }),
            };
            // The decoder reports a missing table.
            let Some(coding) = coding else { return Ok(()) };
            let [across, down] = components[*component].sampling;
            blocks.push((*component, coding, if several { across * down } else { 1 }));
        }
        let mut nonzero = match (*is_progressive, self.band[0], blocks.as_slice()) {
            (true, 1.., [(component, ..)]) => {
                let mut nonzero = std::mem::take(&mut components[*component].nonzero);
                nonzero.resize(self.units, 0);
                nonzero
            }
            _ => vec![],
        };
        let result = self.check_intervals(data, *restart_interval, &blocks, &mut nonzero);
        if let (false, [(component, ..)]) = (nonzero.is_empty(), blocks.as_slice()) {
            components[*component].nonzero = nonzero;
        }
        result
    }

    fn check_intervals(
        &self,
        data: &[u8],
        restart_interval: usize,
        blocks: &[(usize, Coding<'_>, usize)],
        nonzero: &mut [u64],
    ) -> Result<(), usize> {
        let interval = if restart_interval == 0 { self.units } else { restart_interval };
        let mut rest = data;
        for (number, first) in (0..self.units).step_by(interval).enumerate() {
            let place = |left: usize| data.len() - left;
            let end = rest.windows(2).position(|pair| pair[0] == 0xff && pair[1] != 0).unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            let mut bits = Bits::new(part);
            let mut skipped = 0;
            for unit in first..self.units.min(first + interval) {
                for (_, coding, count) in blocks {
                    for _ in 0..*count {
                        let block = coding.block(&mut bits, self.band, &mut skipped, nonzero.get_mut(unit));
                        block.ok_or_else(|| place(after.len() + bits.left()))?;
                    }
                }
            }
            if bits.left() > MAX_LEFT_OVER || skipped > 0 {
                return Err(place(after.len() + bits.left()));
            }
            // A restart marker, after any filling.
            let marker = after.iter().position(|byte| *byte != 0xff).map(|at| (after[at], &after[at + 1..]));
            rest = match marker {
                Some((marker, rest)) if marker == 0xd0 + (number % 8) as u8 => rest,
                None if first + interval >= self.units => return Ok(()),
                _ => return Err(place(after.len())),
            };
        }
        // Some encoders also write a restart marker after the last block.
        if rest.len() > MAX_LEFT_OVER { Err(data.len() - rest.len()) } else { Ok(()) }
    }
}

impl Coding<'_> {
    /// Reads a block. `skipped` counts the following blocks that a code has declared empty, in this band.
    fn block(&self, bits: &mut Bits<'_>, band: [usize; 2], skipped: &mut u32, nonzero: Option<&mut u64>) -> Option<()> {
        match self {
            Self::Sequential { dc, ac } => {
                difference(bits, dc)?;
                let mut at = 1;
                while at < 64 {
                    match run_and_size(bits, ac)? {
                        (15, 0) => at += 16,
                        (_, 0) => return Some(()),
                        (run, _) => at += run + 1,
                    }
                }
                (at == 64).then_some(())
            }
            Self::DcFirst { dc } => difference(bits, dc),
            Self::DcRefinement => bits.bits(1).map(|_| ()),
            Self::AcFirst { ac } => ac_first(bits, ac, band, skipped, nonzero?),
            Self::AcRefinement { ac } => ac_refinement(bits, ac, band, skipped, nonzero?),
        }
    }
}

/// Reads the difference between a first coefficient and the previous one: up to 15 bits.
fn difference(bits: &mut Bits<'_>, dc: &Huffman) -> Option<()> {
    bits.symbol(dc).filter(|size| *size < 16).map(|_| ())
}

/// Reads the number of zeros before a coefficient, and its number of bits; skips those bits.
#[inline]
fn run_and_size(bits: &mut Bits<'_>, ac: &Huffman) -> Option<(usize, u8)> {
    let symbol = bits.symbol(ac)?;
    Some((usize::from(symbol >> 4), symbol & 15))
}

/// Reads the number of blocks that end here, including this one.
fn ending(bits: &mut Bits<'_>, run: usize) -> Option<u32> {
    Some((1 << run) + bits.bits(run as u32)?)
}

fn ac_first(bits: &mut Bits<'_>, ac: &Huffman, [first, last]: [usize; 2], skipped: &mut u32, nonzero: &mut u64) -> Option<()> {
    if *skipped > 0 {
        *skipped -= 1;
        return Some(());
    }
    let mut at = first;
    while at <= last {
        match run_and_size(bits, ac)? {
            (15, 0) => at += 16,
            (run, 0) => {
                *skipped = ending(bits, run)? - 1;
                return Some(());
            }
            (run, _) => {
                at += run;
                *nonzero |= (at <= last).then(|| 1 << at)?;
                at += 1;
            }
        }
    }
    (at == last + 1).then_some(())
}

fn ac_refinement(
    bits: &mut Bits<'_>,
    ac: &Huffman,
    [first, last]: [usize; 2],
    skipped: &mut u32,
    nonzero: &mut u64,
) -> Option<()> {
    let known = *nonzero;
    let is_known = |at: usize| known >> at & 1 == 1;
    let mut at = first;
    while *skipped == 0 && at <= last {
        let (mut zeros, size) = run_and_size(bits, ac)?;
        match size {
            0 if zeros < 15 => {
                *skipped = ending(bits, zeros)?;
                break;
            }
            // If the coefficient becomes 1 or -1, its sign has been skipped. Otherwise the code stands for 16 zeros.
            _ => {}
        }
        // One bit for each known coefficient, up to the new one.
        while at <= last {
            if is_known(at) {
                bits.bits(1)?;
            } else if zeros == 0 {
                break;
            } else {
                zeros -= 1;
            }
            at += 1;
        }
        if size > 0 {
            *nonzero |= (at <= last).then(|| 1 << at)?;
        }
        at += 1;
    }
    if *skipped > 0 {
        *skipped -= 1;
        (at..=last).filter(|at| is_known(*at)).try_for_each(|_| bits.bits(1).map(|_| ()))?;
    }
    Some(())
}
