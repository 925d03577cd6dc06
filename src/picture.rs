//! The drawing without a screen: points, the way of an arrow and its words, icons as shapes.
//!
//! Knows no egui and no colour, so that other outputs than the window can use it. Lengths are in
//! points of the scene at zoom 1, x to the right and y down.

pub mod geometry;
pub mod icon;
pub mod label;
pub mod path;
pub mod route;

pub use geometry::{Point, Rect, point};
pub use icon::Icon;
pub use label::Spot;
pub use path::Path;
pub use route::{Routes, route};
