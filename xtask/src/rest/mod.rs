//! Decides which functions of the module with WebGPU a page fetches only when one of them is called: those of [`MAY_GO`] that no usual
//! session calls, as recorded by `cargo xtask profile`.
//!
//! The decision uses names. If it is wrong, a page fetches the rest too, which costs time but breaks nothing; a browser test checks that a
//! usual session does not.
use std::collections::HashSet;

use serfiq_network::verify;

use crate::split::{self, Parts};

/// The JavaScript function that loads the rest; see `crates/web/src/rest.rs`.
const LOADER: &str = "serfiqLoadRest";

/// The names of the functions that usual sessions call, one per line, sorted. Written by `cargo xtask profile`.
const CALLED: &str = include_str!("called.txt");

/// Shorter functions stay: a stub would be no smaller.
const MIN_INSTRUCTIONS: u64 = 30;

/// Path prefixes of functions that may go to the rest: burn and its compiler of GPU kernels, which the built-in networks do not need,
/// because their layers are shaders of our own; and the code that reads and runs other networks.
///
/// Code that drives the device stays whole (`cubecl_runtime`, `cubecl_server`, most of `cubecl_wgpu`): which parts are called depends on
/// the adapter, on memory and on time, and no profile covers all of that.
const MAY_GO: [&str; 17] = [
    "burn_backend::",
    "burn_cubecl::",
    "burn_flex::",
    "burn_std::",
    "burn_tensor::",
    "combine::",
    "cubecl_core::",
    "cubecl_ir::",
    "cubecl_opt::",
    "cubecl_std::",
    "cubecl_wgpu::compiler::",
    "cubek_",
    "gemm_",
    "pliron::",
    "rustc_apfloat::",
    "serfiq::model::program::steps::",
    "serfiq_network::",
];

/// Divides the module with WebGPU as `wasm-bindgen` writes it, but with function names.
pub fn part(module: &[u8]) -> anyhow::Result<Parts> {
    let called: HashSet<&str> = CALLED.lines().collect();
    let belongs_to_rest = |name: &str, instructions| may_go(name, instructions).is_some_and(|name| !called.contains(&*name));
    split::split(module, belongs_to_rest, LOADER)
}

/// Returns everything that decides a module's division, as text: a module divided by another rule must be divided again.
pub fn rule() -> String {
    format!("{MIN_INSTRUCTIONS} {MAY_GO:?} {}", verify::sha256(CALLED.as_bytes()))
}

/// Returns the profile name of a function that goes to the rest unless it is called; `None` if it always stays.
pub fn may_go(name: &str, instructions: u64) -> Option<String> {
    let name = plain(name);
    let goes =
        instructions >= MIN_INSTRUCTIONS && owner(&name).is_some_and(|path| MAY_GO.iter().any(|of| path.starts_with(of)));
    goes.then_some(name)
}

/// Returns a function's name from its first path on. A standard-library function compiled for another crate's types belongs to the standard
/// library: its presence and inlining may change with every compilation.
fn owner(name: &str) -> Option<&str> {
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut paths = name.match_indices("::").map(|(end, _)| &name[name[..end].trim_end_matches(is_of_word).len()..]);
    paths.find(|path| path.starts_with(is_of_word))
}

/// Strips from a name what may change between compilations: the hash in brackets after each crate, as in `core[a1b2c3d4e5f60718]::mem`, and
/// the numbers at the end, `.12` of the linker and `[3]` of `wasm-bindgen`, which distinguish functions of the same name.
fn plain(name: &str) -> String {
    let name = without_number(without_number(name, "[", "]"), ".", "");
    let mut parts = name.split('[');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            // Long enough not to be a slice such as `[bf16]`.
            Some((hash, rest)) if hash.len() >= 10 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => plain.push_str(rest),
            _ => {
                plain.push('[');
                plain.push_str(part);
            }
        }
    }
    plain
}

/// Strips a number between `open` and `close` from the end of a name.
fn without_number<'a>(name: &'a str, open: &str, close: &str) -> &'a str {
    match name.strip_suffix(close).and_then(|name| name.rsplit_once(open)) {
        Some((name, number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_and_numbers_are_no_part_of_a_name() {
        assert_eq!(
            plain("<cubek_tile[00a1b2c3d4e5f607]::x as core[a1b2c3d4e5f6]::Y<[bf16]>>::z.838[12]"),
            "<cubek_tile::x as core::Y<[bf16]>>::z"
        );
        for name in ["x::{closure#0}", "core::drop_in_place::<[u8]>", "<[usize; 2]>::map"] {
            assert_eq!(plain(name), name);
        }
    }

    #[test]
    fn a_function_belongs_to_the_first_crate_in_its_name() {
        for (name, path) in [
            ("pliron::irfmt::print", Some("pliron::irfmt::print")),
            ("<&mut [(usize, combine::State)]>::sort", Some("combine::State)]>::sort")),
            ("<serfiq::Shader as cubecl_core::CubeKernel>::define", Some("serfiq::Shader as cubecl_core::CubeKernel>::define")),
            ("<u32 as cubecl_core::Scalar>::expand", Some("cubecl_core::Scalar>::expand")),
            ("core::drop_in_place::<pliron::Context>", Some("core::drop_in_place::<pliron::Context>")),
            ("__wasm_call_ctors", None),
        ] {
            assert_eq!(owner(name), path, "{name}");
        }
    }

    #[test]
    fn only_long_functions_of_what_may_go_go() {
        let print = "pliron[a1b2c3d4e5f60718]::irfmt::print";
        assert_eq!(may_go(print, MIN_INSTRUCTIONS).as_deref(), Some("pliron::irfmt::print"));
        assert_eq!(may_go(print, MIN_INSTRUCTIONS - 1), None);
        assert!(may_go("<cubecl_wgpu::compiler::base::AutoCompiler>::new", 500).is_some());
        assert_eq!(may_go("<cubecl_wgpu::compute::stream::WgpuStream>::submit", 500), None);
        assert_eq!(may_go("<serfiq::engine::Engine>::score::<burn_flex::Flex>", 500), None);
    }

    #[test]
    fn the_profile_names_only_what_may_go_each_once_and_in_order() {
        let names: Vec<&str> = CALLED.lines().collect();
        assert!(names.len() > 100, "{} names", names.len());
        assert!(names.is_sorted_by(|a, b| a < b));
        let others: Vec<_> = names.iter().filter(|name| may_go(name, MIN_INSTRUCTIONS).as_deref() != Some(name)).collect();
        assert!(others.is_empty(), "{others:?}");
    }
}
