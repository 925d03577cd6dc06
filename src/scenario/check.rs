//! Whether a scenario makes sense.

use super::{Problem, Scenario};

/// Everything that is wrong with a scenario.
pub fn check(scenario: &Scenario) -> Vec<Problem> {
    entries(scenario)
}

/// What is wrong with single entries, whatever the rest looks like.
pub fn entries(_scenario: &Scenario) -> Vec<Problem> {
    Vec::new()
}
