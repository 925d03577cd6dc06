//! Littlebox: a whiteboard whose boxes run.

pub mod engine;
pub mod scenario;
