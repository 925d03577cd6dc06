//! Littlebox: a whiteboard whose boxes run.
pub mod scenario;
