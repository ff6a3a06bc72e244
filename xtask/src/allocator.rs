//! Checks that link-time optimisation did not inline the allocator's deallocation into other functions. `crates/web/src/allocator.rs`
//! explains what went wrong there.
use anyhow::{Result, anyhow, ensure};
use walrus::{
    Function, FunctionId, FunctionKind, LocalFunction, ModuleConfig,
    ir::{self, Visitor},
};

/// Part of the name of the function that starts the standard library's deallocation.
const GIVING_BACK: &str = "validate_size";
/// The callers allowed: the allocator, and the standard library's threads, which bypass it (`alloc::System`, as mangled).
const ALLOCATORS: [&str; 2] = ["OutOfSight", "5alloc6System"];

struct Calls {
    of: Vec<FunctionId>,
    any: bool,
}

impl<'instr> Visitor<'instr> for Calls {
    fn visit_function_id(&mut self, function: &FunctionId) {
        self.any |= self.of.contains(function);
    }
}

/// Refuses a compiled module, still with function names, in which functions outside the allocator contain parts of it.
pub fn check(module: &[u8]) -> Result<()> {
    let module = ModuleConfig::new().parse(module).map_err(|error| anyhow!("the module cannot be read: {error:#}"))?;
    let is_named = |function: &Function, part: &str| function.name.as_ref().is_some_and(|name| name.contains(part));
    let giving_back: Vec<FunctionId> =
        module.funcs.iter().filter(|function| is_named(function, GIVING_BACK)).map(|function| function.id()).collect();
    ensure!(!giving_back.is_empty(), "expected a function {GIVING_BACK} in the module; has the allocator changed?");
    let calls = |function: &LocalFunction| {
        let mut calls = Calls { of: giving_back.clone(), any: false };
        ir::dfs_in_order(&mut calls, function, function.entry_block());
        calls.any
    };
    let others: Vec<&str> = module
        .funcs
        .iter()
        .filter(|function| !ALLOCATORS.iter().any(|part| is_named(function, part)))
        .filter(|function| matches!(&function.kind, FunctionKind::Local(local) if calls(local)))
        .map(|function| function.name.as_deref().unwrap_or("one without a name"))
        .collect();
    ensure!(
        others.is_empty(),
        "the optimiser has moved parts of the allocator into {} functions, such as {}, where it draws wrong conclusions; \
         crates/web/src/allocator.rs should prevent that",
        others.len(),
        others[0]
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(caller: &str) -> Vec<u8> {
        wat::parse_str(format!(
            r#"(module (func $dlmalloc_validate_size (param i32))
                (func ${caller} (param i32) (if (local.get 0) (then (call $dlmalloc_validate_size (local.get 0))))))"#
        ))
        .unwrap()
    }

    #[test]
    fn only_the_allocator_may_give_memory_back() {
        check(&module("OutOfSight_dealloc")).unwrap();
        let error = check(&module("max_pool_2x2")).unwrap_err().to_string();
        assert!(error.contains("1 functions, such as max_pool_2x2"), "{error}");
    }

    #[test]
    fn an_allocator_that_is_not_found_is_said() {
        let empty = wat::parse_str("(module)").unwrap();
        assert!(check(&empty).unwrap_err().to_string().contains("validate_size"));
    }
}
