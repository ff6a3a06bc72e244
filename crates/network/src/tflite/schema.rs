//! The tables of schema `TFL3` that a network needs, with their field numbers.
use std::ops::Range;

use super::{
    builtins,
    flatbuffer::{Flatbuffer, Table, damaged},
};
use crate::ImportError;

/// Code of custom operators.
const CUSTOM: i32 = 32;

/// The first subgraph of a model. The others belong to control-flow operators, which are not supported.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub(super) codes: Vec<Code>,
    pub(super) tensors: Vec<Tensor>,
    /// Indices of tensors.
    pub(super) inputs: Vec<usize>,
    /// Indices of tensors.
    pub(super) outputs: Vec<usize>,
    /// In execution order.
    pub(super) operators: Vec<Operator>,
}

/// A kind of operator.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) name: String,
    pub(super) is_custom: bool,
}

/// A constant, or the declaration of a value.
#[derive(Debug, Clone)]
pub(super) struct Tensor {
    pub(super) name: String,
    pub(super) shape: Vec<i32>,
    /// The shape, with -1 for an open size; empty if all sizes are known.
    pub(super) signature: Vec<i32>,
    /// See [`super::tensor::element`].
    pub(super) element: i8,
    /// Byte range of the elements in the file; empty for a value that is not a constant.
    pub(super) data: Range<usize>,
    pub(super) quantisation: Option<Quantisation>,
}

/// Real value = scale * (byte - zero point), for the whole tensor or for each position along an axis.
#[derive(Debug, Clone)]
pub(super) struct Quantisation {
    pub(super) scales: Vec<f32>,
    pub(super) zero_points: Vec<i64>,
    pub(super) axis: i32,
    /// Whether it uses more than scales and zero points.
    pub(super) is_special: bool,
}

/// A node of the graph.
#[derive(Debug, Clone)]
pub(super) struct Operator {
    /// Index of its kind.
    pub(super) code: usize,
    /// Indices of tensors; `None` for an omitted one.
    pub(super) inputs: Vec<Option<usize>>,
    /// Indices of tensors.
    pub(super) outputs: Vec<usize>,
    pub(super) options: Options,
}

/// The contents of the option tables. Each kind of operator has its own table, with some of these fields.
#[derive(Debug, Clone)]
pub(super) struct Options {
    /// [`SAME`] or [`VALID`].
    pub(super) padding: i8,
    /// Height, width.
    pub(super) stride: [i32; 2],
    /// Height, width.
    pub(super) dilation: [i32; 2],
    /// Height, width, of a pooling window.
    pub(super) kernel: [i32; 2],
    /// The activation fused onto the result; see `operators::activation::fused`.
    pub(super) activation: i8,
    pub(super) axis: i32,
    /// Axes of a squeeze, or the shape of a reshape whose shape is not an input.
    pub(super) sizes: Option<Vec<i32>>,
    /// Whether reduced axes are kept, or all but the last of a fully connected layer's input.
    pub(super) keeps_axes: bool,
    /// Whether the weights are not in row-major order.
    pub(super) is_shuffled: bool,
    /// Factor of a softmax's input, or of the negative inputs of a leaky ReLU.
    pub(super) factor: f32,
    pub(super) aligns_corners: bool,
    pub(super) has_half_pixel_centers: bool,
}

pub(super) const SAME: i8 = 0;
pub(super) const VALID: i8 = 1;

impl Graph {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ImportError> {
        let buffer = Flatbuffer::new(bytes);
        let model = buffer.root()?;
        let codes = model.tables(1)?.iter().map(Code::read).collect::<Result<Vec<_>, _>>()?;
        let graphs = model.tables(2)?;
        let graph = graphs.first().ok_or_else(|| damaged("it has no subgraph"))?;
        let buffers = model.tables(4)?.iter().map(data).collect::<Result<Vec<_>, _>>()?;
        let tensors = graph.tables(0)?.iter().map(|table| Tensor::read(table, &buffers)).collect::<Result<Vec<_>, _>>()?;
        // Tensors may share a buffer, but so much sharing means damage.
        let shared = tensors.iter().fold(0_usize, |sum, tensor| sum.saturating_add(tensor.data.len()));
        if shared > bytes.len().saturating_mul(4) {
            return Err(damaged("its tensors share too much of their data"));
        }
        let operators = graph.tables(3)?;
        let operators = operators.iter().map(|table| Operator::read(table, codes.len(), tensors.len()));
        Ok(Self {
            operators: operators.collect::<Result<_, _>>()?,
            inputs: indices(graph, 1, tensors.len())?,
            outputs: indices(graph, 2, tensors.len())?,
            codes,
            tensors,
        })
    }
}

impl Code {
    fn read(table: &Table) -> Result<Self, ImportError> {
        // Codes beyond 127 did not fit the first field. Newer files fill both, older ones only the first.
        let code = table.scalar(3, 0_i32)?.max(table.scalar(0, 0_i8)?.into());
        let is_custom = code == CUSTOM;
        let name = if is_custom { table.text(1)? } else { builtins::name(code) };
        Ok(Self { name, is_custom })
    }
}

impl Tensor {
    fn read(table: &Table, buffers: &[Range<usize>]) -> Result<Self, ImportError> {
        let buffer = table.scalar(2, 0_u32)? as usize;
        let quantisation = table.table(4)?.map(|table| Quantisation::read(&table)).transpose()?;
        Ok(Self {
            name: table.text(3)?,
            shape: table.scalars(0)?.unwrap_or_default(),
            signature: table.scalars(7)?.unwrap_or_default(),
            element: table.scalar(1, 0)?,
            data: buffers.get(buffer).cloned().ok_or_else(|| damaged(format!("it has no buffer {buffer}")))?,
            quantisation: quantisation.filter(|quantisation| !quantisation.scales.is_empty()),
        })
    }
}

impl Quantisation {
    fn read(table: &Table) -> Result<Self, ImportError> {
        Ok(Self {
            scales: table.scalars(2)?.unwrap_or_default(),
            zero_points: table.scalars(3)?.unwrap_or_default(),
            axis: table.scalar(6, 0)?,
            is_special: table.scalar(4, 0_u8)? != 0,
        })
    }
}

impl Operator {
    fn read(table: &Table, codes: usize, tensors: usize) -> Result<Self, ImportError> {
        let code = table.scalar(0, 0_u32)? as usize;
        if code >= codes {
            return Err(damaged(format!("it has no operator code {code}")));
        }
        let inputs = table.scalars(1)?.unwrap_or_default();
        let inputs = inputs.into_iter().map(|input| if input == -1 { Ok(None) } else { index(input, tensors).map(Some) });
        let options = Options::read(table.scalar(3, 0)?, table.table(4)?)?;
        Ok(Self { code, inputs: inputs.collect::<Result<_, _>>()?, outputs: indices(table, 2, tensors)?, options })
    }
}

impl Options {
    /// `kind` is the table's position in the schema's union `BuiltinOptions`.
    fn read(kind: u8, table: Option<Table>) -> Result<Self, ImportError> {
        let mut options = Self {
            padding: SAME,
            stride: [0; 2],
            dilation: [1; 2],
            kernel: [0; 2],
            activation: 0,
            axis: 0,
            sizes: None,
            keeps_axes: false,
            is_shuffled: false,
            factor: 0.0,
            aligns_corners: false,
            has_half_pixel_centers: false,
        };
        let Some(table) = table else { return Ok(options) };
        // Width comes before height.
        let sizes =
            |width: usize, default| Ok::<_, ImportError>([table.scalar(width + 1, default)?, table.scalar(width, default)?]);
        match kind {
            // Conv2DOptions, DepthwiseConv2DOptions: the depth multiplier follows from the shapes.
            1 | 2 => {
                let activation = if kind == 1 { 3 } else { 4 };
                options.padding = table.scalar(0, SAME)?;
                options.stride = sizes(1, 0)?;
                options.activation = table.scalar(activation, 0)?;
                options.dilation = sizes(activation + 1, 1)?;
            }
            // Pool2DOptions
            5 => {
                options.padding = table.scalar(0, SAME)?;
                options.stride = sizes(1, 0)?;
                options.kernel = sizes(3, 0)?;
                options.activation = table.scalar(5, 0)?;
            }
            // FullyConnectedOptions
            8 => {
                options.activation = table.scalar(0, 0)?;
                options.is_shuffled = table.scalar(1, 0_i8)? != 0;
                options.keeps_axes = table.scalar(2, false)?;
            }
            // SoftmaxOptions, LeakyReluOptions
            9 | 75 => options.factor = table.scalar(0, 0.0)?,
            // ConcatenationOptions
            10 => {
                options.axis = table.scalar(0, 0)?;
                options.activation = table.scalar(1, 0)?;
            }
            // AddOptions, L2NormOptions, MulOptions, SubOptions, DivOptions
            11 | 12 | 21 | 28 | 29 => options.activation = table.scalar(0, 0)?,
            // ReshapeOptions, SqueezeOptions
            17 | 30 => options.sizes = table.scalars(0)?,
            // ReducerOptions
            27 => options.keeps_axes = table.scalar(0, false)?,
            // ResizeBilinearOptions: the size used to be an option.
            15 => {
                options.aligns_corners = table.scalar(2, false)?;
                options.has_half_pixel_centers = table.scalar(3, false)?;
            }
            // ResizeNearestNeighborOptions
            74 => {
                options.aligns_corners = table.scalar(0, false)?;
                options.has_half_pixel_centers = table.scalar(1, false)?;
            }
            _ => {}
        }
        Ok(options)
    }
}

/// Byte range of a buffer's elements.
fn data(buffer: &Table) -> Result<Range<usize>, ImportError> {
    if buffer.scalar(1, 0_u64)? > 1 {
        return Err(damaged("it keeps its weights outside of the flatbuffer, as files of more than 2 GB do"));
    }
    buffer.bytes(0)
}

fn indices(table: &Table, field: usize, tensors: usize) -> Result<Vec<usize>, ImportError> {
    table.scalars(field)?.unwrap_or_default().into_iter().map(|place| index(place, tensors)).collect()
}

fn index(place: i32, tensors: usize) -> Result<usize, ImportError> {
    let found = usize::try_from(place).ok().filter(|place| *place < tensors);
    found.ok_or_else(|| damaged(format!("it has no tensor {place}; it has {tensors}")))
}
