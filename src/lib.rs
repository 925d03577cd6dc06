//! Littlebox: a whiteboard whose boxes run.

pub mod command;
pub mod engine;
pub mod picture;
pub mod scenario;
pub mod study;
pub mod theory;
#[cfg(feature = "window")]
pub mod window;
