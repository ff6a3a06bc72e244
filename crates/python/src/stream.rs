use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use rayon::ThreadPoolBuilder;

use crate::error::Failure;
use crate::picture::Picture;
use crate::scorer::Core;

/// Pictures of each thread in memory: one that is scored, and one that is next.
const AHEAD: usize = 2;

/// Longest time until a waiting `__next__` notices Ctrl-C.
const PATIENCE: Duration = Duration::from_millis(100);

type Outcome = Result<String, Failure>;

/// Records of pictures in order, scored on many threads. Pictures are drawn from their iterator only as fast as records are taken.
#[pyclass(module = "serfiq._core")]
pub struct Stream {
    // Never locked: every use is exclusive. It makes the receivers `Sync`, as Python asks.
    state: Mutex<State>,
}

struct State {
    pictures: Option<Py<PyIterator>>,
    /// One for each thread. Dealt to round-robin, so outcomes need no sorting.
    workers: VecDeque<Worker>,
    /// Outcomes that are not yet taken.
    under_way: usize,
    /// An error of the pictures' iterator. Raised after the records of the pictures before it.
    ended_by: Option<PyErr>,
}

struct Worker {
    pictures: SyncSender<Picture>,
    outcomes: Receiver<Outcome>,
}

impl Stream {
    /// Starts the threads. They end when the stream is dropped.
    pub fn start(core: &Arc<Core>, pictures: Py<PyAny>, threads: NonZeroUsize) -> PyResult<Self> {
        let pictures = Python::attach(|py| Ok::<_, PyErr>(pictures.bind(py).try_iter()?.unbind()))?;
        let start = |number: usize| {
            let (pictures, to_do) = sync_channel::<Picture>(AHEAD);
            let (done, outcomes) = sync_channel::<Outcome>(AHEAD);
            let core = core.clone();
            let work = move || {
                // Each core has its own picture. Without this pool of one thread, layers would be divided, too, which only costs time.
                let _alone = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
                while let Ok(picture) = to_do.recv() {
                    if done.send(core.assess(picture)).is_err() {
                        return;
                    }
                }
            };
            thread::Builder::new().name(format!("serfiq {number}")).spawn(work).map_err(|error| {
                PyRuntimeError::new_err(format!("thread {number} of {threads} cannot be started ({error}); ask for fewer"))
            })?;
            Ok(Worker { pictures, outcomes })
        };
        let workers = (1..=threads.get()).map(start).collect::<PyResult<_>>()?;
        Ok(Self { state: Mutex::new(State { pictures: Some(pictures), workers, under_way: 0, ended_by: None }) })
    }
}

#[pymethods]
impl Stream {
    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    /// Returns the next record as JSON, or else the reason why its picture cannot be read.
    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<(Option<String>, Option<String>)>> {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.draw(py);
        match state.next(py)? {
            Some(Ok(record)) => Ok(Some((Some(record), None))),
            Some(Err(failure)) => Ok(Some((None, Some(failure.to_string())))),
            None => state.ended_by.take().map_or(Ok(None), Err),
        }
    }
}

impl State {
    /// Hands pictures to the threads until all are busy.
    fn draw(&mut self, py: Python<'_>) {
        while self.under_way < AHEAD * self.workers.len()
            && let Some(pictures) = &self.pictures
        {
            let picture =
                pictures.bind(py).clone().next().map(|picture| picture.and_then(|picture| picture.extract::<Picture>()));
            match picture {
                Some(Ok(picture)) => {
                    let worker = &self.workers[self.under_way % self.workers.len()];
                    // It has room, and lives as long as its channel.
                    if worker.pictures.send(picture).is_ok() {
                        self.under_way += 1;
                    }
                }
                end => {
                    self.ended_by = end.and_then(Result::err);
                    self.pictures = None;
                }
            }
        }
    }

    /// Waits for the first worker's outcome.
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<Outcome>> {
        if self.under_way == 0 {
            return Ok(None);
        }
        loop {
            let first = &mut self.workers[0].outcomes;
            match py.detach(move || first.recv_timeout(PATIENCE)) {
                Ok(outcome) => {
                    self.under_way -= 1;
                    self.workers.rotate_left(1);
                    return Ok(Some(outcome));
                }
                Err(RecvTimeoutError::Timeout) => py.check_signals()?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(PyRuntimeError::new_err(
                        "a thread of the stream has ended; this is a bug of serfiq: please report it",
                    ));
                }
            }
        }
    }
}
