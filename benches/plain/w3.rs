//! W3: a balancer that takes 5 servers of 8 slots in turn; each call asks a cache of 16 slots, and
//! on a miss a database of 16. The server's slot is held meanwhile.

use std::collections::VecDeque;

use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

use super::{
    Plain, Report,
    heap::Heap,
    station::{Level, Station},
    ziggurat::Exponential,
};

pub const RATE: f64 = 10_000.0;
pub const SERVERS: usize = 5;
pub const SLOTS: usize = 8;
pub const SERVICE_NS: f64 = 0.4e6;
pub const CACHE_SLOTS: usize = 16;
pub const CACHE_NS: f64 = 1e6;
pub const HIT_RATIO: f64 = 0.8;
pub const DATABASE_SLOTS: usize = 16;
pub const DATABASE_NS: f64 = 5e6;

const ARRIVAL: u32 = 0;
const SERVED: u32 = 1;
const LOOKED_UP: u32 = 2;
const READ: u32 = 3;

#[derive(Default)]
struct Server {
    station: Station,
    held: Level,
    line: VecDeque<u64>,
    free: u32,
}

/// A cache or a database: its calls come from the slots of the servers.
struct Store<const SLOTS: usize> {
    station: Station,
    services: Exponential,
    line: VecDeque<(u32, u64)>,
    /// Which server slot each slot works for, and since when the call is here.
    calls: [(u32, u64); SLOTS],
    free: u32,
}

impl<const SLOTS: usize> Store<SLOTS> {
    fn new(mean_ns: f64, seed: u64) -> Self {
        Self {
            station: Station::default(),
            services: Exponential::new(mean_ns, seed),
            line: VecDeque::new(),
            calls: [(0, 0); SLOTS],
            free: (1 << SLOTS) - 1,
        }
    }

    /// A call comes in; says which slot it got and when the work is done.
    #[inline(always)]
    fn arrive(&mut self, now: u64, caller: u32) -> Option<(u32, u64)> {
        self.station.arrive(now);
        if self.free == 0 {
            self.line.push_back((caller, now));
            return None;
        }
        let slot = self.free.trailing_zeros();
        self.free &= self.free - 1;
        self.calls[slot as usize % SLOTS] = (caller, now);
        self.station.start(now, now);
        Some((slot, now + self.services.next_ns()))
    }

    /// The work in a slot is done: says for whom, and until when the slot works on the next call.
    #[inline(always)]
    fn done(&mut self, now: u64, slot: u32) -> (u32, Option<u64>) {
        let (caller, arrived) = self.calls[slot as usize % SLOTS];
        self.station.busy.down(now);
        self.station.leave(now, arrived);
        let Some((next, arrived)) = self.line.pop_front() else {
            self.free |= 1 << slot;
            return (caller, None);
        };
        self.calls[slot as usize % SLOTS] = (next, arrived);
        self.station.start(now, arrived);
        (caller, Some(now + self.services.next_ns()))
    }
}

pub struct W3 {
    heap: Heap<256>,
    now_ns: u64,
    events: u64,
    gaps: Exponential,
    services: Vec<Exponential>,
    hits: Xoshiro256PlusPlus,
    client: Station,
    balancer: Station,
    servers: [Server; SERVERS],
    /// When the call in each server slot arrived.
    arrived_ns: [u64; SERVERS * SLOTS],
    cache: Store<CACHE_SLOTS>,
    database: Store<DATABASE_SLOTS>,
    next: usize,
}

impl W3 {
    pub fn new(seed: u64) -> Self {
        let mut gaps = Exponential::new(1e9 / RATE, seed);
        let mut heap = Heap::default();
        heap.push(gaps.next_ns(), ARRIVAL);
        Self {
            heap,
            now_ns: 0,
            events: 0,
            gaps,
            services: (0..SERVERS as u64)
                .map(|i| Exponential::new(SERVICE_NS, seed + 10 + i))
                .collect(),
            hits: Xoshiro256PlusPlus::seed_from_u64(seed + 1),
            client: Station::default(),
            balancer: Station::default(),
            servers: std::array::from_fn(|_| Server {
                free: (1 << SLOTS) - 1,
                ..Server::default()
            }),
            arrived_ns: [0; SERVERS * SLOTS],
            cache: Store::new(CACHE_NS, seed + 2),
            database: Store::new(DATABASE_NS, seed + 3),
            next: 0,
        }
    }

    #[inline(always)]
    fn arrive(&mut self, now: u64) {
        self.heap.replace_top(now + self.gaps.next_ns(), ARRIVAL);
        self.client.arrive(now);
        self.balancer.arrive(now);
        let to = self.next % SERVERS;
        self.next = if to + 1 == SERVERS { 0 } else { to + 1 };
        let server = &mut self.servers[to];
        server.station.arrive(now);
        if server.free == 0 {
            server.line.push_back(now);
        } else {
            let slot = server.free.trailing_zeros() as usize;
            server.free &= server.free - 1;
            self.serve(now, now, to, to * SLOTS + slot);
        }
    }

    #[inline(always)]
    fn serve(&mut self, now: u64, arrived: u64, at: usize, slot: usize) {
        self.arrived_ns[slot % (SERVERS * SLOTS)] = arrived;
        self.servers[at].station.start(now, arrived);
        self.servers[at].held.up(now);
        let done = now + self.services[at].next_ns();
        self.heap.push(done, (slot as u32) << 2 | SERVED);
    }

    /// A server has all it needs: the answer goes back to the client, the slot to the next in line.
    #[inline(always)]
    fn reply(&mut self, now: u64, slot: u32) {
        let slot = slot as usize % (SERVERS * SLOTS);
        let from = slot / SLOTS;
        let arrived = self.arrived_ns[slot];
        let server = &mut self.servers[from];
        server.held.down(now);
        server.station.leave(now, arrived);
        self.balancer.leave(now, arrived);
        self.client.leave(now, arrived);
        if let Some(next) = server.line.pop_front() {
            self.serve(now, next, from, slot);
        } else {
            server.free |= 1 << (slot % SLOTS);
        }
    }
}

impl Plain for W3 {
    fn run(&mut self, events: u64) {
        for _ in 0..events {
            let event = self.heap.top();
            let now = event.time_ns();
            let slot = event.payload() >> 2;
            match event.payload() & 3 {
                ARRIVAL => self.arrive(now),
                SERVED => {
                    let server = &mut self.servers[slot as usize / SLOTS % SERVERS];
                    server.station.busy.down(now);
                    match self.cache.arrive(now, slot) {
                        Some((place, done)) => self.heap.replace_top(done, place << 2 | LOOKED_UP),
                        None => self.heap.pop(),
                    }
                }
                LOOKED_UP => {
                    let (caller, next) = self.cache.done(now, slot);
                    match next {
                        Some(done) => self.heap.replace_top(done, event.payload()),
                        None => self.heap.pop(),
                    }
                    if (self.hits.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64) < HIT_RATIO
                    {
                        self.reply(now, caller);
                    } else if let Some((place, done)) = self.database.arrive(now, caller) {
                        self.heap.push(done, place << 2 | READ);
                    }
                }
                _ => {
                    let (caller, next) = self.database.done(now, slot);
                    match next {
                        Some(done) => self.heap.replace_top(done, event.payload()),
                        None => self.heap.pop(),
                    }
                    self.reply(now, caller);
                }
            }
            self.now_ns = now;
        }
        self.events += events;
    }

    fn report(&self) -> Report<'_> {
        let mut stations = vec![
            ("client", 0.0, &self.client),
            ("balancer", 0.0, &self.balancer),
        ];
        stations.extend(
            self.servers
                .iter()
                .map(|s| ("server", SERVICE_NS, &s.station)),
        );
        stations.push(("cache", CACHE_NS, &self.cache.station));
        stations.push(("database", DATABASE_NS, &self.database.station));
        Report {
            events: self.events,
            now_ns: self.now_ns,
            stations,
        }
    }
}
