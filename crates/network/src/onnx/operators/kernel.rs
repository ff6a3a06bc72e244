//! Kernel size, strides, dilations and padding. Convolutions and pooling share these attributes. One-dimensional operators run as
//! two-dimensional ones of height 1.
use super::super::Call;
use crate::{
    ImportError,
    builder::Builder,
    network::{ValueId, Window},
};

/// A two-dimensional input, or a one-dimensional one with a height of 1.
pub(super) struct Plane {
    /// `[n, channels, height, width]`.
    pub(super) value: ValueId,
    /// Height, width.
    pub(super) size: [usize; 2],
    /// Whether the input is one-dimensional.
    pub(super) is_line: bool,
}

/// The kernel attributes of a node.
pub(super) struct Kernel {
    pub(super) size: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    pub(super) padding: Padding,
}

/// How a node specifies its padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    /// Rows above and below, columns to the left and right.
    Explicit([[usize; 2]; 2]),
    /// Padding for an output of `input / stride`, rounded up. The extra row or column of an odd total goes to the end.
    SameUpper,
    /// The same, with the extra row or column at the start.
    SameLower,
}

impl Plane {
    /// Reads input 0 of a node.
    pub(super) fn of(builder: &mut Builder, call: &Call) -> Result<Self, ImportError> {
        let x = call.input(builder, 0)?;
        match *builder.shape(x) {
            [n, channels, length] => {
                let value = builder.reshape(x, &[n, channels, 1, length])?;
                Ok(Self { value, size: [1, length], is_line: true })
            }
            [_, _, height, width] => Ok(Self { value: x, size: [height, width], is_line: false }),
            ref other => {
                let problem =
                    format!("has an input of shape {other:?}; expected [n, channels, height, width] or [n, channels, length]");
                Err(builder.error(problem))
            }
        }
    }

    /// Gives a four-dimensional result the rank of the input.
    pub(super) fn restore(&self, builder: &mut Builder, result: ValueId) -> Result<ValueId, ImportError> {
        match *builder.shape(result) {
            [n, channels, 1, length] if self.is_line => builder.reshape(result, &[n, channels, length]),
            _ => Ok(result),
        }
    }

    /// The attribute `name`, with one size for each dimension.
    pub(super) fn sizes(&self, builder: &Builder, call: &Call, name: &str) -> Result<Option<[usize; 2]>, ImportError> {
        let Some(sizes) = call.node.integers(name) else { return Ok(None) };
        let size = |size: i64| usize::try_from(size).ok();
        let read = match *sizes {
            [width] if self.is_line => size(width).map(|width| [self.default(name), width]),
            [height, width] if !self.is_line => size(height).zip(size(width)).map(|(height, width)| [height, width]),
            _ => None,
        };
        read.map(Some).ok_or_else(|| builder.error(format!("has {name} {sizes:?}; expected {} sizes", self.dimensions())))
    }

    /// The value along the height of a one-dimensional input.
    fn default(&self, name: &str) -> usize {
        usize::from(name != "output_padding")
    }

    fn dimensions(&self) -> usize {
        if self.is_line { 1 } else { 2 }
    }

    /// The attribute `pads`, which lists all starts, then all ends.
    fn pads(&self, builder: &Builder, call: &Call) -> Result<[[usize; 2]; 2], ImportError> {
        let Some(pads) = call.node.integers("pads").filter(|pads| !pads.is_empty()) else { return Ok([[0; 2]; 2]) };
        let sizes: Option<Vec<usize>> = pads.iter().map(|pad| usize::try_from(*pad).ok()).collect();
        match sizes.as_deref() {
            Some([left, right]) if self.is_line => Ok([[0, 0], [*left, *right]]),
            Some([top, left, bottom, right]) if !self.is_line => Ok([[*top, *bottom], [*left, *right]]),
            _ => Err(builder.error(format!("has pads {pads:?}; expected {} sizes of 0 or more", 2 * self.dimensions()))),
        }
    }
}

impl Kernel {
    /// Reads the attributes. `of_weights` is the kernel size of the weights, for nodes that have any.
    pub(super) fn read(
        builder: &Builder,
        call: &Call,
        plane: &Plane,
        of_weights: Option<[usize; 2]>,
    ) -> Result<Self, ImportError> {
        let declared = plane.sizes(builder, call, "kernel_shape")?;
        let size = match (of_weights, declared) {
            (Some(size), Some(declared)) if size != declared => {
                return Err(builder.error(format!("has a kernel_shape of {declared:?}; its weights have {size:?}")));
            }
            (Some(size), _) | (None, Some(size)) => size,
            (None, None) => return Err(builder.error("has no kernel_shape")),
        };
        let stride = plane.sizes(builder, call, "strides")?.unwrap_or([1, 1]);
        let dilation = plane.sizes(builder, call, "dilations")?.unwrap_or([1, 1]);
        let padding = match call.node.string("auto_pad", "NOTSET") {
            "NOTSET" | "" => Padding::Explicit(plane.pads(builder, call)?),
            "VALID" => Padding::Explicit([[0; 2]; 2]),
            "SAME_UPPER" => Padding::SameUpper,
            "SAME_LOWER" => Padding::SameLower,
            other => {
                let problem = format!("has auto_pad `{other}`; expected NOTSET, VALID, SAME_UPPER or SAME_LOWER");
                return Err(builder.error(problem));
            }
        };
        Ok(Self { size, stride, dilation, padding })
    }

    /// The window for an input of this size.
    pub(super) fn window(&self, builder: &Builder, input: [usize; 2]) -> Result<Window, ImportError> {
        let window = Window { kernel: self.size, stride: self.stride, dilation: self.dilation, padding: [[0; 2]; 2] };
        builder.check_window(&window)?;
        let padding = match self.padding {
            Padding::Explicit(padding) => padding,
            Padding::SameUpper | Padding::SameLower => [0, 1].map(|axis| {
                let output = input[axis].div_ceil(self.stride[axis]);
                let covered = output.saturating_sub(1) * self.stride[axis] + window.span()[axis];
                self.padding.divide(covered.saturating_sub(input[axis]))
            }),
        };
        let window = Window { padding, ..window };
        builder.check_window(&window)?;
        Ok(window)
    }
}

impl Padding {
    /// Splits a total into padding before and after.
    pub(super) fn divide(self, total: usize) -> [usize; 2] {
        let half = total / 2;
        if self == Self::SameUpper { [half, total - half] } else { [total - half, half] }
    }
}
