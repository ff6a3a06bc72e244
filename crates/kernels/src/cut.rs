//! Cuts a turned and scaled rectangle out of a picture.
/// Fraction bits of a position.
const FRACTION: u32 = 16;
/// Fraction bits used for interpolation: a level times two such shares fits into 32 bits.
const SHARE: u32 = 11;
const ONE: u32 = 1 << SHARE;
const HALF: u32 = 1 << (2 * SHARE - 1);
/// Pixels computed at once.
const CHUNK: usize = 64;

/// Where the pixels of a cut lie in the picture: x, y, in pixels from the centre of the picture's first pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Of the first pixel.
    pub first: [f32; 2],
    /// From a pixel to the one on its right.
    pub across: [f32; 2],
    /// From a pixel to the one below.
    pub down: [f32; 2],
}

/// Cuts `[height, width]` pixels out of a picture of `size`, `[height, width]` pixels of red, green and blue. They are
/// interpolated bilinearly, with 0 beyond the picture, rounded to 8 bits, and mapped through `levels`. `planes` is `[3, height,
/// width]`.
#[inline(never)]
pub fn cut(
    picture: &[[u8; 3]],
    size: [usize; 2],
    place: &Place,
    levels: &[f32; 256],
    [height, width]: [usize; 2],
    planes: &mut [f32],
) {
    assert_eq!(picture.len(), size[0] * size[1], "the picture does not have {} x {} pixels", size[0], size[1]);
    assert_eq!(planes.len(), 3 * height * width, "the cut does not have 3 planes of {height} x {width}");
    if planes.is_empty() {
        return;
    }
    let cut = Cut { picture: Picture { pixels: picture, size: size.map(|side| side as i64) }, place, levels, width, planes };
    #[cfg(not(target_family = "wasm"))]
    pulp::Arch::new().dispatch(cut);
    #[cfg(target_family = "wasm")]
    cut.run();
}

struct Cut<'a> {
    picture: Picture<'a>,
    place: &'a Place,
    levels: &'a [f32; 256],
    width: usize,
    planes: &'a mut [f32],
}

#[cfg(not(target_family = "wasm"))]
impl pulp::WithSimd for Cut<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl Cut<'_> {
    #[inline(always)]
    fn run(self) {
        let Self { picture, place, levels, width, planes } = self;
        let height = planes.len() / 3 / width;
        let (red, rest) = planes.split_at_mut(height * width);
        let (green, blue) = rest.split_at_mut(height * width);
        let rows = red.chunks_exact_mut(width).zip(green.chunks_exact_mut(width)).zip(blue.chunks_exact_mut(width));
        let step = place.across.map(fixed);
        for (row, ((red, green), blue)) in rows.enumerate() {
            let first = [0, 1].map(|axis| fixed(place.first[axis] + row as f32 * place.down[axis]));
            let at = |column: usize| [0, 1].map(|axis| first[axis] + column as i64 * step[axis]);
            // What lies between two points inside the picture does so as well.
            let is_inside = picture.surrounds(first) && picture.surrounds(at(width - 1));
            let chunks = red.chunks_mut(CHUNK).zip(green.chunks_mut(CHUNK)).zip(blue.chunks_mut(CHUNK));
            for (index, ((red, green), blue)) in chunks.enumerate() {
                let mut colours = [[0; CHUNK]; 3];
                let count = red.len();
                if is_inside {
                    picture.chunk(at(index * CHUNK), step, count, &mut colours);
                } else {
                    for column in 0..count {
                        let colour = picture.at(at(index * CHUNK + column));
                        colours.iter_mut().zip(colour).for_each(|(levels, level)| levels[column] = level);
                    }
                }
                for (values, colours) in [red, green, blue].into_iter().zip(&colours) {
                    values.iter_mut().zip(colours).for_each(|(value, level)| *value = levels[usize::from(*level)]);
                }
            }
        }
    }
}

/// A position with [`FRACTION`] fraction bits. Positions far beyond any picture are clamped, so that sums of them stay in range.
fn fixed(value: f32) -> i64 {
    const FAR: f64 = 1e9;
    let whole = f64::from(1_u32 << FRACTION);
    // The cast rounds towards zero, and turns NaN into 0.
    let scaled = f64::from(value).clamp(-FAR, FAR) * whole;
    (scaled + if scaled < 0.0 { -0.5 } else { 0.5 }) as i64
}

struct Picture<'a> {
    pixels: &'a [[u8; 3]],
    /// Height, width.
    size: [i64; 2],
}

impl Picture<'_> {
    /// Whether all four pixels around a position, x, y, are in the picture.
    fn surrounds(&self, at: [i64; 2]) -> bool {
        let [height, width] = self.size;
        let [x, y] = at.map(|at| at >> FRACTION);
        (0..width - 1).contains(&x) && (0..height - 1).contains(&y)
    }

    /// The colours at `count` positions from `at` on, each a `step` from the one before, all of them surrounded by pixels.
    #[inline(always)]
    fn chunk(&self, at: [i64; 2], step: [i64; 2], count: usize, colours: &mut [[u8; CHUNK]; 3]) {
        let width = self.size[1];
        // Loaded one by one, then computed together: the compiler makes vectors of the second part.
        let mut corners = [[0_u32; CHUNK]; 4];
        let mut shares = [[0_u32; CHUNK]; 2];
        let [mut x, mut y] = at;
        for column in 0..count {
            let above = ((y >> FRACTION) * width + (x >> FRACTION)) as usize;
            let below = above + width as usize;
            for (row, start) in [above, below].into_iter().enumerate() {
                let pixels = self.pixels[start..start + 2].as_flattened();
                // Four bytes are loaded at once; the one that is too many is never used.
                let [left, right] = [0, 2].map(|first| pixels[first..].first_chunk().copied().map_or(0, u32::from_le_bytes));
                corners[2 * row][column] = left;
                corners[2 * row + 1][column] = right >> 8;
            }
            shares[0][column] = share(x);
            shares[1][column] = share(y);
            x += step[0];
            y += step[1];
        }
        for (channel, colours) in colours.iter_mut().enumerate() {
            for column in 0..CHUNK {
                let levels = [0, 1, 2, 3].map(|corner| corners[corner][column] >> (8 * channel) & 0xff);
                colours[column] = between(levels, [shares[0][column], shares[1][column]]);
            }
        }
    }

    /// The colour at a position, x, y.
    fn at(&self, [x, y]: [i64; 2]) -> [u8; 3] {
        let (left, top) = (x >> FRACTION, y >> FRACTION);
        let corners = [(left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)].map(|(x, y)| self.pixel(x, y));
        let shares = [x, y].map(share);
        [0, 1, 2].map(|channel| between(corners.map(|corner| u32::from(corner[channel])), shares))
    }

    /// A pixel, or zeros beyond the picture.
    fn pixel(&self, x: i64, y: i64) -> [u8; 3] {
        let [height, width] = self.size;
        let is_inside = (0..width).contains(&x) && (0..height).contains(&y);
        if is_inside { self.pixels[(y * width + x) as usize] } else { [0; 3] }
    }
}

/// The share of the pixel on the right, or below, in a position along an axis.
#[inline(always)]
fn share(at: i64) -> u32 {
    (at as u64 >> (FRACTION - SHARE)) as u32 & (ONE - 1)
}

/// The level between four, rounded.
#[inline(always)]
fn between([a, b, c, d]: [u32; 4], [right, lower]: [u32; 2]) -> u8 {
    let of_row = |left: u32, right_one: u32| left * (ONE - right) + right_one * right;
    let sum = of_row(a, b) * (ONE - lower) + of_row(c, d) * lower + HALF;
    (sum >> (2 * SHARE)) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn levels() -> [f32; 256] {
        std::array::from_fn(|level| level as f32)
    }

    proptest! {
        #[test]
        fn a_cut_follows_the_definition(
            (height, width) in (1..20_usize, 1..20_usize),
            seed in any::<u32>(),
            first in prop::array::uniform2(-12.0_f32..30.0),
            across in prop::array::uniform2(-2.0_f32..2.0),
            down in prop::array::uniform2(-2.0_f32..2.0),
        ) {
            let noise = |index: usize| seed.wrapping_mul(index as u32 + 1).wrapping_mul(2_654_435_761).to_be_bytes();
            let picture: Vec<[u8; 3]> = (0..height * width).map(noise).map(|[a, b, c, _]| [a, b, c]).collect();
            let mut planes = vec![f32::NAN; 3 * 7 * 9];
            cut(&picture, [height, width], &Place { first, across, down }, &levels(), [7, 9], &mut planes);
            for (row, column) in (0..7).flat_map(|row| (0..9).map(move |column| (row, column))) {
                let [x, y] = [0, 1].map(|axis| {
                    f64::from(first[axis]) + f64::from(row as f32 * down[axis]) + column as f64 * f64::from(across[axis])
                });
                for channel in 0..3 {
                    let at = |x: f64, y: f64| {
                        let is_inside = x >= 0.0 && y >= 0.0 && x < width as f64 && y < height as f64;
                        if is_inside { f64::from(picture[y as usize * width + x as usize][channel]) } else { 0.0 }
                    };
                    let (left, top) = (x.floor(), y.floor());
                    let (right, lower) = (x - left, y - top);
                    let of_row = |y| at(left, y) + (at(left + 1.0, y) - at(left, y)) * right;
                    let expected = of_row(top) + (of_row(top + 1.0) - of_row(top)) * lower;
                    let found = f64::from(planes[(channel * 7 + row) * 9 + column]);
                    // The rounding of the value, and the error of the position, down and across: a 2048th, and 9 halves of a
                    // 65536th in the eighth column.
                    let bound = 0.501 + 2.0 * 255.0 * (1.0 / 2048.0 + 9.0 / 131_072.0);
                    prop_assert!((found - expected).abs() < bound, "{} and {}", found, expected);
                }
            }
        }
    }

    #[test]
    fn far_beyond_the_picture_all_is_black() {
        for far in [1e6, -1e6, 1e30, f32::INFINITY, f32::NEG_INFINITY] {
            for place in [[far, 0.0], [0.0, far], [far, far]] {
                let mut planes = [5.0; 12];
                let place = Place { first: place, across: [far, 0.0], down: [0.0, 1.0] };
                cut(&[[9; 3]; 6], [2, 3], &place, &levels(), [2, 2], &mut planes);
                assert_eq!(planes, [0.0; 12], "{place:?}");
            }
        }
    }

    #[test]
    fn levels_are_those_asked_for() {
        let mut planes = [0.0; 3];
        let place = Place { first: [0.0, 0.0], across: [1.0, 0.0], down: [0.0, 1.0] };
        cut(&[[10, 20, 30]], [1, 1], &place, &std::array::from_fn(|level| level as f32 / 10.0), [1, 1], &mut planes);
        assert_eq!(planes, [1.0, 2.0, 3.0]);
    }
}
