//! The library on the real models and portraits, against independent results.
mod agreement;
mod damage;
mod degraded_crops;
mod documents;
mod engine_errors;
mod explain;
mod face_reference;
mod frame_decode;
mod guide_portraits;
mod measures;
mod mesh;
mod recognisers;
mod webgpu;
