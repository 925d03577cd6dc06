//! Load balancers: who gets the next call, in constant or logarithmic time for any number of targets.

mod by_load;

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    Simulation,
    call::{NONE, Outcome, State, flag},
    component::Part,
    event,
    measure::Cause,
    random::Stream,
};
use crate::scenario::{Algorithm, Health, Mode};
use by_load::ByLoad;

/// What only a load balancer has.
#[derive(Clone, Debug)]
pub(super) struct Balancer {
    pub algorithm: Algorithm,
    pub health: Option<Health>,
    pub targets: Vec<Target>,
    /// Targets in rotation.
    active: Vec<u32>,
    turn: usize,
    /// Cumulative weights of `active`.
    cumulative: Vec<f64>,
    /// Targets by the virtual time of their next turn.
    turns: BinaryHeap<Reverse<(Turn, u32)>>,
    by_load: ByLoad,
    /// Waits for its targets' answers, and does not look at sessions.
    pub is_simple: bool,
}

/// Virtual time goes back to the start from here.
const FAR: f64 = 1e6;

/// Virtual time, ordered by `total_cmp`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Turn(f64);

impl Eq for Turn {}

impl PartialOrd for Turn {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Turn {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// One instance behind one connection.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub connection: u32,
    pub instance: u32,
    pub mode: Mode,
    weight: f64,
    pub in_flight: u32,
    pub active: bool,
    /// Checks in a row that disagreed with `active`.
    pub disagreed: u32,
}

impl Target {
    pub fn new(connection: u32, instance: u32, weight: f64, mode: Mode) -> Self {
        Self {
            connection,
            instance,
            mode,
            weight,
            in_flight: 0,
            active: true,
            disagreed: 0,
        }
    }
}

impl Balancer {
    pub fn new(algorithm: Algorithm, health: Option<Health>, targets: Vec<Target>) -> Self {
        let mut balancer = Self {
            algorithm,
            health,
            targets,
            active: Vec::new(),
            turn: 0,
            cumulative: Vec::new(),
            turns: BinaryHeap::new(),
            by_load: ByLoad::new(0),
            is_simple: false,
        };
        balancer.rebuild();
        balancer
    }

    /// Takes over turn and health from the balancer it was before an edit; `now` says where its
    /// targets are now. Calls in flight are counted anew by the caller.
    pub fn adopt(&mut self, old: &Self, now: &[u32]) {
        self.turn = old.turn;
        for (before, now) in old.targets.iter().zip(now) {
            if let Some(target) = self.targets.get_mut(*now as usize) {
                // Without health checks nobody would put a target back.
                target.active = before.active || self.health.is_none();
                target.disagreed = before.disagreed;
            }
        }
    }

    /// Brings the rotation up to date with `targets`.
    pub fn rebuild(&mut self) {
        let mut modes = self.targets.iter().map(|target| target.mode);
        self.is_simple =
            self.algorithm != Algorithm::SessionHash && modes.all(|mode| mode == Mode::Sync);
        self.active = (0..self.targets.len() as u32)
            .filter(|target| self.targets[*target as usize].active)
            .collect();
        self.turn = if self.active.is_empty() {
            0
        } else {
            self.turn % self.active.len()
        };
        let mut sum = 0.0;
        self.cumulative.clear();
        self.turns.clear();
        self.by_load = ByLoad::new(self.targets.len());
        for &at in &self.active {
            let target = &self.targets[at as usize];
            sum += target.weight;
            self.cumulative.push(sum);
            if target.weight > 0.0 {
                self.turns.push(Reverse((Turn(0.5 / target.weight), at)));
            }
            if self.algorithm == Algorithm::LeastConnections {
                self.by_load.put(at, target.in_flight);
            }
        }
    }

    #[inline(always)]
    pub fn pick(&mut self, session: u32, stream: &mut Stream) -> Option<u32> {
        match self.algorithm {
            Algorithm::RoundRobin => {
                let target = *self.active.get(self.turn)?;
                let next = self.turn + 1;
                self.turn = if next == self.active.len() { 0 } else { next };
                Some(target)
            }
            Algorithm::LeastConnections => self.by_load.least(),
            _ => self.pick_by_chance(session, stream),
        }
    }

    #[inline(never)]
    fn pick_by_chance(&mut self, session: u32, stream: &mut Stream) -> Option<u32> {
        let count = self.active.len();
        if count == 0 {
            return None;
        }
        match self.algorithm {
            Algorithm::RoundRobin | Algorithm::LeastConnections => None,
            Algorithm::WeightedRoundRobin => {
                let Reverse((Turn(at), target)) = self.turns.pop()?;
                if at > FAR {
                    // Back to the start, before the turns are too far out to be told apart.
                    let turns = std::mem::take(&mut self.turns).into_iter();
                    let back = |Reverse((Turn(turn), target))| Reverse((Turn(turn - at), target));
                    self.turns = turns.map(back).collect();
                }
                let at = if at > FAR { 0.0 } else { at };
                let next = at + 1.0 / self.targets[target as usize].weight;
                self.turns.push(Reverse((Turn(next), target)));
                Some(target)
            }
            Algorithm::Random => {
                let u = stream.unit() * self.cumulative[count - 1];
                let at = self.cumulative.partition_point(|sum| *sum <= u);
                Some(self.active[at.min(count - 1)])
            }
            Algorithm::PowerOfTwo => {
                let first = stream.below(count as u32) as usize;
                if count == 1 {
                    return Some(self.active[0]);
                }
                let mut second = stream.below(count as u32 - 1) as usize;
                second += usize::from(second >= first);
                let (first, second) = (self.active[first], self.active[second]);
                let load = |target: u32| self.targets[target as usize].in_flight;
                Some(if load(second) < load(first) {
                    second
                } else {
                    first
                })
            }
            Algorithm::SessionHash => {
                let hash = u64::from(session).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
                Some(self.active[((hash * count as u64) >> 32) as usize])
            }
        }
    }

    /// Whether it looks at the calls in flight to its targets.
    #[inline(always)]
    pub fn heeds_load(&self) -> bool {
        matches!(
            self.algorithm,
            Algorithm::LeastConnections | Algorithm::PowerOfTwo
        )
    }

    #[inline(always)]
    pub fn change_load(&mut self, target: u32, by: i32) {
        let at = &mut self.targets[target as usize];
        let load = at.in_flight;
        at.in_flight = load.wrapping_add_signed(by);
        if self.algorithm == Algorithm::LeastConnections && at.active {
            self.by_load
                .change(target, load, load.wrapping_add_signed(by));
        }
    }
}

impl Simulation {
    /// Returns the call to send on, if any.
    #[inline(always)]
    pub(super) fn enter_balancer(&mut self, id: u32) -> u32 {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        call.arrived = self.now;
        component.meter.enter(self.now);
        if component.stalled {
            call.state = State::Stuck;
            component.stuck.push(id);
            return NONE;
        }
        self.balance(id)
    }

    /// Picks a target. Returns the call to send to it, if any.
    #[inline(always)]
    pub(super) fn balance(&mut self, id: u32) -> u32 {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        let Part::Balancer(balancer) = &mut component.part else {
            return NONE;
        };
        let session = if balancer.algorithm == Algorithm::SessionHash {
            self.calls.rare(id).session
        } else {
            0
        };
        let Some(at) = balancer.pick(session, &mut component.routing) else {
            self.finish(id, Outcome::Failed(Cause::NoTarget));
            return NONE;
        };
        let target = &balancer.targets[at as usize];
        let (connection, instance, mode) = (target.connection, target.instance, target.mode);
        let call = &mut self.calls[id];
        call.step = 1;
        match mode {
            Mode::Sync => {
                balancer.change_load(at, 1);
                call.state = State::Waiting;
                let verb = call.verb;
                let child = self.call_instance(id, connection, instance, verb, true);
                self.calls.note_target(child, at);
                self.calls[child].flags |= flag::BALANCED;
                return child;
            }
            Mode::Async => {
                let verb = call.verb;
                call.state = State::Transit;
                let child = self.call_instance(id, connection, instance, verb, false);
                self.send(child);
                self.finish(id, Outcome::Well);
            }
            Mode::Forward => self.forward(id, connection, instance),
        }
        NONE
    }

    /// A target has answered the call of a balancer.
    #[inline(always)]
    pub(super) fn release_target(&mut self, caller: u32, target: u32) {
        let at = self.calls[caller].component;
        if at != NONE
            && let Part::Balancer(balancer) = &mut self.components[at as usize].part
        {
            balancer.change_load(target, -1);
        }
    }

    /// The event of a balancer's health checks: every target's process answers, or does not.
    pub(super) fn check_health(&mut self, at: u32) {
        let Part::Balancer(balancer) = &self.components[at as usize].part else {
            return;
        };
        let Some(health) = balancer.health else {
            return;
        };
        let crashed = !self.components[at as usize].is_alive();
        self.future
            .put(self.now + health.interval.nanos(), event::HEALTH | at);
        if crashed {
            return;
        }
        let alive: Vec<bool> = balancer
            .targets
            .iter()
            .map(|target| {
                let connection = &self.connections[target.connection as usize];
                connection.cut == 0 && self.components[connection.to as usize].is_alive()
            })
            .collect();
        let Part::Balancer(balancer) = &mut self.components[at as usize].part else {
            return;
        };
        let mut changed = false;
        for (target, alive) in balancer.targets.iter_mut().zip(alive) {
            if target.active == alive {
                target.disagreed = 0;
                continue;
            }
            target.disagreed += 1;
            let enough = if target.active {
                health.unhealthy
            } else {
                health.healthy
            };
            if target.disagreed >= enough {
                target.active = alive;
                target.disagreed = 0;
                changed = true;
            }
        }
        if changed {
            balancer.rebuild();
        }
    }
}
