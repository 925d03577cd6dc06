//! Load balancers: who gets the next call, in constant or logarithmic time for any number of targets.

mod answers;
mod by_load;
mod health;
mod pair;
mod ring;
mod rotation;
mod sessions;
mod tournament;
mod watch;

use super::{
    Simulation,
    call::{NONE, Outcome, State, flag},
    channel::Choice,
    component::Part,
    measure::Cause,
    probe::{Prober, Pulse},
    random::Stream,
};
use crate::scenario::{Algorithm, Duration, Ejection, LoadBalancer, Mode, Pair};
pub(super) use ring::identity;
pub(super) use rotation::Asked;
use rotation::Rotation;
use sessions::Sessions;
pub(super) use watch::Watch;

/// What only a load balancer has.
#[derive(Clone, Debug)]
pub(super) struct Balancer {
    by: By,
    sticky: bool,
    ejection: Option<Ejection>,
    /// 0: none.
    slow_start_ns: u64,
    /// Has slots and work of its own.
    has_capacity: bool,
    pair: Pair,
    /// Crashes under way.
    pub crashes: u32,
    /// When a standby has taken over; `u64::MAX`: none is about to.
    takes_over_at: u64,
    pair_stream: Stream,
    pub prober: Prober,
    /// When weights grow next; `u64::MAX`: never.
    grow_at: u64,
    pub targets: Vec<Target>,
    /// What is seldom needed of a target.
    standings: Vec<Standing>,
    /// The targets in rotation; of the first pool, if there are several.
    rotation: Rotation,
    /// Those of the other pools.
    others: Vec<Rotation>,
    /// The pool of an operation; [`NO_POOL`]: no target takes it. Empty: there is but one pool.
    pools: Box<[u8]>,
    /// Long-lived connections lead through it: their messages go where they are open.
    pub carries: bool,
    /// Waits for its targets' answers, and looks at nothing but their weights, calls in flight and
    /// response times, and at a call's key or session.
    pub is_simple: bool,
}

/// No target takes an operation.
pub(super) const NO_POOL: u8 = u8::MAX;

/// How the algorithm finds a target.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    Turn,
    /// By virtual time.
    WeightedTurn,
    Chance,
    /// The fewest calls in flight.
    Load,
    /// The lowest score.
    Score(Score),
    /// The fewest calls in flight of so many picked at random.
    Choices(u32),
    SessionHash,
    KeyHash,
    Ring {
        vnodes: u32,
        session: bool,
        /// 0: none.
        bound: f64,
    },
}

/// What a target is judged by: the lowest is picked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Score {
    /// Calls in flight by weight.
    Connections,
    /// Mean response time × calls in flight with the next one.
    ResponseTime { alpha: f64, memory_ns: f64 },
    /// Calls that the instance has, per slot.
    Utilization,
}

impl By {
    const MOST_CHOICES: usize = 16;

    fn new(drawn: &LoadBalancer, pools: usize) -> Self {
        match drawn.algorithm {
            Algorithm::RoundRobin => Self::Turn,
            Algorithm::WeightedRoundRobin => Self::WeightedTurn,
            Algorithm::Random => Self::Chance,
            Algorithm::LeastConnections if pools <= 1 && drawn.slow_start.is_none() => Self::Load,
            Algorithm::LeastConnections | Algorithm::WeightedLeastConnections => {
                Self::Score(Score::Connections)
            }
            Algorithm::PowerOfTwo => Self::Choices(2),
            Algorithm::PowerOfChoices(drawn) => Self::Choices(drawn.choices),
            Algorithm::LeastResponseTime(drawn) => Self::Score(Score::ResponseTime {
                alpha: drawn.alpha,
                memory_ns: drawn.memory.nanos() as f64,
            }),
            Algorithm::LowestUtilization => Self::Score(Score::Utilization),
            Algorithm::SessionHash => Self::SessionHash,
            Algorithm::KeyHash => Self::KeyHash,
            Algorithm::ConsistentHash(drawn) => Self::Ring {
                vnodes: drawn.vnodes,
                session: drawn.by == crate::scenario::HashOf::Session,
                bound: drawn.bound.unwrap_or(0.0),
            },
        }
    }

    /// Whether calls may pass in one go: nothing counts but weights, calls in flight, how long those
    /// took, key and session.
    fn is_simple(self) -> bool {
        match self {
            Self::Turn
            | Self::WeightedTurn
            | Self::Chance
            | Self::Load
            | Self::Choices(_)
            | Self::SessionHash
            | Self::KeyHash
            | Self::Ring { .. } => true,
            Self::Score(score) => score != Score::Utilization,
        }
    }
}

/// One instance behind one connection.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub connection: u32,
    pub instance: u32,
    pub mode: Mode,
    pub weight: f64,
    pub in_flight: u32,
    pub active: bool,
    /// The pools it is in: one bit each.
    pub pools: u64,
}

/// How a target stands with its balancer.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    /// Who it is, whatever its number: its place on a ring.
    pub identity: u64,
    /// Weight once it has grown.
    weight: f64,
    /// Its instance takes calls: it has booted and does not drain.
    in_service: bool,
    pulse: Pulse,
    /// Calls in a row that failed.
    failures: u32,
    /// Until when it is ejected; 0: it is not.
    ejected_until: u64,
    /// How often it was ejected since it last answered well.
    ejections: u32,
    /// When it came, while its weight grows.
    since: Option<u64>,
    /// Mean response time in nanoseconds; 0: it has never answered.
    mean_ns: f64,
    /// When it answered last.
    answered_at: u64,
    /// Calls that the instance has, in slots and in line, and its slots; 0 slots: not known.
    load: u32,
    slots: u32,
}

impl Standing {
    fn new(identity: u64, weight: f64) -> Self {
        Self {
            identity,
            weight,
            in_service: true,
            pulse: Pulse::default(),
            failures: 0,
            ejected_until: 0,
            ejections: 0,
            since: None,
            mean_ns: 0.0,
            answered_at: 0,
            load: 0,
            slots: 0,
        }
    }
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
            pools: 1,
        }
    }
}

/// The targets of a balancer, and which operations they take.
#[derive(Default)]
pub(super) struct Targets {
    pub targets: Vec<Target>,
    pub identities: Vec<u64>,
    /// See [`Balancer::pools`].
    pub pools: Box<[u8]>,
    /// Number of pools; 0 is as good as 1.
    pub count: usize,
    /// Sessions that anybody has.
    pub sessions: u32,
}

impl Balancer {
    pub fn new(drawn: &LoadBalancer, mut targets: Targets, streams: (Stream, Stream)) -> Self {
        let by = By::new(drawn, targets.count);
        let weighted = !matches!(drawn.algorithm, Algorithm::LeastConnections)
            && by != By::Score(Score::Utilization);
        for target in &mut targets.targets {
            if !weighted {
                target.weight = 1.0;
            }
        }
        let who = targets.targets.iter().zip(&targets.identities);
        let standings = who.map(|(target, identity)| Standing::new(*identity, target.weight));
        let slow_start = drawn.slow_start.filter(|_| drawn.has_weights());
        let mut balancer = Self {
            by,
            sticky: drawn.sticky,
            prober: Prober::new(drawn.health, streams.0),
            ejection: drawn.ejection,
            slow_start_ns: slow_start.map_or(0, Duration::nanos),
            has_capacity: drawn.capacity.is_some(),
            pair: drawn.pair,
            crashes: 0,
            takes_over_at: u64::MAX,
            pair_stream: streams.1,
            grow_at: u64::MAX,
            standings: standings.collect(),
            targets: targets.targets,
            rotation: Rotation::new(by, 0),
            others: (1..targets.count as u32)
                .map(|pool| Rotation::new(by, pool))
                .collect(),
            pools: targets.pools,
            carries: false,
            is_simple: false,
        };
        if drawn.sticky {
            for rotation in balancer.rotations_mut() {
                rotation.sessions = Sessions::new(targets.sessions);
            }
        }
        balancer.rebuild();
        balancer
    }

    fn rotations_mut(&mut self) -> impl Iterator<Item = &mut Rotation> {
        std::iter::once(&mut self.rotation).chain(&mut self.others)
    }

    #[inline]
    fn has_ejection(&self) -> bool {
        self.ejection.is_some()
    }

    /// Whether it wants to know how busy its targets' instances are.
    pub fn watches(&self) -> bool {
        self.by == By::Score(Score::Utilization)
    }

    /// Takes over who is next, and health, from the balancer it was before an edit, at `time`; `now`
    /// says where its targets are now. Calls in flight are counted anew by the caller, who then calls
    /// [`Self::rebuild`].
    pub fn adopt(&mut self, old: &Self, now: &[u32], time: u64) {
        if self.slow_start_ns > 0 {
            // Who was not there before has just come.
            self.standings
                .iter_mut()
                .for_each(|at| at.since = Some(time));
        }
        for ((standing, before), now) in old.standings.iter().zip(&old.targets).zip(now) {
            if let Some(target) = self.targets.get_mut(*now as usize) {
                let fresh = &mut self.standings[*now as usize];
                let grows = self.slow_start_ns > 0 && standing.since.is_some();
                if grows && fresh.weight == standing.weight {
                    target.weight = before.weight;
                }
                *fresh = Standing {
                    identity: fresh.identity,
                    weight: fresh.weight,
                    since: standing.since.filter(|_| self.slow_start_ns > 0),
                    ..standing.clone()
                };
                self.prober.examine(&mut fresh.pulse);
                if self.ejection.is_none() {
                    fresh.ejected_until = 0;
                }
                target.active = fresh.is_in();
            }
        }
        self.prober.adopt(&old.prober);
        self.grow_at = old.grow_at;
        self.pair_stream = old.pair_stream.clone();
        self.crashes = old.crashes;
        self.takes_over_at = old.takes_over_at;
        let (before, after) = (&old.targets, &self.targets);
        self.rotation.adopt(&old.rotation, now, before, after);
        if self.others.len() == old.others.len() {
            for (rotation, old) in self.others.iter_mut().zip(&old.others) {
                rotation.adopt(old, now, before, after);
            }
        }
    }

    /// Brings the rotations up to date with `targets`.
    pub fn rebuild(&mut self) {
        self.is_simple = self.by.is_simple()
            && self.pools.is_empty()
            && !self.sticky
            && !self.carries
            && self.ejection.is_none()
            && !self.has_capacity
            && self.targets.iter().all(|target| target.mode == Mode::Sync);
        let by = self.by;
        let Self {
            targets,
            standings,
            rotation,
            others,
            ..
        } = self;
        for rotation in std::iter::once(rotation).chain(others) {
            rotation.rebuild(
                targets,
                |at| match by {
                    By::Score(of) => of.of(&targets[at as usize], &standings[at as usize]),
                    _ => 0.0,
                },
                |at| standings[at as usize].identity,
            );
        }
    }

    /// As [`Self::pick_for`], for a balancer that is simple.
    #[inline(always)]
    pub fn pick(&mut self, asked: Asked, stream: &mut Stream) -> Option<u32> {
        self.rotation.pick(&self.targets, asked, stream)
    }

    /// The target of a call, if there is one.
    #[inline(never)]
    pub fn pick_for(&mut self, asked: Asked, stream: &mut Stream) -> Option<u32> {
        let pool = match self.pools.get(usize::from(asked.operation)) {
            Some(&NO_POOL) => return None,
            Some(pool) => *pool,
            None => 0,
        };
        let rotation = match pool {
            0 => &mut self.rotation,
            other => &mut self.others[usize::from(other) - 1],
        };
        if !self.sticky {
            return rotation.pick(&self.targets, asked, stream);
        }
        let last = rotation.sessions.target(asked.session);
        if let Some(target) = self.targets.get(last as usize)
            && rotation.has(target)
        {
            return Some(last);
        }
        let picked = rotation.pick(&self.targets, asked, stream)?;
        rotation.sessions.note(asked.session, picked);
        Some(picked)
    }

    /// Whether it looks at the calls in flight to its targets.
    #[inline(always)]
    pub fn heeds_load(&self) -> bool {
        matches!(
            self.by,
            By::Load | By::Choices(_) | By::Score(_) | By::Ring { .. }
        )
    }

    #[inline(always)]
    pub fn change_load(&mut self, target: u32, by: i32) {
        let at = &mut self.targets[target as usize];
        let load = at.in_flight;
        at.in_flight = load.wrapping_add_signed(by);
        if matches!(self.by, By::Load) {
            if at.active {
                let load = (load, load.wrapping_add_signed(by));
                self.rotation.by_load.change(target, load.0, load.1);
            }
        } else if let By::Score(_) | By::Ring { .. } = self.by {
            self.note_load(target, by);
        }
    }

    #[inline(never)]
    fn note_load(&mut self, target: u32, by: i32) {
        if let By::Score(of) = self.by {
            // An instance that is watched says itself when a call has left it.
            let knows = of == Score::Utilization && self.standings[target as usize].slots > 0;
            if !(knows && by < 0) {
                self.rescore(target);
            }
            return;
        }
        let at = &self.targets[target as usize];
        for rotation in std::iter::once(&mut self.rotation).chain(&mut self.others) {
            if rotation.has(at) {
                rotation.note_flight(by);
            }
        }
    }

    /// What a target is judged by has changed.
    fn rescore(&mut self, target: u32) {
        let By::Score(of) = self.by else {
            return;
        };
        let at = &self.targets[target as usize];
        let score = of.of(at, &self.standings[target as usize]);
        for rotation in std::iter::once(&mut self.rotation).chain(&mut self.others) {
            if rotation.has(at) && at.weight > 0.0 {
                rotation.by_score.set(target, score);
            }
        }
    }

    /// A target has answered, or failed, a call that took so many nanoseconds.
    #[inline(always)]
    pub fn answered(&mut self, target: u32, took: u64, now: u64) {
        if let By::Score(Score::ResponseTime { alpha, .. }) = self.by {
            let standing = &mut self.standings[target as usize];
            let took = (took as f64).max(1.0);
            standing.mean_ns = if standing.mean_ns == 0.0 {
                took
            } else {
                standing.mean_ns + alpha * (took - standing.mean_ns)
            };
            standing.answered_at = now;
        }
        self.change_load(target, -1);
    }
}

impl Score {
    fn of(self, target: &Target, standing: &Standing) -> f64 {
        let in_flight = f64::from(target.in_flight);
        match self {
            Self::Connections => in_flight / target.weight,
            // A target that has never answered gets one call, and no more until it has.
            Self::ResponseTime { .. } if standing.mean_ns == 0.0 => {
                if target.in_flight == 0 {
                    f64::NEG_INFINITY
                } else {
                    f64::INFINITY
                }
            }
            // Its age makes every mean smaller by the same factor in the same time, so the order of
            // the scores changes with answers only: the logarithm, as of time zero.
            Self::ResponseTime { memory_ns, .. } => {
                libm::log(standing.mean_ns * (in_flight + 1.0) / target.weight)
                    + standing.answered_at as f64 / memory_ns
            }
            Self::Utilization if standing.slots == 0 => in_flight,
            Self::Utilization => f64::from(standing.load) / f64::from(standing.slots),
        }
    }
}

impl Simulation {
    /// Returns the call to send on, if any.
    #[inline(always)]
    pub(super) fn enter_balancer(&mut self, id: u32) -> u32 {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        if component.slots > 0 {
            self.enter_node(id);
            return NONE;
        }
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
        let asked = self.asked_by(id);
        let call = &self.calls[id];
        let at = call.component;
        let component = &mut self.components[at as usize];
        let Part::Balancer(balancer) = &mut component.part else {
            return NONE;
        };
        let picked = if balancer.is_simple {
            balancer.pick(asked, &mut component.routing)
        } else if call.has(flag::PINNED)
            && let known @ (Choice::Known(_) | Choice::Broken) =
                self.channels.choice(self.calls.pin(id), at)
        {
            match known {
                Choice::Known(target) => Some(target),
                _ => {
                    self.finish(id, Outcome::Failed(Cause::Down));
                    return NONE;
                }
            }
        } else {
            balancer.pick_for(asked, &mut component.routing)
        };
        let Some(at) = picked else {
            self.finish(id, Outcome::Failed(Cause::NoTarget));
            return NONE;
        };
        let target = &balancer.targets[at as usize];
        let (connection, instance, mode) = (target.connection, target.instance, target.mode);
        let call = &mut self.calls[id];
        call.step = 1;
        call.started = self.now;
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
                balancer.change_load(at, 1);
                let verb = call.verb;
                call.state = State::Transit;
                let child = self.call_instance(id, connection, instance, verb, false);
                self.calls.note_target(child, at);
                self.calls[child].flags |= flag::BALANCED;
                self.send(child);
                self.finish(id, Outcome::Well);
            }
            Mode::Forward => {
                // Nothing is heard of it any more; among equals the others are next.
                balancer.change_load(at, 1);
                balancer.change_load(at, -1);
                self.forward(id, connection, instance);
            }
        }
        NONE
    }
}

#[cfg(test)]
mod tests;
