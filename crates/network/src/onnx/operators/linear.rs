use super::{super::Call, Outputs};
use crate::{
    Constant, ImportError,
    builder::Builder,
    network::{Binary, ValueId},
};

pub(super) fn matmul(builder: &mut Builder, call: &Call) -> Outputs {
    let (a, b) = (call.input(builder, 0)?, call.input(builder, 1)?);
    Ok(vec![builder.matmul(a, b)?])
}

/// `alpha A B + beta C`, with A transposed if `transA`, and B if `transB`. C broadcasts to the product.
pub(super) fn gemm(builder: &mut Builder, call: &Call) -> Outputs {
    let (mut a, b) = (call.input(builder, 0)?, call.input(builder, 1)?);
    if [a, b].iter().any(|matrix| builder.rank(*matrix) != 2) {
        let (a, b) = (builder.shape(a), builder.shape(b));
        return Err(builder.error(format!("multiplies values of shapes {a:?} and {b:?}; expected matrices of two dimensions")));
    }
    let (alpha, beta) = (call.node.float("alpha", 1.0), call.node.float("beta", 1.0));
    if call.node.integer("transA", 0) != 0 {
        a = builder.transpose(a, &[1, 0])?;
    }
    // A `beta` of 0 disables C.
    let added = call.optional(2).filter(|_| beta != 0.0);
    let is_transposed = call.node.integer("transB", 0) != 0;
    if builder.known(a).is_none() && builder.known(b).is_some_and(|b| b.as_floats().is_some()) {
        // Linear layers store weights as [out, in], which is B transposed.
        let b = if is_transposed { b } else { builder.transpose(b, &[1, 0])? };
        let weight = builder.known(b).cloned().ok_or_else(|| builder.error("has no weights"))?;
        let weight = scaled_weight(builder, weight, alpha)?;
        let bias = added.and_then(|added| bias(builder, added, weight.shape[0], beta));
        let rest = added.filter(|_| bias.is_none());
        let product = builder.linear(a, weight, bias)?;
        return Ok(vec![add(builder, product, rest, beta)?]);
    }
    let b = if is_transposed { builder.transpose(b, &[1, 0])? } else { b };
    let product = builder.matmul(a, b)?;
    let product = builder.scale_shift(product, alpha, 0.0)?;
    Ok(vec![add(builder, product, added, beta)?])
}

/// Scales the weights. A factor of 1 copies nothing: copying a head's weights would set the peak memory of loading.
fn scaled_weight(builder: &mut Builder, weight: Constant, alpha: f32) -> Result<Constant, ImportError> {
    if alpha == 1.0 {
        return Ok(weight);
    }
    builder.make_room(&weight.shape)?;
    let shape = weight.shape.clone();
    Ok(Constant::floats(shape, weight.into_floats().into_iter().map(|value| value * alpha).collect()))
}

/// C as one number for each column of the product, if it is constant and the same in every row.
fn bias(builder: &Builder, added: ValueId, columns: usize, beta: f32) -> Option<Vec<f32>> {
    let constant = builder.known(added)?;
    let values = constant.as_floats()?;
    let is_row = matches!(constant.shape.as_slice(), [] | [_] | [1, _]) && [1, columns].contains(&values.len());
    is_row.then(|| values.iter().cycle().take(columns).map(|value| value * beta).collect())
}

fn add(builder: &mut Builder, product: ValueId, added: Option<ValueId>, beta: f32) -> Result<ValueId, ImportError> {
    let Some(added) = added else { return Ok(product) };
    let added = builder.scale_shift(added, beta, 0.0)?;
    builder.binary(Binary::Add, product, added)
}
