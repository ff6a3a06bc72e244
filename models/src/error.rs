use crate::verify::HashMismatch;

/// Why an ONNX file cannot be used. Each message says what was found, what was expected and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is not the one its model card names.
    #[error(transparent)]
    Hash(#[from] HashMismatch),
    /// The bytes are not an ONNX model.
    #[error("this is not an ONNX model ({0}); expected a protobuf `ModelProto`, so check the file was downloaded whole")]
    NotOnnx(String),
    /// A constant the import needs is missing or of another type or size than its declaration says.
    #[error("the ONNX tensor `{name}` {problem}; export the model again with its weights inside the file")]
    Tensor {
        /// Name of the tensor in the graph.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An operator is used in a way the import does not support.
    #[error("the ONNX node `{node}` ({op}) {problem}")]
    Node {
        /// Name of the node's first output.
        node: String,
        /// Operator, such as `DequantizeLinear`.
        op: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There is neither a Dropout nor a last fully connected layer to cut at.
    #[error(
        "found no place to cut: {found}; expected one Dropout, or a last fully connected layer (Gemm, MatMul or a 1x1 Conv), \
         followed only by Flatten, Reshape, Gemm, MatMul, Conv, Add and BatchNormalization up to the output. \
         Name the node in the model card (`[dropout] node = \"...\"`) if there are several"
    )]
    NoCut {
        /// What the graph has instead.
        found: String,
    },
    /// The model has no Dropout to read the probability from, and its card does not say one.
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
