//! The API with WebGPU and the CPU, as a module.
extern crate serfiq_web as _;
