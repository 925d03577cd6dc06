//! W2: a balancer that gives each call to the server with the fewest in flight, 10 servers of 4 slots.

use std::collections::VecDeque;

use super::{Plain, Report, heap::Heap, station::Station, ziggurat::Exponential};

pub const RATE: f64 = 3_200.0;
pub const SERVICE_NS: f64 = 10e6;
pub const SERVERS: usize = 10;
pub const SLOTS: usize = 4;

const ARRIVAL: u32 = u32::MAX;

#[derive(Default)]
struct Server {
    station: Station,
    line: VecDeque<u64>,
    /// When the call in each slot arrived.
    arrived_ns: [u64; SLOTS],
    /// A bit for each slot that is free.
    free: u32,
}

pub struct W2 {
    heap: Heap<256>,
    now_ns: u64,
    events: u64,
    gaps: Exponential,
    services: Vec<Exponential>,
    client: Station,
    balancer: Station,
    servers: [Server; SERVERS],
    /// Calls in flight, then the number of the last pick, then the server itself: the least is the
    /// one to pick, fewest first and among equals the longest idle.
    ranks: [u64; SERVERS],
    picks: u64,
}

/// One call in flight more or less in a rank.
const ONE: u64 = 1 << 48;

impl W2 {
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
                .map(|i| Exponential::new(SERVICE_NS, seed + 1 + i))
                .collect(),
            client: Station::default(),
            balancer: Station::default(),
            servers: std::array::from_fn(|_| Server {
                free: (1 << SLOTS) - 1,
                ..Server::default()
            }),
            ranks: std::array::from_fn(|i| i as u64),
            picks: 0,
        }
    }

    /// Fewest in flight, among equals the longest idle: a scan beats lists for so few.
    #[inline(always)]
    fn pick(&mut self) -> usize {
        let least = self
            .ranks
            .iter()
            .fold(u64::MAX, |least, &rank| least.min(rank));
        let server = (least & 15) as usize % SERVERS;
        self.picks += 1;
        self.ranks[server] = ((least & !(ONE - 1)) + ONE) | (self.picks << 4) | server as u64;
        server
    }
}

impl Plain for W2 {
    fn run(&mut self, events: u64) {
        for _ in 0..events {
            let event = self.heap.top();
            let now = event.time_ns();
            if event.payload() == ARRIVAL {
                self.heap.replace_top(now + self.gaps.next_ns(), ARRIVAL);
                self.client.arrive(now);
                self.balancer.arrive(now);
                let to = self.pick();
                let server = &mut self.servers[to];
                server.station.arrive(now);
                if server.free == 0 {
                    server.line.push_back(now);
                } else {
                    let slot = server.free.trailing_zeros() as usize % SLOTS;
                    server.free &= server.free - 1;
                    server.arrived_ns[slot] = now;
                    server.station.start(now, now);
                    let done = now + self.services[to].next_ns();
                    self.heap.push(done, (to * SLOTS + slot) as u32);
                }
            } else {
                let from = event.payload() as usize / SLOTS % SERVERS;
                let slot = event.payload() as usize % SLOTS;
                let server = &mut self.servers[from];
                let arrived = server.arrived_ns[slot];
                server.station.busy.down(now);
                server.station.leave(now, arrived);
                self.ranks[from] -= ONE;
                self.balancer.leave(now, arrived);
                self.client.leave(now, arrived);
                if let Some(next) = server.line.pop_front() {
                    server.arrived_ns[slot] = next;
                    server.station.start(now, next);
                    let done = now + self.services[from].next_ns();
                    self.heap.replace_top(done, event.payload());
                } else {
                    server.free |= 1 << slot;
                    self.heap.pop();
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
        Report {
            events: self.events,
            now_ns: self.now_ns,
            stations,
        }
    }
}
