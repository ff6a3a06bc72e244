//! Threads for the layers: further workers, which have this module and its memory too.
//!
//! Between the layers of a network they look for work without sleeping: a browser takes as long to wake a worker as a layer takes.
use std::{
    hint::spin_loop,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use js_sys::Array;
use rayon::{ThreadBuilder, ThreadPoolBuilder, Yield};
use wasm_bindgen::prelude::*;

use crate::error;

/// What no worker has begun to run.
static WAITING: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());

/// Whether a call of the engine is under way, during which nobody sleeps; and for who sleeps until the next one.
static UNDER_WAY: AtomicBool = AtomicBool::new(false);
static SLEEPERS: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());

/// Makes a pool of `threads` threads, of which the calling worker is one; among them every layer is divided from now on. Returns what
/// each of the others is to load in a worker of its own, before it calls `runThread`: the module and its memory. Those that have not
/// come yet leave their part to the rest.
#[wasm_bindgen(js_name = openThreads)]
pub fn open_threads(threads: usize) -> Result<Array, JsValue> {
    let wait = |thread| {
        locked(&WAITING).push(thread);
        Ok(())
    };
    let builder = ThreadPoolBuilder::new().num_threads(threads).use_current_thread().spawn_handler(wait);
    // All that the others ever do: rayon's own loop would have them sleep.
    let pool = builder.start_handler(|_| work()).build();
    // There for as long as the module.
    std::mem::forget(pool.map_err(|e| error::with_code("internal", &format!("the pool of threads cannot be made: {e}")))?);
    Ok(Array::of2(&wasm_bindgen::module(), &wasm_bindgen::memory()))
}

/// Runs one of the pool's threads, for as long as the module is there: does not return.
#[wasm_bindgen(js_name = runThread)]
pub fn run_thread() {
    let thread = locked(&WAITING).pop();
    if let Some(thread) = thread {
        thread.run();
    }
}

/// A call of the engine: the threads stay awake until it ends.
pub(crate) struct Call;

impl Call {
    pub(crate) fn begin() -> Self {
        UNDER_WAY.store(true, Ordering::SeqCst);
        let _asleep = locked(&SLEEPERS.0);
        SLEEPERS.1.notify_all();
        Self
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        UNDER_WAY.store(false, Ordering::SeqCst);
    }
}

fn work() {
    loop {
        if rayon::yield_now() == Some(Yield::Executed) {
            continue;
        }
        if UNDER_WAY.load(Ordering::SeqCst) {
            spin_loop();
            continue;
        }
        let asleep = locked(&SLEEPERS.0);
        let _awake = SLEEPERS.1.wait_while(asleep, |()| !UNDER_WAY.load(Ordering::SeqCst));
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
