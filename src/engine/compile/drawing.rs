//! What a drawing says about who calls whom.

use crate::{
    engine::{
        EngineError,
        balancer::{NO_POOL, Target, Targets, identity},
        call::NONE,
        plan::{Leg, Plan},
        random::Chance,
    },
    scenario::{
        self, Component as Drawn, IndexMap, Link, Mode, Only, Operation, OperationKind, Scenario,
        When, check::long_lived,
    },
};

/// Operations a plan can tell apart: one bit each.
const MOST_OPERATIONS: usize = 64;

/// The operations of a scenario; 90 % reads and 10 % writes when it names none.
pub(in crate::engine) fn operations(scenario: &Scenario) -> IndexMap<String, Operation> {
    if !scenario.operations.is_empty() {
        return scenario.operations.clone();
    }
    let operation = Operation::new;
    IndexMap::from([
        ("read".into(), operation(OperationKind::Read, 9.0)),
        ("write".into(), operation(OperationKind::Write, 1.0)),
    ])
}

/// What the drawing says about who calls whom, by number.
pub(in crate::engine) struct Drawing<'a> {
    pub scenario: &'a Scenario,
    pub operations: IndexMap<String, Operation>,
    /// Connections that carry calls, by caller.
    pub(super) calls: Vec<Vec<u32>>,
    pub(super) ends: Vec<(u32, u32)>,
    /// Primary and replication link, by replica.
    pub(super) primaries: Vec<Option<(u32, u32)>>,
    /// Connection for dead letters, by queue; [`NONE`]: none.
    pub(super) dead_letters: Vec<u32>,
    /// Most sessions of a client whose requests come there, by component.
    pub(super) sessions: Vec<u32>,
    /// Where long-lived connections lead.
    pub(super) ways: long_lived::Ways,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> Result<Self, EngineError> {
        let operations = operations(scenario);
        if operations.len() > MOST_OPERATIONS {
            return Err(EngineError(format!(
                "a scenario can have at most {MOST_OPERATIONS} operations"
            )));
        }
        let find = |name: &str| {
            scenario
                .components
                .get_index_of(name)
                .map(|at| at as u32)
                .ok_or_else(|| EngineError(format!("there is no component `{name}`")))
        };
        let mut calls = vec![Vec::new(); scenario.components.len()];
        let mut ends = Vec::with_capacity(scenario.connections.len());
        let mut primaries = vec![None; scenario.components.len()];
        let mut dead_letters = vec![NONE; scenario.components.len()];
        for (at, connection) in scenario.connections.iter().enumerate() {
            let (from, to) = (find(&connection.from)?, find(&connection.to)?);
            ends.push((from, to));
            match connection.link {
                Link::Calls => calls[from as usize].push(at as u32),
                Link::Replication(_) => {
                    primaries[to as usize].get_or_insert((from, at as u32));
                }
                Link::DeadLetters => {
                    let first = &mut dead_letters[from as usize];
                    *first = at.min(*first as usize) as u32;
                }
            }
        }
        Ok(Self {
            scenario,
            operations,
            calls,
            ends,
            primaries,
            dead_letters,
            sessions: scenario::sessions_by_component(scenario),
            ways: long_lived::ways(scenario),
        })
    }

    pub(super) fn drawn(&self, at: u32) -> &'a Drawn {
        &self.scenario.components[at as usize]
    }

    pub(super) fn connection(&self, at: u32) -> &'a scenario::Connection {
        &self.scenario.connections[at as usize]
    }

    /// A look-aside cache, or a balancer in front of such caches only.
    pub(super) fn is_look_aside(&self, at: u32, depth: u32) -> bool {
        let calls = &self.calls[at as usize];
        match self.drawn(at) {
            Drawn::Cache(_) => calls.is_empty(),
            Drawn::LoadBalancer(_) if depth < 8 => {
                !calls.is_empty()
                    && calls
                        .iter()
                        .all(|call| self.is_look_aside(self.ends[*call as usize].1, depth + 1))
            }
            _ => false,
        }
    }

    /// A look-aside cache that remembers keys, so that it can be filled.
    pub(super) fn remembers(&self, at: u32) -> bool {
        match self.drawn(at) {
            Drawn::Cache(cache) => cache.hit_ratio.is_none(),
            _ => self.calls[at as usize]
                .iter()
                .any(|call| self.remembers(self.ends[*call as usize].1)),
        }
    }

    pub(super) fn is_store(&self, at: u32) -> bool {
        match self.drawn(at) {
            Drawn::Database(_) | Drawn::Replica(_) => true,
            Drawn::Cache(_) => !self.calls[at as usize].is_empty(),
            Drawn::LoadBalancer(_) | Drawn::RateLimiter(_) | Drawn::Dns(_) => {
                let calls = &self.calls[at as usize];
                !calls.is_empty()
                    && calls.iter().all(|call| {
                        matches!(
                            self.drawn(self.ends[*call as usize].1),
                            Drawn::Database(_) | Drawn::Replica(_)
                        )
                    })
            }
            _ => false,
        }
    }

    pub(super) fn primary_of(&self, replica: u32) -> Option<(u32, u32)> {
        self.primaries[replica as usize]
    }

    pub(super) fn mask(&self, only: &Only) -> u64 {
        let bits = |matches: &dyn Fn(&str, &Operation) -> bool| {
            self.operations
                .iter()
                .enumerate()
                .filter(|(_, (name, operation))| matches(name, operation))
                .fold(0, |bits, (at, _)| bits | 1 << at)
        };
        match only {
            Only::All => u64::MAX,
            Only::Reads => bits(&|_, operation| operation.kind == OperationKind::Read),
            Only::Writes => bits(&|_, operation| operation.kind == OperationKind::Write),
            Only::Named(names) => bits(&|name, _| names.iter().any(|named| named == name)),
        }
    }

    /// The plan of a box that passes each call on over the first connection that takes it.
    pub(super) fn passing_plan(&self, at: u32) -> Plan {
        let mut left = u64::MAX;
        let mut legs = Vec::new();
        for &call in &self.calls[at as usize] {
            let drawn = self.connection(call);
            let to = self.drawn(self.ends[call as usize].1);
            let only = match (&drawn.only, to) {
                (Some(only), _) => self.mask(only),
                (None, Drawn::Replica(_)) => self.mask(&Only::Reads),
                (None, _) => u64::MAX,
            };
            let operations = only & left;
            left &= !only;
            legs.push(Leg {
                connection: call,
                step: 1 + legs.len() as u32,
                operations,
                when: When::Always,
                probability: 1.0,
                chance: Chance::ALWAYS,
                weight: None,
                mode: drawn.mode,
                route: NONE,
            });
        }
        Plan::new(legs, Vec::new())
    }

    /// The plan of a component: what was drawn, and what is meant where nothing was said.
    pub(super) fn plan(&self, at: u32) -> Plan {
        let calls = &self.calls[at as usize];
        let to = |call: u32| self.ends[call as usize].1;
        let is_client = matches!(self.drawn(at), Drawn::Client(_));
        let is_server = matches!(self.drawn(at), Drawn::Server(_) | Drawn::Function(_));
        let aside = |call: u32| is_server && self.is_look_aside(to(call), 0);
        let has_cache = calls.iter().any(|call| aside(*call));
        let last_step = calls
            .iter()
            .map(|call| self.connection(*call).step.unwrap_or(1))
            .max()
            .unwrap_or(1);
        let mut legs = Vec::new();
        for &call in calls {
            let drawn = self.connection(call);
            let target = to(call);
            let copies = |primary: u32| {
                calls
                    .iter()
                    .filter(|other| {
                        self.primary_of(to(**other))
                            .is_some_and(|(p, _)| p == primary)
                    })
                    .count()
            };
            let is_queue = matches!(self.drawn(target), Drawn::Queue(_));
            let mut weight = drawn.weight;
            let only = drawn
                .only
                .clone()
                .unwrap_or_else(|| match self.drawn(target) {
                    _ if aside(call) => Only::Reads,
                    Drawn::Replica(_) => Only::Reads,
                    Drawn::Database(_) if copies(target) > 0 => Only::Writes,
                    _ => Only::All,
                });
            if matches!(self.drawn(target), Drawn::Replica(_))
                && drawn.step.is_none()
                && weight.is_none()
                && self
                    .primary_of(target)
                    .is_some_and(|(primary, _)| copies(primary) > 1)
            {
                weight = Some(1.0);
            }
            if is_client && calls.len() > 1 && drawn.step.is_none() && weight.is_none() {
                weight = Some(1.0);
            }
            let mode = match drawn.mode {
                Mode::Forward if is_client => Mode::Sync,
                mode => mode,
            };
            let leg = |step: u32, when: When, operations: u64| Leg {
                connection: call,
                step,
                operations,
                when,
                probability: drawn.probability,
                chance: Chance::new(drawn.probability),
                weight,
                mode,
                route: NONE,
            };
            let mask = self.mask(&only);
            let (step, when) = match (drawn.step, drawn.when) {
                (Some(step), when) => (step, when.unwrap_or_default()),
                (None, Some(When::Always)) => (1, When::Always),
                (None, Some(when)) => (last_step + 1, when),
                (None, None) if has_cache && !aside(call) && self.is_store(target) => {
                    // A store behind a look-aside cache: reads on a miss, writes at once.
                    let writes = self.mask(&Only::Writes);
                    if mask & writes != 0 {
                        legs.push(leg(1, When::Always, mask & writes));
                    }
                    if mask & !writes != 0 {
                        legs.push(leg(2, When::OnMiss, mask & !writes));
                    }
                    continue;
                }
                // What is put in a queue is work that is left when the rest is done.
                (None, None) if is_queue && calls.len() > 1 => (last_step + 2, When::Always),
                (None, None) => (1, When::Always),
            };
            legs.push(leg(step, when, mask));
        }
        let caches = calls
            .iter()
            .copied()
            .filter(|call| aside(*call) && self.remembers(to(*call)))
            .collect();
        Plan::new(legs, caches)
    }

    /// A balancer's targets, which come in the order of its connections, with all that it knows about
    /// them.
    pub(super) fn targets(&self, at: u32, mut targets: Vec<Target>) -> Targets {
        let (of_calls, pools, count) = self.pools(at);
        let mut arrows = std::collections::HashMap::<u32, u32>::new();
        let mut identities = Vec::with_capacity(targets.len());
        let mut left = targets.iter_mut().peekable();
        for (&call, pools) in self.calls[at as usize].iter().zip(of_calls) {
            let to = self.ends[call as usize].1;
            let arrow = arrows.entry(to).or_default();
            let name = self.scenario.components.get_index(to as usize);
            let name = name.map_or("", |(name, _)| name);
            let mut nth = 0;
            while let Some(target) = left.next_if(|target| target.connection == call) {
                target.pools = pools;
                identities.push(identity(name, nth, *arrow));
                nth += 1;
            }
            *arrow += 1;
        }
        Targets {
            targets,
            identities,
            pools,
            count,
            sessions: self.sessions[at as usize],
        }
    }

    /// The pools that a balancer's connections form by the operations they take: those of each
    /// connection, a bit each, then the pool of each operation, and how many there are. An operation
    /// goes to the connections that name it; if none does, to those for its kind; else to those for
    /// all.
    pub(super) fn pools(&self, at: u32) -> (Vec<u64>, Box<[u8]>, usize) {
        let calls = &self.calls[at as usize];
        let only = |call: u32| self.connection(call).only.as_ref();
        if calls.iter().all(|call| only(*call).is_none()) {
            return (vec![1; calls.len()], Box::default(), 1);
        }
        let mut pools: Vec<Vec<usize>> = Vec::new();
        let mut of_operations = Vec::new();
        for (name, operation) in &self.operations {
            let match_of = |call: u32| {
                only(call)
                    .unwrap_or(&Only::All)
                    .closeness(name, operation.kind)
            };
            let best = calls.iter().filter_map(|call| match_of(*call)).max();
            let Some(best) = best else {
                of_operations.push(NO_POOL);
                continue;
            };
            let is_in = |place: &usize| match_of(calls[*place]) == Some(best);
            let members: Vec<usize> = (0..calls.len()).filter(is_in).collect();
            let known = pools.iter().position(|pool| *pool == members);
            of_operations.push(known.unwrap_or(pools.len()) as u8);
            if known.is_none() {
                pools.push(members);
            }
        }
        let mut of_calls = vec![0; calls.len()];
        for (pool, members) in pools.iter().enumerate() {
            for place in members {
                of_calls[*place] |= 1 << pool;
            }
        }
        (of_calls, of_operations.into(), pools.len())
    }

    /// How many calls a component works on at once, instances counted.
    pub(super) fn slots(&self, at: u32, depth: u32) -> u32 {
        match self.drawn(at) {
            Drawn::Server(server) => server.slots.saturating_mul(server.instances),
            Drawn::Cache(cache) => cache.slots,
            Drawn::Database(database) => database.slots,
            Drawn::Replica(replica) => replica.slots,
            Drawn::Function(function) => function.concurrency,
            Drawn::LoadBalancer(_) if depth < 8 => self.calls[at as usize]
                .iter()
                .map(|call| self.slots(self.ends[*call as usize].1, depth + 1))
                .fold(0, u32::saturating_add),
            _ => 1,
        }
    }
}
