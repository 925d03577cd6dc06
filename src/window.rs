//! The window. The only room that knows egui; it sends commands to the engine and reads snapshots.

pub mod charts;
pub mod icon;
pub mod little_panel;
pub mod live;
pub mod text;
pub mod theme;
