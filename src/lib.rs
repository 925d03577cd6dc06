//! Littlebox: a whiteboard whose boxes run.
//!
//! A person draws a system, presses play, and a discrete-event simulation sends requests through the
//! drawing; every figure shown is measured. This page is the map of the house. What stands here is
//! kept by `tests/house.rs`.
//!
//! # Rooms, from the ground up
//!
//! - [`scenario`] is the document: what people draw and save. Plain data keyed by names, its checks,
//!   its parameters, its file. It knows nobody else. Only `scenario::file` knows the syntax of the
//!   file (RON); it is also the only place below the faces that touches a disk.
//! - [`engine`] is the simulator. It knows the scenario, and no screen, no file, no clock on the
//!   wall, no thread, no global. A run is a value: it can be cloned, advanced, changed and read.
//!   Nothing outside sees an event; everybody else sends changes and reads counts.
//! - [`theory`] is closed forms: pure functions of numbers, each with its source. It knows nobody.
//! - [`study`] turns runs into answers: the course of a run, measures with their intervals, the
//!   warm-up, objectives, the audit by Little's law, theory beside simulation. It knows scenario,
//!   engine and theory, and no face.
//! - [`picture`] is canvas geometry: the ways of arrows, where boxes go, icons as shapes. It knows
//!   the scenario, and nothing of the library that draws.
//! - `window` and [`command`] are the faces. They send commands and read snapshots, so what the one
//!   can do the other can. Only `window` knows egui, and it can be left out (feature `window`).
//!
//! # What is absent
//!
//! There is no event bus, no plug-in and no trait for components: a kind of box is one variant of an
//! enum, met by `match` in every room. Files are not engine tables: the document's keys are names,
//! and the engine compiles it into flat tables by number whenever it changes.

pub mod command;
pub mod engine;
pub mod picture;
pub mod scenario;
pub mod study;
pub mod theory;
#[cfg(feature = "window")]
pub mod window;
