//! Which targets are in rotation: those that their probes find well, but for those that are ejected
//! because they fail, and how those that come back are given their share again.

use super::{Balancer, Standing};
use crate::engine::{
    Simulation, component::Part, event, instance, probe::Pulse, station::Instance,
};

/// Weights grow in so many steps.
const RAMP_STEPS: u64 = 20;

/// The longest ejection, as in Envoy (`max_ejection_time`).
const LONGEST_EJECTION_NS: u64 = 300_000_000_000;

impl Standing {
    /// Whether its target is in rotation.
    pub fn is_in(&self) -> bool {
        self.in_service && self.pulse.is_well() && self.ejected_until == 0
    }
}

impl Balancer {
    /// Brings up to date which targets' instances are in service. Says whether the rotation changes.
    pub fn note_services(&mut self, instances: &[Instance], now: u64) -> bool {
        let mut changed = false;
        for target in 0..self.targets.len() as u32 {
            let instance = instances.get(self.targets[target as usize].instance as usize);
            let in_service =
                instance.is_none_or(|one| one.down & (instance::OUT | instance::DRAINING) == 0);
            self.standings[target as usize].in_service = in_service;
            changed |= self.refresh_target(target, now);
        }
        changed
    }

    /// A probe of a target has had an answer, or none in time. Says whether the rotation changes.
    pub fn note_probe(&mut self, target: u32, good: bool, now: u64) -> bool {
        let pulse = &mut self.standings[target as usize].pulse;
        self.prober.note(pulse, good) && self.refresh_target(target, now)
    }

    /// Whether the instance of a target is in service; others are not asked how they are.
    pub fn is_in_service(&self, target: u32) -> bool {
        self.standings[target as usize].in_service
    }

    pub fn pulse_mut(&mut self, target: u32) -> Option<&mut Pulse> {
        let standing = self.standings.get_mut(target as usize)?;
        Some(&mut standing.pulse)
    }

    /// Brings up to date whether a target is in rotation. Says whether that has changed.
    fn refresh_target(&mut self, target: u32, now: u64) -> bool {
        let standing = &mut self.standings[target as usize];
        let is_active = standing.is_in();
        let at = &mut self.targets[target as usize];
        if at.active == is_active {
            return false;
        }
        at.active = is_active;
        if is_active && self.slow_start_ns > 0 {
            standing.since = Some(now);
            self.ramp(target, now);
        }
        true
    }

    /// A target's weight follows the time since it came. Says whether it still grows.
    fn ramp(&mut self, target: u32, now: u64) -> bool {
        let standing = &mut self.standings[target as usize];
        let Some(since) = standing.since else {
            return false;
        };
        let passed = (now - since).min(self.slow_start_ns);
        let steps = (u128::from(passed) * u128::from(RAMP_STEPS)
            / u128::from(self.slow_start_ns.max(1))) as u64;
        let grows = steps < RAMP_STEPS && self.slow_start_ns > 0;
        let share = if grows {
            (steps + 1) as f64 / RAMP_STEPS as f64
        } else {
            standing.since = None;
            1.0
        };
        let weight = standing.weight * share;
        let at = &mut self.targets[target as usize];
        let before = std::mem::replace(&mut at.weight, weight);
        for rotation in std::iter::once(&mut self.rotation).chain(&mut self.others) {
            rotation.reweigh(target, before, weight);
        }
        grows
    }

    /// When the weight of a target that came at `since` grows next.
    fn next_step_ns(&self, since: u64, now: u64) -> u64 {
        let step = (self.slow_start_ns / RAMP_STEPS).max(1);
        now + step - (now - since) % step
    }

    /// A call to a target has ended. Says until when the target is ejected, if it is now.
    #[inline]
    pub(super) fn note_outcome(&mut self, target: u32, failed: bool, now: u64) -> Option<u64> {
        let ejection = self.ejection?;
        let standing = &mut self.standings[target as usize];
        if !failed {
            standing.failures = 0;
            if standing.ejected_until == 0 {
                standing.ejections = 0;
            }
            return None;
        }
        standing.failures += 1;
        if standing.failures < ejection.consecutive_failures || standing.ejected_until > 0 {
            return None;
        }
        let ejected = self
            .standings
            .iter()
            .filter(|other| other.ejected_until > 0);
        let most = ejection.max_share * self.standings.len() as f64;
        // At least one can be, as in Envoy.
        if ejected.count() >= (most as usize).max(1) {
            return None;
        }
        let standing = &mut self.standings[target as usize];
        standing.failures = 0;
        standing.ejections += 1;
        let time = ejection
            .base_time
            .nanos()
            .saturating_mul(standing.ejections.into());
        let until = now + time.min(LONGEST_EJECTION_NS.max(ejection.base_time.nanos()));
        standing.ejected_until = until;
        if self.refresh_target(target, now) {
            self.rebuild();
        }
        Some(until)
    }
}

impl Simulation {
    /// The event of a balancer or name service that looks after its targets: whatever is due is done.
    pub(in crate::engine) fn look_after_targets(&mut self, at: u32) {
        self.take_over(at);
        let mut changed = self.judge_probes(at);
        changed |= self.end_ejections(at);
        if changed && let Part::Balancer(balancer) = &mut self.components[at as usize].part {
            balancer.rebuild();
        }
        self.grow_weights(at);
        self.check_targets(at);
    }

    /// Targets come back whose time out is over. Says whether the rotation changes.
    fn end_ejections(&mut self, at: u32) -> bool {
        let now = self.now;
        let Part::Balancer(balancer) = &mut self.components[at as usize].part else {
            return false;
        };
        let mut changed = false;
        for target in 0..balancer.targets.len() as u32 {
            let standing = &mut balancer.standings[target as usize];
            if standing.ejected_until > 0 && standing.ejected_until <= now {
                standing.ejected_until = 0;
                changed |= balancer.refresh_target(target, now);
            }
        }
        changed
    }

    /// The weights of targets that have come lately grow.
    pub(in crate::engine) fn grow_weights(&mut self, at: u32) {
        let Part::Balancer(balancer) = &mut self.components[at as usize].part else {
            return;
        };
        let (now, mut next, mut grown) = (self.now, u64::MAX, false);
        for target in 0..balancer.targets.len() as u32 {
            if let Some(since) = balancer.standings[target as usize].since {
                grown = true;
                if balancer.ramp(target, now) {
                    next = next.min(balancer.next_step_ns(since, now));
                }
            }
        }
        if !grown {
            return;
        }
        balancer.rebuild();
        if next < balancer.grow_at || balancer.grow_at <= now {
            balancer.grow_at = next;
            if next < u64::MAX {
                self.future.put(next, event::HEALTH | at);
            }
        }
    }
}
