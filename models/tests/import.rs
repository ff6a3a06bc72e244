//! The import on small graphs made here: what each step must do, and every way a file can be unusable.
use serfiq_models::{
    ImportError, Place, Recogniser,
    cut::cut,
    expand::expand,
    fold::fold,
    inspect::inspect,
    network::Network,
    onnx::{Attribute, Dimension, Graph, Model, Node, OperatorSet, Shape, Tensor, TensorType, Type, ValueInfo, element},
    scaling::{self, Scaling},
};

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

fn onnx(nodes: Vec<Node>, initializers: Vec<Tensor>, output: &str) -> Vec<u8> {
    let inputs = vec![value("data")];
    let graph = Graph { nodes, initializers, inputs, outputs: vec![value(output)], ..Default::default() };
    Model { ir_version: 8, opsets: vec![OperatorSet { domain: String::new(), version: 21 }], graph: None }.write(graph)
}

/// Conv (block-quantised) + batch norm + Dropout + Flatten + Gemm + batch norm: the shape of SFace, in small.
fn small_recogniser() -> (Vec<Node>, Vec<Tensor>) {
    let norm = |input: &str, name: &str| {
        let [gamma, beta, mean, var] = ["gamma", "beta", "mean", "var"].map(|part| format!("{name}_{part}"));
        let mut node = node("BatchNormalization", &[input, &gamma, &beta, &mean, &var], name, &[]);
        node.attributes.push(Attribute { name: "epsilon".into(), f: 1.0, kind: 1, ..Default::default() });
        node
    };
    let nodes = vec![
        node("DequantizeLinear", &["q", "q_scale", "q_zero"], "w", &[("axis", 1), ("block_size", 2)]),
        node("Reshape", &["w", "w_shape"], "w4", &[]),
        node("Conv", &["data", "w4"], "conv", &[]),
        norm("conv", "bn"),
        node("Dropout", &["bn", "ratio"], "dropped", &[]),
        node("Flatten", &["dropped"], "flat", &[]),
        node("Gemm", &["flat", "fc_w", "fc_b"], "fc", &[("transB", 1)]),
        norm("fc", "out"),
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

fn import(nodes: Vec<Node>, initializers: Vec<Tensor>) -> Result<Recogniser, ImportError> {
    Recogniser::import(&onnx(nodes, initializers, "out"), None, None)
}

#[test]
fn blocks_are_expanded() {
    let (nodes, initializers) = small_recogniser();
    let mut network = Network::read(&onnx(nodes, initializers, "out")).unwrap();
    expand(&mut network).unwrap();
    // (q - zero) * scale, blocks of two along axis 1: [1 -2 | 3], [4 5 | -6].
    let weight = &network.weights["w4"];
    assert_eq!(weight.shape, [2, 3, 1, 1]);
    assert_eq!(weight.values, [0.5, -1.0, 4.0, 2.0, 3.0, -60.0]);
    assert!(!network.weights.contains_key("q_scale"), "what nothing reads any more is dropped");
}

#[test]
fn scales_of_one_element_and_of_one_axis_are_expanded() {
    let quantised = |scale: Tensor, attributes: &[(&str, i64)]| {
        let nodes = vec![node("DequantizeLinear", &["q", "scale"], "w", attributes), node("Conv", &["data", "w"], "out", &[])];
        let q = integers("q", element::UINT8, &[2, 2], &[1, 2, 3, 4]);
        let mut network = Network::read(&onnx(nodes, vec![q, scale], "out")).unwrap();
        expand(&mut network).map(|()| network.weights["w"].values.clone())
    };
    assert_eq!(quantised(floats("scale", &[], &[0.5]), &[]).unwrap(), [0.5, 1.0, 1.5, 2.0]);
    assert_eq!(quantised(floats("scale", &[2], &[1.0, 10.0]), &[("axis", 0)]).unwrap(), [1.0, 2.0, 30.0, 40.0]);
    assert_eq!(quantised(floats("scale", &[2], &[1.0, 10.0]), &[("axis", -1)]).unwrap(), [1.0, 20.0, 3.0, 40.0]);
    let error = quantised(floats("scale", &[3], &[1.0; 3]), &[("axis", 0)]).unwrap_err().to_string();
    assert!(error.contains("[3]") && error.contains("[2]"), "{error}");
}

#[test]
fn batch_norms_are_folded() {
    let (nodes, initializers) = small_recogniser();
    let mut network = Network::read(&onnx(nodes, initializers, "out")).unwrap();
    expand(&mut network).unwrap();
    fold(&mut network).unwrap();
    let operators: Vec<_> = network.graph.nodes.iter().map(|n| n.op.as_str()).collect();
    // The last one follows a Gemm: the cut folds it into the head.
    assert_eq!(operators, ["Conv", "Dropout", "Flatten", "Gemm", "BatchNormalization"]);
    // gamma / sqrt(var + 1) is 1 for both channels; shift = beta - mean.
    assert_eq!(network.weights["bn.weight"].values, [0.5, -1.0, 4.0, 2.0, 3.0, -60.0]);
    assert_eq!(network.weights["bn.bias"].values, [-0.5, -2.5]);
}

#[test]
fn a_batch_norm_whose_input_is_read_elsewhere_stays() {
    let (mut nodes, initializers) = small_recogniser();
    nodes.insert(4, node("Add", &["bn", "conv"], "sum", &[]));
    nodes[5].inputs[0] = "sum".into();
    let model = import(nodes, initializers).unwrap();
    assert!(model.trunk.graph.nodes.iter().any(|n| n.op == "BatchNormalization"));
}

#[test]
fn the_cut_gives_trunk_and_head() {
    let (nodes, initializers) = small_recogniser();
    let Recogniser { trunk, head } = import(nodes, initializers).unwrap();
    assert_eq!((head.dimension, head.features), (2, 2));
    // As written in the graph: 0.4, not the nearest f32.
    assert_eq!(head.dropout, 0.4);
    // Batch norm of the head: gamma / sqrt(var + 1) is 1 for both; shift = beta - mean.
    assert_eq!(head.weight, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(head.bias, [6.0, 15.0]);
    let again = Network::read(&trunk.to_onnx()).unwrap();
    assert_eq!(again.graph.outputs[0].name, "bn");
    assert_eq!(again.graph.nodes.len(), 1);
    assert_eq!(again.weights.len(), 2);
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

#[test]
fn without_a_dropout_the_cut_is_before_the_last_layer_and_the_card_gives_p() {
    let (mut nodes, initializers) = small_recogniser();
    nodes[4].op = "Identity".into();
    let bytes = onnx(nodes, initializers, "out");
    assert!(matches!(Recogniser::import(&bytes, None, None), Err(ImportError::Probability(_))));
    let model = Recogniser::import(&bytes, None, Some(0.3)).unwrap();
    assert_eq!(model.head.dropout, 0.3);
    assert_eq!(model.trunk.graph.outputs[0].name, "flat");
    for p in [0.0, 1.0, f32::NAN] {
        assert!(matches!(Recogniser::import(&bytes, None, Some(p)), Err(ImportError::Probability(_))));
    }
}

/// Ends in a 1x1 convolution that is declared to make `elements` numbers.
fn pointwise_recogniser(elements: i64) -> Vec<u8> {
    let (mut nodes, mut initializers) = small_recogniser();
    nodes.truncate(4);
    nodes.push(node("Conv", &["bn", "last_w", "last_b"], "last", &[]));
    nodes.push(node("Reshape", &["last", "out_shape"], "out", &[]));
    initializers.extend([
        floats("last_w", &[3, 2, 1, 1], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        floats("last_b", &[3], &[0.1, 0.2, 0.3]),
        integers("out_shape", element::INT64, &[2], &[1, -1]),
    ]);
    let dims = [1, elements].map(|size| Dimension { size }).into();
    let kind = Type { tensor: Some(TensorType { element: element::FLOAT, shape: Some(Shape { dims }) }) };
    let outputs = vec![ValueInfo { name: "out".into(), kind: Some(kind) }];
    let graph = Graph { nodes, initializers, inputs: vec![value("data")], outputs, ..Default::default() };
    Model { ir_version: 8, opsets: vec![OperatorSet { domain: String::new(), version: 21 }], graph: None }.write(graph)
}

#[test]
fn a_convolution_of_one_pixel_is_a_head_too() {
    let model = Recogniser::import(&pointwise_recogniser(3), None, Some(0.3)).unwrap();
    assert_eq!((model.head.dimension, model.head.features), (3, 2));
    assert_eq!(model.head.weight, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(model.head.bias, [0.1, 0.2, 0.3]);
    assert_eq!(model.head.place, Place { node: "last".into(), op: "Conv".into() });
    assert_eq!(model.trunk.graph.outputs[0].shape(), None, "it follows from the graph");
    // Four pixels make twelve numbers: such a layer is not affine in a vector of two features.
    let error = Recogniser::import(&pointwise_recogniser(12), None, Some(0.3)).unwrap_err().to_string();
    assert!(error.contains("3 output channels") && error.contains("12 output elements"), "{error}");
}

#[test]
fn an_inspection_tells_what_a_card_needs() {
    let (nodes, initializers) = small_recogniser();
    let found = inspect(&onnx(nodes.clone(), initializers.clone(), "out"), None).unwrap();
    assert_eq!((found.inputs[0].name.as_str(), found.operations), ("data", 8));
    assert_eq!(found.unsupported, [""; 0]);
    let head = found.head.unwrap();
    assert_eq!((head.place.op.as_str(), head.features, head.dimension, head.dropout), ("Dropout", 2, 2, Some(0.4)));
    let head = inspect(&pointwise_recogniser(3), None).unwrap().head.unwrap();
    assert_eq!((head.place.op.as_str(), head.dropout), ("Conv", None));

    let mut foreign = nodes;
    foreign[2].op = "RoiAlign".into();
    foreign.truncate(4);
    let found = inspect(&onnx(foreign, initializers, "out"), None).unwrap();
    assert_eq!(found.unsupported, ["RoiAlign"]);
    assert!(matches!(found.head, Err(ImportError::NoCut { .. })));
    assert!(inspect(b"no model", None).is_err());
}

#[test]
fn an_unusable_cut_says_what_there_is() {
    let says = |change: &dyn Fn(&mut Vec<Node>), word: &str| {
        let (mut nodes, initializers) = small_recogniser();
        change(&mut nodes);
        let error = import(nodes, initializers).unwrap_err();
        assert!(matches!(error, ImportError::NoCut { .. }), "{error}");
        assert!(error.to_string().contains(word), "{error}");
    };
    let without_a_layer = |nodes: &mut Vec<Node>| {
        nodes.truncate(4);
        nodes[2].op = "ConvTranspose".into();
    };
    says(&without_a_layer, "no Dropout and no fully connected layer");
    says(&|nodes| nodes.insert(5, node("Dropout", &["dropped", "ratio"], "twice", &[])), "2 Dropout nodes (dropped, twice)");
    says(&|nodes| nodes[5] = node("Relu", &["dropped"], "flat", &[]), "`flat` (Relu)");
    says(&|nodes| nodes.truncate(6), "no fully connected layer between the cut and the output");
    let (nodes, initializers) = small_recogniser();
    let network = Network::read(&onnx(nodes, initializers, "out")).unwrap();
    let error = cut(network, Some("nowhere"), None).unwrap_err().to_string();
    assert!(error.contains("`nowhere`"), "{error}");
}

#[test]
fn a_damaged_file_is_an_error() {
    let (nodes, initializers) = small_recogniser();
    let bytes = onnx(nodes.clone(), initializers.clone(), "out");
    for length in 0..bytes.len() {
        // No length may panic; most are no model, some are a model with too little in it.
        let _ = Recogniser::import(&bytes[..length], None, None);
    }
    assert!(matches!(Recogniser::import(&bytes[..bytes.len() - 1], None, None), Err(ImportError::NotOnnx(_))));
    assert!(matches!(Recogniser::import(b"<!doctype html>", None, None), Err(ImportError::NotOnnx(_))));
    let mut short = initializers;
    short[0].dims = vec![2, 4];
    let error = import(nodes, short).unwrap_err().to_string();
    assert!(error.contains("`q`") && error.contains("6 elements"), "{error}");
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
        rest.iter_mut().skip(nodes.len()).filter(|node| node.op == "Conv").for_each(|node| node.inputs[0].clone_from(&last));
        let mut network = Network::read(&onnx(rest, initializers, "out")).unwrap();
        let scaling = scaling::take(&mut network);
        (scaling, network.graph.nodes.iter().map(|node| node.op.clone()).collect::<Vec<_>>(), network)
    };
    let (scaling, operators, network) = scaled(&[("Sub", "mean"), ("Mul", "scale")]);
    assert_eq!(scaling, Scaling { mean: 127.5, scale: 0.5 });
    assert_eq!(operators[0], "DequantizeLinear");
    assert_eq!(network.graph.nodes.iter().find(|node| node.op == "Conv").unwrap().inputs[0], "data");
    assert_eq!(scaled(&[("Div", "scale"), ("Add", "mean")]).0, Scaling { mean: -63.75, scale: 2.0 });
    // A mean for each channel is no scaling of all values alike.
    let (scaling, operators, _) = scaled(&[("Mul", "scale"), ("Sub", "each")]);
    assert_eq!(scaling, Scaling { mean: 0.0, scale: 0.5 });
    assert!(operators.contains(&"Sub".to_owned()) && !operators.contains(&"Mul".to_owned()));
}
