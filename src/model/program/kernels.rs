use burn::{
    backend::{Backend, DispatchKindConversion, DispatchTensor, tensor::FloatTensor},
    tensor::{Device, Tensor, TensorData},
};
use serfiq_network::network::{Convolution, Window};

/// A backend with our own kernels.
pub(in crate::model) trait Kernels: Backend {
    /// A convolution and its epilogue, with the weights in the order that its kernel reads.
    type Convolution: Send + Sync;
    /// A function of each channel (axis 1), with its parameters on the device.
    type PerChannel: Send + Sync;
    /// Memory that the steps of a run pass on.
    type Buffers: Default;

    /// Prepares a convolution of inputs of this shape.
    fn convolution(of: &Convolution, input: [usize; 4], device: &Device) -> Self::Convolution;
    /// A convolution and the one that alone reads what it makes, of this shape, as one; `None` if they are not faster together.
    fn joined(first: &Self::Convolution, second: &Self::Convolution, between: [usize; 4]) -> Option<Self::Convolution>;
    /// The same for a convolution and the maximum over windows that alone reads what it makes.
    fn joined_max_pool(first: &Self::Convolution, window: &Window) -> Option<Self::Convolution>;
    /// Runs the convolution.
    fn convolve(of: &Self::Convolution, input: FloatTensor<Self>, buffers: &mut Self::Buffers) -> FloatTensor<Self>;

    /// Prepares a function of each channel of inputs of this shape.
    fn per_channel(of: PerChannel<'_>, input: &[usize], device: &Device) -> Self::PerChannel;
    /// Runs the function.
    fn each_channel(of: &Self::PerChannel, input: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Replaces negative values by 0.
    fn rectify(input: FloatTensor<Self>) -> FloatTensor<Self>;
    /// `1 / (1 + exp(-x))`.
    fn logistic(input: FloatTensor<Self>) -> FloatTensor<Self>;
    /// The sum of two tensors of the same shape.
    fn sum(a: FloatTensor<Self>, b: FloatTensor<Self>, buffers: &mut Self::Buffers) -> FloatTensor<Self>;
    /// The largest value in each window of an input of this shape.
    fn max_pool(window: &Window, shape: [usize; 4], input: FloatTensor<Self>, buffers: &mut Self::Buffers)
    -> FloatTensor<Self>;
    /// Repeats each pixel of an input of this shape by these factors, down and across.
    fn repeat(
        factors: [usize; 2],
        shape: [usize; 4],
        input: FloatTensor<Self>,
        buffers: &mut Self::Buffers,
    ) -> FloatTensor<Self>;
    /// Moves the channels (axis 1) of an input of this shape behind the other axes.
    fn channels_last(shape: [usize; 4], input: FloatTensor<Self>, buffers: &mut Self::Buffers) -> FloatTensor<Self>;
    /// Appends this many channels of one value to an input of this shape with a batch of one.
    fn append_channels(
        count: usize,
        value: f32,
        shape: [usize; 4],
        input: FloatTensor<Self>,
        buffers: &mut Self::Buffers,
    ) -> FloatTensor<Self>;
}

/// A function of each channel.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) enum PerChannel<'a> {
    /// `x` where it is positive, `slope * x` elsewhere: one slope for all channels, or one each.
    PRelu { slopes: &'a [f32] },
    /// `scale * x + shift`.
    Affine { scale: &'a [f32], shift: &'a [f32] },
}

/// Uploads values to a device, in this shape.
pub(in crate::model) fn upload<B: Backend>(values: Vec<f32>, shape: &[usize], device: &Device) -> FloatTensor<B>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    let count = values.len();
    let tensor = Tensor::<1>::from_data(TensorData::new(values, [count]), device);
    B::float_reshape(primitive(tensor), shape.into())
}

/// Converts burn's tensor to the backend's.
pub(in crate::model) fn primitive<B: Backend>(tensor: Tensor<1>) -> FloatTensor<B>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    tensor.try_into_primitive::<B>().expect("a program's tensors are all on its own device")
}

/// The largest value in each window, by burn: for windows that our kernels do not support.
pub(in crate::model) fn general_max_pool<B: Backend>(window: &Window, input: FloatTensor<B>) -> FloatTensor<B> {
    let Window { kernel, stride, dilation, padding: [[above, below], [left, right]] } = *window;
    let (input, padding) = if above == below && left == right && 2 * above <= kernel[0] && 2 * left <= kernel[1] {
        (input, [above, left])
    } else {
        let around = [(0, 0), (0, 0), (above, below), (left, right)];
        (B::float_pad(input, &around, burn::tensor::ops::PadMode::Constant(f32::NEG_INFINITY)), [0, 0])
    };
    B::max_pool2d(input, kernel, stride, padding, dilation, false)
}
