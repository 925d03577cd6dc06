//! What became of the requests from each region: a mean over the world hides whoever is far from
//! everything.

use super::{Engine, Histogram, client::Client, component::Part};

/// The requests from one frame that have ended.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// End-to-end latency of those that were answered well.
    pub latency: Histogram,
    /// Time from the first attempt to the final failure, of those that failed.
    pub failure_latency: Histogram,
}

impl Origin {
    /// Counts a request that has ended.
    pub(super) fn count(&mut self, well: bool, sojourn: u64) {
        let histogram = if well {
            &mut self.latency
        } else {
            &mut self.failure_latency
        };
        histogram.record(sojourn);
    }

    pub(super) fn clear(&mut self) {
        self.latency.clear();
        self.failure_latency.clear();
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.latency.merge(&other.latency);
        self.failure_latency.merge(&other.failure_latency);
    }

    fn is_empty(&self) -> bool {
        self.latency.count() == 0 && self.failure_latency.count() == 0
    }
}

impl Client {
    /// No more has come from the frames than has come at all: requests from a frame that an edit took
    /// away are no longer told apart.
    pub(super) fn check_origins(&self, latency: &Histogram) -> Result<(), String> {
        let sum = |of: fn(&Origin) -> &Histogram| {
            let counts = self.origins.iter().map(|origin| of(origin).count());
            counts.sum::<u64>()
        };
        let found = [sum(|of| &of.latency), sum(|of| &of.failure_latency)];
        let booked = [latency.count(), self.failure_latency.count()];
        if self.origins.is_empty() || found[0] <= booked[0] && found[1] <= booked[1] {
            return Ok(());
        }
        Err(format!(
            "{found:?} requests from the frames, {booked:?} in all"
        ))
    }

    /// Takes over what was counted before an edit, from the frames that are still there.
    pub(super) fn adopt_origins(&mut self, old: &mut Self, frames: &[u32]) {
        for (was, books) in old.origins.iter_mut().enumerate() {
            let is = frames.get(was).map(|is| *is as usize);
            if let Some(place) = is.and_then(|is| self.origins.get_mut(is)) {
                *place = std::mem::take(books);
            }
        }
    }
}

impl Engine {
    /// What became of the requests from each frame, by its number: those of client `index`, or of all
    /// clients. Frames from which nothing has come are left out, and so is everything when the
    /// requests of no client come from several.
    pub fn origins(&self, index: Option<usize>) -> Vec<(usize, Origin)> {
        let components = self.simulation.components.iter().zip(0..);
        let asked = components.filter(|(_, at)| index.is_none_or(|index| index == *at as usize));
        let clients = asked.filter_map(|(component, at)| match &component.part {
            Part::Client(client) => Some((component, client, at)),
            _ => None,
        });
        let clients: Vec<_> = clients.collect();
        if clients
            .iter()
            .all(|(_, client, _)| client.origins.is_empty())
        {
            return Vec::new();
        }
        let mut found = vec![Origin::default(); self.scenario.frames.len()];
        for (component, client, at) in clients {
            for (sum, more) in found.iter_mut().zip(&client.origins) {
                sum.merge(more);
            }
            let home = self.simulation.frames.home_of(at) as usize;
            if client.origins.is_empty()
                && let Some(sum) = found.get_mut(home)
            {
                sum.latency.merge(&component.latency);
                sum.failure_latency.merge(&client.failure_latency);
            }
        }
        let found = found.into_iter().enumerate();
        found.filter(|(_, origin)| !origin.is_empty()).collect()
    }
}
