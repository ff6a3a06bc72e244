//! Cuts a turned and scaled rectangle out of a picture.
/// Fraction bits of a position.
const FRACTION: u32 = 16;
/// Fraction bits used for interpolation: a level times two such shares fits into the 32 bits that a channel has in a word.
const SHARE: u32 = 11;

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
    let picture = Picture { pixels: picture, size: size.map(|side| side as i64) };
    let (red, rest) = planes.split_at_mut(height * width);
    let (green, blue) = rest.split_at_mut(height * width);
    let rows = red.chunks_exact_mut(width).zip(green.chunks_exact_mut(width)).zip(blue.chunks_exact_mut(width));
    let step = place.across.map(fixed);
    for (row, ((red, green), blue)) in rows.enumerate() {
        let mut at = [0, 1].map(|axis| fixed(place.first[axis] + row as f32 * place.down[axis]));
        for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
            let [r, g, b] = picture.at(at);
            (*red, *green, *blue) = (levels[usize::from(r)], levels[usize::from(g)], levels[usize::from(b)]);
            at = [at[0] + step[0], at[1] + step[1]];
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
    /// The colour at a position, x, y.
    #[inline(always)]
    fn at(&self, [x, y]: [i64; 2]) -> [u8; 3] {
        let [height, width] = self.size;
        let (left, top) = (x >> FRACTION, y >> FRACTION);
        let corners = if left >= 0 && top >= 0 && left < width - 1 && top < height - 1 {
            let (above, below) = (top * width + left, (top + 1) * width + left);
            let [above, below] = [above, below].map(|start| &self.pixels[start as usize..][..2]);
            [above[0], above[1], below[0], below[1]]
        } else {
            [(left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)].map(|(x, y)| self.pixel(x, y))
        };
        let shares = [x, y].map(|at| (at as u64 >> (FRACTION - SHARE)) & ((1 << SHARE) - 1));
        let [red, green] = between(corners.map(|[red, green, _]| u64::from(red) | u64::from(green) << 32), shares);
        let [blue, _] = between(corners.map(|[_, _, blue]| u64::from(blue)), shares);
        [red, green, blue]
    }

    /// A pixel, or zeros beyond the picture.
    fn pixel(&self, x: i64, y: i64) -> [u8; 3] {
        let [height, width] = self.size;
        let is_inside = (0..width).contains(&x) && (0..height).contains(&y);
        if is_inside { self.pixels[(y * width + x) as usize] } else { [0; 3] }
    }
}

/// The levels of two channels between four pixels, rounded. Each word has both channels of a pixel, 32 bits each.
#[inline(always)]
fn between([a, b, c, d]: [u64; 4], [right, lower]: [u64; 2]) -> [u8; 2] {
    const ONE: u64 = 1 << SHARE;
    const HALF: u64 = 1 << (2 * SHARE - 1);
    let of_row = |left: u64, right_one: u64| left * (ONE - right) + right_one * right;
    let sums = of_row(a, b) * (ONE - lower) + of_row(c, d) * lower + (HALF | HALF << 32);
    [sums as u32, (sums >> 32) as u32].map(|sum| (sum >> (2 * SHARE)) as u8)
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
