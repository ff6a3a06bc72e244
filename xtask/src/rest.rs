//! What of the module with WebGPU is fetched only when it is called: the compiler of GPU kernels that burn brings along, and parts of
//! burn that the built-in networks do not use. Their layers are shaders of our own, which nothing has to compile.
//!
//! Told by names. A function that is wrongly taken for one of the rest has the rest fetched, which costs a page time but breaks
//! nothing; the browser tests see to it that a usual session fetches none of it.
use crate::split::{self, Parts};

/// The JavaScript function that loads the rest, see `crates/web/src/rest.rs`.
const LOADER: &str = "serfiqLoadRest";

/// Shorter functions stay: a stub would be no smaller.
const LEAST_INSTRUCTIONS: u64 = 30;

/// Whatever names one of these is of the rest: reading, printing and checking code, what kernels are made of, steps and operators that
/// only networks of the visitor's own have, and files of TFLite.
const REST: [&str; 31] = [
    "Parsable",
    "Printable",
    "::Verify",
    "combine::parser",
    "rustc_apfloat::",
    "::opts::",
    "cubek_",
    "cubecl_std::",
    "ActivationOps",
    "float_mul",
    "float_div",
    "float_cast",
    "clamp_min",
    "ops::unary::abs",
    "max_pool2d",
    "reparameterization_dyn",
    "run_general",
    "as burn_backend::backend::ops::tensor::FloatTensorOps<burn_flex::backend::Flex>>::float_select",
    "float_matmul",
    "float_mask",
    "float_pad",
    "mask_where",
    "float_powf",
    "float_add_scalar",
    "float_sub_scalar",
    "float_mul_scalar",
    "float_div_scalar",
    "binary::scalar_op",
    "gemm_f64",
    "gemm_f16",
    "serfiq_network::tflite::",
];

/// Whatever names one of these is of the rest, unless it names one of [`KEPT`].
const REST_BUT_FOR_KEPT: [&str; 12] = [
    "pliron::",
    "cubecl_ir::",
    "cubecl_opt::",
    "cubecl_core::",
    "cubecl_wgpu::compiler::wgsl",
    "burn_cubecl::kernel",
    "burn_cubecl::ops::qtensor",
    "CubeKernel",
    "burn_flex::ops",
    "quantiz",
    "try_cast",
    "serfiq_network::onnx::operators::",
];

/// What starting a device and launching a shader needs all the same: registering the compiler's parts, an empty body of a kernel; and
/// the operators of the networks that come along.
const KEPT: [&str; 61] = [
    "__ctor",
    ">::register",
    "hashbrown",
    "alloc::collections::btree",
    "indexmap",
    "once_vec",
    "slotmap",
    "smallvec",
    "BuildHasher",
    "internment",
    "drop_in_place",
    "downcast_ref",
    "pliron::context",
    "pliron::operation",
    "pliron::basic_block",
    "pliron::region",
    "pliron::identifier",
    "pliron::utils",
    "pliron::dialect",
    "pliron::storage_uniquer",
    "pliron::builtin::ops",
    "pliron::irbuild",
    "pliron::type",
    "OneResultInterface",
    "AttributeDict",
    "given_names",
    "GivenNames",
    "_attr_",
    "instantiate",
    "get_region",
    "Type>::get",
    "cubecl_ir::features",
    "cubecl_ir::properties",
    "cubecl_ir::runtime_properties",
    "cubecl_ir::scope",
    "cubecl_ir::type",
    "cubecl_ir::attributes::entrypoint",
    "WgpuServer",
    "Shader",
    "contiguous",
    "QParamTensor>> as core::clone::Clone",
    "operators::activation::prelu",
    "operators::activation::relu",
    "operators::activation::sigmoid",
    "operators::arithmetic::",
    "operators::convolution::bias",
    "operators::convolution::conv",
    "operators::convolution::weight",
    "operators::coordinates",
    "operators::find",
    "operators::kernel",
    "operators::linear::",
    "operators::norm::batch_normalization",
    "operators::pool::",
    "operators::quantisation",
    "operators::resize",
    "operators::shape::flatten",
    "operators::shape::reshape",
    "operators::shape::transpose",
    "operators::structure::constant",
    "operators::structure::dropout",
];

/// Divides the module with WebGPU, as `wasm-bindgen` leaves it, but with the names of its functions.
pub fn part(module: &[u8]) -> anyhow::Result<Parts> {
    split::split(module, belongs_to_rest, LOADER)
}

/// All that decides how a module is divided, in words: modules that were divided otherwise are to be divided anew.
pub fn rule() -> String {
    format!("{LEAST_INSTRUCTIONS} {REST:?} {REST_BUT_FOR_KEPT:?} {KEPT:?}")
}

fn belongs_to_rest(name: &str, instructions: u64) -> bool {
    let name = without_hashes(name);
    let names = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    instructions >= LEAST_INSTRUCTIONS && (names(&REST) || names(&REST_BUT_FOR_KEPT) && !names(&KEPT))
}

/// A name without the hash that follows on each crate's, in brackets: `core[a1b2c3d4e5f60718]::mem`.
fn without_hashes(name: &str) -> String {
    let mut parts = name.split('[');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((hash, rest)) if hash.len() >= 15 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => plain.push_str(rest),
            _ => {
                plain.push('[');
                plain.push_str(part);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_do_not_hide_a_name() {
        assert_eq!(
            without_hashes("<cubek_tile[00a1b2c3d4e5f607]::x as core[a1b2c3d4e5f60718]::Y<[u8]>>::z"),
            "<cubek_tile::x as core::Y<[u8]>>::z"
        );
    }

    #[test]
    fn the_compiler_goes_and_what_a_shader_needs_stays() {
        assert!(belongs_to_rest("pliron[a1b2c3d4e5f60718]::irfmt::print", 500));
        assert!(belongs_to_rest("<pliron::basic_block::BasicBlock as pliron::parsable::Parsable>::parse", 500));
        assert!(!belongs_to_rest("pliron::irfmt::print", LEAST_INSTRUCTIONS - 1));
        assert!(!belongs_to_rest("<pliron[a1b2c3d4e5f60718]::context::Context>::new", 500));
        assert!(!belongs_to_rest("serfiq::engine::Engine::score", 500));
    }
}
