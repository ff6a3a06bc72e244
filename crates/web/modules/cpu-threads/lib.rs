//! The API for several threads of the CPU, as a module: its memory is shared by workers.
extern crate serfiq_web as _;
