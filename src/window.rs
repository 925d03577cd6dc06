//! The window. The only room that knows egui; it sends commands to the engine and reads snapshots.

pub mod icon;
pub mod live;
pub mod theme;
