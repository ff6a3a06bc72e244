//! The API for several CPU threads, as a module whose memory workers share.
extern crate serfiq_web as _;
