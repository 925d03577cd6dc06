//! From a scenario to flat tables.

mod drawing;

use super::{
    EngineError, Simulation,
    balancer::{Balancer, Target, Targets},
    cache::{Cache, Lru, Memory},
    call::NONE,
    channel::Sockets,
    client::{Client, OperationBooks},
    component::{Component, Part},
    connection::Connection,
    dns::{self, Dns},
    fault::{Active, Phase, Planned},
    fleet::Fleet,
    function::Function,
    gateway::Gateway,
    geography,
    limiter::Limiter,
    outage::Failing,
    pauses::Pausing,
    pipe::{self, Pipe},
    plan::Plan,
    queue::{Consumer, Queue},
    random::{Chance, Sampler, Stream, Ziggurat},
    regime::Regime,
    rollout::Rooms,
    scaling::Scaling,
    station::Instance,
    store::{Database, Replica},
    timer::Lane,
};
use crate::scenario::{
    self, Component as Drawn, Link, OperationKind, Scenario, Scope, check::long_lived,
    frame::Places,
};
pub(super) use drawing::{Drawing, operations};

impl Simulation {
    /// The tables of a scenario, with nothing running yet.
    pub(super) fn compile(scenario: &Scenario, rooms: &Rooms) -> Result<Self, EngineError> {
        let drawing = Drawing::new(scenario)?;
        let seed = scenario.seed;
        let places = Places::new(scenario);
        let mut simulation = Self {
            now: 0,
            events: 0,
            clock: super::run::Clock::default(),
            depth: 0,
            requests: 0,
            overflow: false,
            sojourns: super::route::Sojourns::new(scenario.components.len()),
            future: super::future::Future::default(),
            ziggurat: Ziggurat::new(),
            calls: super::call::Calls::default(),
            components: Vec::new(),
            instances: Vec::new(),
            channels: super::channel::Channels::default(),
            watches: Vec::new(),
            connections: Vec::new(),
            lanes: vec![Lane::default(); scenario.connections.len()],
            operations: vec![OperationBooks::default(); drawing.operations.len()],
            writes: drawing
                .operations
                .values()
                .map(|operation| operation.kind == OperationKind::Write)
                .collect(),
            sizes: pipe::sizes(scenario.seed, &drawing.operations),
            later: Vec::new(),
            faults: super::fault::Faults::default(),
            frames: super::fault::Frames::new(scenario, &places),
            sampling: super::hop::Sampling::default(),
            details_matter: false,
            only_sessions_matter: false,
            luck_matters: false,
            items: 0,
            routes: super::route::Routes::default(),
        };
        let components = &scenario.components;
        let remembers = |drawn: &Drawn| match drawn {
            Drawn::Cache(cache) => cache.hit_ratio.is_none(),
            Drawn::ApiGateway(gateway) => gateway.cache.is_some(),
            _ => false,
        };
        let hashes = |drawn: &Drawn| matches!(drawn, Drawn::LoadBalancer(b) if b.looks_at_keys());
        let keys_matter = components
            .values()
            .any(|drawn| remembers(drawn) || hashes(drawn) || matches!(drawn, Drawn::Replica(_)));
        let sessions_matter = components.values().any(|drawn| match drawn {
            Drawn::LoadBalancer(balancer) => balancer.looks_at_sessions(),
            Drawn::RateLimiter(limiter) => limiter.scope == Scope::PerSession,
            Drawn::ApiGateway(gateway) => {
                let limit = gateway.rate_limit.as_ref();
                limit.is_some_and(|limit| limit.scope == Scope::PerSession)
            }
            Drawn::Dns(dns) => dns.scope == Scope::PerSession,
            _ => false,
        });
        let items = components
            .values()
            .filter_map(|drawn| match drawn {
                Drawn::Client(client) => Some(client.keys.items()),
                _ => None,
            })
            .max()
            // Requests of clients that are gone may still be under way.
            .or(Some(1))
            .filter(|_| keys_matter)
            .unwrap_or(0);
        let long_lived = drawing.ways.ends.contains(&true);
        simulation.luck_matters = simulation.sizes.iter().any(pipe::Sizes::are_random);
        let others_matter = geography::matters(scenario) || long_lived || simulation.luck_matters;
        simulation.details_matter = sessions_matter || others_matter;
        simulation.only_sessions_matter = sessions_matter && !others_matter;
        simulation.items = items as u32;
        if items > scenario::Keys::MAX_ITEMS {
            return Err(EngineError(format!(
                "{items} items are more than memory should hold: at most {}",
                scenario::Keys::MAX_ITEMS
            )));
        }

        for (at, (name, drawn)) in components.iter().enumerate() {
            let at = at as u32;
            let component = simulation.compile_component(
                &drawing,
                at,
                (name, drawn),
                (keys_matter, sessions_matter, items),
                rooms,
            );
            simulation.components.push(component);
            simulation.offer(at);
            if simulation.components[at as usize].fleet.is_some() {
                simulation.fit_services(at);
            }
        }
        let mut ordinals = std::collections::HashMap::<(u32, u32), u32>::new();
        for (at, drawn) in scenario.connections.iter().enumerate() {
            let (from, to) = drawing.ends[at];
            let ordinal = ordinals.entry((from, to)).or_default();
            *ordinal += 1;
            let name = format!("{} -> {} #{ordinal}", drawn.from, drawn.to);
            let (timeout, retries) = match &components[from as usize] {
                Drawn::Client(client) => (
                    drawn.timeout.or(client.timeout),
                    drawn.retries.unwrap_or(client.retries),
                ),
                _ => (drawn.timeout, drawn.retries.unwrap_or_default()),
            };
            let mut connection = Connection::new(
                seed,
                &name,
                (from, to),
                (drawn, places.latency(drawn)),
                timeout,
                retries,
            );
            connection.look_aside = matches!(
                components[from as usize],
                Drawn::Server(_) | Drawn::Function(_)
            ) && drawing.is_look_aside(to, 0);
            connection.lead_ways(geography::ways(scenario, &places, drawn));
            connection.narrow(Pipe::new(drawn.bandwidth, &simulation.sizes));
            simulation.connections.push(connection);
        }
        if long_lived {
            simulation.channels = super::channel::Channels::with_places(simulation.instances.len());
        }
        simulation.compile_targets(&drawing);
        simulation.note_services();
        simulation.find_nearest(scenario, &places);
        simulation.refuse_endless_rings(scenario)?;
        for fault in &scenario.faults {
            let on = simulation.fault_on(scenario, &fault.on, Some(fault.fault))?;
            simulation.faults.timeline.push(Planned {
                at: fault.at.nanos(),
                until: fault.until.map(scenario::Duration::nanos),
                fault: Active {
                    on,
                    kind: fault.fault,
                },
                phase: Phase::Ahead,
            });
        }
        simulation.lay_routes();
        Ok(simulation)
    }

    fn compile_component(
        &mut self,
        drawing: &Drawing<'_>,
        at: u32,
        (name, drawn): (&str, &Drawn),
        (keys_matter, sessions_matter, items): (bool, bool, u64),
        rooms: &Rooms,
    ) -> Component {
        let seed = drawing.scenario.seed;
        let every = |sampler: Sampler| vec![sampler; drawing.operations.len()].into_boxed_slice();
        let by_kind = |read: Sampler, write: Sampler| {
            let kinds = self.writes.iter();
            kinds
                .map(|writes| if *writes { &write } else { &read })
                .cloned()
                .collect()
        };
        let mut slots = 0;
        let mut instances = 1;
        let mut queueing = scenario::Queueing::default();
        let mut contention = (None, None);
        let mut pauses = None;
        let mut fleet = None;
        let mut service = every(Sampler::ZERO);
        let mut apply = Sampler::ZERO;
        let part = match drawn {
            Drawn::Client(client) => {
                instances = 0;
                let mix = client_mix(drawing, client);
                let connect = long_lived::of(client).and_then(|drawn| drawn.connect.as_ref());
                let connect = connect
                    .and_then(|name| drawing.operations.get_index_of(name).map(|at| at as u8));
                Part::Client(Box::new(Client::new(
                    seed,
                    name,
                    client,
                    (mix, connect),
                    geography::regions(&self.frames, drawing.scenario, at, client),
                    keys_matter,
                    sessions_matter,
                )))
            }
            Drawn::LoadBalancer(balancer) => {
                instances = 0;
                // Its targets come when every box is there.
                let streams = ["probes", "pair"].map(|purpose| Stream::new(seed, name, purpose));
                if let Some(capacity) = &balancer.capacity {
                    instances = 1 + u32::from(balancer.pair == scenario::Pair::ActiveActive);
                    slots = capacity.slots;
                    service = every(Sampler::new(&capacity.service));
                }
                Part::Balancer(Box::new(Balancer::new(
                    balancer,
                    Targets::default(),
                    streams.into(),
                )))
            }
            Drawn::RateLimiter(limiter) => {
                instances = 0;
                let sessions = drawing.sessions[at as usize];
                Part::Limiter(Box::new(Limiter::new(limiter, sessions)))
            }
            Drawn::ApiGateway(gateway) => {
                slots = gateway.slots;
                queueing = gateway.queue;
                service = every(Sampler::new(&gateway.authentication));
                let sessions = drawing.sessions[at as usize];
                let limit = gateway.rate_limit.as_ref();
                let limiter = limit.map(|limit| Limiter::at_the_door(limit, sessions));
                let operations = drawing.operations.len() as u32;
                let responses = gateway.cache.as_ref();
                let responses =
                    responses.map(|cache| (cache.capacity, cache.ttl.nanos(), items, operations));
                Part::Gateway(Box::new(Gateway::new(limiter, responses)))
            }
            Drawn::Dns(dns) => {
                instances = 0;
                let sessions = drawing.sessions[at as usize];
                let streams = ["lookup", "probes"].map(|purpose| Stream::new(seed, name, purpose));
                let places = dns.places(drawing.scenario.frames.len());
                Part::Dns(Box::new(Dns::new(dns, (sessions, places), streams)))
            }
            Drawn::Function(function) => {
                slots = function.concurrency;
                queueing.capacity = Some(0);
                service = every(Sampler::new(&function.service));
                Part::Function(Box::new(Function::new(
                    Sampler::new(&function.cold_start),
                    function.keep_alive.nanos(),
                    Stream::new(seed, name, "cold start"),
                )))
            }
            Drawn::Server(server) => {
                slots = server.slots;
                let room = rooms.of(name, server);
                instances = room.unwrap_or(server.most_instances());
                let scaling = server.autoscaler.as_deref();
                let scaling = scaling.map(|drawn| Scaling::new(seed, name, drawn));
                fleet = (scaling.is_some() || room.is_some()).then(|| {
                    let counts = (instances, server.instances);
                    Box::new(Fleet::new(seed, name, scaling, counts))
                });
                queueing = server.queue;
                contention = (server.contention, server.shed);
                pauses = server.pauses.as_deref();
                service = every(Sampler::new(&server.service.faster(server.speed)));
                for operation in server.per_operation.keys() {
                    if let Some(at) = drawing.operations.get_index_of(operation) {
                        service[at] = Sampler::new(&server.work(operation));
                    }
                }
                Part::Server
            }
            Drawn::Cache(cache) => {
                slots = cache.slots;
                queueing = cache.queue;
                service = every(Sampler::new(&cache.service));
                let memory = match cache.hit_ratio {
                    Some(ratio) => Memory::Fixed(Chance::new(ratio)),
                    None => {
                        let held = cache.capacity.unwrap_or(scenario::Cache::DEFAULT_CAPACITY);
                        Memory::Keys(Lru::new(items, held))
                    }
                };
                Part::Cache(Box::new(Cache {
                    memory,
                    ttl: cache.ttl.map_or(u64::MAX, scenario::Duration::nanos),
                }))
            }
            Drawn::Database(database) => {
                slots = database.slots;
                queueing = database.queue;
                service = by_kind(Sampler::new(&database.read), Sampler::new(&database.write));
                Part::Database(Box::new(Database::new(items)))
            }
            Drawn::Replica(replica) => {
                slots = replica.slots;
                queueing = replica.queue;
                service = every(Sampler::new(&replica.read));
                apply = Sampler::new(&replica.apply);
                let (primary, link) = drawing.primary_of(at).unwrap_or((NONE, NONE));
                let lag = match drawing.scenario.connections.get(link as usize) {
                    Some(connection) => match &connection.link {
                        Link::Replication(replication) => Sampler::new(&replication.lag),
                        _ => Sampler::ZERO,
                    },
                    None => Sampler::ZERO,
                };
                Part::Replica(Box::new(Replica::new(primary, link, lag)))
            }
            Drawn::Queue(queue) => {
                instances = 0;
                let lane = self.lanes.len() as u32;
                self.lanes.push(Lane::default());
                let queue = compile_queue(drawing, at, queue, lane);
                Part::Queue(Box::new(queue))
            }
        };
        let mut component = Component::new(name, seed, part);
        component.slots = slots;
        component.all_slots = slots;
        component.capacity = queueing.capacity.unwrap_or(u32::MAX);
        component.regime = Regime::new(drawing, name, queueing.discipline, contention, instances);
        component.service = service;
        component.apply = apply;
        component.first_instance = self.instances.len() as u32;
        component.instances = instances;
        component.plan = match component.part {
            Part::Balancer(_) | Part::Dns(_) | Part::Queue(_) => Plan::default(),
            Part::Limiter(_) | Part::Gateway(_) => drawing.passing_plan(at),
            _ => drawing.plan(at),
        };
        let units = if component.fails_by_instance() {
            instances
        } else {
            0
        };
        let failures = drawn.failures();
        component.failing = failures.map(|drawn| Box::new(Failing::new(seed, name, drawn, units)));
        component.pausing =
            pauses.map(|drawn| Box::new(Pausing::new(seed, name, drawn, instances)));
        component.ever_stalled = pauses.is_some();
        component.fleet = fleet;
        component.sockets = match drawn {
            Drawn::Client(client) => long_lived::of(client).map(|_| Sockets::new(None)),
            Drawn::Server(server) if drawing.ways.ends[at as usize] => {
                Some(Sockets::new(server.max_connections))
            }
            _ => None,
        }
        .map(Box::new);
        component.refresh();
        for _ in 0..instances {
            self.instances.push(Instance::new(at));
        }
        component
    }

    /// What can only be said once every component is there: balancers' targets, queues' consumers,
    /// databases' replicas.
    fn compile_targets(&mut self, drawing: &Drawing<'_>) {
        let mut copies = vec![Vec::new(); self.components.len()];
        for (replica, primary) in drawing.primaries.iter().enumerate() {
            if let Some((primary, _)) = primary {
                copies[*primary as usize].push(replica as u32);
            }
        }
        for (at, copies) in copies.into_iter().enumerate() {
            let mut targets = Vec::new();
            for &call in &drawing.calls[at] {
                let drawn = drawing.connection(call);
                let to = &self.components[drawing.ends[call as usize].1 as usize];
                let weight = drawn.weight.unwrap_or(1.0);
                let instances = to.first_instance..to.first_instance + to.instances;
                if instances.is_empty() {
                    targets.push(Target::new(call, NONE, weight, drawn.mode));
                }
                targets.extend(
                    instances.map(|instance| Target::new(call, instance, weight, drawn.mode)),
                );
            }
            let name = self.components[at].name.clone();
            match &mut self.components[at].part {
                Part::Balancer(balancer) => {
                    if let Drawn::LoadBalancer(drawn) = drawing.drawn(at as u32) {
                        let targets = drawing.targets(at as u32, targets);
                        let seed = drawing.scenario.seed;
                        let streams =
                            ["probes", "pair"].map(|purpose| Stream::new(seed, &name, purpose));
                        **balancer = Balancer::new(drawn, targets, streams.into());
                        balancer.carries = drawing.ways.between[at];
                        balancer.is_simple &= !balancer.carries;
                    }
                }
                Part::Dns(dns) => {
                    let named = |call: &u32| {
                        dns::Target::new(*call, drawing.connection(*call).weight.unwrap_or(1.0))
                    };
                    dns.targets = drawing.calls[at].iter().map(named).collect();
                    dns.rebuild();
                }
                Part::Database(database) => database.replicas = copies,
                Part::Queue(queue) => {
                    let consumers = targets.iter().map(|target| {
                        let to = drawing.ends[target.connection as usize].1;
                        let slots = match drawing.drawn(to) {
                            Drawn::Server(server) => server.slots,
                            Drawn::Function(function) => function.concurrency,
                            _ => drawing.slots(to, 0),
                        };
                        Consumer {
                            connection: target.connection,
                            instance: target.instance,
                            permits: queue.prefetch.saturating_mul(slots),
                            used: 0,
                        }
                    });
                    queue.consumers = consumers.collect();
                    queue.rebuild_turns();
                }
                _ => {}
            }
        }
        self.watch_targets();
    }

    /// A ring of calls without any delay would never let time go on.
    fn refuse_endless_rings(&self, scenario: &Scenario) -> Result<(), EngineError> {
        let mut ring = petgraph::graphmap::DiGraphMap::<u32, ()>::new();
        for (connection, drawn) in self.connections.iter().zip(&scenario.connections) {
            let from = &self.components[connection.from as usize];
            let works = from.service.iter().any(|work| *work != Sampler::ZERO);
            let carries_calls = !matches!(drawn.link, Link::Replication(_));
            if carries_calls && connection.may_take_no_time() && !works {
                ring.add_edge(connection.from, connection.to, ());
            }
        }
        match petgraph::algo::toposort(&ring, None) {
            Ok(_) => Ok(()),
            Err(cycle) => Err(EngineError(format!(
                "calls go round in a ring through `{}` without taking any time",
                self.components[cycle.node_id() as usize].name
            ))),
        }
    }

    /// Everything that starts by itself at time zero.
    pub(super) fn start_up(&mut self) {
        for at in 0..self.components.len() as u32 {
            self.plan_arrivals(at);
            self.plan_health(at);
            self.plan_failures(at);
            self.plan_pauses(at);
            self.plan_scaling(at);
        }
        for at in 0..self.faults.timeline.len() {
            self.plan_fault(at);
        }
    }
}

/// The operations a client asks for, with cumulative shares.
fn client_mix(drawing: &Drawing<'_>, client: &scenario::Client) -> Vec<(f64, u8)> {
    let connect = long_lived::of(client).and_then(|drawn| drawn.connect.as_ref());
    let asked = |name: &String| {
        let is_named = client.operations.is_empty() || client.operations.contains(name);
        is_named && connect != Some(name)
    };
    let mut mix: Vec<(f64, u8)> = drawing
        .operations
        .iter()
        .enumerate()
        .filter(|(_, (name, operation))| asked(name) && operation.weight > 0.0)
        .map(|(at, (_, operation))| (operation.weight, at as u8))
        .collect();
    let total: f64 = mix.iter().map(|(weight, _)| weight).sum();
    let mut sum = 0.0;
    for (share, _) in &mut mix {
        sum += *share / total;
        *share = sum;
    }
    if mix.is_empty() {
        mix.push((1.0, 0));
    }
    mix
}

fn compile_queue(drawing: &Drawing<'_>, at: u32, drawn: &scenario::Queue, lane: u32) -> Queue {
    Queue::new(
        drawn.capacity.unwrap_or(u32::MAX),
        drawn,
        drawing.dead_letters[at as usize],
        lane,
    )
}
