//! Compute shaders of our own, in WGSL, launched beside burn's.
//!
//! They reach the GPU as they are. cubecl's compiler of kernels, most of what the module for browsers holds, has nothing to do with
//! them: a page does not even fetch it until a network needs a kernel of burn's.
use burn_cubecl::tensor::CubeTensor;
use cubecl::{
    CubeKernel, PrecompiledSource,
    ir::{UIntKind, metadata::Info},
    prelude::*,
    server::{KernelArguments, MetadataBindingInfo},
};

/// How the weights that a shader reads are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Precision {
    Single,
    /// In half floats, which only some devices have.
    Half,
}

/// A shader whose bindings are the tensors it reads, then the one it writes, then a struct of numbers. `ACCESS` stands for how the
/// first ones are accessed, `WEIGHT` for the type of weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shader {
    /// Of all shaders, only this one's.
    pub name: &'static str,
    pub code: &'static str,
    /// As `@workgroup_size` has it.
    pub workgroup_size: [u32; 2],
    pub precision: Precision,
}

impl Shader {
    pub const fn new(name: &'static str, code: &'static str, workgroup_size: [u32; 2]) -> Self {
        Self { name, code, workgroup_size, precision: Precision::Single }
    }

    /// The same for such weights.
    pub fn with(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// Has `count` workgroups run. Of `numbers` each two are a word, the first in the lower half.
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
    /// Nothing: the source is all there is.
    fn define(&self) -> KernelDefinition {
        let settings = KernelSettings::new(self.cube_dim().0, ExecutionMode::Checked, AddressType::U32);
        KernelDefinition { body: Scope::root(settings.clone()), settings, info: Info::default() }
    }

    fn source(&self) -> Option<PrecompiledSource> {
        // Natively tensors share buffers, and a buffer that is written somewhere must not be bound as one that is only read.
        let access = if cfg!(target_family = "wasm") { "read" } else { "read_write" };
        let (enable, weight) = match self.precision {
            Precision::Single => ("", "f32"),
            Precision::Half => ("enable f16;\n", "f16"),
        };
        let source = enable.to_owned() + &self.code.replace("ACCESS", access).replace("WEIGHT", weight);
        Some(PrecompiledSource { source, entrypoint_name: "main".into(), lang: "wgsl" })
    }
}
