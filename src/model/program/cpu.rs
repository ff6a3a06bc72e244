use burn::{
    backend::{
        Flex,
        ops::{ConvOptions, ModuleOps},
        tensor::FloatTensor,
    },
    tensor::{Device, TensorData},
};
use serfiq_kernels::{
    activation,
    direct::Direct,
    epilogue::{self, ChannelEpilogue},
    pointwise::Pointwise,
    pool::{max_pool_2x2, repeat},
};
use serfiq_network::network::{Convolution, Epilogue, Window};

use super::kernels::{Kernels, PerChannel, general_max_pool, upload};

type FlexTensor = FloatTensor<Flex>;

/// How a convolution is run.
pub(in crate::model) enum CpuConvolution {
    /// For output channels that read too few input channels for a matrix product to pay off.
    Direct { kernel: Direct, input: [usize; 2], output: [usize; 4] },
    /// 1x1, or over the whole input at once.
    Pointwise { kernel: Pointwise, output: [usize; 4] },
    /// burn's convolution.
    General { weight: FlexTensor, options: ConvOptions<2>, epilogues: Vec<ChannelEpilogue> },
}

impl Kernels for Flex {
    type Convolution = CpuConvolution;
    type PerChannel = Vec<ChannelEpilogue>;

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
        // A kernel that covers the whole input: every value of it is a channel of a single pixel.
        if is_plain && kernel == [height, width] && dilation == [1, 1] {
            return CpuConvolution::Pointwise {
                kernel: Pointwise::new(&of.weight, epilogues),
                output: [1, channels_out, 1, 1],
            };
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

    fn convolve(of: &CpuConvolution, input: FlexTensor) -> FlexTensor {
        match of {
            CpuConvolution::Direct { kernel, input: size, output } => {
                map(&input, *output, |values, output| kernel.run(values, *size, output))
            }
            CpuConvolution::Pointwise { kernel, output } => map(&input, *output, |values, output| kernel.run(values, output)),
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

    fn sum(a: FlexTensor, b: FlexTensor) -> FlexTensor {
        let b = b.to_contiguous();
        change(a, |values| activation::add(values, b.as_slice().expect("a contiguous tensor of f32")))
    }

    fn max_pool(window: &Window, [batch, channels, height, width]: [usize; 4], input: FlexTensor) -> FlexTensor {
        let is_2x2 = *window == Window { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], padding: [[0; 2]; 2] };
        match is_2x2 {
            true => map(&input, [batch, channels, height / 2, width / 2], |values, output| {
                max_pool_2x2(values, batch * channels, [height, width], output);
            }),
            false => general_max_pool::<Self>(window, input),
        }
    }

    fn repeat([down, across]: [usize; 2], [batch, channels, height, width]: [usize; 4], input: FlexTensor) -> FlexTensor {
        map(&input, [batch, channels, height * down, width * across], |values, output| {
            repeat(values, width, [down, across], output);
        })
    }
}

fn epilogue_of(&Epilogue { bias, above, below, shift }: &Epilogue) -> ChannelEpilogue {
    ChannelEpilogue { bias, above, below, shift }
}

/// Returns a new tensor that `run` fills from the values of another, row-major.
fn map(input: &FlexTensor, shape: [usize; 4], run: impl FnOnce(&[f32], &mut [f32])) -> FlexTensor {
    let input = input.to_contiguous();
    let mut output = vec![0.0; shape.iter().product()];
    run(input.as_slice().expect("a contiguous tensor of f32"), &mut output);
    FlexTensor::from_data(TensorData::new(output, shape))
}

/// Changes a tensor's values, in place if nothing else holds it.
fn change(tensor: FlexTensor, run: impl FnOnce(&mut [f32])) -> FlexTensor {
    let mut tensor = tensor.to_contiguous();
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
