//! The API for the CPU alone, as a module: a fraction of the WebGPU one to fetch and compile.
extern crate serfiq_web as _;
