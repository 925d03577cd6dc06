//! What is turned: one file for each part of the registry.

pub mod arrivals;
pub mod autoscalers;
pub mod balancers;
pub mod channels;
pub mod clients;
pub mod connections;
pub mod deploys;
pub mod doors;
pub mod failures;
pub mod faults;
pub mod frames;
pub mod guards;
pub mod lines;
pub mod names;
pub mod retries;
pub mod servers;
pub mod stores;

/// A path and a value.
pub type Turn<'a> = (&'a str, &'a str);

/// Knobs that are turned in the same situation, each by itself.
pub struct Group {
    /// Whether the faults of the design happen. They drown what others do.
    pub has_faults: bool,
    /// What is set first, so that the knobs have something to act on.
    pub first: Vec<(String, String)>,
    /// The knobs with their new values.
    pub turns: Vec<(String, String)>,
}

/// Knobs of the design as it is.
pub fn turn(turns: &[Turn<'_>]) -> Group {
    after(&[], turns)
}

/// Knobs of the design after something else has been set.
pub fn after(first: &[Turn<'_>], turns: &[Turn<'_>]) -> Group {
    let owned = |turns: &[Turn<'_>]| {
        let turns = turns.iter();
        turns
            .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
            .collect()
    };
    Group {
        has_faults: false,
        first: owned(first),
        turns: owned(turns),
    }
}

impl Group {
    /// With the faults of the design.
    pub fn with_faults(self) -> Self {
        Self {
            has_faults: true,
            ..self
        }
    }

    /// The same knobs of this box or arrow, which the paths call `it`, and its client `for it`.
    pub fn of(mut self, name: &str) -> Self {
        for (path, _) in self.first.iter_mut().chain(&mut self.turns) {
            if let Some(rest) = path.strip_prefix("it.") {
                *path = format!("{name}.{rest}");
            } else if let Some(rest) = path.strip_prefix("for it.") {
                *path = format!("for {name}.{rest}");
            }
        }
        self
    }
}
