//! Whether a new version is well: looked at now and then, over the calls that it has ended.

use crate::engine::{Simulation, alarm, fleet::Unit};

use super::Stage;

/// Calls that a version has ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub calls: u64,
    pub failed: u64,
    sojourn_sum: u128,
}

impl Count {
    pub fn add(&mut self, failed: bool, sojourn: u64) {
        self.calls += 1;
        self.failed += u64::from(failed);
        self.sojourn_sum += u128::from(sojourn);
    }

    /// What came since then.
    pub fn since(self, then: Self) -> Self {
        Self {
            calls: self.calls - then.calls,
            failed: self.failed - then.failed,
            sojourn_sum: self.sojourn_sum - then.sojourn_sum,
        }
    }
}

impl Simulation {
    /// A look at the calls of the new version, while routes are closed: perhaps it is rolled back.
    pub(super) fn look_at_version(&mut self, at: u32) {
        let now = self.now;
        let Some(fleet) = &mut self.components[at as usize].fleet else {
            return;
        };
        let deploys = &mut fleet.deploys;
        let Some(limits) = deploys.drawn.roll_back else {
            return;
        };
        let all = deploys.versions[deploys.target as usize].count;
        let count = all.since(deploys.seen);
        if count.calls >= limits.calls.into() {
            let calls = count.calls as f64;
            let mean_ns = count.sojourn_sum as f64 / calls;
            let is_slow = |latency: crate::scenario::Duration| mean_ns > latency.nanos() as f64;
            if count.failed as f64 / calls > limits.failures || limits.latency.is_some_and(is_slow)
            {
                return self.roll_back(at);
            }
            deploys.seen = all;
            // An autoscaler may have added some of the version before, which are replaced first.
            let is_other = |unit: &Unit| unit.counts() && unit.version != deploys.target;
            if deploys.stage == Stage::Judging && !fleet.units.iter().any(is_other) {
                return deploys.is_done();
            }
        }
        deploys.look_at = now.saturating_add(limits.every.nanos());
        let look_at = deploys.look_at;
        self.set_alarm(look_at, alarm::DEPLOY, at);
    }
}
