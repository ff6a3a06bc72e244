//! Threads for the layers: further workers, which have this module and its memory too.
use std::sync::{Mutex, PoisonError};

use js_sys::Array;
use rayon::{ThreadBuilder, ThreadPoolBuilder};
use wasm_bindgen::prelude::*;

use super::error;

/// What no worker has begun to run.
static WAITING: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());

/// Makes a pool of `threads` threads, of which the calling worker is one; among them every layer is divided from now on. Returns what
/// each of the others is to load in a worker of its own, before it calls `runThread`: the module and its memory. Those that have not
/// come yet leave their part to the rest.
#[wasm_bindgen(js_name = openThreads)]
pub fn open_threads(threads: usize) -> Result<Array, JsValue> {
    let wait = |thread| {
        WAITING.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    };
    let pool = ThreadPoolBuilder::new().num_threads(threads).use_current_thread().spawn_handler(wait).build();
    // There for as long as the module.
    std::mem::forget(pool.map_err(|e| error::with_code("internal", &format!("the pool of threads cannot be made: {e}")))?);
    Ok(Array::of2(&wasm_bindgen::module(), &wasm_bindgen::memory()))
}

/// Runs one of the pool's threads, for as long as the module is there: does not return.
#[wasm_bindgen(js_name = runThread)]
pub fn run_thread() {
    let thread = WAITING.lock().unwrap_or_else(PoisonError::into_inner).pop();
    if let Some(thread) = thread {
        thread.run();
    }
}
