//! The run that belongs to the open document.

use std::sync::Arc;

use super::figures::Figures;
use crate::scenario::Scenario;

/// The run, as the window sees it.
#[derive(Debug, Default)]
pub struct Session {
    /// Whether the clock runs.
    pub playing: bool,
    /// Wanted speed.
    pub speed: f64,
    /// As fast as it goes.
    pub flat_out: bool,
    /// What the canvas shows.
    pub figures: Figures,
    /// Why the run does not follow the drawing.
    pub stuck: Option<String>,
}

impl Session {
    /// A run of a document.
    pub fn new(_scenario: &Arc<Scenario>) -> Self {
        Self {
            speed: 1.0,
            ..Self::default()
        }
    }
}
