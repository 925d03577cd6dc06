//! Which targets are in rotation: probes, ejection of those that fail, and how those that come back
//! are given their share again.
//!
//! A probe travels over the target's arrow: its latency and loss are those of the arrow, drawn from a
//! stream of the balancer's own. It is no attempt and no arrival. A shallow one is answered at the
//! door; a deep one is a read that takes a slot and goes through the whole plan, as any other work.

use super::{Balancer, Standing};
use crate::{
    engine::{
        Simulation, alarm,
        call::{Call, NONE, Outcome, State, Verb, flag},
        component::Part,
        event, instance,
        measure::Cause,
        station::Instance,
    },
    scenario::Depth,
};

/// Weights grow in so many steps.
const RAMP_STEPS: u64 = 20;

/// The longest ejection, as in Envoy (`max_ejection_time`).
const LONGEST_EJECTION_NS: u64 = 300_000_000_000;

impl Standing {
    /// Whether its target is in rotation.
    pub fn is_in(&self) -> bool {
        self.in_service && self.is_healthy && self.ejected_until == 0
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
    fn note_probe(&mut self, target: u32, good: bool, now: u64) -> bool {
        let Some(health) = self.health else {
            return false;
        };
        let standing = &mut self.standings[target as usize];
        standing.asked = 0;
        self.probes.1 += u64::from(!good);
        if standing.is_healthy == good {
            standing.disagreed = 0;
            return false;
        }
        standing.disagreed += 1;
        let enough = if standing.is_healthy {
            health.unhealthy
        } else {
            health.healthy
        };
        if standing.disagreed < enough {
            return false;
        }
        standing.is_healthy = good;
        standing.disagreed = 0;
        self.refresh_target(target, now)
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
    /// Starts the health checks of a balancer or name service that has any, unless they are under
    /// way, and the growth of weights of targets that have just come.
    pub(in crate::engine) fn plan_health(&mut self, at: u32) {
        if let Part::Balancer(balancer) = &mut self.components[at as usize].part
            && let Some(health) = balancer.health
            && balancer.check_at == u64::MAX
        {
            balancer.check_at = self.now + health.interval.nanos();
            self.future.put(balancer.check_at, event::HEALTH | at);
        }
        self.grow_weights(at);
        if let Part::Dns(dns) = &self.components[at as usize].part
            && let Some(health) = dns.health
        {
            self.set_alarm(self.now + health.interval.nanos(), alarm::DNS, at);
        }
    }

    /// The event of a balancer that looks after its targets: whatever is due is done.
    pub(in crate::engine) fn look_after_targets(&mut self, at: u32) {
        let now = self.now;
        self.take_over(at);
        let is_alive = self.components[at as usize].is_alive();
        let Part::Balancer(balancer) = &mut self.components[at as usize].part else {
            return;
        };
        let mut changed = false;
        if balancer.judge_at <= now {
            balancer.judge_at = u64::MAX;
            for target in 0..balancer.targets.len() as u32 {
                if std::mem::take(&mut balancer.standings[target as usize].asked) != 0 && is_alive {
                    changed |= balancer.note_probe(target, false, now);
                }
            }
        }
        for target in 0..balancer.targets.len() as u32 {
            let standing = &mut balancer.standings[target as usize];
            if standing.ejected_until > 0 && standing.ejected_until <= now {
                standing.ejected_until = 0;
                changed |= balancer.refresh_target(target, now);
            }
        }
        if changed {
            balancer.rebuild();
        }
        self.grow_weights(at);
        self.check_targets(at, is_alive);
    }

    /// The weights of targets that have come lately grow.
    fn grow_weights(&mut self, at: u32) {
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

    /// Asks every target whether it lives, when it is time.
    fn check_targets(&mut self, at: u32, is_alive: bool) {
        let now = self.now;
        let Part::Balancer(balancer) = &mut self.components[at as usize].part else {
            return;
        };
        let Some(health) = balancer.health else {
            return;
        };
        if balancer.check_at > now {
            return;
        }
        balancer.check_at = now + health.interval.nanos();
        self.future.put(balancer.check_at, event::HEALTH | at);
        if !is_alive {
            return;
        }
        balancer.judge_at = now + health.timeout_or_default().nanos();
        self.future.put(balancer.judge_at, event::HEALTH | at);
        balancer.round += 1;
        let targets = balancer.targets.len() as u32;
        let mut changed = false;
        for target in 0..targets {
            changed |= self.probe(at, target);
        }
        if changed {
            self.targets_changed(at);
        }
    }

    pub(in crate::engine) fn targets_changed(&mut self, at: u32) {
        if let Part::Balancer(balancer) = &mut self.components[at as usize].part {
            balancer.rebuild();
        }
        self.grow_weights(at);
    }

    /// Sends a probe. Says whether its answer is there and changes the rotation.
    fn probe(&mut self, at: u32, target: u32) -> bool {
        let Part::Balancer(balancer) = &mut self.components[at as usize].part else {
            return false;
        };
        if !balancer.standings[target as usize].in_service {
            return false;
        }
        let round = balancer.round;
        balancer.probes.0 += 1;
        balancer.standings[target as usize].asked = round;
        let &super::Target {
            connection,
            instance,
            ..
        } = &balancer.targets[target as usize];
        let deep = balancer
            .health
            .is_some_and(|health| health.depth == Depth::Deep);
        let arrow = &self.connections[connection as usize];
        let to = &self.components[arrow.to as usize];
        if arrow.direct && !deep {
            // Nothing takes any time, so nothing has to travel.
            let is_down = self.is_down(arrow.to, instance);
            if !is_down && to.stands_still(instance) {
                return false;
            }
            return self.probe_answered(at, target, round, !is_down);
        }
        let to = arrow.to;
        let read = self.writes.iter().position(|writes| !writes);
        let id = self.calls.add(Call {
            via: connection,
            component: to,
            instance,
            operation: read.unwrap_or(0) as u8,
            verb: Verb::Request,
            state: State::Transit,
            flags: flag::PROBE,
            ..Call::BLANK
        });
        let rare = self.calls.rare_mut(id);
        rare.session = 0;
        rare.request = 0;
        rare.luck = 0;
        rare.target = target;
        rare.timer_before = at;
        rare.waited = round;
        match self.time_of_probe(at, connection) {
            None => self.calls.remove(id),
            Some(0) if self.depth < crate::engine::MOST_DEPTH => self.probe_arrives(id),
            Some(latency) => {
                self.calls[id].flags |= flag::SCHEDULED;
                self.future.put(self.now + latency, event::DELIVER | id);
            }
        }
        false
    }

    /// How long a probe is under way; `None`: it is lost.
    fn time_of_probe(&mut self, at: u32, connection: u32) -> Option<u64> {
        let Part::Balancer(balancer) = &mut self.components[at as usize].part else {
            return None;
        };
        let arrow = &self.connections[connection as usize];
        let stream = &mut balancer.probe_stream;
        let latency = arrow.latency.draw(&self.ziggurat, stream);
        let lost = stream.chance(arrow.loss) || arrow.cut > 0;
        (!lost).then_some(latency)
    }

    /// A probe comes to its target, or where that has handed it on to.
    #[cold]
    #[inline(never)]
    pub(in crate::engine) fn probe_arrives(&mut self, id: u32) {
        let at = self.calls.rare(id).timer_before;
        let depth = match self.components.get(at as usize).map(|at| &at.part) {
            Some(Part::Balancer(balancer)) => balancer.health.map(|health| health.depth),
            _ => None,
        };
        let is_down = self.is_down(self.calls[id].component, self.calls[id].instance);
        let call = &mut self.calls[id];
        let component = &self.components[call.component as usize];
        let is_queue = matches!(component.part, Part::Queue(_));
        if is_down {
            call.outcome = Outcome::Failed(Cause::Down);
            self.probe_replies(id);
        } else if depth == Some(Depth::Deep) && !is_queue {
            self.depth += 1;
            let next = self.arrive(id);
            self.send(next);
            self.depth -= 1;
        } else if component.stands_still(call.instance) || depth.is_none() {
            self.calls.remove(id);
        } else {
            self.probe_replies(id);
        }
    }

    /// The answer to a probe sets out on its way back, or is there.
    #[cold]
    #[inline(never)]
    pub(in crate::engine) fn probe_replies(&mut self, id: u32) {
        let rare = self.calls.rare(id);
        let (at, target, round) = (rare.timer_before, rare.target, rare.waited);
        let connection = match self.components.get(at as usize).map(|at| &at.part) {
            Some(Part::Balancer(balancer)) => balancer.targets.get(target as usize),
            _ => None,
        };
        let connection = connection.map(|target| target.connection);
        let call = &mut self.calls[id];
        let Some(connection) = connection else {
            return self.calls.remove(id);
        };
        if call.component != NONE {
            call.component = NONE;
            call.instance = NONE;
            call.state = State::Transit;
            match self.time_of_probe(at, connection) {
                None => return self.calls.remove(id),
                Some(0) => {}
                Some(latency) => {
                    self.calls[id].flags |= flag::SCHEDULED;
                    self.future.put(self.now + latency, event::ANSWER | id);
                    return;
                }
            }
        }
        let good = self.calls[id].outcome.failed().is_none();
        self.calls.remove(id);
        if self.components[at as usize].is_alive() && self.probe_answered(at, target, round, good) {
            self.targets_changed(at);
        }
    }

    /// The answer to a probe of a round is there. Says whether it changes the rotation; one that
    /// comes too late changes nothing.
    fn probe_answered(&mut self, at: u32, target: u32, round: u64, good: bool) -> bool {
        let now = self.now;
        match &mut self.components[at as usize].part {
            Part::Balancer(balancer)
                if balancer.standings[target as usize].asked == round && round > 0 =>
            {
                balancer.note_probe(target, good, now)
            }
            _ => false,
        }
    }
}
