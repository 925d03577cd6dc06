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

    /// Takes over who is next, and health, from the balancer it was before an edit; `now` says where
    /// its targets are now. Calls in flight are counted anew by the caller, who then calls
    /// [`Self::rebuild`].
    pub fn adopt(&mut self, old: &Self, now: &[u32]) {
        for (before, now) in old.targets.iter().zip(now) {
            if let Some(target) = self.targets.get_mut(*now as usize) {
                // Without health checks nobody would put a target back.
                target.active = before.active || self.health.is_none();
                target.disagreed = before.disagreed;
            }
        }
        let place = |was: &u32| Some(now[*was as usize]).filter(|now| *now != NONE);
        let (gone_by, next) = old.active.split_at(old.turn);
        self.active = next.iter().chain(gone_by).filter_map(place).collect();
        self.turn = 0;
        let virtual_now = old.virtual_now();
        self.turns.clear();
        for Reverse((Turn(turn), was)) in &old.turns {
            if let Some(at) = place(was) {
                let (before, weight) = (
                    old.targets[*was as usize].weight,
                    self.targets[at as usize].weight,
                );
                // Of another weight it still has to wait for the same share of a round of its own.
                let turn = if before == weight {
                    *turn
                } else {
                    virtual_now + (turn - virtual_now) * before / weight
                };
                self.turns.push(Reverse((Turn(turn), at)));
            }
        }
        self.by_load = ByLoad::new(self.targets.len());
        // Who does not go by load has not kept the order up to date.
        let in_order = match old.algorithm {
            Algorithm::LeastConnections => old.by_load.in_order(),
            _ => Vec::new(),
        };
        for was in in_order {
            if let Some(at) = place(&was) {
                self.by_load.put(at, old.targets[was as usize].in_flight);
            }
        }
    }

    /// Virtual time of the next turn.
    fn virtual_now(&self) -> f64 {
        self.turns.peek().map_or(0.0, |Reverse((Turn(at), _))| *at)
    }

    /// Brings the rotation up to date with `targets`. Who stays in it keeps its place among the
    /// others: somebody else's coming and going does not make it any more or less its turn.
    pub fn rebuild(&mut self) {
        let mut modes = self.targets.iter().map(|target| target.mode);
        self.is_simple =
            self.algorithm != Algorithm::SessionHash && modes.all(|mode| mode == Mode::Sync);
        let is_active = |at: &u32| self.targets[*at as usize].active;
        let (gone_by, next) = self.active.split_at(self.turn.min(self.active.len()));
        let next = next.iter().chain(gone_by).copied().find(is_active);
        self.active = (0..self.targets.len() as u32).filter(is_active).collect();
        let place = next.and_then(|next| self.active.binary_search(&next).ok());
        self.turn = place.unwrap_or(0);

        let mut sum = 0.0;
        self.cumulative.clear();
        for at in &self.active {
            sum += self.targets[*at as usize].weight;
            self.cumulative.push(sum);
        }
        self.rebuild_turns();
        if self.algorithm == Algorithm::LeastConnections {
            self.rebuild_order();
        }
    }

    fn rebuild_turns(&mut self) {
        let mut fresh: Vec<bool> = self.targets.iter().map(|target| target.active).collect();
        let targets = &self.targets;
        self.turns.retain(|Reverse((_, at))| {
            let target = &targets[*at as usize];
            fresh[*at as usize] = false;
            target.active && target.weight > 0.0
        });
        let virtual_now = self.virtual_now();
        for (at, target) in self.targets.iter().enumerate() {
            if fresh[at] && target.weight > 0.0 {
                let turn = Turn(virtual_now + 0.5 / target.weight);
                self.turns.push(Reverse((turn, at as u32)));
            }
        }
    }

    fn rebuild_order(&mut self) {
        let mut order = self.by_load.in_order();
        let mut fresh = vec![true; self.targets.len()];
        for at in &order {
            fresh[*at as usize] = false;
        }
        order.extend((0..self.targets.len() as u32).filter(|at| fresh[*at as usize]));
        self.by_load = ByLoad::new(self.targets.len());
        for at in order {
            let target = &self.targets[at as usize];
            if target.active {
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
                connection.cut == 0 && self.is_alive(connection.to, target.instance)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn balancer(algorithm: Algorithm, weights: &[f64]) -> Balancer {
        let targets = (0..)
            .zip(weights)
            .map(|(at, weight)| Target::new(at, NONE, *weight, Mode::Sync));
        Balancer::new(algorithm, None, targets.collect())
    }

    /// Picks that are answered at once.
    fn picks(balancer: &mut Balancer, count: usize) -> Vec<u32> {
        let mut stream = Stream::new(1, "balancer", "routing");
        let mut pick = || {
            let at = balancer.pick(0, &mut stream).unwrap();
            balancer.change_load(at, 1);
            balancer.change_load(at, -1);
            balancer.targets[at as usize].connection
        };
        (0..count).map(|_| pick()).collect()
    }

    const IN_TURN: [Algorithm; 3] = [
        Algorithm::RoundRobin,
        Algorithm::WeightedRoundRobin,
        Algorithm::LeastConnections,
    ];

    /// The same calls go to the others, in the same order, as if they had only been counted out.
    #[test]
    fn those_that_stay_keep_their_turn_when_one_goes() {
        let weights = [3.0, 2.0, 2.5, 1.0];
        for algorithm in IN_TURN {
            for before in 0..20 {
                let mut all = balancer(algorithm, &weights);
                picks(&mut all, before);
                let mut fewer = balancer(algorithm, &weights[1..]);
                (1..).zip(&mut fewer.targets).for_each(|(at, target)| {
                    target.connection = at;
                });
                fewer.adopt(&all, &[NONE, 0, 1, 2]);
                fewer.rebuild();
                let mut checked = all.clone();
                checked.targets[0].active = false;
                checked.rebuild();

                let mut expected = picks(&mut all, 40);
                expected.retain(|at| *at != 0);
                let count = expected.len();
                for mut less in [fewer, checked] {
                    let found = picks(&mut less, count);
                    assert_eq!(found, expected, "{algorithm:?} after {before}");
                }
            }
        }
    }

    /// One that comes gets its share from now on, and makes up for nothing.
    #[test]
    fn those_that_stay_keep_their_turn_when_one_comes() {
        for algorithm in IN_TURN {
            for before in 0..20 {
                let mut two = balancer(algorithm, &[2.0, 1.0]);
                picks(&mut two, 3_000 + before);
                let mut three = balancer(algorithm, &[3.0, 2.0, 1.0]);
                three.adopt(&two, &[1, 2]);
                three.rebuild();

                let expected = picks(&mut two, 6);
                let found = picks(&mut three, 12);
                let fresh = found.iter().filter(|at| **at == 0).count();
                let share = if algorithm == Algorithm::WeightedRoundRobin {
                    6
                } else {
                    4
                };
                assert_eq!(fresh, share, "{algorithm:?} after {before}: {found:?}");
                let others = found.iter().filter(|at| **at != 0).map(|at| at - 1);
                let others: Vec<u32> = others.take(6).collect();
                assert_eq!(others, expected, "{algorithm:?} after {before}");
            }
        }
    }
}
