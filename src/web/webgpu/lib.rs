//! `src/web/` with WebGPU and the CPU, as a module.
extern crate serfiq as _;
