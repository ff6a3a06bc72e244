use burn::{
    backend::{
        Flex,
        ops::{ConvOptions, ModuleOps},
        tensor::FloatTensor,
    },
    tensor::{Device, TensorData},
};
use serfiq_kernels::{
    activation, dense,
    direct::Direct,
    epilogue::{self, ChannelEpilogue},
    layout,
    pointwise::Pointwise,
    pool::{max_pool_2x2, repeat},
    separable::Separable,
};
use serfiq_network::network::{Convolution, Epilogue, Window};

use super::kernels::{Kernels, PerChannel, general_max_pool, upload};

type FlexTensor = FloatTensor<Flex>;

/// How a convolution is run.
pub(in crate::model) enum CpuConvolution {
    /// For output channels that read too few input channels for a matrix product to pay off.
    Direct { kernel: Direct, input: [usize; 2], output: [usize; 4] },
    /// 1x1.
    Pointwise { kernel: Pointwise, output: [usize; 4] },
    /// Over the whole input at once.
    Dense { weight: Vec<f32>, epilogues: Vec<ChannelEpilogue> },
    /// 1x1, then depthwise, and perhaps a maximum over blocks of two by two.
    Separable { kernel: Separable, input: [usize; 2], output: [usize; 4] },
    /// burn's convolution.
    General { weight: FlexTensor, options: ConvOptions<2>, epilogues: Vec<ChannelEpilogue> },
}

/// Values between two convolutions from which they are joined: 2 MB, more than stays in a core's cache. Below that it costs more than it saves.
const MIN_JOINED: usize = 512 << 10;

const TWO_BY_TWO: Window = Window { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], padding: [[0; 2]; 2] };

impl Kernels for Flex {
    type Convolution = CpuConvolution;
    type PerChannel = Vec<ChannelEpilogue>;
    type Buffers = Buffers;

    fn convolution(of: &Convolution, [batch, _, height, width]: [usize; 4], device: &Device) -> CpuConvolution {
        let Window { kernel, stride, dilation, padding } = of.window;
        let [channels_in, channels_out] = of.channels;
        let epilogues: Vec<ChannelEpilogue> = of.epilogue.iter().map(epilogue_of).collect();
        // Recognisers process one face at a time, but a network may batch parts of it.
        if batch == 1 && channels_in / of.groups <= 3 && dilation == [1, 1] {
            let kernel = Direct { weight: of.weight.to_vec(), epilogue: epilogues, groups: of.groups, kernel, stride, padding };
            let [out_height, out_width] = kernel.output_size([height, width]);
            return CpuConvolution::Direct { kernel, input: [height, width], output: [1, channels_out, out_height, out_width] };
        }
        let is_plain = batch == 1 && of.groups == 1 && padding == [[0; 2]; 2];
        if is_plain && kernel == [1, 1] && stride == [1, 1] {
            return CpuConvolution::Pointwise {
                kernel: Pointwise::new(&of.weight, epilogues),
                output: [1, channels_out, height, width],
            };
        }
        if is_plain && kernel == [height, width] && dilation == [1, 1] {
            return CpuConvolution::Dense { weight: of.weight.to_vec(), epilogues };
        }
        let shape = [channels_out, channels_in / of.groups, kernel[0], kernel[1]];
        CpuConvolution::General {
            weight: upload::<Self>(of.weight.to_vec(), &shape, device),
            options: ConvOptions::new_with_padding(
                stride,
                padding.map(|[before, behind]| (before, behind)),
                dilation,
                of.groups,
            ),
            epilogues,
        }
    }

    fn joined(first: &CpuConvolution, second: &CpuConvolution, between: [usize; 4]) -> Option<CpuConvolution> {
        let is_large = between.iter().product::<usize>() >= MIN_JOINED;
        match (first, second) {
            (CpuConvolution::Pointwise { kernel: pointwise, .. }, CpuConvolution::Direct { kernel: direct, input, output })
                if is_large =>
            {
                let kernel = Separable::join(pointwise.clone(), direct.clone())?;
                Some(CpuConvolution::Separable { kernel, input: *input, output: *output })
            }
            _ => None,
        }
    }

    fn joined_max_pool(first: &CpuConvolution, window: &Window) -> Option<CpuConvolution> {
        match first {
            CpuConvolution::Separable { kernel, input, output: [batch, channels, height, width] } if *window == TWO_BY_TWO => {
                let output = [*batch, *channels, height / 2, width / 2];
                Some(CpuConvolution::Separable { kernel: kernel.clone().with_pool()?, input: *input, output })
            }
            _ => None,
        }
    }

    fn convolve(of: &CpuConvolution, input: FlexTensor, buffers: &mut Buffers) -> FlexTensor {
        match of {
            CpuConvolution::Direct { kernel, input: size, output } => {
                buffers.map(input, *output, |values, output| kernel.run(values, *size, output))
            }
            CpuConvolution::Separable { kernel, input: size, output } => {
                buffers.map(input, *output, |values, output| kernel.run(values, *size, output))
            }
            CpuConvolution::Pointwise { kernel, output } => {
                buffers.map(input, *output, |values, output| kernel.run(values, output))
            }
            CpuConvolution::Dense { weight, epilogues } => {
                buffers.map(input, [1, epilogues.len(), 1, 1], |values, output| dense::run(weight, epilogues, values, output))
            }
            CpuConvolution::General { weight, options, epilogues } => {
                let sums = Self::conv2d(input, weight.clone(), None, options.clone());
                each_item(sums, epilogues)
            }
        }
    }

    fn per_channel(of: PerChannel<'_>, input: &[usize], _device: &Device) -> Vec<ChannelEpilogue> {
        let plain = ChannelEpilogue::bias(0.0);
        match of {
            PerChannel::PRelu { slopes } => {
                let channels = input.get(1).copied().unwrap_or(1);
                slopes.iter().cycle().take(channels).map(|slope| plain.then_relu(*slope)).collect()
            }
            PerChannel::Affine { scale, shift } => {
                scale.iter().zip(shift).map(|(scale, shift)| plain.then_affine(*scale, *shift)).collect()
            }
        }
    }

    fn each_channel(of: &Vec<ChannelEpilogue>, input: FlexTensor) -> FlexTensor {
        each_item(input, of)
    }

    fn rectify(input: FlexTensor) -> FlexTensor {
        change(input, activation::relu)
    }

    fn logistic(input: FlexTensor) -> FlexTensor {
        change(input, activation::sigmoid)
    }

    fn sum(a: FlexTensor, b: FlexTensor, buffers: &mut Buffers) -> FlexTensor {
        let b = contiguous(b);
        let sum = change(a, |values| activation::add(values, b.as_slice().expect("a contiguous tensor of f32")));
        buffers.give_back(b);
        sum
    }

    fn max_pool(
        window: &Window,
        [batch, channels, height, width]: [usize; 4],
        input: FlexTensor,
        buffers: &mut Buffers,
    ) -> FlexTensor {
        match *window == TWO_BY_TWO {
            true => buffers.map(input, [batch, channels, height / 2, width / 2], |values, output| {
                max_pool_2x2(values, batch * channels, [height, width], output);
            }),
            false => general_max_pool::<Self>(window, input),
        }
    }

    fn repeat(
        [down, across]: [usize; 2],
        [batch, channels, height, width]: [usize; 4],
        input: FlexTensor,
        buffers: &mut Buffers,
    ) -> FlexTensor {
        buffers.map(input, [batch, channels, height * down, width * across], |values, output| {
            repeat(values, width, [down, across], output);
        })
    }

    fn channels_last([batch, channels, height, width]: [usize; 4], input: FlexTensor, buffers: &mut Buffers) -> FlexTensor {
        let item = (channels * height * width).max(1);
        buffers.map(input, [batch, height, width, channels], |values, output| {
            let items = values.chunks_exact(item).zip(output.chunks_exact_mut(item));
            items.for_each(|(values, output)| layout::channels_last(values, channels, output));
        })
    }

    fn append_channels(
        count: usize,
        value: f32,
        [batch, channels, height, width]: [usize; 4],
        input: FlexTensor,
        buffers: &mut Buffers,
    ) -> FlexTensor {
        buffers.map(input, [batch, channels + count, height, width], |values, output| layout::append(values, value, output))
    }
}

fn epilogue_of(&Epilogue { bias, above, below, shift }: &Epilogue) -> ChannelEpilogue {
    ChannelEpilogue { bias, above, below, shift }
}

/// The memory of values that no later step reads, for the steps that follow: new memory has to be zeroed first, which takes a
/// twentieth of a recogniser's time.
#[derive(Default)]
pub(in crate::model) struct Buffers(Vec<Vec<f32>>);

impl Buffers {
    /// Returns a new tensor that `run` fills from the values of another, row-major. It must write every value.
    fn map(&mut self, input: FlexTensor, shape: [usize; 4], run: impl FnOnce(&[f32], &mut [f32])) -> FlexTensor {
        let input = contiguous(input);
        let mut output = self.take(shape.iter().product());
        run(input.as_slice().expect("a contiguous tensor of f32"), &mut output);
        self.give_back(input);
        FlexTensor::from_data(TensorData::new(output, shape))
    }

    /// The smallest buffer that is large enough, with any values in it.
    fn take(&mut self, length: usize) -> Vec<f32> {
        let fitting = self.0.iter().enumerate().filter(|(_, buffer)| buffer.len() >= length);
        match fitting.min_by_key(|(_, buffer)| buffer.len()).map(|(place, _)| place) {
            Some(place) => {
                let mut buffer = self.0.swap_remove(place);
                buffer.truncate(length);
                buffer
            }
            None => vec![0.0; length],
        }
    }

    /// Keeps a tensor's memory, if nothing else holds it.
    fn give_back(&mut self, tensor: FlexTensor) {
        if tensor.is_unique() && is_whole(&tensor) {
            self.0.extend(tensor.into_data().try_into_vec());
        }
    }
}

/// The same tensor, row-major, with nothing around it. Held once where it was held once: a second holder would make every change a copy.
fn contiguous(tensor: FlexTensor) -> FlexTensor {
    if tensor.is_contiguous() && is_whole(&tensor) { tensor } else { tensor.to_contiguous() }
}

/// Whether the tensor is all of its memory: a slice of another is not.
fn is_whole(tensor: &FlexTensor) -> bool {
    tensor.bytes().len() == tensor.layout().num_elements() * size_of::<f32>()
}

/// Changes a tensor's values, in place if nothing else holds it.
fn change(tensor: FlexTensor, run: impl FnOnce(&mut [f32])) -> FlexTensor {
    let mut tensor = contiguous(tensor);
    run(tensor.storage_mut());
    tensor
}

/// Finishes the channels of each item of a batch.
fn each_item(tensor: FlexTensor, epilogues: &[ChannelEpilogue]) -> FlexTensor {
    let items = tensor.layout().shape()[0];
    change(tensor, |values| {
        let item = (values.len() / items).max(1);
        values.chunks_exact_mut(item).for_each(|values| epilogue::apply(values, epilogues));
    })
}
