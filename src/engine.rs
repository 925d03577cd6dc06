//! The simulator. It knows the document, and no screen, no file, no clock on the wall, no thread.
//!
//! A scenario is compiled into flat tables (`compile`). Events come from one future-event list
//! (`future`) and are handled by a match over their kind. Everything that happens is a *call*
//! (`call`): one visit of one request to one component. Calls nest by naming their parent. A
//! caller's side of a call (who waits, since when, with which patience) can be handed over to a
//! record of its own when a caller walks away or a callee dies; the callee's side then goes on, or
//! not, by itself. While nothing is out of the ordinary, calls take a *route* (`route`): one record
//! and one entry in the books for a whole way through load balancers. It measures the same.

mod alarm;
mod attempt;
mod balancer;
mod books;
mod breaker;
mod budget;
mod bulkhead;
mod cache;
mod call;
mod cancel;
mod channel;
mod client;
mod compile;
mod component;
mod condition;
mod connection;
mod discipline;
mod dns;
mod edit;
mod failed;
mod fault;
mod fingerprint;
mod fleet;
mod function;
mod future;
mod gateway;
mod geography;
mod guard;
mod handoff;
mod hedge;
pub mod histogram;
mod hop;
mod instance;
mod knockout;
mod limiter;
mod list;
pub mod measure;
mod meter;
mod origin;
mod outage;
mod pauses;
mod pipe;
mod plan;
mod probe;
mod queue;
mod random;
mod recording;
mod regime;
mod rollout;
mod route;
mod run;
mod scaling;
mod sharing;
mod shedding;
mod station;
mod store;
mod straight;
mod timer;

pub use breaker::BreakerState;
pub use condition::{Condition, LinkCondition};
pub use fleet::Instances;
pub use histogram::Histogram;
pub use measure::{Carried, Cause, ConnectionTotals, Failures, Totals};
pub use origin::Origin;
pub use recording::{Change, Recording};
pub use rollout::{Rollout, Stage};

use std::collections::VecDeque;

use crate::scenario::{self, FaultKind, Scenario};
use component::Part;

/// Simulated time, in nanoseconds since the start of the run.
pub type Nanos = u64;

/// Kinds of event: the top four bits of a payload; the rest is a number. The two commonest are the
/// first and the last.
mod event {
    pub const ARRIVAL: u32 = 0;
    pub const DONE: u32 = 1 << 28;
    /// As `DONE`, by what the box will do next, so that one jump leads there. The box may have
    /// changed meanwhile: then they mean the same as `DONE`.
    pub const DONE_CACHE: u32 = 2 << 28;
    pub const DONE_STORE: u32 = 3 << 28;
    pub const DELIVER: u32 = 4 << 28;
    pub const ANSWER: u32 = 5 << 28;
    pub const RETRY: u32 = 6 << 28;
    pub const THINK: u32 = 7 << 28;
    pub const TIMER: u32 = 8 << 28;
    pub const FAULT: u32 = 9 << 28;
    pub const HEALTH: u32 = 10 << 28;
    pub const LOG: u32 = 11 << 28;
    /// An alarm of a box, of a kind that is seldom (`alarm`).
    pub const BOX: u32 = 12 << 28;
    /// Of a long-lived connection (`channel`).
    pub const CHANNEL: u32 = 14 << 28;
    /// Of the guards of a connection, or of a call (`alarm::CALL`).
    pub const ALARM: u32 = 13 << 28;
    pub const DONE_LEAF: u32 = 15 << 28;
    pub const KIND: u32 = 15 << 28;
}

/// Calls that arrive at once are handled at once, one inside the other, this deep; beyond, they
/// take a turn through the future-event list, so that no drawing can exhaust the stack.
const MOST_DEPTH: u32 = 48;

/// The tables and the state of a run.
#[derive(Clone, Debug)]
struct Simulation {
    now: Nanos,
    events: u64,
    clock: run::Clock,
    depth: u32,
    /// Requests made so far; the number of the next.
    requests: u64,
    /// A request could not be made because too many calls were in flight.
    overflow: bool,
    future: future::Future,
    ziggurat: random::Ziggurat,
    calls: call::Calls,
    components: Vec<component::Component>,
    instances: Vec<station::Instance>,
    channels: channel::Channels,
    /// Who looks at how busy an instance is.
    watches: Vec<balancer::Watch>,
    connections: Vec<connection::Connection>,
    lanes: Vec<timer::Lane>,
    operations: Vec<client::OperationBooks>,
    /// Whether an operation writes.
    writes: Vec<bool>,
    /// How much messages carry, by operation.
    sizes: Vec<pipe::Sizes>,
    /// Queues that may deliver, once the event at hand is over; with [`guard::POOL`] connections
    /// whose pool may have room.
    later: Vec<u32>,
    faults: fault::Faults,
    frames: fault::Frames,
    sampling: hop::Sampling,
    /// Somebody looks at sessions, at where requests come from, or at their luck.
    details_matter: bool,
    /// At nothing but sessions.
    only_sessions_matter: bool,
    /// Sizes follow from the luck of a request.
    luck_matters: bool,
    /// Number of items that keys are of; 0 when nobody looks at keys.
    items: u32,
    routes: route::Routes,
    sojourns: route::Sojourns,
}

impl Simulation {
    fn reset_measures(&mut self) {
        self.overflow = false;
        for component in &mut self.components {
            component.reset_fleet(self.now);
            component.meter.reset(self.now);
            component.latency.clear();
            if let Some(sockets) = &mut component.sockets {
                sockets.reset(self.now);
            }
            component.downtime.reset(self.now);
            let downtimes = component.trouble.downtimes.iter_mut();
            downtimes.for_each(|one| one.reset(self.now));
            if let Some(prober) = component.part.prober_mut() {
                prober.counts = (0, 0);
            }
            match &mut component.part {
                Part::Replica(replica) => replica.lags.clear(),
                Part::Client(client) => client.reset(),
                _ => {}
            }
        }
        for connection in &mut self.connections {
            connection.reset(self.now);
        }
        for operation in &mut self.operations {
            operation.meter.reset(self.now);
            operation.latency.clear();
            operation.failure_latency.clear();
        }
        self.note_what_is_behind();
    }

    fn is_slotted(&self, at: usize) -> bool {
        let component = &self.components[at];
        match component.part {
            Part::Client(_) => false,
            Part::Balancer(_) => component.slots > 0,
            _ => true,
        }
    }
}

/// A run of a scenario: a state that can be cloned, advanced, changed and read.
///
/// Components, connections and operations are numbered in the order of the scenario.
#[derive(Clone, Debug)]
pub struct Engine {
    simulation: Simulation,
    scenario: Scenario,
    recording: Recording,
    /// What deploys need besides what is drawn.
    rooms: rollout::Rooms,
    /// Recorded changes that are still to come.
    script: VecDeque<(Nanos, u64, Change)>,
}

/// One sampled message under way, for drawing: a real call or its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Number of the request (the same for all its calls).
    pub request: u64,
    /// The connection it travels on.
    pub connection: u32,
    /// Operation, as its position in [`Engine::operations`].
    pub operation: u8,
    /// From caller to callee, or a reply on its way back.
    pub reply: bool,
    /// `None`: well so far. For a reply, or a refused or lost call: why it failed.
    pub failed: Option<Cause>,
    /// When it left.
    pub from_ns: Nanos,
    /// When it arrives.
    pub until_ns: Nanos,
}

/// What is wrong with a run under way, in words for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Requests were turned away at their client: the design is overloaded beyond any use.
    #[error(
        "requests were refused because more than 33 million calls were in flight: the design is overloaded"
    )]
    TooManyCalls,
    /// Nothing happens any more, until something is changed or healed.
    #[error(
        "time stands still: something is answered at once and done again at once without end; give users a think time, or a connection a latency"
    )]
    TimeStandsStill,
}

/// Why a scenario can't run, or a change can't be applied: every problem on a line of its own. The
/// engine is as it was before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EngineError(pub String);

/// The tables of a scenario that passes its checks.
fn compiled(scenario: &Scenario, rooms: &rollout::Rooms) -> Result<Simulation, EngineError> {
    let problems = scenario::check(scenario);
    let errors = problems.iter().filter(|problem| problem.is_error());
    let errors: Vec<String> = errors.map(ToString::to_string).collect();
    if errors.is_empty() {
        Simulation::compile(scenario, rooms)
    } else {
        Err(EngineError(errors.join("\n")))
    }
}

impl Engine {
    /// A run of `scenario` at time zero, with the scenario's seed.
    ///
    /// # Errors
    /// When the scenario does not pass its checks (`scenario::check`).
    pub fn new(scenario: &Scenario) -> Result<Self, EngineError> {
        let rooms = rollout::Rooms::default().with_planned(scenario);
        let mut simulation = compiled(scenario, &rooms)?;
        simulation.start_up();
        Ok(Self {
            simulation,
            scenario: scenario.clone(),
            recording: Recording {
                start: scenario.clone(),
                changes: Vec::new(),
            },
            rooms,
            script: VecDeque::new(),
        })
    }

    /// Simulated time now.
    pub fn now_ns(&self) -> Nanos {
        self.simulation.now
    }

    /// Events taken from the future-event list so far.
    pub fn events(&self) -> u64 {
        self.simulation.events
    }

    /// What is wrong with the run. Requests are turned away when more calls are in flight than
    /// memory should hold ([`Trouble::TooManyCalls`], until measuring begins anew). When millions of
    /// events have been at one instant, and more than a thousand for every call in flight, box and
    /// instance, the run stops ([`Self::has_halted`]).
    pub fn trouble(&self) -> Option<Trouble> {
        if self.has_halted() {
            Some(Trouble::TimeStandsStill)
        } else {
            self.simulation.overflow.then_some(Trouble::TooManyCalls)
        }
    }

    /// Whether time stands still. Then no more events are run, however long is asked for, until a
    /// change, a fault or healing gives it a chance to go on.
    pub fn has_halted(&self) -> bool {
        self.simulation.clock.has_halted
    }

    /// When the next event is due. `None`: nothing will ever happen by itself.
    pub fn next_event_ns(&self) -> Option<Nanos> {
        if self.has_halted() {
            return None;
        }
        self.simulation.future.earliest()
    }

    /// Runs everything up to and including `until_ns` and sets the time to it, unless time stands
    /// still before ([`Self::has_halted`]).
    pub fn run_until(&mut self, until_ns: Nanos) {
        self.run_events(until_ns, u64::MAX);
    }

    /// Like [`Self::run_until`], but stops after `most` events. Says whether `until_ns` was reached.
    pub fn run_events(&mut self, until_ns: Nanos, most: u64) -> bool {
        let stop = self.simulation.events.saturating_add(most);
        loop {
            let left = stop - self.simulation.events;
            let Some(&(at, events, _)) = self.script.front() else {
                break self.run_to(until_ns, left);
            };
            // A change is due once the clock and the number of events are where they were.
            let ahead = events.saturating_sub(self.simulation.events);
            if ahead > left {
                break self.run_to(until_ns, left);
            }
            if ahead > 0 && !self.run_to_change(until_ns, ahead) {
                break !self.has_halted();
            }
            if at > until_ns && self.has_halted() {
                break false;
            }
            if at > until_ns {
                break self.run_to(until_ns, 0) || {
                    self.simulation.now = self.simulation.now.max(until_ns);
                    true
                };
            }
            self.simulation.now = self.simulation.now.max(at);
            if let Some((_, _, change)) = self.script.pop_front() {
                self.repeat(&change);
            }
        }
    }

    /// Runs one event. Says whether there was one.
    pub fn step(&mut self) -> bool {
        let before = self.simulation.events;
        if let Some(next) = self.next_event_ns() {
            self.run_events(next, 1);
        }
        self.simulation.events > before
    }

    fn run_to(&mut self, until_ns: Nanos, most: u64) -> bool {
        let reached = self.simulation.run(until_ns, most);
        if reached {
            self.simulation.now = self.simulation.now.max(until_ns);
        }
        reached
    }

    /// Runs exactly `ahead` events, unless `until_ns` comes first.
    fn run_to_change(&mut self, until_ns: Nanos, ahead: u64) -> bool {
        let before = self.simulation.events;
        self.simulation.run(until_ns, ahead);
        let all = self.simulation.events - before == ahead;
        if !all && !self.has_halted() {
            self.simulation.now = self.simulation.now.max(until_ns);
        }
        all
    }

    /// Forgets what was counted; calls under way stay. For the end of a warm-up.
    pub fn reset_measures(&mut self) {
        self.record(Change::Reset);
        self.simulation.reset_measures();
    }

    /// Applies a changed scenario now: parameters, structure or both. What stayed (by name) keeps
    /// its state. The change is recorded ([`Self::recording`]).
    ///
    /// # Errors
    /// When the scenario does not pass its checks; then nothing is changed.
    pub fn edit(&mut self, scenario: &Scenario) -> Result<(), EngineError> {
        let rooms = self.rooms.clone().with_planned(scenario);
        let edited = compiled(scenario, &rooms)?;
        self.rooms = rooms;
        self.simulation
            .take_over_by(edited, &self.scenario, scenario);
        self.simulation.post();
        self.simulation.try_again();
        self.scenario = scenario.clone();
        self.record(Change::Edit(Box::new(scenario.clone())));
        Ok(())
    }

    /// Starts a fault by hand now, until healed. It is recorded.
    ///
    /// # Errors
    /// When there is no such target, or the fault makes no sense on it.
    pub fn start_fault(&mut self, on: &str, fault: FaultKind) -> Result<(), EngineError> {
        let target = self.simulation.fault_on(&self.scenario, on, Some(fault))?;
        let active = fault::Active {
            on: target,
            kind: fault,
        };
        if let FaultKind::Deploy(deploy) = fault {
            self.make_room(on, deploy)?;
        }
        self.record(Change::Fault(on.into(), fault));
        if fault != FaultKind::Flush {
            self.simulation.faults.by_hand.push(active);
        }
        self.simulation.begin(active);
        self.simulation.dispatch_later();
        self.simulation.post();
        self.simulation.try_again();
        Ok(())
    }

    /// There are as many machines as a deploy needs.
    fn make_room(&mut self, on: &str, deploy: scenario::Deploy) -> Result<(), EngineError> {
        let mut rooms = self.rooms.clone();
        rooms.add(&self.scenario, on, deploy.strategy);
        if rooms != self.rooms {
            let larger = compiled(&self.scenario, &rooms)?;
            self.simulation
                .take_over_by(larger, &self.scenario, &self.scenario);
            self.rooms = rooms;
        }
        Ok(())
    }

    /// Rolls back what was deployed on a target, now: what is under way, or has come to its end. It
    /// is recorded.
    ///
    /// # Errors
    /// When there is no such target, or nothing was deployed there.
    pub fn roll_back(&mut self, on: &str) -> Result<(), EngineError> {
        let target = self.simulation.fault_on(&self.scenario, on, None)?;
        let deploys = self.simulation.faults.rolled_back(target);
        if deploys.is_empty() {
            return Err(EngineError(format!("nothing was deployed on `{on}`")));
        }
        self.record(Change::RollBack(on.into()));
        // The last is the one under way.
        for active in deploys.into_iter().rev() {
            self.simulation.end(active);
        }
        self.simulation.dispatch_later();
        self.simulation.post();
        self.simulation.try_again();
        Ok(())
    }

    /// Ends every fault on a target now, but not its deploys; of a component also those on its
    /// instances. It is recorded.
    ///
    /// # Errors
    /// When there is no such target.
    pub fn heal(&mut self, on: &str) -> Result<(), EngineError> {
        let target = self.simulation.fault_on(&self.scenario, on, None)?;
        self.record(Change::Heal(on.into()));
        for active in self.simulation.faults.healed(target) {
            self.simulation.end(active);
        }
        self.simulation.dispatch_later();
        self.simulation.post();
        self.simulation.try_again();
        Ok(())
    }

    /// The scenario as it is now, edits included.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// What was counted at component `index`.
    pub fn component(&self, index: usize) -> Totals {
        let slotted = self.simulation.is_slotted(index);
        let component = &self.simulation.components[index];
        let now = self.simulation.now;
        let fleet = component.fleet.as_ref();
        let (instances, instances_area) = fleet.map_or((0, 0), |fleet| fleet.running(now));
        let mut totals = Totals {
            down_ns: component.downtime.nanos(now),
            instances,
            instances_area,
            ..component.meter.totals(now, slotted)
        };
        if let Some(fleet) = fleet {
            fleet.deploys.tell(&mut totals);
        }
        if let Some(sockets) = &component.sockets {
            sockets.count(&mut totals);
        }
        totals
    }

    /// Sojourn times at component `index`; at a client the end-to-end latency of the requests that
    /// were answered well.
    pub fn component_latency(&self, index: usize) -> &Histogram {
        &self.simulation.components[index].latency
    }

    /// Replication lag (commit to applied) at replica `index`; `None` elsewhere.
    pub fn replication_lag(&self, index: usize) -> Option<&Histogram> {
        match &self.simulation.components[index].part {
            Part::Replica(replica) => Some(&replica.lags),
            _ => None,
        }
    }

    /// Keys that cache `index` holds; `None` elsewhere, and for a fixed hit ratio.
    pub fn keys_held(&self, index: usize) -> Option<u64> {
        match &self.simulation.components[index].part {
            Part::Cache(cache) => match &cache.memory {
                cache::Memory::Keys(keys) => Some(keys.len().into()),
                cache::Memory::Fixed(_) => None,
            },
            _ => None,
        }
    }

    /// Instances of function `index` that are warm and have nothing to do; `None` elsewhere.
    pub fn warm_instances(&self, index: usize) -> Option<usize> {
        match &self.simulation.components[index].part {
            Part::Function(function) => Some(function.warm(self.simulation.now)),
            _ => None,
        }
    }

    /// Instances of a load balancer's targets that are out of rotation, or targets that a DNS has
    /// found dead, as (out, all).
    pub fn out_of_rotation(&self, index: usize) -> Option<(usize, usize)> {
        match &self.simulation.components[index].part {
            Part::Balancer(balancer) => {
                let out = balancer.targets.iter().filter(|target| !target.active);
                Some((out.count(), balancer.targets.len()))
            }
            Part::Dns(dns) => Some((dns.dead(), dns.targets.len())),
            _ => None,
        }
    }

    /// The connections of load balancers behind which no target is in rotation.
    pub fn connections_out_of_rotation(&self) -> Vec<u32> {
        let mut out = Vec::new();
        for component in &self.simulation.components {
            if let Part::Balancer(balancer) = &component.part {
                let arrows = balancer
                    .targets
                    .chunk_by(|a, b| a.connection == b.connection);
                let arrows = arrows.filter(|targets| targets.iter().all(|target| !target.active));
                out.extend(arrows.map(|targets| targets[0].connection));
            }
        }
        out
    }

    /// Health checks of load balancer or name service `index`, as (probes sent, those that found a
    /// target dead).
    pub fn probes(&self, index: usize) -> Option<(u64, u64)> {
        let prober = self.simulation.components[index].part.prober();
        prober.map(|prober| prober.counts)
    }

    /// What was counted on connection `index`.
    pub fn connection(&self, index: usize) -> ConnectionTotals {
        self.simulation.connections[index].totals(self.simulation.now)
    }

    /// The clients taken together.
    pub fn system(&self) -> Totals {
        let mut sum = Totals {
            now_ns: self.simulation.now,
            since_ns: self.simulation.now,
            ..Totals::default()
        };
        for component in &self.simulation.components {
            if matches!(component.part, Part::Client(_)) {
                let mut totals = component.meter.totals(self.simulation.now, false);
                if let Some(sockets) = &component.sockets {
                    sockets.count(&mut totals);
                }
                sum.add(&totals);
            }
        }
        sum
    }

    /// End-to-end latency of the requests that were answered well, over all clients.
    pub fn system_latency(&self) -> Histogram {
        let mut sum = Histogram::default();
        for component in &self.simulation.components {
            if matches!(component.part, Part::Client(_)) {
                sum.merge(&component.latency);
            }
        }
        sum
    }

    /// Names of the operations.
    pub fn operations(&self) -> Vec<String> {
        compile::operations(&self.scenario).into_keys().collect()
    }

    /// Requests of one operation, over all clients: arrivals, completed, failures and sojourn sums.
    pub fn operation(&self, index: usize) -> Totals {
        if self.simulation.operations.len() == 1 {
            return self.system();
        }
        let meter = &self.simulation.operations[index].meter;
        meter.totals(self.simulation.now, false)
    }

    /// End-to-end latency of one operation.
    pub fn operation_latency(&self, index: usize) -> Histogram {
        if self.simulation.operations.len() == 1 {
            return self.system_latency();
        }
        self.simulation.operations[index].latency.clone()
    }

    /// Records the hops of every `every`-th request from now on; 0 records none. Changes no result.
    pub fn sample_hops(&mut self, every: u64) {
        self.simulation.sampling.every = every;
    }

    /// Moves the hops recorded since the last call to the end of `into`.
    pub fn take_hops(&mut self, into: &mut Vec<Hop>) {
        into.append(&mut self.simulation.sampling.hops);
    }

    /// A hash over every result so far: the same scenario, seed and changes give the same fingerprint.
    pub fn fingerprint(&self) -> u64 {
        self.simulation.fingerprint()
    }

    /// Checks that nothing was lost or made up: in = out + inside for every component, slot and
    /// connection, and that every call in flight is where the books say. Takes time in proportion
    /// to the calls in flight.
    ///
    /// # Errors
    /// The first law that is broken, with its numbers.
    pub fn check_conservation(&self) -> Result<(), String> {
        self.simulation.check_books()
    }

    /// Every change made since the start, with its time: enough to repeat the run exactly.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Repeats a recorded run from its start; changes are applied when their time comes.
    ///
    /// # Errors
    /// When the recording's first scenario does not pass its checks.
    pub fn replay(recording: &Recording) -> Result<Self, EngineError> {
        let mut engine = Self::new(&recording.start)?;
        engine.script = recording.changes.iter().cloned().collect();
        Ok(engine)
    }

    fn record(&mut self, change: Change) {
        let (now, events) = (self.simulation.now, self.simulation.events);
        self.recording.changes.push((now, events, change));
    }

    /// A recorded change is made again. It was possible then, so it is now.
    fn repeat(&mut self, change: &Change) {
        let repeated = match change {
            Change::Edit(scenario) => self.edit(scenario),
            Change::Fault(on, fault) => self.start_fault(on, *fault),
            Change::Heal(on) => self.heal(on),
            Change::RollBack(on) => self.roll_back(on),
            Change::Reset => {
                self.reset_measures();
                Ok(())
            }
        };
        debug_assert_eq!(repeated, Ok(()));
    }
}
