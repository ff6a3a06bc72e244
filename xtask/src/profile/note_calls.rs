//! A module that notes which of its functions are called.
use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use walrus::{ConstExpr, FunctionId, GlobalId, ModuleConfig, ValType, ir::Value};

/// Prefix of an exported global: 1 once a function of the name after it was called, 0 before. The browser's script uses it too:
/// `tests/browser/profile.mjs`.
const NOTE: &str = "called ";

/// Makes each function note its calls if `watched` names it. `watched` gets the function's name in the module and its number of
/// instructions. Functions of the same name share a note.
pub fn note_calls(module: &[u8], watched: impl Fn(&str, u64) -> Option<String>) -> Result<Vec<u8>> {
    let mut config = ModuleConfig::new();
    config.generate_name_section(false).generate_producers_section(false);
    let mut module = config.parse(module).map_err(|error| anyhow!("the module cannot be read: {error:#}"))?;
    let functions: Vec<(FunctionId, String)> = module
        .funcs
        .iter_local()
        .filter_map(|(id, function)| Some((id, watched(module.funcs.get(id).name.as_deref()?, function.size())?)))
        .collect();
    let mut notes: BTreeMap<String, GlobalId> = BTreeMap::new();
    for (id, name) in functions {
        let note = *notes.entry(name).or_insert_with_key(|name| {
            let note = module.globals.add_local(ValType::I32, true, false, ConstExpr::Value(Value::I32(0)));
            module.exports.add(&format!("{NOTE}{name}"), note);
            note
        });
        let function = module.funcs.get_mut(id).kind.unwrap_local_mut();
        function.builder_mut().func_body().const_at(0, Value::I32(1)).global_set_at(1, note);
    }
    Ok(module.emit_wasm())
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use super::*;
    use crate::command;

    /// `run` calls `$direct`, `$by_table`, and one of the functions named `twin` once their hashes are removed.
    const MODULE: &str = r#"(module
        (table 1 1 funcref)
        (elem (i32.const 0) $by_table)
        (func $direct (param i32) (result i32) (local i32) (i32.add (local.get 0) (local.get 1)))
        (func $by_table (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
        (func $twin_1 (param i32) (result i32) (i32.sub (local.get 0) (i32.const 1)))
        (func $twin_2 (param i32) (result i32) (local.get 0))
        (func $idle (param i32) (result i32) (local.get 0))
        (func $unwatched (param i32) (result i32) (local.get 0))
        (func $run (export "run") (param i32) (result i32)
            (if (i32.eqz (local.get 0)) (then (drop (call $idle (i32.const 0)))))
            (call $unwatched (call $twin_1 (call $direct
                (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))))
        (func (export "run_twin") (result i32) (call $twin_2 (i32.const 0))))"#;

    const RUN: &str = r#"
        const { readFileSync } = require('node:fs');
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(process.argv[1])));
        const called = () => Object.entries(exports).filter(([name, note]) => name.startsWith('called ') && note.value).map(([name]) => name);
        console.log(JSON.stringify([called(), exports.run(5), called()]));
    "#;

    #[test]
    fn a_module_notes_what_is_called_and_does_what_it_did() {
        let watched = |name: &str, _| match name {
            "run" | "unwatched" => None,
            name => Some(name.trim_end_matches(|c: char| c == '_' || c.is_ascii_digit()).to_owned()),
        };
        let noting = note_calls(&wat::parse_str(MODULE).unwrap(), watched).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("noting.wasm");
        fs::write(&path, noting).unwrap();
        let printed = command::output(Command::new("node").args(["-e", RUN]).arg(&path)).unwrap();
        assert_eq!(printed.trim(), r#"[[],9,["called direct","called by_table","called twin"]]"#);
    }

    #[test]
    fn how_long_a_function_is_counts() {
        let noting = note_calls(&wat::parse_str(MODULE).unwrap(), |name, length| (length > 10).then(|| name.into())).unwrap();
        let module = walrus::Module::from_buffer(&noting).unwrap();
        let notes: Vec<_> = module.exports.iter().map(|export| &*export.name).filter(|name| name.starts_with(NOTE)).collect();
        assert_eq!(notes, ["called run"]);
    }
}
