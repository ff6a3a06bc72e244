use crate::verify::HashMismatch;

/// Why a network file cannot be used. Each message says what was found, what was expected and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is not the one the model card names.
    #[error(transparent)]
    Hash(#[from] HashMismatch),
    /// The bytes are not an ONNX model.
    #[error("this is not an ONNX model ({0}); expected a protobuf `ModelProto`; check that the download is complete")]
    NotOnnx(String),
    /// The bytes begin like a TFLite model but are not one.
    #[error("this is not a complete TFLite model ({0}); check that the download is complete")]
    NotTflite(String),
    /// The operator set is older than the oldest supported one.
    #[error(
        "this file has operator set {found}; expected {first} or newer, so export the network again with `opset_version=17`"
    )]
    Opset {
        /// Version of the file's standard operators.
        found: i64,
        /// The oldest supported version.
        first: i64,
    },
    /// A constant the import needs is missing, or its type or size differs from its declaration.
    #[error("the tensor `{name}` {problem}; export the model again with its weights inside the file")]
    Tensor {
        /// Name of the tensor in the graph.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A weight is not a finite number, so no score would be one either.
    #[error(
        "{place} contains {value}; expected finite numbers: the training diverged, or an export in half floats overflowed, so export the \
         model again from a sound checkpoint"
    )]
    NotFinite {
        /// The tensor or node, as the graph names it.
        place: String,
        /// The weight.
        value: f32,
    },
    /// An operator is used in a way the import does not support.
    #[error("the node `{node}` ({op}) {problem}")]
    Node {
        /// Name of the node's first output.
        node: String,
        /// Operator, such as `DequantizeLinear`.
        op: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An operator is not supported.
    #[error(
        "the operator `{op}` (node `{node}`) is not supported; export the network without it (docs/own-recogniser.md lists the \
         supported operators)"
    )]
    Operator {
        /// Its name, with the domain unless it is a standard one.
        op: String,
        /// First output of the node.
        node: String,
    },
    /// The network has several inputs, or none.
    #[error(
        "the network has {} inputs ({}); expected one, the picture: export it with everything else as constants",
        names.len(),
        names.join(", ")
    )]
    Inputs {
        /// Their names.
        names: Vec<String>,
    },
    /// The input's declared shape differs from the one it would be given.
    #[error("the input `{name}` has the shape {}; expected {}", shape_text(declared), shape_text(&given.iter().map(|s| Some(*s)).collect::<Vec<_>>()))]
    Input {
        /// Its name.
        name: String,
        /// As the file declares it.
        declared: Vec<Option<usize>>,
        /// The shape it would be given.
        given: Vec<usize>,
    },
    /// Several outputs differ in more than length, so any of them could be the embedding.
    #[error(
        "the network has {} outputs that could be the embedding ({}); expected one: export it with the embedding as its only output",
        found.len(),
        found.join(", ")
    )]
    Outputs {
        /// Their names and shapes.
        found: Vec<String>,
    },
    /// There is neither a Dropout nor a last fully connected layer to cut at.
    #[error(
        "found no place to cut: {found}; expected one Dropout, or a last fully connected layer (Gemm, MatMul, or a Conv that sees one \
         pixel), followed only by affine operators up to the output. If there are several, name the node in the model card \
         (`[dropout] node = \"...\"`)"
    )]
    NoCut {
        /// What the graph has instead.
        found: String,
    },
    /// The model has no Dropout to read the probability from, and its card gives none.
    #[error(
        "the dropout probability is {0}; expected a number above 0 and below 1: set `[dropout] probability` in the model card"
    )]
    Probability(String),
}

impl ImportError {
    pub(crate) fn tensor(name: &str, problem: impl Into<String>) -> Self {
        Self::Tensor { name: name.into(), problem: problem.into() }
    }
}

/// A shape in brackets, with `?` for an open dimension.
pub fn shape_text(shape: &[Option<usize>]) -> String {
    let sizes: Vec<String> = shape.iter().map(|size| size.map_or("?".into(), |size| size.to_string())).collect();
    format!("[{}]", sizes.join(", "))
}
