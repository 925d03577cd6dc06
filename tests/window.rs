//! The whole window, driven as a person drives it, without a screen.
#![cfg(feature = "window")]
// A test that fails should say where, its helpers included.
#![allow(clippy::unwrap_used)]

#[path = "window/beside.rs"]
mod beside;
#[path = "window/canvas.rs"]
mod canvas;
#[path = "window/files.rs"]
mod files;
#[path = "window/fixture.rs"]
mod fixture;
#[path = "window/frames.rs"]
mod frames;
#[path = "window/inspector.rs"]
mod inspector;
#[path = "window/run.rs"]
mod run;
