/// A Huffman table: codes of 1 to 16 bits.
pub(super) struct Huffman {
    /// Length and symbol of the code at the start of [`SHORT`] bits; length 0 if the code is longer than that.
    short: Vec<[u8; 2]>,
    /// For each length: one more than the last code of that length, in 16 bits, and the offset from a code to its symbol's
    /// index.
    long: [(u32, i32); 17],
    symbols: Vec<u8>,
}

const SHORT: u32 = 9;

impl Huffman {
    /// A table with `counts[n]` codes of n + 1 bits; `None` if there are more codes than fit.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let (mut short, mut long) = (vec![[0; 2]; 1 << SHORT], [(0, 0); 17]);
        let (mut code, mut index) = (0_u32, 0_usize);
        for (length, count) in (1_u32..).zip(counts) {
            long[length as usize].1 = index as i32 - code as i32;
            for _ in 0..*count {
                let symbol = *symbols.get(index)?;
                if code >= 1 << length {
                    return None;
                }
                if length <= SHORT {
                    let first = (code << (SHORT - length)) as usize;
                    short[first..first + (1 << (SHORT - length))].fill([length as u8, symbol]);
                }
                code += 1;
                index += 1;
            }
            long[length as usize].0 = code << (16 - length);
            code <<= 1;
        }
        Some(Self { short, long, symbols: symbols.to_vec() })
    }

    /// Length and symbol of the code at the start of these 16 bits.
    #[inline]
    fn find(&self, bits: u32) -> Option<(u32, u8)> {
        match self.short[(bits >> (16 - SHORT)) as usize] {
            [0, _] => self.find_long(bits),
            [length, symbol] => Some((length.into(), symbol)),
        }
    }

    fn find_long(&self, bits: u32) -> Option<(u32, u8)> {
        let length = (SHORT + 1..=16).find(|length| bits < self.long[*length as usize].0)?;
        let place = (bits >> (16 - length)) as i32 + self.long[length as usize].1;
        let symbol = self.symbols.get(usize::try_from(place).ok()?)?;
        Some((length, *symbol))
    }
}

/// The bits between two markers.
pub(super) struct Bits<'a> {
    rest: &'a [u8],
    /// The next bits, starting at the highest.
    buffer: u64,
    held: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, buffer: 0, held: 0 }
    }

    /// Number of whole bytes left.
    pub(super) fn left(&self) -> usize {
        self.rest.len() + self.held as usize / 8
    }

    /// Fetches bits, so that at least 32 are held until the data end.
    #[inline]
    fn fill(&mut self) {
        if self.held >= 32 {
            return;
        }
        match self.rest {
            // The common case: no stuffing.
            [a @ (0..=0xfe), b @ (0..=0xfe), c @ (0..=0xfe), d @ (0..=0xfe), rest @ ..] => {
                self.buffer |= u64::from(u32::from_be_bytes([*a, *b, *c, *d])) << (32 - self.held);
                self.held += 32;
                self.rest = rest;
            }
            _ => self.fill_bytewise(),
        }
    }

    fn fill_bytewise(&mut self) {
        while self.held <= 56 {
            let (byte, rest) = match self.rest {
                [0xff, 0x00, rest @ ..] => (0xff, rest),
                [byte, rest @ ..] => (*byte, rest),
                [] => return,
            };
            self.buffer |= u64::from(byte) << (56 - self.held);
            self.held += 8;
            self.rest = rest;
        }
    }

    #[inline]
    fn skip(&mut self, count: u32) -> Option<()> {
        self.held = self.held.checked_sub(count)?;
        self.buffer <<= count;
        Some(())
    }

    /// Reads the next bits as a number; up to 16 bits.
    #[inline]
    pub(super) fn bits(&mut self, count: u32) -> Option<u32> {
        self.fill();
        // In two steps, because a shift by 64 is not allowed.
        let bits = (self.buffer >> 1 >> (63 - count)) as u32;
        self.skip(count).map(|()| bits)
    }

    /// Reads the next symbol. Also skips the bits of its coefficient, which follow the code; the symbol's lower half is their
    /// number.
    #[inline]
    pub(super) fn symbol(&mut self, table: &Huffman) -> Option<u8> {
        self.fill();
        let (length, symbol) = table.find((self.buffer >> 48) as u32)?;
        self.skip(length + u32::from(symbol & 15)).map(|()| symbol)
    }
}
