//! The API for the CPU alone, as a module: a fraction of the other one to fetch and to compile.
extern crate serfiq_web as _;
