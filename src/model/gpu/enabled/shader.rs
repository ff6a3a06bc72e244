//! Our own compute shaders, in WGSL, launched alongside burn's.
//!
//! They reach the GPU unchanged, without cubecl's kernel compiler. The compiler makes up most of the browser module, and a page fetches it
//! only when a network needs one of burn's kernels.
use burn_cubecl::tensor::CubeTensor;
use cubecl::{
    CubeKernel, PrecompiledSource,
    ir::{UIntKind, metadata::Info},
    prelude::*,
    server::{KernelArguments, MetadataBindingInfo},
};

/// Storage format of the weights that a shader reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Precision {
    Single,
    /// Half floats, which only some devices support.
    Half,
}

/// A shader. Its bindings are the tensors it reads, then the one it writes, then a struct of numbers. `ACCESS` stands for the access mode
/// of the tensors read, `WEIGHT` for the type of the weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shader {
    /// Unique among all shaders.
    pub name: &'static str,
    pub code: &'static str,
    /// As in `@workgroup_size`.
    pub workgroup_size: [u32; 2],
    pub precision: Precision,
}

impl Shader {
    pub const fn new(name: &'static str, code: &'static str, workgroup_size: [u32; 2]) -> Self {
        Self { name, code, workgroup_size, precision: Precision::Single }
    }

    /// The same shader for weights of this precision.
    pub fn with(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// Runs `count` workgroups. `numbers` are packed in pairs into words, the first in the lower half.
    pub fn launch(self, reads: &[&CubeTensor], writes: &CubeTensor, numbers: &[usize], count: [usize; 3]) {
        let buffer = |tensor: &CubeTensor| tensor.handle.clone().binding();
        let reading = reads
            .iter()
            .fold(KernelArguments::new(), |arguments, tensor| arguments.with_buffer_io(buffer(tensor), BufferIOAttr::ReadOnly));
        let words = numbers.chunks(2).map(|pair| pair[0] as u64 | (pair.get(1).copied().unwrap_or(0) as u64) << 32);
        let arguments = reading
            .with_buffer_io(buffer(writes), BufferIOAttr::WriteOnly)
            .with_info(MetadataBindingInfo::custom(words.collect()));
        let [x, y, z] = count.map(|count| count as u32);
        writes.client.launch(Box::new(self), CubeCount::Static(x, y, z), arguments);
    }

    fn cube_dim(&self) -> CubeDim {
        let [x, y] = self.workgroup_size;
        CubeDim::new_2d(x, y)
    }
}

impl KernelMetadata for Shader {
    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info((self.name, self.precision)).cube_dim(self.cube_dim().0)
    }

    fn address_type(&self) -> ElemType {
        UIntKind::U32.into()
    }
}

impl CubeKernel for Shader {
    /// Empty: the shader consists of its source.
    fn define(&self) -> KernelDefinition {
        let settings = KernelSettings::new(self.cube_dim().0, ExecutionMode::Checked, AddressType::U32);
        KernelDefinition { body: Scope::root(settings.clone()), settings, info: Info::default() }
    }

    fn source(&self) -> Option<PrecompiledSource> {
        // Natively, tensors share buffers, and a buffer that is written elsewhere must not be bound as read-only.
        let access = if cfg!(target_family = "wasm") { "read" } else { "read_write" };
        let (enable, weight) = match self.precision {
            Precision::Single => ("", "f32"),
            Precision::Half => ("enable f16;\n", "f16"),
        };
        let source = enable.to_owned() + &self.code.replace("ACCESS", access).replace("WEIGHT", weight);
        Some(PrecompiledSource { source, entrypoint_name: "main".into(), lang: "wgsl" })
    }
}
