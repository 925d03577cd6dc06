//! Routes: the ways from a box that calls through load balancers to a box that works, as long as
//! nothing on them is out of the ordinary: arrows without latency, loss and timeout, boxes that are
//! well.
//!
//! A call on a route passes through its balancers in no time, there and back. So it needs one
//! record, that of the box at the end, and one entry in the books of the route instead of one in
//! those of every box and arrow on it; a client that makes but one call for a request needs no
//! record either. As soon as something is special the call gets the records it would have had
//! ([`Simulation::unfold`]) and goes on the general way; when a run pauses, what the routes have
//! counted goes to the books of their boxes and arrows ([`Simulation::post`]).

use super::{
    Simulation,
    balancer::Asked,
    call::{Call, NONE, State, Verb, flag},
    component::{Component, Part},
    histogram::Duration,
};
use crate::scenario::Mode;

/// No longer than this many arrows.
const LONGEST: usize = 8;

/// No more than this many routes, some 32 megabytes of them; calls beyond go the general way.
const MOST_ROUTES: usize = 1 << 18;

/// One way from a box to another.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct Route {
    /// The arrow it ends with, and where that leads.
    pub connection: u32,
    pub component: u32,
    /// The only instance, or the one that the balancer before means; [`NONE`]: the box chooses.
    pub instance: u32,
    /// The routes through the balancer at its end, one for each of the balancer's targets; [`NONE`]
    /// for a box that works.
    pub onward: u32,
    pub end: End,
    is_touched: bool,
    arrivals: u64,
    /// As in a level of a meter.
    moments: i128,
    departures: u64,
    /// Position among the targets of the balancer before.
    pub target: u32,
    /// The route up to the balancer before; [`NONE`]: this is the first arrow.
    pub before: u32,
    /// The client whose requests need no record; [`NONE`]: the caller of every call has one.
    pub client: u32,
    sojourn_sum: u128,
}

/// What is at the end of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Something is out of the ordinary with the last arrow or the box there.
    Closed,
    Balancer,
    /// A box that works, of one instance or by an instance that is known.
    Instance,
    /// A box of several instances, which chooses.
    Instances,
}

/// Every route, and those that have counted something since their books were posted.
#[derive(Clone, Debug, Default)]
pub(super) struct Routes {
    pub all: Vec<Route>,
    pub touched: Vec<u32>,
    /// Most records that a call on a route is unfolded into.
    most_records: usize,
}

impl Route {
    fn new(client: u32, connection: u32, (component, instance): (u32, u32)) -> Self {
        Self {
            connection,
            component,
            instance,
            onward: NONE,
            end: End::Closed,
            is_touched: false,
            arrivals: 0,
            moments: 0,
            departures: 0,
            target: NONE,
            before: NONE,
            client,
            sojourn_sum: 0,
        }
    }

    /// Counts a call that sets out.
    #[inline(always)]
    pub fn enter(&mut self, at: u32, now: u64, touched: &mut Vec<u32>) {
        self.arrivals = self.arrivals.wrapping_add(1);
        self.moments -= i128::from(now);
        self.touch(at, touched);
    }

    /// Counts a call that is answered.
    #[inline(always)]
    pub fn leave(&mut self, at: u32, now: u64, sojourn: u64, touched: &mut Vec<u32>) {
        self.departures += 1;
        self.moments += i128::from(now);
        self.sojourn_sum += u128::from(sojourn);
        self.touch(at, touched);
    }

    /// Counts a call that set out at `now` no longer.
    fn take_back(&mut self, at: u32, now: u64, touched: &mut Vec<u32>) {
        self.arrivals = self.arrivals.wrapping_sub(1);
        self.moments += i128::from(now);
        self.touch(at, touched);
    }

    #[inline(always)]
    fn touch(&mut self, at: u32, touched: &mut Vec<u32>) {
        if !self.is_touched {
            self.is_touched = true;
            push(touched, at);
        }
    }
}

#[cold]
#[inline(never)]
fn push(touched: &mut Vec<u32>, at: u32) {
    touched.push(at);
}

/// What a route has counted since its books were posted.
#[derive(Clone, Copy)]
pub(super) struct Posting {
    pub arrivals: u64,
    pub departures: u64,
    pub moments: i128,
    pub sojourn_sum: u128,
}

/// Sojourns that are not in their histograms yet.
///
/// In a large drawing the place to count a sojourn is far away in memory. The processor fetches many
/// such places at once when nothing else is between them.
#[derive(Clone, Debug)]
pub(super) struct Sojourns {
    /// Whether the drawing is so large that it pays.
    wait: bool,
    /// By the component's number.
    noted: Vec<(u32, Duration)>,
}

/// From so many components on it pays: their histograms do not fit into the processor's own memory.
const LARGE: usize = 256;

impl Sojourns {
    pub fn new(components: usize) -> Self {
        Self {
            wait: components >= LARGE,
            noted: Vec::new(),
        }
    }

    /// A call was so long in a component, which is number `at`.
    #[inline(always)]
    pub fn count(&mut self, component: &mut Component, at: u32, sojourn: Duration) {
        if self.wait {
            self.note(at, sojourn);
        } else {
            component.latency.add(sojourn);
        }
    }

    #[cold]
    #[inline(never)]
    fn note(&mut self, at: u32, sojourn: Duration) {
        self.noted.push((at, sojourn));
    }

    /// After how many events the sojourns should be counted.
    pub fn events_between_counts(&self) -> u64 {
        if self.wait { 128 } else { u64::MAX }
    }
}

impl Simulation {
    /// Counts the sojourns that were noted.
    pub(super) fn count_sojourns(&mut self) {
        for (at, sojourn) in self.sojourns.noted.drain(..) {
            self.components[at as usize].latency.add(sojourn);
        }
    }

    /// Finds every route.
    pub(super) fn lay_routes(&mut self) {
        let mut all = Vec::new();
        for at in 0..self.components.len() as u32 {
            if self.details_matter && !self.only_sessions_matter {
                break;
            }
            let straight = self.components[at as usize].plan.straight;
            let operations = self.operations.len();
            if let Part::Client(client) = &mut self.components[at as usize].part
                && straight != NONE
                && all.len() < MOST_ROUTES
            {
                client.start_on(all.len() as u32, operations);
                self.lay_route(&mut all, at, straight);
                continue;
            }
            for leg in 0..self.components[at as usize].plan.legs.len() {
                let leg = &mut self.components[at as usize].plan.legs[leg];
                if leg.mode == Mode::Sync && all.len() < MOST_ROUTES {
                    leg.route = all.len() as u32;
                    let connection = leg.connection;
                    self.lay_route(&mut all, NONE, connection);
                }
            }
        }
        self.routes = Routes {
            all,
            ..Routes::default()
        };
        let unfolded = |at: u32| {
            let clients = self
                .along(at)
                .filter(|route| route.before == NONE && route.client != NONE);
            self.along(at).count() + clients.count()
        };
        let most_records = (0..self.routes.all.len() as u32).map(unfolded).max();
        self.routes.most_records = most_records.unwrap_or(1);
        self.open_routes();
    }

    /// The route over one arrow, and all those that go on from it.
    fn lay_route(&self, all: &mut Vec<Route>, client: u32, connection: u32) {
        let first = all.len();
        let mut at = first;
        all.push(Route::new(
            client,
            connection,
            self.end_of(connection, NONE),
        ));
        let mut length = vec![1];
        while at < all.len() {
            if let Part::Balancer(balancer) = &self.components[all[at].component as usize].part
                && length[at - first] < LONGEST
                && all.len() + balancer.targets.len() <= MOST_ROUTES
            {
                all[at].onward = all.len() as u32;
                for (nth, target) in balancer.targets.iter().enumerate() {
                    let end = self.end_of(target.connection, target.instance);
                    all.push(Route {
                        target: nth as u32,
                        before: at as u32,
                        ..Route::new(client, target.connection, end)
                    });
                    length.push(length[at - first] + 1);
                }
            }
            at += 1;
        }
    }

    /// Where an arrow leads, and to which instance there.
    fn end_of(&self, connection: u32, instance: u32) -> (u32, u32) {
        let to = self.connections[connection as usize].to;
        let component = &self.components[to as usize];
        let only = component.instances == 1 && instance == NONE;
        let instance = if only {
            component.first_instance
        } else {
            instance
        };
        (to, instance)
    }

    /// Brings up to date which routes may be taken: none while there are so many records that the
    /// calls on them could not all be unfolded.
    pub(super) fn open_routes(&mut self) {
        if !self.calls.make_room_for(self.routes.most_records) {
            return;
        }
        for route in &mut self.routes.all {
            let component = &self.components[route.component as usize];
            let plain = self.connections[route.connection as usize].plain;
            route.end = match &component.part {
                _ if !plain || !component.calm => End::Closed,
                Part::Balancer(balancer) if balancer.is_simple && route.onward != NONE => {
                    End::Balancer
                }
                Part::Balancer(_)
                | Part::Client(_)
                | Part::Limiter(_)
                | Part::Gateway(_)
                | Part::Dns(_)
                | Part::Function(_)
                | Part::Queue(_) => End::Closed,
                Part::Server | Part::Cache(_) | Part::Database(_) | Part::Replica(_) => {
                    if route.instance == NONE {
                        End::Instances
                    } else {
                        End::Instance
                    }
                }
            };
        }
    }

    /// What the routes have counted goes to the books of the boxes and arrows on them.
    pub(super) fn post(&mut self) {
        while let Some(last) = self.routes.touched.pop() {
            let route = &mut self.routes.all[last as usize];
            let posting = Posting {
                arrivals: std::mem::take(&mut route.arrivals),
                departures: std::mem::take(&mut route.departures),
                moments: std::mem::take(&mut route.moments),
                sojourn_sum: std::mem::take(&mut route.sojourn_sum),
            };
            route.is_touched = false;
            if let Some(client) = self.components.get_mut(route.client as usize) {
                client.meter.post(posting);
            }
            let mut at = last;
            while at != NONE {
                let route = &self.routes.all[at as usize];
                let (connection, component) = (route.connection, route.component);
                self.connections[connection as usize].post(posting);
                self.components[component as usize].meter.post(posting);
                let more = posting.arrivals.wrapping_sub(posting.departures);
                self.count_target(at, more as i32);
                at = self.routes.all[at as usize].before;
            }
        }
    }

    /// The target at the end of a route has so many calls more in flight. Balancers that look at
    /// the number keep it up to date themselves.
    fn count_target(&mut self, route: u32, more: i32) {
        let route = &self.routes.all[route as usize];
        if route.before == NONE {
            return;
        }
        let balancer = self.routes.all[route.before as usize].component;
        if let Part::Balancer(balancer) = &mut self.components[balancer as usize].part
            && !balancer.heeds_load()
        {
            balancer.change_load(route.target, more);
        }
    }

    /// Every call on a route gets the records it would have had without, and no route is open until
    /// [`Self::open_routes`]: something is about to change.
    pub(super) fn close_routes(&mut self) {
        for route in &mut self.routes.all {
            route.end = End::Closed;
        }
        let calls = self.calls.iter();
        let on_routes: Vec<u32> = calls
            .filter(|(_, call)| call.has(flag::ON_ROUTE))
            .map(|(id, _)| id)
            .collect();
        for id in on_routes {
            self.unfold(id);
        }
        self.post();
    }

    /// A call on a route gets the records it would have had without.
    #[cold]
    #[inline(never)]
    pub(super) fn unfold(&mut self, id: u32) {
        let call = &self.calls[id];
        let (at, caller) = (call.leg, call.parent);
        let (now, number) = (call.arrived, call.sent);
        let asked = self.asked_by(id);
        let route = &mut self.routes.all[at as usize];
        route.take_back(at, now, &mut self.routes.touched);
        let (connection, component, target) = (route.connection, route.component, route.target);
        let caller = self.unfold_before(at, caller, (now, number, asked));
        self.connections[connection as usize].set_off();
        self.components[component as usize].meter.enter(now);
        self.count_target(at, 1);
        self.note_session(id, asked);
        let call = &mut self.calls[id];
        call.sent = now;
        call.parent = caller;
        call.leg = connection;
        call.via = connection;
        call.flags &= !flag::ON_ROUTE;
        if target != NONE {
            call.flags |= flag::BALANCED;
            self.calls.note_target(id, target);
        }
    }

    /// Makes the records, and the entries in the books, of what comes before the last arrow of a
    /// route: of a call, made by `caller` unless a client without a record made it, as its request of
    /// this `number`, that set out at `now`. Returns the last record, which waits for one call.
    fn unfold_before(
        &mut self,
        at: u32,
        caller: u32,
        (now, number, asked): (u64, u64, Asked),
    ) -> u32 {
        let route = &self.routes.all[at as usize];
        let (client, before) = (route.client, route.before);
        let call = Call {
            arrived: now,
            started: now,
            key: asked.key,
            operation: asked.operation,
            pending: 1,
            step: 1,
            state: State::Waiting,
            ..Call::BLANK
        };
        if before == NONE {
            if client == NONE {
                return caller;
            }
            self.components[client as usize].meter.enter(now);
            let id = self.calls.add(Call {
                sent: number,
                component: client,
                ..call
            });
            self.note_session(id, asked);
            return id;
        }
        let parent = self.unfold_before(before, caller, (now, number, asked));
        let route = &self.routes.all[before as usize];
        let (connection, component, target) = (route.connection, route.component, route.target);
        self.connections[connection as usize].set_off();
        self.components[component as usize].meter.enter(now);
        self.count_target(before, 1);
        let id = self.calls.add(Call {
            sent: now,
            parent,
            leg: connection,
            via: connection,
            component,
            flags: if target == NONE { 0 } else { flag::BALANCED },
            ..call
        });
        self.calls.note_target(id, target);
        self.note_session(id, asked);
        id
    }

    /// A call by `caller` can't go on over a route: it takes the general way from the box before
    /// its end, to this instance of the box there if one is chosen.
    #[cold]
    #[inline(never)]
    pub(super) fn detour(&mut self, at: u32, instance: u32, caller: u32, asked: Asked) {
        let route = &self.routes.all[at as usize];
        let (connection, target) = (route.connection, route.target);
        let caller = self.unfold_before(at, caller, (self.now, self.requests, asked));
        self.count_target(at, 1);
        self.calls[caller].pending -= 1;
        let id = self.call_instance(caller, connection, instance, Verb::Request, true);
        self.calls.note_target(id, target);
        if target != NONE {
            self.calls[id].flags |= flag::BALANCED;
        }
        self.send(id);
    }

    /// What a call is about.
    #[inline(always)]
    pub(super) fn asked_by(&self, id: u32) -> Asked {
        let call = &self.calls[id];
        Asked {
            operation: call.operation,
            key: call.key,
            session: match self.details_matter {
                true if call.has(flag::ON_ROUTE) => call.via,
                true => self.calls.rare(id).session,
                false => 0,
            },
        }
    }

    fn note_session(&mut self, id: u32, asked: Asked) {
        if self.details_matter {
            self.calls.note_session(id, asked.session);
        }
    }

    /// The routes up to this one, the longest first.
    pub(super) fn along(&self, at: u32) -> impl Iterator<Item = &Route> {
        let all = &self.routes.all;
        std::iter::successors(all.get(at as usize), |route| all.get(route.before as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Engine, Trouble};
    use crate::scenario::{Component, FaultKind, file};

    /// Calls on routes count as the calls that they stand for, also after a crowd has come and gone.
    #[test]
    fn there_is_room_to_unfold_every_call() {
        const LIMIT: usize = 3_000;
        let (document, problems) = file::load(
            r#"Scenario(
                version: 1,
                operations: { "read": (kind: Read, weight: 1) },
                components: {
                    "clients": Client(arrivals: Poisson(rate: 20000)),
                    "balancer": LoadBalancer(algorithm: LeastConnections),
                    "front": Server(slots: 100000, service: "0s"),
                    "inner": LoadBalancer(algorithm: RoundRobin),
                    "server": Server(slots: 10, service: Exponential("1ms"), instances: 2),
                },
                connections: [
                    (from: "clients", to: "balancer", latency: "0s"),
                    (from: "balancer", to: "front", latency: "0s"),
                    (from: "front", to: "inner", latency: "0s"),
                    (from: "inner", to: "server", latency: "0s"),
                ],
            )"#,
        );
        let mut scenario = document.unwrap_or_else(|| panic!("{problems:?}")).scenario;
        if let Component::Client(client) = &mut scenario.components["clients"] {
            client.timeout = None;
        }
        let mut engine = Engine::new(&scenario).unwrap();
        engine.simulation.calls.limit = LIMIT;
        engine.simulation.open_routes();
        let second = 1_000_000_000;
        for crowd in 1..=4 {
            engine
                .start_fault("server", FaultKind::Slow { times: 1e6 })
                .unwrap();
            engine.run_until(engine.now_ns() + second);
            assert_eq!(engine.trouble(), Some(Trouble::TooManyCalls));
            engine.check_conservation().unwrap();
            let before = engine.system();
            assert!(before.refused > 10_000, "{before:?}");
            // Every route is closed, and every call on one unfolded.
            engine
                .start_fault("clients", FaultKind::Traffic { times: 1e-3 })
                .unwrap();
            engine.check_conservation().unwrap();
            let after = engine.system();
            assert_eq!(
                (after.present, after.refused),
                (before.present, before.refused)
            );
            let records = engine.simulation.calls.len();
            assert!(records <= LIMIT + 10, "{records} after {crowd} crowds");
            assert!(records >= LIMIT / 2, "{records}: not even nearly");
            engine.heal("server").unwrap();
            engine.run_until(engine.now_ns() + 20_000 * second);
            assert!(engine.system().present < 10);
            engine.heal("clients").unwrap();
            engine.reset_measures();
            assert_eq!(engine.trouble(), None);
        }
    }
}
