//! TFLite files: flatbuffers of the schema `TFL3`.
//!
//! | module | owns |
//! |---|---|
//! | `flatbuffer` | the encoding: tables, vectors, strings |
//! | `schema` | the tables of a model |
//! | `builtins` | the names of the operators |
//! | `tensor` | constants |
//! | `layout` | the order of the axes: a picture's channels come last in a file, and second in a [`Network`] |
//! | `operators` | how each operator is lowered |
mod builtins;
mod flatbuffer;
mod layout;
mod operators;
mod schema;
mod tensor;

use std::collections::HashMap;

use crate::{
    Constant, ImportError, Network,
    builder::Builder,
    file::{Declared, Unsupported},
    network::ValueId,
};
use schema::{Code, Graph, Operator, Tensor};
use tensor::element;

/// A TFLite file.
#[derive(Debug, Clone)]
pub struct TfliteFile {
    graph: Graph,
    /// The whole file: constants are read on demand.
    bytes: Vec<u8>,
}

/// An operator whose inputs are known to the builder.
struct Call<'a> {
    operator: &'a Operator,
    tensors: &'a [Tensor],
    inputs: Vec<Option<ValueId>>,
}

impl TfliteFile {
    /// Whether the bytes have a TFLite file's identifier.
    pub(crate) fn is_one(bytes: &[u8]) -> bool {
        bytes.get(4..8) == Some(b"TFL3")
    }

    /// Reads a file.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, ImportError> {
        Ok(Self { graph: Graph::read(bytes)?, bytes: bytes.to_vec() })
    }

    /// The network's inputs.
    pub(crate) fn inputs(&self) -> Vec<Declared> {
        let declared = |index: &usize| {
            let tensor = &self.graph.tensors[*index];
            let shape = if tensor.signature.is_empty() { &tensor.shape } else { &tensor.signature };
            let sizes = shape.iter().map(|size| usize::try_from(*size).ok().filter(|size| *size > 0)).collect();
            Declared { name: tensor.name.clone(), shape: Some(sizes).filter(|_| !shape.is_empty()) }
        };
        self.graph.inputs.iter().map(declared).collect()
    }

    /// Number of operators.
    pub(crate) fn operations(&self) -> usize {
        self.graph.operators.len()
    }

    /// The unsupported operators.
    pub(crate) fn unsupported(&self) -> Vec<Unsupported> {
        let Graph { codes, tensors, operators, .. } = &self.graph;
        let operators = operators.iter().filter(|operator| find(&codes[operator.code]).is_none());
        let unsupported =
            |operator: &Operator| Unsupported { op: codes[operator.code].name.clone(), node: node(operator, tensors).into() };
        operators.map(unsupported).collect()
    }

    /// Lowers the network for an input of this shape. Input and outputs keep the file's axis order.
    pub(crate) fn lower(self, input: &[usize]) -> Result<Network, ImportError> {
        let Graph { codes, tensors, inputs, outputs, operators } = &self.graph;
        let mut builder = Builder::new(input);
        let mut values: Vec<Option<ValueId>> = vec![None; tensors.len()];
        for index in inputs {
            let Tensor { name, element, .. } = &tensors[*index];
            builder.enter(name, "input");
            if *element != element::FLOAT32 {
                let found = element::name(*element);
                return Err(
                    builder.error(format!("has the type {found}; expected FLOAT32: export the model with a float input"))
                );
            }
            let input = builder.input();
            values[*index] = Some(layout::keep(&mut builder, input)?);
        }
        let mut reads = vec![0_usize; tensors.len()];
        let read = operators.iter().flat_map(|operator| &operator.inputs).flatten().chain(outputs);
        read.for_each(|index| reads[*index] += 1);
        // Several tensors can be one value: an operator may return its input.
        let mut reads_left: HashMap<ValueId, usize> = HashMap::new();
        for operator in operators {
            let (code, node) = (&codes[operator.code], node(operator, tensors));
            let build = find(code).ok_or_else(|| ImportError::Operator { op: code.name.clone(), node: node.into() })?;
            builder.enter(node, &code.name);
            for index in operator.inputs.iter().flatten() {
                if values[*index].is_none() {
                    let constant = self.constant(&mut builder, *index)?;
                    values[*index] = Some(constant);
                    *reads_left.entry(constant).or_default() += reads[*index];
                }
            }
            let inputs = operator.inputs.iter().map(|index| index.and_then(|index| values[index])).collect();
            let call = Call { operator, tensors, inputs };
            let result = build(&mut builder, &call)?;
            if let Some(output) = operator.outputs.first() {
                values[*output] = Some(result);
                *reads_left.entry(result).or_default() += reads[*output];
            }
            // Frees constants once their step holds them: weights are most of a file.
            for value in call.inputs() {
                let left = reads_left.entry(value).or_default();
                *left = left.saturating_sub(1);
                if *left == 0 {
                    builder.forget(value);
                }
            }
        }
        let mut made = Vec::with_capacity(outputs.len());
        for index in outputs {
            let name = &tensors[*index].name;
            builder.enter(name, "output");
            let value = match values[*index] {
                Some(value) => value,
                None => self.constant(&mut builder, *index)?,
            };
            made.push((name.clone(), layout::in_file_order(&mut builder, value)?));
        }
        Ok(builder.finish(made))
    }

    /// A tensor that no operator computes.
    fn constant(&self, builder: &mut Builder, index: usize) -> Result<ValueId, ImportError> {
        let tensor = &self.graph.tensors[index];
        if !tensor.is_constant() {
            let problem = "which is not a constant and which no earlier operator computes; expected execution order";
            return Err(builder.error(format!("reads `{}`, {problem}", tensor.name)));
        }
        let in_file_order = builder.constant(tensor.constant(&self.bytes)?.without_nan(&tensor.name)?);
        let kept = layout::keep(builder, in_file_order)?;
        if kept != in_file_order {
            builder.forget(in_file_order);
        }
        Ok(kept)
    }
}

/// The name of an operator's first output.
fn node<'a>(operator: &Operator, tensors: &'a [Tensor]) -> &'a str {
    operator.outputs.first().map_or("", |index| &tensors[*index].name)
}

fn find(code: &Code) -> Option<operators::Build> {
    operators::find(&code.name).filter(|_| !code.is_custom)
}

impl Call<'_> {
    /// A required input, kept as [`layout`] describes.
    fn input(&self, builder: &Builder, index: usize) -> Result<ValueId, ImportError> {
        self.optional(index).ok_or_else(|| builder.error(format!("has no input {index}")))
    }

    /// An optional input.
    fn optional(&self, index: usize) -> Option<ValueId> {
        self.inputs.get(index).copied().flatten()
    }

    /// All inputs that are present.
    fn inputs(&self) -> impl Iterator<Item = ValueId> {
        self.inputs.iter().copied().flatten()
    }

    /// The declaration of an input.
    fn tensor(&self, index: usize) -> Option<&Tensor> {
        let place = self.operator.inputs.get(index).copied().flatten()?;
        self.tensors.get(place)
    }

    /// A required constant input.
    fn constant(&self, builder: &Builder, index: usize) -> Result<Constant, ImportError> {
        let value = self.input(builder, index)?;
        let known = builder.known(value).cloned();
        let name = self.tensor(index).map_or("", |tensor| &tensor.name);
        known.ok_or_else(|| builder.error(format!("computes its input {index} (`{name}`); expected a constant")))
    }

    /// Weights: constant floats.
    fn weights(&self, builder: &Builder, index: usize) -> Result<Constant, ImportError> {
        let constant = self.constant(builder, index)?;
        if constant.as_floats().is_some() {
            return Ok(constant);
        }
        let found = self.tensor(index).map_or_else(String::new, |tensor| element::name(tensor.element));
        Err(builder.error(format!(
            "has weights of {found}; expected FLOAT32, or a DEQUANTIZE before it: export the model with float32 or float16 weights"
        )))
    }

    /// An optional bias.
    fn bias(&self, builder: &Builder, index: usize) -> Result<Option<Vec<f32>>, ImportError> {
        self.optional(index).map(|_| self.weights(builder, index).map(Constant::into_floats)).transpose()
    }

    /// Constant integers: axes, sizes, paddings.
    fn integers(&self, builder: &Builder, index: usize) -> Result<Vec<i64>, ImportError> {
        let constant = self.constant(builder, index)?;
        let integers = constant.as_integers().map(<[i64]>::to_vec);
        integers.ok_or_else(|| builder.error(format!("has floats as its input {index}; expected integers")))
    }
}
