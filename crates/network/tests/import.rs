//! The import on small graphs built here: what each step must do, and every way a file can be unusable.
mod support;

use serfiq_network::{
    CutRecogniser, ImportError, Network, Place,
    file::{NetworkFile, Unsupported},
    import::{self, Layout},
    inspect::inspect,
    network::Op,
    onnx::format::{
        Attribute, Dimension, Graph, Model, Node, OperatorSet, Shape, Tensor, TensorType, Type, ValueInfo, element,
    },
    scaling::Scaling,
};
use support::interpreter;

fn node(op: &str, inputs: &[&str], output: &str, integers: &[(&str, i64)]) -> Node {
    let attributes = integers.iter().map(|(name, i)| Attribute { name: (*name).into(), i: *i, kind: 2, ..Default::default() });
    Node {
        op: op.into(),
        inputs: inputs.iter().map(|i| (*i).into()).collect(),
        outputs: vec![output.into()],
        attributes: attributes.collect(),
        ..Default::default()
    }
}

fn floats(name: &str, dims: &[i64], values: &[f32]) -> Tensor {
    Tensor { name: name.into(), element: element::FLOAT, dims: dims.to_vec(), floats: values.to_vec(), ..Default::default() }
}

fn integers(name: &str, element: i32, dims: &[i64], values: &[i32]) -> Tensor {
    let longs = values.iter().map(|v| i64::from(*v)).collect();
    match element {
        element::INT64 => Tensor { name: name.into(), element, dims: dims.to_vec(), longs, ..Default::default() },
        _ => Tensor { name: name.into(), element, dims: dims.to_vec(), ints: values.to_vec(), ..Default::default() },
    }
}

fn value(name: &str) -> ValueInfo {
    ValueInfo { name: name.into(), kind: None }
}

fn onnx_of(nodes: Vec<Node>, initializers: Vec<Tensor>, inputs: Vec<ValueInfo>, opset: i64) -> Vec<u8> {
    let graph = Graph { nodes, initializers, inputs, outputs: vec![value("out")], ..Default::default() };
    Model { ir_version: 8, opsets: vec![OperatorSet { domain: String::new(), version: opset }], graph: None }.write(graph)
}

fn onnx(nodes: Vec<Node>, initializers: Vec<Tensor>) -> Vec<u8> {
    onnx_of(nodes, initializers, vec![value("data")], 21)
}

fn batch_norm(input: &str, name: &str) -> Node {
    let [gamma, beta, mean, var] = ["gamma", "beta", "mean", "var"].map(|part| format!("{name}_{part}"));
    let mut node = node("BatchNormalization", &[input, &gamma, &beta, &mean, &var], name, &[]);
    node.attributes.push(Attribute { name: "epsilon".into(), f: 1.0, kind: 1, ..Default::default() });
    node
}

/// Conv (block-quantised) + batch norm + Dropout + Flatten + Gemm + batch norm: SFace in miniature. Takes one-pixel pictures.
fn small_recogniser() -> (Vec<Node>, Vec<Tensor>) {
    let nodes = vec![
        node("DequantizeLinear", &["q", "q_scale", "q_zero"], "w", &[("axis", 1), ("block_size", 2)]),
        node("Reshape", &["w", "w_shape"], "w4", &[]),
        node("Conv", &["data", "w4"], "conv", &[]),
        batch_norm("conv", "bn"),
        node("Dropout", &["bn", "ratio"], "dropped", &[]),
        node("Flatten", &["dropped"], "flat", &[]),
        node("Gemm", &["flat", "fc_w", "fc_b"], "fc", &[("transB", 1)]),
        batch_norm("fc", "out"),
    ];
    let initializers = vec![
        integers("q", element::INT8, &[2, 3], &[1, -2, 3, 4, 5, -6]),
        floats("q_scale", &[2, 2], &[0.5, 2.0, 1.0, 10.0]),
        integers("q_zero", element::INT8, &[2, 2], &[0, 1, 2, 0]),
        integers("w_shape", element::INT64, &[4], &[2, -1, 1, 1]),
        floats("ratio", &[], &[0.4]),
        floats("bn_gamma", &[2], &[2.0, 3.0]),
        floats("bn_beta", &[2], &[0.5, -0.5]),
        floats("bn_mean", &[2], &[1.0, 2.0]),
        floats("bn_var", &[2], &[3.0, 8.0]),
        floats("fc_w", &[2, 2], &[1.0, 2.0, 3.0, 4.0]),
        floats("fc_b", &[2], &[10.0, 20.0]),
        floats("out_gamma", &[2], &[1.0, 2.0]),
        floats("out_beta", &[2], &[0.0, 1.0]),
        floats("out_mean", &[2], &[4.0, 6.0]),
        floats("out_var", &[2], &[0.0, 3.0]),
    ];
    (nodes, initializers)
}

fn import(nodes: Vec<Node>, initializers: Vec<Tensor>) -> Result<CutRecogniser, ImportError> {
    CutRecogniser::import(&onnx(nodes, initializers), 1, None, None)
}

/// The network of a file for pictures of this side, with or without simplification.
fn network(bytes: &[u8], side: usize, simplified: bool) -> Result<Network, ImportError> {
    let file = NetworkFile::read(bytes)?;
    match simplified {
        true => import::network(file, &[1, 3, side, side]),
        false => file.lower(&[1, 3, side, side]),
    }
}

/// The names of a network's operations, without their parameters.
fn operations(network: &Network) -> Vec<String> {
    let name = |op: &Op| format!("{op:?}").split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
    network.steps.iter().map(|step| name(&step.op)).collect()
}

/// Weights and biases of the first convolution.
fn convolution(network: &Network) -> (Vec<f32>, Vec<f32>) {
    let convolution = network.steps.iter().find_map(|step| match &step.op {
        Op::Convolution(of) => Some((of.weight.to_vec(), of.epilogue.iter().map(|epilogue| epilogue.bias).collect())),
        _ => None,
    });
    convolution.expect("a convolution")
}

#[test]
fn blocks_are_expanded() {
    let (nodes, initializers) = small_recogniser();
    let network = network(&onnx(nodes, initializers), 1, false).unwrap();
    // (q - zero) * scale, blocks of two along axis 1: [1 -2 | 3], [4 5 | -6].
    assert_eq!(convolution(&network).0, [0.5, -1.0, 4.0, 2.0, 3.0, -60.0]);
    assert!(network.values.iter().all(|value| value.constant.is_none()), "constants that nothing reads are dropped");
}

#[test]
fn scales_of_one_element_and_of_one_axis_are_expanded() {
    let quantised = |scale: Tensor, attributes: &[(&str, i64)]| {
        let nodes = vec![
            node("DequantizeLinear", &["q", "scale"], "w", attributes),
            node("Unsqueeze", &["w", "axes"], "w4", &[]),
            node("Conv", &["data", "w4"], "out", &[]),
        ];
        let q = integers("q", element::UINT8, &[2, 3], &[1, 2, 3, 4, 5, 6]);
        let axes = integers("axes", element::INT64, &[2], &[2, 3]);
        network(&onnx(nodes, vec![q, scale, axes]), 1, false).map(|network| convolution(&network).0)
    };
    let halves = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0];
    assert_eq!(quantised(floats("scale", &[], &[0.5]), &[]).unwrap(), halves);
    assert_eq!(quantised(floats("scale", &[1, 1, 1], &[0.5]), &[("axis", 7)]).unwrap(), halves, "one scale applies to all");
    let rows = quantised(floats("scale", &[2], &[1.0, 10.0]), &[("axis", 0)]).unwrap();
    assert_eq!(rows, [1.0, 2.0, 3.0, 40.0, 50.0, 60.0]);
    let columns = quantised(floats("scale", &[3], &[1.0, 10.0, 2.0]), &[("axis", -1)]).unwrap();
    assert_eq!(columns, [1.0, 20.0, 6.0, 4.0, 50.0, 12.0]);
    // Blocks down the columns, each place with a scale of its own. A block may be larger than the axis, however much.
    for size in [2, 3, i64::MAX] {
        let scale = floats("scale", &[1, 3], &[1.0, 10.0, 2.0]);
        assert_eq!(quantised(scale, &[("axis", 0), ("block_size", size)]).unwrap(), columns, "{size}");
    }
    let each = floats("scale", &[2, 3], &[1.0, 10.0, 2.0, 0.5, 1.0, 3.0]);
    assert_eq!(quantised(each, &[("axis", 0), ("block_size", 1)]).unwrap(), [1.0, 20.0, 6.0, 2.0, 5.0, 18.0]);
    let error = quantised(floats("scale", &[3], &[1.0; 3]), &[("axis", 0)]).unwrap_err().to_string();
    assert!(error.contains("[3]") && error.contains("[2]"), "{error}");
    let error = quantised(floats("scale", &[2, 3], &[1.0; 6]), &[("block_size", -1)]).unwrap_err().to_string();
    assert!(error.contains("block_size -1"), "{error}");
}

#[test]
fn batch_norms_are_folded() {
    let (nodes, initializers) = small_recogniser();
    let network = network(&onnx(nodes, initializers), 1, true).unwrap();
    assert_eq!(operations(&network), ["Convolution", "Dropout", "Reshape", "Linear"]);
    // gamma / sqrt(var + 1) is 1 for both channels; shift = beta - mean.
    let (weight, bias) = convolution(&network);
    assert_eq!(weight, [0.5, -1.0, 4.0, 2.0, 3.0, -60.0]);
    assert_eq!(bias, [-0.5, -2.5]);
}

#[test]
fn a_batch_norm_whose_input_is_read_elsewhere_stays() {
    let (mut nodes, initializers) = small_recogniser();
    nodes.insert(4, node("Add", &["bn", "conv"], "sum", &[]));
    nodes[5].inputs[0] = "sum".into();
    let model = import(nodes, initializers).unwrap();
    assert_eq!(operations(&model.trunk), ["Convolution", "Affine", "Binary"]);
}

/// A block of IResNet: norm, padded convolution, norm, PReLU, padded convolution, norm, then the input is added. All norms have a
/// gamma of 1.
fn pre_activated() -> (Vec<Node>, Vec<Tensor>) {
    let conv = |input: &str, output: &str| {
        let mut node = node("Conv", &[input, "kernel"], output, &[]);
        node.attributes.push(Attribute { name: "pads".into(), ints: vec![1; 4], kind: 7, ..Default::default() });
        node
    };
    let nodes = vec![
        conv("data", "stem"),
        node("Relu", &["stem"], "features", &[]),
        batch_norm("features", "first"),
        conv("first", "conv_1"),
        batch_norm("conv_1", "second"),
        node("PRelu", &["second", "slopes"], "active", &[]),
        conv("active", "conv_2"),
        batch_norm("conv_2", "third"),
        node("Add", &["third", "features"], "out", &[]),
    ];
    let kernel: Vec<f32> = (0..81).map(|i| (i * 7 % 11) as f32 / 11.0 - 0.5).collect();
    let mut initializers = vec![floats("kernel", &[3, 3, 3, 3], &kernel), floats("slopes", &[3, 1, 1], &[0.1, 0.2, 0.3])];
    for (name, shift) in [("first", 0.25), ("second", -0.5), ("third", 0.75)] {
        initializers.extend([
            floats(&format!("{name}_gamma"), &[3], &[1.0; 3]),
            floats(&format!("{name}_beta"), &[3], &[shift; 3]),
            floats(&format!("{name}_mean"), &[3], &[0.1; 3]),
            floats(&format!("{name}_var"), &[3], &[0.5; 3]),
        ]);
    }
    (nodes, initializers)
}

#[test]
fn a_norm_before_a_padded_convolution_is_neither_folded_into_it_nor_taken_for_a_scaling() {
    let (nodes, initializers) = pre_activated();
    let bytes = onnx(nodes, initializers);
    let (plain, simplified) = (network(&bytes, 4, false).unwrap(), network(&bytes, 4, true).unwrap());
    assert_eq!(operations(&simplified), ["Convolution", "Affine", "Convolution", "Convolution", "Binary"]);
    let input: Vec<f32> = (0..48).map(|i| (i * 5 % 13) as f32 / 13.0).collect();
    let (expected, made) = (interpreter::run(&plain, &input), interpreter::run(&simplified, &input));
    for (a, b) in made[0].1.iter().zip(&expected[0].1) {
        assert!((a - b).abs() < 1e-5, "{a} instead of {b}");
    }
}

#[test]
fn the_cut_gives_trunk_and_head() {
    let (nodes, initializers) = small_recogniser();
    let CutRecogniser { trunk, head, scaling, layout, scales_itself } = import(nodes, initializers).unwrap();
    assert_eq!((head.dimension, head.features), (2, 2));
    // As written in the graph: 0.4, not the nearest f32.
    assert_eq!(head.dropout, 0.4);
    assert_eq!(head.place, Place { node: "dropped".into(), op: "Dropout".into() });
    // Batch norm of the head: gamma / sqrt(var + 1) is 1 for both; shift = beta - mean.
    assert_eq!(head.weight, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(head.bias, [6.0, 15.0]);
    assert_eq!(operations(&trunk), ["Convolution"]);
    // The weights and biases of the convolution; the head's are gone from the trunk.
    assert_eq!(trunk.parameters(), 8);
    assert_eq!((scaling, layout, scales_itself), (Scaling::NONE, Layout::ChannelsFirst, false));
}

#[test]
fn a_matmul_with_an_add_is_a_head_too() {
    let (mut nodes, initializers) = small_recogniser();
    nodes.truncate(6);
    nodes.push(node("MatMul", &["flat", "fc_w"], "product", &[]));
    nodes.push(node("Add", &["fc_b", "product"], "out", &[]));
    let head = import(nodes, initializers).unwrap().head;
    // MatMul multiplies from the right: W is the transpose of its weight.
    assert_eq!(head.weight, [1.0, 3.0, 2.0, 4.0]);
    assert_eq!(head.bias, [10.0, 20.0]);
}

/// The small recogniser with more nodes after its embedding, and with these outputs.
fn import_with_end(end: &[Node], outputs: &[&str]) -> Result<CutRecogniser, ImportError> {
    let (mut nodes, mut initializers) = small_recogniser();
    nodes[7].outputs[0] = "embedding".into();
    nodes.extend(end.iter().cloned());
    initializers.extend([
        integers("axis", element::INT64, &[1], &[1]),
        floats("least", &[], &[1e-12]),
        floats("two", &[], &[2.0]),
        floats("half", &[], &[0.5]),
        floats("minus_half", &[], &[-0.5]),
        floats("minus_two", &[], &[-2.0]),
        floats("scale", &[1, 1], &[64.0]),
        floats("one_each", &[2], &[3.0, 3.0]),
        floats("uneven", &[2], &[3.0, 4.0]),
    ]);
    let outputs = outputs.iter().map(|name| value(name)).collect();
    let graph = Graph { nodes, initializers, inputs: vec![value("data")], outputs, ..Default::default() };
    let opsets = vec![OperatorSet { domain: String::new(), version: 21 }];
    CutRecogniser::import(&Model { ir_version: 8, opsets, graph: None }.write(graph), 1, None, None)
}

fn length() -> Node {
    node("ReduceL2", &["embedding", "axis"], "length", &[])
}

#[test]
fn an_end_that_only_changes_the_length_is_left_out() {
    let ends: &[&[Node]] = &[
        &[node("LpNormalization", &["embedding"], "out", &[("axis", 1)])],
        &[length(), node("Div", &["embedding", "length"], "out", &[])],
        // `torch.nn.functional.normalize`.
        &[
            length(),
            node("Clip", &["length", "least"], "bounded", &[]),
            node("Shape", &["embedding"], "shape", &[]),
            node("Expand", &["bounded", "shape"], "expanded", &[]),
            node("Div", &["embedding", "expanded"], "out", &[]),
        ],
        // `tf.math.l2_normalize`.
        &[
            node("Mul", &["embedding", "embedding"], "squares", &[]),
            node("ReduceSum", &["squares", "axis"], "sum", &[("keepdims", 1)]),
            node("Max", &["sum", "least"], "bounded", &[]),
            node("Sqrt", &["bounded"], "root", &[]),
            node("Reciprocal", &["root"], "inverse", &[]),
            node("Mul", &["embedding", "inverse"], "out", &[]),
        ],
        &[
            node("Pow", &["embedding", "two"], "squares", &[]),
            node("ReduceSum", &["squares", "axis"], "sum", &[("keepdims", 1)]),
            node("Pow", &["sum", "minus_half"], "inverse", &[]),
            node("Mul", &["inverse", "embedding"], "out", &[]),
        ],
        &[
            node("ReduceSumSquare", &["embedding", "axis"], "sum", &[("keepdims", 1)]),
            node("Pow", &["sum", "half"], "root", &[]),
            node("Add", &["root", "least"], "bounded", &[]),
            node("Div", &["embedding", "bounded"], "out", &[]),
        ],
        // Other lengths, and factors after them.
        &[node("ReduceL1", &["embedding", "axis"], "length", &[]), node("Div", &["embedding", "length"], "out", &[])],
        &[length(), node("Div", &["embedding", "length"], "unit", &[]), node("Mul", &["unit", "scale"], "out", &[])],
        &[length(), node("Div", &["embedding", "length"], "unit", &[]), node("Div", &["unit", "one_each"], "out", &[])],
        // Shapes restored after it.
        &[
            node("ReduceL2", &["embedding", "axis"], "flat_length", &[("keepdims", 0)]),
            node("Unsqueeze", &["flat_length", "axis"], "length", &[]),
            node("Div", &["embedding", "length"], "unit", &[]),
            node("Unsqueeze", &["unit", "axis"], "column", &[]),
            node("Flatten", &["column"], "row", &[]),
            node("Identity", &["row"], "out", &[]),
        ],
    ];
    for (i, end) in ends.iter().enumerate() {
        let head = import_with_end(end, &["out"]).unwrap_or_else(|error| panic!("end {i}: {error}")).head;
        assert_eq!((head.weight, head.bias), (vec![1.0, 2.0, 3.0, 4.0], vec![6.0, 15.0]), "end {i}");
    }
}

#[test]
fn an_end_that_changes_the_direction_stays() {
    let turned = import_with_end(&[node("Mul", &["embedding", "uneven"], "out", &[])], &["out"]).unwrap().head;
    assert_eq!(turned.weight, [3.0, 6.0, 12.0, 16.0]);
    let mirrored = import_with_end(&[node("Mul", &["embedding", "minus_two"], "out", &[])], &["out"]).unwrap().head;
    assert_eq!(mirrored.weight, [-2.0, -4.0, -6.0, -8.0]);
    // A sum may be negative; then dividing by it turns the embedding round.
    let sum = node("ReduceSum", &["embedding", "axis"], "sum", &[("keepdims", 1)]);
    let error = import_with_end(&[sum, node("Div", &["embedding", "sum"], "out", &[])], &["out"]).unwrap_err();
    assert!(matches!(error, ImportError::NoCut { .. }), "{error}");
}

#[test]
fn an_output_of_the_same_direction_or_of_one_number_is_left_out() {
    let end =
        [length(), node("Div", &["embedding", "length"], "unit", &[]), node("Mul", &["embedding", "scale"], "scaled", &[])];
    for outputs in [&["unit", "length"][..], &["length", "unit"], &["embedding", "unit"], &["unit", "length", "scaled"]] {
        let head = import_with_end(&end, outputs).unwrap_or_else(|error| panic!("{outputs:?}: {error}")).head;
        assert_eq!(head.weight, [1.0, 2.0, 3.0, 4.0], "{outputs:?}");
    }
    let end = [node("Mul", &["embedding", "uneven"], "turned", &[])];
    let error = import_with_end(&end, &["embedding", "turned"]).unwrap_err();
    assert!(matches!(error, ImportError::Outputs { .. }), "{error}");
    assert!(["`embedding` [1, 2]", "`turned` [1, 2]"].iter().all(|word| error.to_string().contains(word)), "{error}");
}

#[test]
fn a_weight_that_is_not_a_number_is_named() {
    let with = |name: &str, element: Option<i32>, number: f32| {
        let (nodes, mut initializers) = small_recogniser();
        let tensor = initializers.iter_mut().find(|tensor| tensor.name == name).unwrap();
        tensor.floats[1] = number;
        if let Some(element) = element {
            tensor.element = element;
            tensor.ints = tensor.floats.drain(..).map(|value| i32::from(half::f16::from_f32(value).to_bits())).collect();
        }
        let error = import(nodes, initializers).unwrap_err();
        assert!(matches!(error, ImportError::NotFinite { .. }), "{name}: {error}");
        error.to_string()
    };
    for name in ["q_scale", "bn_gamma", "bn_var", "fc_w", "fc_b", "out_mean"] {
        let error = with(name, None, f32::NAN);
        assert!(error.contains(&format!("`{name}` contains NaN")), "{error}");
    }
    let error = with("fc_w", Some(element::FLOAT16), f32::NAN);
    assert!(error.contains("`fc_w` contains NaN"), "{error}");
    // An infinity is reported with its node, because other constants may contain one.
    let error = with("fc_w", Some(element::FLOAT16), f32::INFINITY);
    assert!(error.contains("`fc` (Gemm) contains inf"), "{error}");
    // Nothing reads this one.
    let (nodes, mut initializers) = small_recogniser();
    initializers.push(floats("left_over", &[1], &[f32::NAN]));
    assert!(import(nodes, initializers).is_ok());
}

/// As converters write a file for half floats: all weights raw, and the input declared in halves, or cast to them and back.
#[test]
fn a_recogniser_in_half_floats_is_that_in_floats() {
    let in_halves = |mut tensor: Tensor| {
        if tensor.element == element::FLOAT {
            tensor.element = element::FLOAT16;
            tensor.raw = tensor.floats.drain(..).flat_map(|value| half::f16::from_f32(value).to_le_bytes()).collect();
        }
        tensor
    };
    let expected = {
        let (nodes, initializers) = small_recogniser();
        import(nodes, initializers).unwrap()
    };
    for (input, casts) in [(element::FLOAT16, false), (element::FLOAT, true)] {
        let (mut nodes, initializers) = small_recogniser();
        if casts {
            nodes[2].inputs[0] = "halves".into();
            nodes[7].outputs[0] = "embedding".into();
            nodes.insert(0, node("Cast", &["data"], "halves", &[("to", element::FLOAT16.into())]));
            nodes.push(node("Cast", &["embedding"], "out", &[("to", element::FLOAT.into())]));
        }
        let mut declared = picture("data", [1, 3, 1, 1]);
        declared.kind.as_mut().unwrap().tensor.as_mut().unwrap().element = input;
        let initializers = initializers.into_iter().map(in_halves).collect();
        let file = onnx_of(nodes, initializers, vec![declared], 21);
        let found = CutRecogniser::import(&file, 1, None, None).unwrap_or_else(|error| panic!("casts: {casts}: {error}"));
        assert_eq!((found.head.weight, found.head.bias), (expected.head.weight.clone(), expected.head.bias.clone()));
        assert_eq!(found.head.dropout, 0.4, "not the nearest half float");
        let picture = [0.5, -1.0, 0.25];
        let [found, expected] = [&found.trunk, &expected.trunk].map(|trunk| interpreter::run(trunk, &picture)[0].1.clone());
        for (a, b) in found.iter().zip(&expected) {
            assert!((a - b).abs() <= 2e-3 * b.abs().max(1.0), "casts: {casts}: {a} instead of {b}");
        }
    }
}

#[test]
fn of_several_dropouts_the_one_with_an_affine_tail_counts() {
    let (mut nodes, initializers) = small_recogniser();
    nodes.insert(3, node("Dropout", &["conv"], "inner", &[]));
    nodes.insert(4, node("Relu", &["inner"], "active", &[]));
    nodes[5].inputs[0] = "active".into();
    let CutRecogniser { trunk, head, .. } = import(nodes, initializers).unwrap();
    assert_eq!(head.place.node, "dropped");
    assert_eq!(operations(&trunk), ["Convolution", "Dropout", "Unary", "Affine"]);
}

#[test]
fn without_a_dropout_the_cut_is_before_the_last_layer_and_the_card_gives_p() {
    let (mut nodes, initializers) = small_recogniser();
    nodes[4].op = "Identity".into();
    let bytes = onnx(nodes, initializers);
    assert!(matches!(CutRecogniser::import(&bytes, 1, None, None), Err(ImportError::Probability(_))));
    let model = CutRecogniser::import(&bytes, 1, None, Some(0.3)).unwrap();
    assert_eq!(model.head.dropout, 0.3);
    assert_eq!(model.head.place, Place { node: "fc".into(), op: "Gemm".into() });
    let features = model.trunk.outputs[0].1;
    assert_eq!(model.trunk.shape(features), [1, 2]);
    for p in [0.0, 1.0, f32::NAN] {
        assert!(matches!(CutRecogniser::import(&bytes, 1, None, Some(p)), Err(ImportError::Probability(_))));
    }
}

/// Ends in a 1x1 convolution.
fn pointwise_recogniser() -> Vec<u8> {
    let (mut nodes, mut initializers) = small_recogniser();
    nodes.truncate(4);
    nodes.push(node("Relu", &["bn"], "active", &[]));
    nodes.push(node("Conv", &["active", "last_w", "last_b"], "last", &[]));
    nodes.push(node("Reshape", &["last", "out_shape"], "out", &[]));
    initializers.extend([
        floats("last_w", &[3, 2, 1, 1], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        floats("last_b", &[3], &[0.1, 0.2, 0.3]),
        integers("out_shape", element::INT64, &[2], &[1, -1]),
    ]);
    onnx(nodes, initializers)
}

#[test]
fn a_dropout_that_was_switched_off_is_like_none() {
    let (nodes, mut initializers) = small_recogniser();
    let ratio = initializers.iter_mut().find(|tensor| tensor.name == "ratio").unwrap();
    *ratio = floats("ratio", &[], &[0.0]);
    let bytes = onnx(nodes, initializers);
    assert!(matches!(CutRecogniser::import(&bytes, 1, None, None), Err(ImportError::Probability(_))));
    let head = CutRecogniser::import(&bytes, 1, None, Some(0.3)).unwrap().head;
    assert_eq!((head.dropout, head.has_dropout, head.place.op.as_str()), (0.3, false, "Dropout"));
    assert_eq!(inspect(&bytes, 1, None).unwrap().recogniser.unwrap().dropout, None);
}

#[test]
fn a_convolution_of_one_pixel_is_a_head_too() {
    let model = CutRecogniser::import(&pointwise_recogniser(), 1, None, Some(0.3)).unwrap();
    assert_eq!((model.head.dimension, model.head.features), (3, 2));
    assert_eq!(model.head.weight, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(model.head.bias, [0.1, 0.2, 0.3]);
    assert_eq!(model.head.place, Place { node: "last".into(), op: "Conv".into() });
    // On four pixels such a layer computes twelve numbers, so it is not affine in a vector of two features.
    let error = CutRecogniser::import(&pointwise_recogniser(), 2, None, Some(0.3)).unwrap_err();
    assert!(matches!(error, ImportError::NoCut { .. }), "{error}");
    assert!(error.to_string().contains("no fully connected layer"), "{error}");
}

#[test]
fn an_inspection_tells_what_a_card_needs() {
    let (nodes, initializers) = small_recogniser();
    let inspection = inspect(&onnx(nodes.clone(), initializers.clone()), 1, None).unwrap();
    assert_eq!((inspection.inputs[0].name.as_str(), inspection.operations), ("data", 8));
    assert_eq!(inspection.unsupported, []);
    let found = inspection.recogniser.unwrap();
    assert_eq!((found.place.op.as_str(), found.features, found.dimension, found.dropout), ("Dropout", 2, 2, Some(0.4)));
    assert_eq!((found.steps, found.parameters), (1, 8 + 6));
    let found = inspect(&pointwise_recogniser(), 1, None).unwrap().recogniser.unwrap();
    assert_eq!((found.place.op.as_str(), found.dropout), ("Conv", None));

    let mut foreign = nodes;
    foreign[2].op = "RoiAlign".into();
    let inspection = inspect(&onnx(foreign, initializers), 1, None).unwrap();
    assert_eq!(inspection.unsupported, [Unsupported { op: "RoiAlign".into(), node: "conv".into() }]);
    assert!(matches!(inspection.recogniser, Err(ImportError::Operator { .. })));
    assert!(inspect(b"no model", 1, None).is_err());
}

#[test]
fn an_unsupported_operator_is_refused_by_its_name() {
    let says = |change: &dyn Fn(&mut Node), words: [&str; 2]| {
        let (mut nodes, initializers) = small_recogniser();
        change(&mut nodes[2]);
        let error = import(nodes, initializers).unwrap_err().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    };
    says(&|node| node.op = "RoiAlign".into(), ["`RoiAlign`", "`conv`"]);
    // A standard name in another domain is a different operator.
    says(&|node| node.domain = "com.microsoft".into(), ["`com.microsoft.Conv`", "`conv`"]);
    // Unsupported uses of a supported operator name the node too.
    says(&|node| node.inputs[1] = "data".into(), ["`conv` (Conv)", "constant weights"]);
    says(&|node| node.inputs[1] = "nowhere".into(), ["`conv` (Conv)", "`nowhere`"]);
}

#[test]
fn an_unusable_cut_says_what_there_is() {
    let says = |change: &dyn Fn(&mut Vec<Node>), side: usize, word: &str| {
        let (mut nodes, initializers) = small_recogniser();
        change(&mut nodes);
        let error = CutRecogniser::import(&onnx(nodes, initializers), side, None, None).unwrap_err();
        assert!(matches!(error, ImportError::NoCut { .. }), "{error}");
        assert!(error.to_string().contains(word), "{error}");
    };
    let without_a_layer = |nodes: &mut Vec<Node>| {
        nodes.truncate(4);
        nodes[3].outputs[0] = "out".into();
    };
    says(&without_a_layer, 2, "no Dropout and no fully connected layer");
    let twice = |nodes: &mut Vec<Node>| {
        nodes.insert(5, node("Dropout", &["dropped", "ratio"], "twice", &[]));
        nodes[6].inputs[0] = "twice".into();
    };
    says(&twice, 1, "2 Dropout nodes (dropped, twice)");
    let rectified = |nodes: &mut Vec<Node>| {
        nodes.insert(6, node("Relu", &["flat"], "rectified", &[]));
        nodes[7].inputs[0] = "rectified".into();
    };
    says(&rectified, 1, "`rectified` (Relu)");
    let without_a_head = |nodes: &mut Vec<Node>| {
        nodes.truncate(6);
        nodes[5].outputs[0] = "out".into();
    };
    says(&without_a_head, 1, "no fully connected layer between the cut and the output");
    let (nodes, initializers) = small_recogniser();
    let error = CutRecogniser::import(&onnx(nodes, initializers), 1, Some("nowhere"), None).unwrap_err().to_string();
    assert!(error.contains("`nowhere`"), "{error}");
}

/// With a Dropout or without, by a matrix or by a convolution that sees one pixel.
#[test]
fn an_embedding_without_elements_is_refused() {
    let without_rows = |initializers: &mut Vec<Tensor>, dims: &[i64]| {
        for tensor in initializers.iter_mut().filter(|tensor| tensor.name.starts_with("fc_") || tensor.name.starts_with("out_"))
        {
            let dims = if tensor.name == "fc_w" { dims } else { &[0] };
            *tensor = floats(&tensor.name.clone(), dims, &[]);
        }
    };
    let refused = |nodes: Vec<Node>, initializers: Vec<Tensor>, probability: Option<f32>, named: &str| {
        let error = CutRecogniser::import(&onnx(nodes, initializers), 1, None, probability).unwrap_err().to_string();
        assert!(error.contains(named) && error.contains("elements"), "{error}");
    };
    let (mut nodes, mut initializers) = small_recogniser();
    without_rows(&mut initializers, &[0, 2]);
    refused(nodes.clone(), initializers.clone(), None, "`fc` (Gemm)");
    nodes.truncate(7);
    nodes[6].outputs[0] = "out".into();
    refused(nodes.clone(), initializers.clone(), None, "`out` (Gemm)");
    nodes.remove(4);
    nodes[4].inputs[0] = "bn".into();
    refused(nodes.clone(), initializers.clone(), Some(0.4), "`out` (Gemm)");
    without_rows(&mut initializers, &[0, 2, 1, 1]);
    nodes.truncate(4);
    nodes.push(node("Conv", &["bn", "fc_w", "fc_b"], "out", &[]));
    refused(nodes, initializers, Some(0.4), "`out` (Conv)");
}

/// A declared input.
fn picture(name: &str, dims: [i64; 4]) -> ValueInfo {
    let dims = dims.map(|size| Dimension { size }).into();
    let kind = Type { tensor: Some(TensorType { element: element::FLOAT, shape: Some(Shape { dims }) }) };
    ValueInfo { name: name.into(), kind: Some(kind) }
}

#[test]
fn an_input_of_another_size_is_refused() {
    let declared = |inputs: Vec<ValueInfo>, opset: i64| {
        let (mut nodes, initializers) = small_recogniser();
        if inputs.len() > 1 {
            nodes.insert(2, node("Add", &["data", "other"], "sum", &[]));
        }
        CutRecogniser::import(&onnx_of(nodes, initializers, inputs, opset), 1, None, None)
    };
    assert!(declared(vec![picture("data", [1, 3, 1, 1])], 21).is_ok());
    assert!(declared(vec![picture("data", [0, 3, 0, 0])], 21).is_ok(), "open dimensions fit");
    let error = declared(vec![picture("data", [1, 3, 112, 112])], 21).unwrap_err();
    assert!(error.to_string().contains("[1, 3, 112, 112]") && error.to_string().contains("[1, 3, 1, 1]"), "{error}");
    assert!(matches!(declared(vec![picture("data", [0; 4]), value("other")], 21), Err(ImportError::Inputs { .. })));
    assert!(matches!(declared(vec![value("data")], 6), Err(ImportError::Opset { found: 6, .. })));
}

#[test]
fn a_damaged_file_is_an_error() {
    let (nodes, initializers) = small_recogniser();
    let bytes = onnx(nodes.clone(), initializers.clone());
    for length in 0..bytes.len() {
        // No length may panic. Most are not models; some are incomplete ones.
        let _ = CutRecogniser::import(&bytes[..length], 1, None, None);
        let _ = inspect(&bytes[..length], 1, None);
    }
    assert!(matches!(CutRecogniser::import(&bytes[..bytes.len() - 1], 1, None, None), Err(ImportError::NotOnnx(_))));
    assert!(matches!(CutRecogniser::import(b"<!doctype html>", 1, None, None), Err(ImportError::NotOnnx(_))));
    let mut short = initializers;
    short[0].dims = vec![2, 4];
    let error = import(nodes, short).unwrap_err().to_string();
    assert!(error.contains("`q`") && error.contains("6 elements"), "{error}");
}

#[test]
fn a_constant_of_any_size_that_a_file_asks_for_is_refused() {
    let huge = |dims: &[i32], op: &str| {
        let nodes = vec![
            node("ConstantOfShape", &["sizes"], "huge", &[]),
            node(op, &["huge", "huge"], "result", &[]),
            node("Add", &["data", "result"], "out", &[]),
        ];
        let sizes = integers("sizes", element::INT64, &[dims.len() as i64], dims);
        network(&onnx(nodes, vec![sizes]), 1, false).unwrap_err().to_string()
    };
    for error in [huge(&[i32::MAX], "Add"), huge(&[1 << 20, 1 << 20, 0], "Add"), huge(&[-1], "Add"), huge(&[1 << 14], "Expand")]
    {
        assert!(error.contains("constant") || error.contains("expands"), "{error}");
    }
}

#[test]
fn several_names_of_a_constant_are_one_value() {
    // The weights are read once as `w4`, then again under another name.
    let (mut nodes, initializers) = small_recogniser();
    nodes.insert(2, node("Identity", &["w4"], "same", &[]));
    nodes[3].inputs[1] = "same".into();
    assert_eq!(import(nodes, initializers).unwrap().head.weight, [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn weights_in_constant_nodes_are_weights() {
    let (mut nodes, mut initializers) = small_recogniser();
    let place = initializers.iter().position(|tensor| tensor.name == "fc_w").unwrap();
    let weight = initializers.remove(place);
    let mut constant = node("Constant", &[], "fc_w", &[]);
    constant.attributes.push(Attribute { name: "value".into(), t: Some(weight), kind: 4, ..Default::default() });
    nodes.insert(0, constant);
    assert_eq!(import(nodes, initializers).unwrap().head.weight, [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn the_scaling_of_the_pixels_is_taken_out() {
    let scaled = |nodes: &[(&str, &str)]| {
        let (mut rest, mut initializers) = small_recogniser();
        initializers.extend([
            floats("mean", &[1], &[127.5]),
            floats("scale", &[], &[0.5]),
            floats("each", &[3, 1, 1], &[1.0, 2.0, 3.0]),
        ]);
        let mut last = String::from("data");
        for (index, (op, constant)) in nodes.iter().enumerate() {
            let output = format!("scaled{index}");
            rest.insert(index, node(op, &[&last, constant], &output, &[]));
            last = output;
        }
        rest.iter_mut().filter(|node| node.op == "Conv").for_each(|node| node.inputs[0].clone_from(&last));
        let model = import(rest, initializers).unwrap();
        (model.scaling, model.scales_itself, operations(&model.trunk))
    };
    let taken = |mean: f64, scale: f64| (Scaling { mean, scale }, true, vec!["Convolution".to_owned()]);
    assert_eq!(scaled(&[("Sub", "mean"), ("Mul", "scale")]), taken(127.5, 0.5));
    assert_eq!(scaled(&[("Div", "scale"), ("Add", "mean")]), taken(-63.75, 2.0));
    assert_eq!(scaled(&[]), (Scaling::NONE, false, vec!["Convolution".to_owned()]));
    // A mean per channel does not scale all values alike, so it stays in the network.
    let operations = ["Affine", "Convolution"].map(str::to_owned).to_vec();
    assert_eq!(scaled(&[("Mul", "scale"), ("Sub", "each")]), (Scaling::NONE, true, operations));
}
