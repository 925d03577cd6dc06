//! Littlebox: a whiteboard whose boxes run.

pub mod engine;
pub mod scenario;
#[cfg(feature = "window")]
pub mod window;
