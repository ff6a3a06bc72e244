//! Divides a WebAssembly module in two: the first part is always needed; the rest is fetched when something in it is first called.
//!
//! Both parts are made from the whole module. In the first part, each function of the rest that can be called from outside becomes a stub.
//! The stub loads the rest, which puts its functions into new slots of the first part's table, and calls the function that it stands for.
//! The rest imports memory, tables, globals and functions of the first part.
use std::collections::HashMap;

use anyhow::{Context, Result, anyhow, ensure};
use walrus::{
    ConstExpr, ElementItems, ElementKind, ExportItem, FunctionBuilder, FunctionId, FunctionKind, GlobalId, GlobalKind,
    ImportKind, ImportedFunction, Module, ModuleConfig, TableId, ValType,
    ir::{self, Visitor},
    passes,
};

/// The module from which the rest imports.
const FIRST: &str = "first";

pub struct Parts {
    pub first: Vec<u8>,
    pub rest: Vec<u8>,
}

/// Divides `whole`, which still has function names; its parts have none. `belongs_to_rest` gets each function's name and number of
/// instructions; functions called only from the rest move with it. `loader` is part of the name of the imported function that loads the
/// rest.
pub fn split(whole: &[u8], belongs_to_rest: impl Fn(&str, u64) -> bool, loader: &str) -> Result<Parts> {
    let parse = || ModuleConfig::new().generate_name_section(false).generate_producers_section(false).parse(whole);
    let mut first = parse().map_err(|error| anyhow!("the module cannot be read: {error:#}"))?;
    let mut rest = parse().map_err(|error| anyhow!("the module cannot be read: {error:#}"))?;

    let functions = Functions::of(&first);
    let needed = functions.needed(&first, &belongs_to_rest);
    let entries = functions.entries(&first, &needed);
    let base = add_stubs(&mut first, &functions, &entries, loader)?;
    let moved: Vec<FunctionId> = Functions::of(&rest).ids;
    let entries: Vec<FunctionId> = entries.iter().map(|entry| moved[*entry]).collect();
    import_from_first(&mut rest, &moved, &needed, entries, base)?;
    export_to_rest(&mut first, &functions, &rest)?;
    passes::gc::run(&mut first);
    Ok(Parts { first: first.emit_wasm(), rest: rest.emit_wasm() })
}

/// The functions in order; the index identifies a function in both parts.
struct Functions {
    ids: Vec<FunctionId>,
    places: HashMap<FunctionId, usize>,
}

/// Collects the functions that a function refers to.
#[derive(Default)]
struct Callees(Vec<FunctionId>);

impl<'instr> Visitor<'instr> for Callees {
    fn visit_function_id(&mut self, function: &FunctionId) {
        self.0.push(*function);
    }
}

impl Functions {
    fn of(module: &Module) -> Self {
        let ids: Vec<FunctionId> = module.funcs.iter().map(|function| function.id()).collect();
        Self { places: ids.iter().enumerate().map(|(place, id)| (*id, place)).collect(), ids }
    }

    fn callees(&self, module: &Module, place: usize) -> Vec<usize> {
        let mut callees = Callees::default();
        if let FunctionKind::Local(function) = &module.funcs.get(self.ids[place]).kind {
            ir::dfs_in_order(&mut callees, function, function.entry_block());
        }
        callees.0.iter().map(|id| self.places[id]).collect()
    }

    /// Returns the functions that are exported, or may be called through the table.
    fn roots(&self, module: &Module) -> Vec<usize> {
        let exported = module.exports.iter().filter_map(|export| match export.item {
            ExportItem::Function(id) => Some(id),
            _ => None,
        });
        let mut roots: Vec<FunctionId> = exported.chain(module.start).collect();
        for element in module.elements.iter() {
            match &element.items {
                ElementItems::Functions(functions) => roots.extend(functions),
                ElementItems::Expressions(_, items) => {
                    roots.extend(items.iter().filter_map(|item| match item {
                        ConstExpr::RefFunc(id) => Some(*id),
                        _ => None,
                    }));
                }
            }
        }
        roots.iter().map(|id| self.places[id]).collect()
    }

    /// Returns for each function whether the first part keeps it: imports, and functions reachable from outside without the rest.
    fn needed(&self, module: &Module, belongs_to_rest: impl Fn(&str, u64) -> bool) -> Vec<bool> {
        let may_move = |id: &FunctionId| {
            let function = module.funcs.get(*id);
            match (&function.kind, &function.name) {
                (FunctionKind::Local(local), Some(name)) => belongs_to_rest(name, local.size()),
                _ => false,
            }
        };
        let may_move: Vec<bool> = self.ids.iter().map(may_move).collect();
        let is_import = |id: &FunctionId| matches!(module.funcs.get(*id).kind, FunctionKind::Import(_));
        let mut needed: Vec<bool> = self.ids.iter().map(is_import).collect();
        let mut ahead = self.roots(module);
        while let Some(place) = ahead.pop() {
            if !may_move[place] && !needed[place] {
                needed[place] = true;
                ahead.extend(self.callees(module, place));
            }
        }
        needed
    }

    /// Returns the rest's functions called from outside.
    fn entries(&self, module: &Module, needed: &[bool]) -> Vec<usize> {
        let called = (0..self.ids.len()).filter(|place| needed[*place]).flat_map(|place| self.callees(module, place));
        let mut entries: Vec<usize> = called.chain(self.roots(module)).filter(|place| !needed[*place]).collect();
        entries.sort_unstable();
        entries.dedup();
        entries
    }
}

/// Replaces the entries with stubs; returns the table slot that the first stub calls.
fn add_stubs(first: &mut Module, functions: &Functions, entries: &[usize], loader: &str) -> Result<u64> {
    let table = function_table(first)?;
    let load = first.imports.iter().find_map(|import| match import.kind {
        ImportKind::Function(id) if import.name.contains(loader) => Some(id),
        _ => None,
    });
    let load = load.with_context(|| format!("the module imports no function `{loader}`, which loads the rest"))?;
    let is_loaded = first.globals.add_local(ValType::I32, true, false, ConstExpr::Value(ir::Value::I32(0)));
    let base = {
        let table = first.tables.get_mut(table);
        let base = table.initial;
        table.initial += entries.len() as u64;
        table.maximum = table.maximum.map(|maximum| maximum.max(table.initial));
        base
    };
    for (slot, place) in (base..).zip(entries) {
        let id = functions.ids[*place];
        let ty = first.funcs.get(id).ty();
        let (parameters, results) = (first.types.get(ty).params().to_vec(), first.types.get(ty).results().to_vec());
        let arguments: Vec<_> = parameters.iter().map(|parameter| first.locals.add(*parameter)).collect();
        let mut stub = FunctionBuilder::new(&mut first.types, &parameters, &results);
        let mut body = stub.func_body();
        body.global_get(is_loaded).unop(ir::UnaryOp::I32Eqz).if_else(
            None,
            |then| {
                then.call(load).i32_const(1).global_set(is_loaded);
            },
            |_| {},
        );
        arguments.iter().for_each(|argument| {
            body.local_get(*argument);
        });
        body.i32_const(i32::try_from(slot)?).call_indirect(ty, table);
        first.funcs.get_mut(id).kind = FunctionKind::Local(stub.local_func(arguments));
    }
    Ok(base)
}

/// Reduces `rest` to what the first part does not keep, and imports everything else. The import names identify the items.
fn import_from_first(
    rest: &mut Module,
    ids: &[FunctionId],
    needed: &[bool],
    entries: Vec<FunctionId>,
    base: u64,
) -> Result<()> {
    let table = function_table(rest)?;
    rest.start = None;
    delete_all(rest);
    for (place, id) in ids.iter().enumerate().filter(|(place, _)| needed[*place]) {
        let name = format!("f{place}");
        match rest.funcs.get(*id).kind {
            FunctionKind::Import(ImportedFunction { import, .. }) => {
                let import = rest.imports.get_mut(import);
                (import.module, import.name) = (FIRST.into(), name);
            }
            _ => {
                let (import, ty) = (rest.imports.add(FIRST, &name, *id), rest.funcs.get(*id).ty());
                rest.funcs.get_mut(*id).kind = FunctionKind::Import(ImportedFunction { import, ty });
            }
        }
    }
    let memories: Vec<_> = rest.memories.iter().map(|memory| memory.id()).collect();
    for (place, id) in memories.into_iter().enumerate() {
        ensure!(rest.memories.get(id).import.is_none(), "the module imports its memory");
        let import = rest.imports.add(FIRST, &format!("m{place}"), id);
        let memory = rest.memories.get_mut(id);
        memory.import = Some(import);
        memory.data_segments.clear();
    }
    for (place, id) in tables(rest).into_iter().enumerate() {
        let import = rest.imports.add(FIRST, &format!("t{place}"), id);
        let table = rest.tables.get_mut(id);
        table.import = Some(import);
        table.elem_segments.clear();
        // The first part's table is larger by now.
        table.maximum = None;
    }
    for (place, id) in globals(rest).into_iter().enumerate() {
        let import = rest.imports.add(FIRST, &format!("g{place}"), id);
        rest.globals.get_mut(id).kind = GlobalKind::Import(import);
    }
    let offset = ConstExpr::Value(ir::Value::I32(i32::try_from(base)?));
    let element = rest.elements.add(ElementKind::Active { table, offset }, ElementItems::Functions(entries));
    rest.tables.get_mut(table).elem_segments.insert(element);
    passes::gc::run(rest);
    Ok(())
}

fn delete_all(module: &mut Module) {
    let exports: Vec<_> = module.exports.iter().map(|export| export.id()).collect();
    exports.into_iter().for_each(|id| module.exports.delete(id));
    let elements: Vec<_> = module.elements.iter().map(|element| element.id()).collect();
    elements.into_iter().for_each(|id| module.elements.delete(id));
    let data: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    data.into_iter().for_each(|id| module.data.delete(id));
}

/// Makes `first` export what `rest` imports from it.
fn export_to_rest(first: &mut Module, functions: &Functions, rest: &Module) -> Result<()> {
    let (tables, globals) = (tables(first), globals(first));
    let memories: Vec<_> = first.memories.iter().map(|memory| memory.id()).collect();
    for import in rest.imports.iter() {
        let (kind, place) = import.name.split_at(1);
        let place: usize = place.parse()?;
        let item: ExportItem = match kind {
            "f" => functions.ids[place].into(),
            "m" => memories[place].into(),
            "t" => tables[place].into(),
            _ => globals[place].into(),
        };
        first.exports.add(&import.name, item);
    }
    Ok(())
}

fn function_table(module: &Module) -> Result<TableId> {
    module.tables.main_function_table()?.context("the module has no table of functions")
}

fn tables(module: &Module) -> Vec<TableId> {
    module.tables.iter().map(|table| table.id()).collect()
}

fn globals(module: &Module) -> Vec<GlobalId> {
    module.globals.iter().map(|global| global.id()).collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use super::*;
    use crate::command;

    /// `run` calls functions of the rest directly, through the table, and through one that only the rest calls. They use memory, a global,
    /// an imported function and one of the first part.
    const WHOLE: &str = r#"(module
        (type $unary (func (param i32) (result i32)))
        (import "env" "note" (func $note (param i32)))
        (import "env" "__load_rest_123" (func $load))
        (memory (export "memory") 1)
        (data (i32.const 8) "\2a")
        (global $count (mut i32) (i32.const 0))
        (table 2 2 funcref)
        (elem (i32.const 0) $double $rest_by_table)
        (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
        (func $rest_direct (type $unary)
            (global.set $count (i32.add (global.get $count) (i32.const 1)))
            (call $note (local.get 0))
            (call $only_for_rest (call $double (local.get 0))))
        (func $only_for_rest (type $unary) (i32.add (local.get 0) (i32.load8_u (i32.const 8))))
        (func $rest_by_table (type $unary) (i32.add (call $rest_direct (local.get 0)) (i32.const 1000)))
        (func (export "run") (type $unary)
            (if (result i32) (i32.lt_s (local.get 0) (i32.const 0))
                (then (call_indirect (type $unary) (local.get 0) (i32.const 0)))
                (else (i32.add
                    (call $rest_direct (local.get 0))
                    (call_indirect (type $unary) (local.get 0) (i32.const 1))))))
        (func (export "count") (result i32) (global.get $count))
        (func (export "keep_import") (call $load)))"#;

    const RUN: &str = r#"
        const { readFileSync } = require('node:fs');
        const [first, rest] = process.argv.slice(1).map((path) => new WebAssembly.Module(readFileSync(path)));
        let [loads, notes] = [0, []];
        const { exports } = new WebAssembly.Instance(first, { env: {
            note: (value) => notes.push(value),
            __load_rest_123: () => { loads += 1; new WebAssembly.Instance(rest, { first: exports }); },
        } });
        const seen = [exports.run(-4), loads, exports.run(5), loads, exports.run(7), loads, exports.count(), ...notes];
        console.log(JSON.stringify(seen));
    "#;

    fn parts(belongs_to_rest: impl Fn(&str, u64) -> bool) -> Parts {
        split(&wat::parse_str(WHOLE).unwrap(), belongs_to_rest, "load_rest").unwrap()
    }

    #[test]
    fn the_parts_do_what_the_whole_does_and_the_rest_is_loaded_once() {
        let Parts { first, rest } = parts(|name, _| name.starts_with("rest_"));
        let folder = tempfile::tempdir().unwrap();
        let paths = [("first.wasm", first), ("rest.wasm", rest)].map(|(name, bytes)| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        });
        let printed = command::output(Command::new("node").args(["-e", RUN]).args(&paths)).unwrap();
        // `run(n)` is (2 n + 42) + (2 n + 42 + 1000).
        assert_eq!(printed.trim(), "[-8,0,1104,1,1112,1,4,5,5,7,7]");
    }

    #[test]
    fn what_only_the_rest_calls_goes_with_it() {
        let functions = |bytes: &[u8]| Module::from_buffer(bytes).unwrap().funcs.iter_local().count();
        let Parts { first, rest } = parts(|name, _| name.starts_with("rest_"));
        // First: two stubs, `double` and three exports. Rest: two functions and the one that only they call.
        assert_eq!((functions(&first), functions(&rest)), (6, 3));
        let Parts { first, rest } = parts(|_, _| false);
        assert_eq!((functions(&first), functions(&rest)), (7, 0));
    }

    #[test]
    fn a_module_that_cannot_load_its_rest_is_refused() {
        let whole = wat::parse_str(WHOLE).unwrap();
        let error = split(&whole, |name, _| name.starts_with("rest_"), "other").err().unwrap();
        assert!(error.to_string().contains("imports no function `other`"), "{error}");
    }
}
