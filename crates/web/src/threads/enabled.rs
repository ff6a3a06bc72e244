//! Threads for the layers: further workers that share this module and its memory.
//!
//! Between the layers of a network they spin instead of sleeping: in a browser, waking a worker takes as long as a layer.
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

/// Threads that no worker runs yet.
static WAITING: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());

/// Whether an engine call is under way, during which no thread sleeps. Until the next call, threads sleep on `SLEEPERS`.
static UNDER_WAY: AtomicBool = AtomicBool::new(false);
static SLEEPERS: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());

/// Makes a pool of `threads` threads, including the calling worker; from now on every layer is divided among them. Returns the
/// module and its memory, which each other thread loads in its own worker before it calls `runThread`. Until a thread has started,
/// the others do its part.
#[wasm_bindgen(js_name = openThreads)]
pub fn open_threads(threads: usize) -> Result<Array, JsValue> {
    let wait = |thread| {
        locked(&WAITING).push(thread);
        Ok(())
    };
    let builder = ThreadPoolBuilder::new().num_threads(threads).use_current_thread().spawn_handler(wait);
    // The other threads run only `work`: rayon's own loop would put them to sleep.
    let pool = builder.start_handler(|_| work()).build();
    // The pool lives as long as the module.
    std::mem::forget(pool.map_err(|e| error::with_code("internal", &format!("the thread pool cannot be created: {e}")))?);
    Ok(Array::of2(&wasm_bindgen::module(), &wasm_bindgen::memory()))
}

/// Runs one of the pool's threads for as long as the module lives: does not return.
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
