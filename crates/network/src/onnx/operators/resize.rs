use super::{
    super::Call,
    Outputs,
    coordinates::{Axis, Coordinates, Rounding},
};
use crate::{Constant, ImportError, builder::Builder, network::ValueId};

/// Opset 10 has scales only. Opset 11 adds coordinate modes, and sizes as an alternative to scales; opset 18 adds `axes`.
pub(super) fn resize(builder: &mut Builder, call: &Call) -> Outputs {
    if call.opset < 11 {
        let scales = call.constant(builder, 1)?.to_floats();
        return early(builder, call, &scales);
    }
    let x = call.input(builder, 0)?;
    let shape = builder.shape(x).to_vec();
    let axes: Vec<usize> = match call.node.integers("axes") {
        Some(axes) => axes.iter().map(|axis| builder.axis(*axis, shape.len())).collect::<Result<_, _>>()?,
        None => (0..shape.len()).collect(),
    };
    // Opset 11 marks an omitted input by an empty list.
    let given = |index: usize| -> Result<Option<Constant>, ImportError> {
        Ok(call.optional_constant(builder, index)?.filter(|constant| !constant.is_empty()))
    };
    let (roi, scales, sizes) = (given(1)?, given(2)?, given(3)?);
    let resized = match (scales, sizes) {
        (Some(scales), _) => by_scales(builder, &shape, &axes, &scales.to_floats())?,
        (None, Some(sizes)) => by_sizes(builder, call, &shape, &axes, &sizes.to_integers())?,
        (None, None) => return Err(builder.error("has neither scales nor sizes")),
    };
    if call.node.integer("antialias", 0) != 0 && resized.iter().any(|axis| axis.new < axis.old) {
        return Err(builder.error("shrinks with antialias; export the network with `antialias=False`"));
    }
    let roi = roi.map(|roi| roi.to_floats()).unwrap_or_default();
    let mode = call.node.string("coordinate_transformation_mode", "half_pixel");
    let mut each = Vec::with_capacity(axes.len());
    for (index, axis) in axes.iter().enumerate() {
        let part = [index, axes.len() + index].map(|index| roi.get(index).copied());
        let part = [part[0].unwrap_or(0.0), part[1].unwrap_or(1.0)];
        let coordinates = Coordinates::of(mode, part);
        let coordinates = coordinates.ok_or_else(|| {
            builder.error(format!("has coordinate_transformation_mode `{mode}`; expected one that opset 22 has"))
        })?;
        if !coordinates.is_within(resized[index]) {
            return Err(builder
                .error(format!("resizes the part from {} to {} of axis {axis}; expected one within it", part[0], part[1])));
        }
        each.push(Resized { index: *axis, axis: resized[index], coordinates });
    }
    let rounding = call.node.string("nearest_mode", "round_prefer_floor");
    let rounding = Rounding::of(rounding).ok_or_else(|| {
        builder.error(format!("has nearest_mode `{rounding}`; expected round_prefer_floor, round_prefer_ceil, floor or ceil"))
    })?;
    let rounding = vec![rounding; each.len()];
    apply(builder, call, x, &each, &rounding)
}

/// Scales are an attribute before opset 9 and an input since.
pub(super) fn upsample(builder: &mut Builder, call: &Call) -> Outputs {
    let scales = match call.node.attribute("scales") {
        Some(scales) => scales.floats.clone(),
        None => call.constant(builder, 1)?.to_floats(),
    };
    early(builder, call, &scales)
}

/// Before opset 11, coordinates are asymmetric. Nearest rounds down, or up along an axis that shrinks: the specification leaves
/// this open, and onnxruntime does so.
fn early(builder: &mut Builder, call: &Call, scales: &[f32]) -> Outputs {
    let x = call.input(builder, 0)?;
    let shape = builder.shape(x).to_vec();
    let axes: Vec<usize> = (0..shape.len()).collect();
    let resized = by_scales(builder, &shape, &axes, scales)?;
    let rounding: Vec<_> = resized.iter().map(|axis| if axis.scale < 1.0 { Rounding::Ceil } else { Rounding::Floor }).collect();
    let coordinates = Coordinates::Asymmetric;
    let each: Vec<_> = resized.into_iter().enumerate().map(|(index, axis)| Resized { index, axis, coordinates }).collect();
    apply(builder, call, x, &each, &rounding)
}

/// An axis of the input, and how to resize it.
struct Resized {
    index: usize,
    axis: Axis,
    coordinates: Coordinates,
}

impl Resized {
    fn changes(&self) -> bool {
        self.is_part() || self.axis.scale != 1.0 || self.axis.new != self.axis.old
    }

    fn is_part(&self) -> bool {
        matches!(self.coordinates, Coordinates::CropAndResize(part) if part != [0.0, 1.0])
    }
}

fn apply(builder: &mut Builder, call: &Call, x: ValueId, each: &[Resized], rounding: &[Rounding]) -> Outputs {
    // If rounding leaves all lengths unchanged, onnxruntime copies the input, whatever the scales.
    if each.iter().all(|resized| resized.axis.new == resized.axis.old && !resized.is_part()) {
        return Ok(vec![x]);
    }
    let changed = each.iter().zip(rounding).filter(|(resized, _)| resized.changes());
    match call.node.string("mode", "nearest") {
        "nearest" => {
            let mut places = vec![None; builder.rank(x)];
            for (resized, rounding) in changed {
                places[resized.index] = Some(resized.coordinates.nearest(resized.axis, *rounding));
            }
            Ok(vec![builder.resample(x, &places)?])
        }
        "linear" => {
            let mut mixed = x;
            for (resized, _) in changed {
                let matrix_shape = [resized.axis.new, resized.axis.old];
                builder.make_room(&matrix_shape)?;
                let matrix = Constant::floats(matrix_shape, resized.coordinates.linear(resized.axis));
                mixed = builder.mix(mixed, resized.index, matrix)?;
            }
            Ok(vec![mixed])
        }
        other => {
            Err(builder
                .error(format!("has mode `{other}`; expected nearest or linear, so export the network with one of these")))
        }
    }
}

fn by_scales(builder: &Builder, shape: &[usize], axes: &[usize], scales: &[f32]) -> Result<Vec<Axis>, ImportError> {
    if scales.len() != axes.len() || !scales.iter().all(|scale| scale.is_finite() && *scale > 0.0) {
        return Err(builder.error(format!("has scales {scales:?}; expected {} positive numbers", axes.len())));
    }
    let resized = axes.iter().zip(scales).map(|(axis, scale)| {
        let old = shape[*axis];
        Axis { old, new: (old as f32 * scale) as usize, scale: *scale }
    });
    checked(builder, shape, axes, resized.collect())
}

fn by_sizes(builder: &Builder, call: &Call, shape: &[usize], axes: &[usize], sizes: &[i64]) -> Result<Vec<Axis>, ImportError> {
    let wanted: Option<Vec<usize>> = sizes.iter().map(|size| usize::try_from(*size).ok()).collect();
    let wanted = wanted.filter(|wanted| wanted.len() == axes.len());
    let wanted = wanted.ok_or_else(|| builder.error(format!("has sizes {sizes:?}; expected {} of 1 or more", axes.len())))?;
    let each = axes.iter().zip(wanted).map(|(axis, new)| {
        let old = shape[*axis];
        Axis { old, new, scale: new as f32 / old as f32 }
    });
    let mut resized: Vec<Axis> = each.collect();
    let scales = resized.iter().map(|axis| axis.scale);
    // One scale for all axes, so that no axis becomes larger, or none smaller, than its size.
    let scale = match call.node.string("keep_aspect_ratio_policy", "stretch") {
        "stretch" => None,
        "not_larger" => scales.reduce(f32::min),
        "not_smaller" => scales.reduce(f32::max),
        other => {
            let problem = format!("has keep_aspect_ratio_policy `{other}`; expected stretch, not_larger or not_smaller");
            return Err(builder.error(problem));
        }
    };
    if let Some(scale) = scale {
        resized
            .iter_mut()
            .for_each(|axis| *axis = Axis { old: axis.old, new: (axis.old as f32 * scale).round() as usize, scale });
    }
    checked(builder, shape, axes, resized)
}

/// Checks the shape of the result.
fn checked(builder: &Builder, shape: &[usize], axes: &[usize], resized: Vec<Axis>) -> Result<Vec<Axis>, ImportError> {
    let mut new = shape.to_vec();
    for (index, (axis, resized)) in axes.iter().zip(&resized).enumerate() {
        if axes[..index].contains(axis) {
            return Err(builder.error(format!("resizes axes {axes:?}; expected each once")));
        }
        new[*axis] = resized.new;
    }
    builder.check_size(shape)?;
    builder.check_size(&new)?;
    Ok(resized)
}
