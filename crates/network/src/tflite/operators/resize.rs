//! Upsampling and downsampling of pictures.
use super::Call;
use crate::{Constant, ImportError, builder::Builder, network::ValueId};

/// The maximum height or width a picture is resized from or to. Larger ones mean a damaged file.
const MAX_SIZE: usize = 1 << 12;

/// A matrix product along each axis; each row of the matrix holds the weights of the two pixels next to a position.
pub(super) fn resize_bilinear(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let [from, to] = sizes(builder, call, x)?;
    let x = builder.mix(x, 3, shares(call, from[1], to[1]))?;
    builder.mix(x, 2, shares(call, from[0], to[0]))
}

pub(super) fn resize_nearest_neighbor(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let [from, to] = sizes(builder, call, x)?;
    let [rows, columns] = [0, 1].map(|axis| Some(nearest(call, from[axis], to[axis])));
    builder.resample(x, &[None, None, rows, columns])
}

/// Height and width of the input and of the result.
fn sizes(builder: &Builder, call: &Call, x: ValueId) -> Result<[[usize; 2]; 2], ImportError> {
    let [_, _, height, width] = builder.picture(x)?;
    let given = call.integers(builder, 1)?;
    let to: Vec<usize> = given.iter().filter_map(|size| usize::try_from(*size).ok()).collect();
    match to.as_slice() {
        [down, across] if [height, width, *down, *across].iter().all(|size| (1..=MAX_SIZE).contains(size)) => {
            Ok([[height, width], [*down, *across]])
        }
        _ => Err(builder
            .error(format!("resizes {height} x {width} pixels to {given:?}; expected heights and widths of 1 to {MAX_SIZE}"))),
    }
}

/// Distance between neighbouring output pixels, in input pixels.
fn step(call: &Call, from: usize, to: usize) -> f32 {
    match call.operator.options.aligns_corners && to > 1 {
        true => (from - 1) as f32 / (to - 1) as f32,
        false => from as f32 / to as f32,
    }
}

/// [to, from], computed in f32 as in LiteRT.
fn shares(call: &Call, from: usize, to: usize) -> Constant {
    let step = step(call, from, to);
    let mut shares = vec![0.0; to * from];
    for (i, row) in shares.chunks_exact_mut(from).enumerate() {
        let place = if call.operator.options.has_half_pixel_centers { (i as f32 + 0.5) * step - 0.5 } else { i as f32 * step };
        let place = place.clamp(0.0, (from - 1) as f32);
        let (before, share) = (place as usize, place.fract());
        row[before] += 1.0 - share;
        row[(before + 1).min(from - 1)] += share;
    }
    Constant::floats([to, from], shares)
}

/// The input pixel that each output pixel copies.
fn nearest(call: &Call, from: usize, to: usize) -> Vec<usize> {
    let options = &call.operator.options;
    let step = step(call, from, to);
    let offset = if options.has_half_pixel_centers { 0.5 } else { 0.0 };
    let place = |i: usize| {
        let place = (i as f32 + offset) * step;
        let place = if options.aligns_corners { place.round() } else { place.floor() };
        (place as usize).min(from - 1)
    };
    (0..to).map(place).collect()
}
