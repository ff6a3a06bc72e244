//! Times each kernel at shapes of SFace and YuNet, on one thread: `cargo bench --package serfiq-kernels [NAME]`.
//!
//! An item is a multiplication, or a value in kernels without multiplications.
use std::fmt::{self, Display, Formatter};

use divan::{Bencher, counter::ItemsCount};
use serfiq_kernels::{
    activation,
    cut::{self, Place},
    direct::Direct,
    epilogue::{self, ChannelEpilogue},
    head::{Cells, HeadKernel, KeptNibbles},
    pointwise::Pointwise,
    pool,
    separable::Separable,
};

fn main() {
    divan::main();
}

/// Numbers around zero, the same in every run.
fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|index| (index as f32 * 0.7).sin()).collect()
}

fn epilogues(channels: usize) -> Vec<ChannelEpilogue> {
    numbers(channels).into_iter().map(|bias| ChannelEpilogue::bias(bias).then_relu(0.25)).collect()
}

/// A convolution of square kernels: channels in and out, input height and width, the kernel's side and stride, groups.
#[derive(Clone, Copy)]
struct Layer {
    network: &'static str,
    channels: [usize; 2],
    size: [usize; 2],
    kernel: usize,
    stride: usize,
    groups: usize,
}

impl Layer {
    const fn plain(network: &'static str, channels: [usize; 2], size: [usize; 2], kernel: usize, stride: usize) -> Self {
        Self { network, channels, size, kernel, stride, groups: 1 }
    }

    const fn depthwise(network: &'static str, channels: usize, size: [usize; 2], stride: usize) -> Self {
        Self { network, channels: [channels; 2], size, kernel: 3, stride, groups: channels }
    }

    fn input(&self) -> Vec<f32> {
        numbers(self.channels[0] * self.size[0] * self.size[1])
    }

    fn weights(&self) -> Vec<f32> {
        numbers(self.channels[1] * self.channels[0] / self.groups * self.kernel * self.kernel)
    }
}

impl Display for Layer {
    fn fmt(&self, to: &mut Formatter) -> fmt::Result {
        let Self { network, channels: [from, into], size: [height, width], stride, .. } = self;
        write!(to, "{network} {from} -> {into}, {height} x {width}")?;
        if *stride == 1 { Ok(()) } else { write!(to, ", stride {stride}") }
    }
}

#[divan::bench(args = [
    Layer::plain("SFace", [3, 32], [112, 112], 3, 1),
    Layer::depthwise("SFace", 32, [112, 112], 1),
    Layer::depthwise("SFace", 64, [112, 112], 2),
    Layer::depthwise("SFace", 512, [14, 14], 1),
    Layer::depthwise("SFace", 1024, [7, 7], 1),
    Layer::plain("YuNet", [3, 16], [480, 640], 3, 2),
    Layer::depthwise("YuNet", 64, [120, 160], 1),
])]
fn direct(bencher: Bencher, layer: Layer) {
    let [kernel, stride] = [layer.kernel, layer.stride].map(|side| [side; 2]);
    let (weight, epilogue) = (layer.weights(), epilogues(layer.channels[1]));
    let direct = Direct { weight, epilogue, groups: layer.groups, kernel, stride, padding: [[layer.kernel / 2; 2]; 2] };
    let plane: usize = direct.output_size(layer.size).iter().product();
    let (input, mut output) = (layer.input(), vec![0.0; layer.channels[1] * plane]);
    bencher
        .counter(ItemsCount::new(direct.weight.len() * plane))
        .bench_local(|| direct.run(divan::black_box(&input), layer.size, &mut output));
}

/// Uses integers if the processor is faster with them and there are 64 output channels or more; otherwise floats.
#[divan::bench(args = [
    Layer::plain("SFace", [32, 64], [112, 112], 1, 1),
    Layer::plain("SFace", [128, 128], [56, 56], 1, 1),
    Layer::plain("SFace", [512, 512], [14, 14], 1, 1),
    Layer::plain("SFace", [1024, 1024], [7, 7], 1, 1),
    Layer::plain("YuNet, floats", [16, 32], [120, 160], 1, 1),
    Layer::plain("YuNet", [64, 64], [60, 80], 1, 1),
])]
fn pointwise(bencher: Bencher, layer: Layer) {
    let pointwise = Pointwise::new(&layer.weights(), epilogues(layer.channels[1]));
    let plane = layer.size[0] * layer.size[1];
    let (input, mut output) = (layer.input(), vec![0.0; layer.channels[1] * plane]);
    bencher
        .counter(ItemsCount::new(layer.channels[0] * layer.channels[1] * plane))
        .bench_local(|| pointwise.run(divan::black_box(&input), &mut output));
}

/// A 1x1 convolution, and the depthwise one after it. The last layer's pictures fit into a core's cache.
mod separable {
    use super::*;

    const LAYERS: [Layer; 3] = [
        Layer::plain("YuNet", [16, 16], [240, 320], 1, 1),
        Layer::plain("YuNet", [32, 64], [120, 160], 1, 1),
        Layer::plain("SFace", [128, 128], [56, 56], 1, 1),
    ];

    fn pair(layer: Layer) -> (Pointwise, Direct) {
        let channels = layer.channels[1];
        let epilogue = epilogues(channels);
        let (kernel, stride, padding) = ([3; 2], [1; 2], [[1; 2]; 2]);
        let direct = Direct { weight: numbers(9 * channels), epilogue, groups: channels, kernel, stride, padding };
        (Pointwise::new(&layer.weights(), epilogues(channels)), direct)
    }

    fn products(layer: Layer) -> ItemsCount {
        ItemsCount::new((layer.channels[0] + 9) * layer.channels[1] * layer.size[0] * layer.size[1])
    }

    #[divan::bench(args = LAYERS)]
    fn joined(bencher: Bencher, layer: Layer) {
        let (pointwise, direct) = pair(layer);
        let joined = Separable::join(pointwise, direct).expect("the second is depthwise");
        let (input, mut output) = (layer.input(), vec![0.0; layer.channels[1] * layer.size[0] * layer.size[1]]);
        bencher.counter(products(layer)).bench_local(|| joined.run(divan::black_box(&input), layer.size, &mut output));
    }

    #[divan::bench(args = LAYERS)]
    fn one_after_the_other(bencher: Bencher, layer: Layer) {
        let (pointwise, direct) = pair(layer);
        let (input, mut output) = (layer.input(), vec![0.0; layer.channels[1] * layer.size[0] * layer.size[1]]);
        let mut between = output.clone();
        bencher.counter(products(layer)).bench_local(|| {
            pointwise.run(divan::black_box(&input), &mut between);
            direct.run(&between, layer.size, &mut output);
        });
    }
}

/// The input of the face mesh, cut from a camera's frame.
#[divan::bench]
fn cut(bencher: Bencher) {
    let picture = vec![[90, 120, 150]; 640 * 480];
    let levels = std::array::from_fn(|level| level as f32 / 255.0);
    let place = Place { first: [150.0, 90.0], across: [1.2, 0.1], down: [-0.1, 1.2] };
    let mut planes = vec![0.0; 3 * 192 * 192];
    bencher
        .counter(ItemsCount::new(planes.len()))
        .bench_local(|| cut::cut(divan::black_box(&picture), [480, 640], &place, &levels, [192, 192], &mut planes));
}

/// SFace's layer after the dropout.
mod head {
    use super::*;

    const CELLS: Cells = Cells { count: 7 * 7, channels: 1024, channels_first: true };
    const FEATURES: usize = CELLS.count * CELLS.channels;
    const DIMENSION: usize = 128;

    fn kernel() -> HeadKernel {
        HeadKernel::new(&numbers(DIMENSION * FEATURES), numbers(DIMENSION), CELLS)
    }

    #[divan::bench]
    fn embedding(bencher: Bencher) {
        let (head, features) = (kernel(), numbers(FEATURES));
        bencher.counter(ItemsCount::new(DIMENSION * FEATURES)).bench_local(|| head.apply(divan::black_box(&features)));
    }

    #[divan::bench]
    fn moments(bencher: Bencher) {
        let (head, features) = (kernel(), numbers(FEATURES));
        bencher.counter(ItemsCount::new(DIMENSION * FEATURES)).bench_local(|| head.moments(divan::black_box(&features)));
    }

    /// Dropout passes. Counts the multiplications of the equivalent matrix product.
    #[divan::bench(args = [10, 100])]
    fn passes(bencher: Bencher, passes: usize) {
        let (head, features) = (kernel(), numbers(FEATURES));
        let kept = KeptNibbles::new(CELLS, passes, |pass| {
            (0..FEATURES).map(|feature| ((pass * 31 + feature * 17) / 7 % 2) as u8).collect()
        });
        let products = ItemsCount::new(passes * DIMENSION * FEATURES);
        bencher.counter(products).bench_local(|| head.passes(divan::black_box(&features), &kept, 1.0 / 0.6));
    }
}

/// YuNet's operations between its convolutions, at the size of its first sum.
mod between {
    use super::*;

    const CHANNELS: usize = 64;
    const SIZE: [usize; 2] = [60, 80];
    const VALUES: usize = CHANNELS * SIZE[0] * SIZE[1];

    #[divan::bench]
    fn max_pool(bencher: Bencher) {
        let (input, mut output) = (numbers(VALUES), vec![0.0; VALUES / 4]);
        bencher
            .counter(ItemsCount::new(VALUES))
            .bench_local(|| pool::max_pool_2x2(divan::black_box(&input), CHANNELS, SIZE, &mut output));
    }

    #[divan::bench]
    fn repeat(bencher: Bencher) {
        let (input, mut output) = (numbers(VALUES), vec![0.0; 4 * VALUES]);
        bencher
            .counter(ItemsCount::new(4 * VALUES))
            .bench_local(|| pool::repeat(divan::black_box(&input), SIZE[1], [2, 2], &mut output));
    }

    #[divan::bench]
    fn epilogue(bencher: Bencher) {
        let (mut sums, epilogues) = (numbers(VALUES), epilogues(CHANNELS));
        bencher.counter(ItemsCount::new(VALUES)).bench_local(|| epilogue::apply(divan::black_box(&mut sums), &epilogues));
    }

    #[divan::bench]
    fn relu(bencher: Bencher) {
        let mut values = numbers(VALUES);
        bencher.counter(ItemsCount::new(VALUES)).bench_local(|| activation::relu(divan::black_box(&mut values)));
    }

    #[divan::bench]
    fn sigmoid(bencher: Bencher) {
        let mut values = numbers(VALUES);
        bencher.counter(ItemsCount::new(VALUES)).bench_local(|| activation::sigmoid(divan::black_box(&mut values)));
    }

    #[divan::bench]
    fn add(bencher: Bencher) {
        let (mut values, others) = (vec![0.0; VALUES], numbers(VALUES));
        bencher.counter(ItemsCount::new(VALUES)).bench_local(|| activation::add(divan::black_box(&mut values), &others));
    }
}
