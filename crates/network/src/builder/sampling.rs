use super::{Builder, Convolve};
use crate::{
    Constant, ImportError,
    network::{Binary, Op, Reduction, ValueId, Window},
};

impl Builder {
    /// The largest value in each window of `[n, channels, height, width]`.
    pub fn max_pool(&mut self, x: ValueId, window: Window) -> Result<ValueId, ImportError> {
        let [n, channels, height, width] = self.picture(x)?;
        self.check_window(&window)?;
        let [out_height, out_width] = window.output([height, width]).ok_or_else(|| {
            self.error(format!("has a kernel of {:?}, which is larger than its input of {height} x {width}", window.kernel))
        })?;
        self.check_size(&[n, channels, out_height, out_width])?;
        for (axis, (size, count)) in [(height, out_height), (width, out_width)].into_iter().enumerate() {
            if window.counts(axis, count, [0, size as i64]).any(|count| count == 0) {
                return Err(self.error(format!(
                    "pads by {:?}: some of its windows are nothing but padding, which has no largest value",
                    window.padding
                )));
            }
        }
        self.push(Op::MaxPool(window), &[x], vec![n, channels, out_height, out_width])
    }

    /// Repeats each pixel of `[n, channels, height, width]` down and across.
    pub fn repeat(&mut self, x: ValueId, factors: [usize; 2]) -> Result<ValueId, ImportError> {
        let [n, channels, height, width] = self.picture(x)?;
        if factors == [1, 1] {
            return Ok(x);
        }
        let shape = vec![n, channels, height.saturating_mul(factors[0]), width.saturating_mul(factors[1])];
        self.push(Op::Repeat { factors }, &[x], shape)
    }

    /// The mean of each window of `[n, channels, height, width]`. `counted` rows and columns of padding on each side count as
    /// zeros; padding beyond them is ignored.
    ///
    /// Composed of a depthwise convolution, and a correction where windows contain fewer values.
    pub fn average_pool(&mut self, x: ValueId, window: Window, counted: [[usize; 2]; 2]) -> Result<ValueId, ImportError> {
        let [n, channels, height, width] = self.picture(x)?;
        if window == Window::whole([height, width]) {
            return self.reduce(Reduction::Mean, x, &[2, 3]);
        }
        self.check_window(&window)?;
        let size = [height, width];
        let output = window.output(size).ok_or_else(|| {
            self.error(format!("has a kernel of {:?}, which is larger than its input of {height} x {width}", window.kernel))
        })?;
        self.check_size(&[n, channels, output[0], output[1]])?;
        self.make_room(&output)?;
        let counts = [0, 1].map(|axis| {
            let [before, behind] = counted[axis].map(|padding| padding as i64);
            window.counts(axis, output[axis], [-before, size[axis] as i64 + behind]).collect::<Vec<_>>()
        });
        if counts.iter().flatten().any(|count| *count == 0) {
            return Err(self.error(format!(
                "pads by {:?}: some of its windows are nothing but padding, which has no mean",
                window.padding
            )));
        }
        let [rows, columns] = &counts;
        let first = rows[0] * columns[0];
        let weight_shape = [channels, 1, window.kernel[0], window.kernel[1]];
        self.make_room(&weight_shape)?;
        let weights = vec![1.0 / first as f32; weight_shape.iter().product()];
        let weight = Constant::floats(weight_shape, weights);
        let Window { stride, dilation, padding, .. } = window;
        let mean = self.convolution(x, Convolve { weight, bias: None, groups: channels, stride, dilation, padding })?;
        let corrections = rows.iter().flat_map(|row| columns.iter().map(move |column| first as f32 / (row * column) as f32));
        let corrections: Vec<f32> = corrections.collect();
        if corrections.iter().all(|correction| *correction == 1.0) {
            return Ok(mean);
        }
        let corrections = self.constant(Constant::floats([1, 1, output[0], output[1]], corrections));
        self.binary(Binary::Mul, mean, corrections)
    }

    /// Selects values by position along each axis; `None` keeps an axis as is. Integer upscaling becomes a single step.
    pub fn resample(&mut self, x: ValueId, places: &[Option<Vec<usize>>]) -> Result<ValueId, ImportError> {
        let shape = self.shape(x).to_vec();
        let factor = |axis: usize| {
            let Some(places) = places.get(axis)? else { return Some(1) };
            let factor = places.len().checked_div(shape[axis]).filter(|factor| *factor > 0)?;
            places.iter().copied().eq((0..shape[axis] * factor).map(|place| place / factor)).then_some(factor)
        };
        if let ([_, _, _, _], [None, None, ..], Some(down), Some(across)) = (shape.as_slice(), places, factor(2), factor(3)) {
            return self.repeat(x, [down, across]);
        }
        let along = places.iter().enumerate().filter_map(|(axis, places)| Some((axis, places.as_ref()?)));
        along.into_iter().try_fold(x, |x, (axis, places)| self.select(x, axis, places))
    }

    /// Multiplies an axis by `matrix`, of shape `[new length, old length]`.
    pub fn mix(&mut self, x: ValueId, axis: usize, matrix: Constant) -> Result<ValueId, ImportError> {
        let shape = self.shape(x).to_vec();
        let inner: usize = shape[axis + 1..].iter().product();
        if inner == 1 {
            let rows = self.reshape(x, &shape[..=axis])?;
            let mixed = self.linear(rows, matrix, None)?;
            let mixed_shape: Vec<usize> = self.shape(mixed).iter().chain(&shape[axis + 1..]).copied().collect();
            return self.reshape(mixed, &mixed_shape);
        }
        let outer = shape[..axis].iter().product();
        let mut mixed_shape = shape.clone();
        mixed_shape[axis] = matrix.shape[0];
        let planes = self.reshape(x, &[outer, shape[axis], inner])?;
        let matrix = self.constant(matrix);
        let mixed = self.matmul(matrix, planes)?;
        self.reshape(mixed, &mixed_shape)
    }
}
