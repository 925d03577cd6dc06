//! Health checks of load balancers and name services: probes that travel to their targets and back.
//!
//! A probe goes over the target's arrow from where the box is that checks: its latency and loss are
//! those of the arrow, drawn from a stream of that box's own. It is no attempt and no arrival. A
//! shallow one is answered at the door; a deep one is a read that takes a slot and goes through the
//! whole plan, as any other work. What is not answered in time has failed.

use super::{
    Simulation,
    call::{Call, NONE, Outcome, State, Verb, flag},
    component::{Component, Part},
    event,
    measure::Cause,
    random::Stream,
};
use crate::scenario::{Depth, Health};

/// The health checks of a box.
#[derive(Clone, Debug)]
pub(super) struct Prober {
    health: Option<Health>,
    /// When the targets are checked next, and when those that have not answered are taken for dead;
    /// `u64::MAX`: never.
    check_at: u64,
    judge_at: u64,
    /// Number of the last round of checks.
    round: u64,
    /// Probes sent, and those that found a target dead, since measuring began.
    pub counts: (u64, u64),
    stream: Stream,
}

/// What the checks have found of a target.
#[derive(Clone, Debug, Default)]
pub(super) struct Pulse {
    is_dead: bool,
    /// Checks in a row that disagreed.
    disagreed: u32,
    /// The round of checks whose answer is still to come; 0: none.
    asked: u64,
}

impl Pulse {
    pub fn is_well(&self) -> bool {
        !self.is_dead
    }
}

impl Prober {
    pub fn new(health: Option<Health>, stream: Stream) -> Self {
        Self {
            health,
            check_at: u64::MAX,
            judge_at: u64::MAX,
            round: 0,
            counts: (0, 0),
            stream,
        }
    }

    /// Goes on as the checks did before an edit.
    pub fn adopt(&mut self, old: &Self) {
        *self = Self {
            health: self.health,
            ..old.clone()
        };
        if self.health.is_none() {
            (self.check_at, self.judge_at) = (u64::MAX, u64::MAX);
        }
    }

    /// A target comes through an edit. Without checks nobody would find out that it is well again.
    pub fn examine(&self, pulse: &mut Pulse) {
        if self.health.is_none() {
            *pulse = Pulse::default();
        }
    }

    /// A probe of a target has had an answer, or none in time. Says whether it is taken for something
    /// else from now on.
    pub fn note(&mut self, pulse: &mut Pulse, good: bool) -> bool {
        let Some(health) = self.health else {
            return false;
        };
        pulse.asked = 0;
        self.counts.1 += u64::from(!good);
        if pulse.is_dead != good {
            pulse.disagreed = 0;
            return false;
        }
        pulse.disagreed += 1;
        let enough = if good {
            health.healthy
        } else {
            health.unhealthy
        };
        if pulse.disagreed < enough {
            return false;
        }
        pulse.is_dead = !good;
        pulse.disagreed = 0;
        true
    }
}

impl Part {
    /// The health checks of a box that may have some.
    pub fn prober_mut(&mut self) -> Option<&mut Prober> {
        match self {
            Self::Balancer(balancer) => Some(&mut balancer.prober),
            Self::Dns(dns) => Some(&mut dns.prober),
            _ => None,
        }
    }

    pub fn prober(&self) -> Option<&Prober> {
        match self {
            Self::Balancer(balancer) => Some(&balancer.prober),
            Self::Dns(dns) => Some(&dns.prober),
            _ => None,
        }
    }

    fn target_count(&self) -> u32 {
        let count = match self {
            Self::Balancer(balancer) => balancer.targets.len(),
            Self::Dns(dns) => dns.targets.len(),
            _ => 0,
        };
        count as u32
    }

    /// The arrow that leads to a target, and the instance that is meant; [`NONE`]: any.
    fn way_to(&self, target: u32) -> Option<(u32, u32)> {
        match self {
            Self::Balancer(balancer) => {
                let target = balancer.targets.get(target as usize)?;
                Some((target.connection, target.instance))
            }
            Self::Dns(dns) => Some((dns.targets.get(target as usize)?.connection, NONE)),
            _ => None,
        }
    }

    fn is_in_service(&self, target: u32) -> bool {
        match self {
            Self::Balancer(balancer) => balancer.is_in_service(target),
            _ => true,
        }
    }

    fn pulse_mut(&mut self, target: u32) -> Option<&mut Pulse> {
        match self {
            Self::Balancer(balancer) => balancer.pulse_mut(target),
            Self::Dns(dns) => Some(&mut dns.targets.get_mut(target as usize)?.pulse),
            _ => None,
        }
    }

    /// As [`Prober::note`]. Says whether anything changes for calls to come.
    fn note_probe(&mut self, target: u32, good: bool, now: u64) -> bool {
        match self {
            Self::Balancer(balancer) => balancer.note_probe(target, good, now),
            Self::Dns(dns) => dns.note_probe(target, good),
            _ => false,
        }
    }
}

impl Component {
    /// The instance that a shallow probe asks: the one that is meant, or one after the other of those
    /// that are up. It is no call, so it takes no call's turn.
    fn asked(&self, instance: u32, round: u64) -> u32 {
        if instance != NONE || self.instances == 0 {
            return instance;
        }
        let up = &self.trouble.up;
        if self.down == 0 || up.is_empty() {
            return self.first_instance + (round % u64::from(self.instances)) as u32;
        }
        self.first_instance + up[(round % up.len() as u64) as usize]
    }
}

impl Simulation {
    /// Starts the health checks of a box that has any, unless they are under way, and the growth of
    /// weights of targets that have just come.
    pub(super) fn plan_health(&mut self, at: u32) {
        if let Some(prober) = self.components[at as usize].part.prober_mut()
            && let Some(health) = prober.health
            && prober.check_at == u64::MAX
        {
            prober.check_at = self.now + health.interval.nanos();
            self.future.put(prober.check_at, event::HEALTH | at);
        }
        self.grow_weights(at);
    }

    /// Those that have not answered in time are dead. Says whether that changes anything for a
    /// balancer; a name service knows by itself.
    pub(super) fn judge_probes(&mut self, at: u32) -> bool {
        let now = self.now;
        let component = &mut self.components[at as usize];
        let is_alive = component.is_alive();
        let part = &mut component.part;
        match part.prober_mut() {
            Some(prober) if prober.judge_at <= now => prober.judge_at = u64::MAX,
            _ => return false,
        }
        let mut changed = false;
        for target in 0..part.target_count() {
            let asked = part.pulse_mut(target).map(|pulse| &mut pulse.asked);
            if asked.is_some_and(|asked| std::mem::take(asked) != 0) && is_alive {
                changed |= part.note_probe(target, false, now);
            }
        }
        changed
    }

    /// Asks every target whether it lives, when it is time.
    pub(super) fn check_targets(&mut self, at: u32) {
        let now = self.now;
        let component = &mut self.components[at as usize];
        let is_alive = component.is_alive();
        let targets = component.part.target_count();
        let Some(prober) = component.part.prober_mut() else {
            return;
        };
        let Some(health) = prober.health else {
            return;
        };
        if prober.check_at > now {
            return;
        }
        prober.check_at = now + health.interval.nanos();
        self.future.put(prober.check_at, event::HEALTH | at);
        if !is_alive {
            return;
        }
        prober.judge_at = now + health.timeout_or_default().nanos();
        self.future.put(prober.judge_at, event::HEALTH | at);
        prober.round += 1;
        let mut changed = false;
        for target in 0..targets {
            changed |= self.probe(at, target, health.depth);
        }
        if changed {
            self.targets_changed(at);
        }
    }

    pub(super) fn targets_changed(&mut self, at: u32) {
        match &mut self.components[at as usize].part {
            Part::Balancer(balancer) => balancer.rebuild(),
            Part::Dns(dns) => dns.rebuild(),
            _ => {}
        }
        self.grow_weights(at);
    }

    /// Sends a probe. Says whether its answer is there and changes anything.
    fn probe(&mut self, at: u32, target: u32, depth: Depth) -> bool {
        let part = &mut self.components[at as usize].part;
        let Some((connection, instance)) = part.way_to(target) else {
            return false;
        };
        if !part.is_in_service(target) {
            return false;
        }
        let Some(prober) = part.prober_mut() else {
            return false;
        };
        prober.counts.0 += 1;
        let round = prober.round;
        if let Some(pulse) = part.pulse_mut(target) {
            pulse.asked = round;
        }
        let arrow = &self.connections[connection as usize];
        let to = arrow.to;
        if arrow.direct && depth == Depth::Shallow {
            // Nothing takes any time, so nothing has to travel.
            let component = &self.components[to as usize];
            let is_down = self.is_down(to, instance);
            if !is_down && component.stands_still(component.asked(instance, round)) {
                return false;
            }
            return self.probe_answered(at, target, round, !is_down);
        }
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
        let home = self.frames.home_of(at);
        let rare = self.calls.rare_mut(id);
        rare.session = 0;
        rare.region = home;
        rare.request = 0;
        rare.luck = 0;
        rare.target = target;
        rare.timer_before = at;
        rare.waited = round;
        match self.time_of_probe(at, connection) {
            None => self.calls.remove(id),
            Some(0) if self.depth < super::MOST_DEPTH => self.probe_arrives(id),
            Some(latency) => {
                self.calls[id].flags |= flag::SCHEDULED;
                self.future.put(self.now + latency, event::DELIVER | id);
            }
        }
        false
    }

    /// How long a probe is under way; `None`: it is lost.
    fn time_of_probe(&mut self, at: u32, connection: u32) -> Option<u64> {
        let home = self.frames.home_of(at);
        let prober = self.components[at as usize].part.prober_mut()?;
        let arrow = &self.connections[connection as usize];
        arrow.travel_apart(home, &mut prober.stream, &self.ziggurat)
    }

    /// A probe comes to its target, or where that has handed it on to.
    #[cold]
    #[inline(never)]
    pub(super) fn probe_arrives(&mut self, id: u32) {
        let rare = self.calls.rare(id);
        let (at, round) = (rare.timer_before, rare.waited);
        let prober = self.components.get(at as usize);
        let health = prober.and_then(|at| at.part.prober()?.health);
        let call = &self.calls[id];
        let is_down = self.is_down(call.component, call.instance);
        let component = &self.components[call.component as usize];
        let is_queue = matches!(component.part, Part::Queue(_));
        if is_down {
            self.calls[id].outcome = Outcome::Failed(Cause::Down);
            self.probe_replies(id);
        } else if health.is_some_and(|health| health.depth == Depth::Deep) && !is_queue {
            self.depth += 1;
            let next = self.arrive(id);
            self.send(next);
            self.depth -= 1;
        } else if component.stands_still(component.asked(call.instance, round)) || health.is_none()
        {
            self.calls.remove(id);
        } else {
            self.probe_replies(id);
        }
    }

    /// The answer to a probe sets out on its way back, or is there.
    #[cold]
    #[inline(never)]
    pub(super) fn probe_replies(&mut self, id: u32) {
        let rare = self.calls.rare(id);
        let (at, target, round) = (rare.timer_before, rare.target, rare.waited);
        let prober = self.components.get(at as usize);
        let Some((connection, _)) = prober.and_then(|at| at.part.way_to(target)) else {
            return self.calls.remove(id);
        };
        let call = &mut self.calls[id];
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

    /// The answer to a probe of a round is there. Says whether it changes anything; one that comes
    /// too late does not.
    fn probe_answered(&mut self, at: u32, target: u32, round: u64, good: bool) -> bool {
        let now = self.now;
        let part = &mut self.components[at as usize].part;
        let is_awaited = |pulse: &mut Pulse| pulse.asked == round && round > 0;
        part.pulse_mut(target).is_some_and(is_awaited) && part.note_probe(target, good, now)
    }

    /// A probe dies with the box it is in, which says so. Returns what is to be answered.
    pub(super) fn probe_dies(&mut self, id: u32) -> u32 {
        let old = &mut self.calls[id];
        old.flags &= !flag::PROBE;
        let heir = Call {
            via: old.via,
            component: old.component,
            flags: flag::PROBE,
            state: State::Transit,
            ..Call::BLANK
        };
        let heir = self.calls.add(heir);
        *self.calls.rare_mut(heir) = self.calls.rare(id).clone();
        heir
    }
}
