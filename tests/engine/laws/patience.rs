//! How long a request can take at its client, at most.

use std::collections::HashMap;

use littlebox::{
    engine::{Engine, Histogram},
    scenario::{Backoff, Client, Component, Connection, Duration, Jitter, Retries, Scenario},
};
use proptest::{prelude::*, test_runner::TestCaseError};

/// What a client was drawn with, taken together over all that it was ever drawn with. Latencies say
/// nothing of who waits: an attempt is over at its timeout, wherever it is (the contract of a
/// connection), so a request takes at most (retries + 1) timeouts and the waits between them.
#[derive(Clone, Copy, Debug, Default)]
struct Bound {
    /// `u64::MAX`: for ever.
    timeout: u64,
    retries: u32,
    base: u64,
    is_exponential: bool,
    is_decorrelated: bool,
}

impl Bound {
    fn also(&mut self, client: &Client, arrow: &Connection) {
        let timeout = arrow.timeout.or(client.timeout);
        let timeout = timeout.map_or(u64::MAX, Duration::nanos);
        let Retries {
            max,
            backoff,
            jitter,
            ..
        } = arrow.retries.unwrap_or(client.retries);
        self.timeout = self.timeout.max(timeout);
        self.retries = self.retries.max(max);
        let base = match backoff {
            Backoff::None => return,
            Backoff::Constant(base) | Backoff::Exponential(base) => base.nanos(),
        };
        self.base = self.base.max(base);
        self.is_exponential |= matches!(backoff, Backoff::Exponential(_));
        self.is_decorrelated |= jitter == Jitter::Decorrelated;
    }

    /// Every attempt to its timeout, and every wait before the next. Decorrelated jitter is at most
    /// three times the wait before (Brooker 2015, "Exponential Backoff And Jitter").
    fn longest_ns(self) -> u64 {
        let mut longest = self.timeout;
        let mut last = 0;
        for attempt in 0..self.retries {
            let mut wait = self.base;
            if self.is_exponential {
                wait <<= attempt;
            }
            if self.is_decorrelated {
                wait = wait.max(3 * self.base.max(last));
            }
            last = wait;
            longest = longest.saturating_add(wait).saturating_add(self.timeout);
        }
        longest
    }
}

/// Of every client, by name: one bound for each of its arrows, by whom it leads to.
#[derive(Clone, Debug, Default)]
pub struct Patience(HashMap<(String, String), Bound>);

impl Patience {
    pub fn of(scenario: &Scenario) -> Self {
        let mut patience = Self::default();
        patience.also(scenario);
        patience
    }

    /// The run goes on as this scenario.
    pub fn also(&mut self, scenario: &Scenario) {
        for arrow in &scenario.connections {
            if let Some(Component::Client(client)) = scenario.components.get(&arrow.from) {
                let ends = (arrow.from.clone(), arrow.to.clone());
                self.0.entry(ends).or_default().also(client, arrow);
            }
        }
    }

    /// No request was answered, or failed, later than that.
    pub fn outlasts(&self, engine: &Engine) -> Result<(), TestCaseError> {
        for (at, (name, component)) in engine.scenario().components.iter().enumerate() {
            if !matches!(component, Component::Client(_)) {
                continue;
            }
            let arrows = self.0.iter().filter(|((from, _), _)| from == name);
            let longest = arrows.fold(0u64, |longest, (_, bound)| {
                longest.saturating_add(bound.longest_ns())
            });
            let answered = engine.component_latency(at).max_ns();
            let failed = engine.failure_latency(at).map_or(0, Histogram::max_ns);
            prop_assert!(
                answered.max(failed) <= longest,
                "{}: {} ns, and no more than {} can be",
                name,
                answered.max(failed),
                longest
            );
        }
        Ok(())
    }
}
