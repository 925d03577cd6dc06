//! The way of a call on a route, there and back. What [`Simulation::send`] and
//! [`Simulation::finish_in_steps`] do step by step is done here in one go, with the same result. As
//! soon as something is special the general way takes over.

use super::{
    MOST_DEPTH, Simulation,
    balancer::Asked,
    call::{Call, NONE, Outcome, State, Verb, flag},
    component::Part,
    histogram::Duration,
    route::{End, Routes},
};

/// Said by [`Simulation::leave_route`]: nothing was done.
const ELSEWHERE: u32 = NONE - 1;

impl Simulation {
    /// A call sets out on a route; `caller` waits and has counted it already. [`NONE`]: a client.
    #[inline(always)]
    pub(super) fn set_out(&mut self, mut at: u32, caller: u32, asked: Asked) {
        let now = self.now;
        let Self {
            calls,
            components,
            instances,
            ziggurat,
            routes,
            requests,
            ..
        } = self;
        let Routes { all, touched, .. } = routes;
        let (all, components) = (&mut all[..], &mut components[..]);
        let (route, component, instance) = loop {
            let route = &mut all[at as usize];
            let component = &mut components[route.component as usize];
            // The commonest end first: a comparison knows sooner than a table.
            if route.end == End::Instance {
                let instance = route.instance;
                break (route, component, instance);
            }
            match route.end {
                End::Balancer | End::Instance => {}
                End::Instances => {
                    let instance = component.next_instance();
                    break (route, component, instance);
                }
                End::Closed => {
                    // Without a balancer the instance is chosen when the call arrives.
                    let instance = if route.before == NONE {
                        NONE
                    } else {
                        route.instance
                    };
                    return self.detour(at, instance, caller, asked);
                }
            }
            let Part::Balancer(balancer) = &mut component.part else {
                return;
            };
            let Some(target) = balancer.pick(asked, &mut component.routing) else {
                return self.detour(at, NONE, caller, asked);
            };
            if balancer.heeds_load() {
                balancer.change_load(target, 1);
            }
            at = route.onward + target;
        };
        let call = Call {
            arrived: now,
            started: now,
            sent: *requests,
            parent: caller,
            leg: at,
            via: asked.session,
            component: route.component,
            instance,
            key: asked.key,
            operation: asked.operation,
            ..Call::BLANK
        };
        let place = &mut instances[instance as usize];
        if place.used < component.slots {
            route.enter(at, now, touched);
            place.used += 1;
            component.meter.line_to_slot(now);
            let id = calls.add_on_route(Call {
                flags: flag::ON_ROUTE | flag::SCHEDULED,
                state: State::Working,
                ..call
            });
            let work = component.begin_at_once(asked.operation, ziggurat);
            let kind = component.done;
            self.work(id, kind, work);
        } else if place.waiting < component.capacity {
            route.enter(at, now, touched);
            let id = calls.add_on_route(Call {
                flags: flag::ON_ROUTE,
                state: State::Queued,
                ..call
            });
            let last = place.line_up(id);
            calls.follow(last, id);
        } else {
            self.detour(at, instance, caller, asked);
        }
    }

    /// As [`Self::set_out`], for those who are seldom there.
    #[inline(never)]
    pub(super) fn set_out_slowly(&mut self, at: u32, caller: u32, asked: Asked) {
        self.set_out(at, caller, asked);
    }

    /// A call that is still on its route leaves the box at its end, and so all boxes before. Returns
    /// its caller; [`NONE`] for a client without a record, which has its answer.
    ///
    /// `JUST_DONE`: its slot has worked up to now; then nothing is done, and [`ELSEWHERE`] said,
    /// unless the box answers at once and the call is on a route.
    #[inline(always)]
    fn leave_route<const JUST_DONE: bool>(&mut self, id: u32) -> u32 {
        let now = self.now;
        let Self {
            calls,
            components,
            instances,
            future,
            ziggurat,
            routes,
            sojourns,
            ..
        } = self;
        let calls = calls.open();
        let records = &mut calls.records[..];
        let call = &mut records[id as usize];
        let Some(component) = components.get_mut(call.component as usize) else {
            return ELSEWHERE;
        };
        if JUST_DONE {
            if !component.calm_leaf || !call.has(flag::ON_ROUTE) {
                return ELSEWHERE;
            }
            component.meter.served(now - call.started);
        } else {
            // Its work was over before: so that it leaves like one whose work is over just now.
            component.meter.slot_works(now);
        }
        let (at, caller, operation) = (call.leg, call.parent, call.operation);
        let session = call.via;
        let number = call.component;
        let instance = &mut instances[call.instance as usize];
        let sojourn = now - call.arrived;
        call.flags = 0;
        if !JUST_DONE {
            call.step = 0;
            call.outcome = Outcome::Well;
        }
        call.give_back(id, calls.free);
        let route = &mut routes.all[at as usize];
        route.leave(at, now, sojourn, &mut routes.touched);
        let (client, before, target) = (route.client, route.before, route.target);
        let duration = Duration::new(sojourn);
        sojourns.count(component, number, duration);
        let next = instance.head;
        if next == NONE || instance.used > component.slots {
            component.meter.slot_is_free(now);
            instance.used -= 1;
        } else {
            // The slot goes to the next in line.
            let call = &mut records[next as usize];
            instance.step_forward(call.next);
            let work = component.begin_calm(call, now, ziggurat);
            let kind = component.done;
            if work == 0 {
                self.work(next, kind, work);
            } else {
                future.put_now(now + work, kind | next);
            }
        }
        if before != NONE {
            self.pass_balancers(before, target, duration);
        }
        if caller == NONE {
            self.finish_on_route(client, (operation, session), duration);
        }
        caller
    }

    /// A call passes the balancers of its route on its way back.
    #[inline(always)]
    fn pass_balancers(&mut self, mut at: u32, mut target: u32, duration: Duration) {
        while at != NONE {
            let route = &self.routes.all[at as usize];
            let component = &mut self.components[route.component as usize];
            self.sojourns.count(component, route.component, duration);
            if let Part::Balancer(balancer) = &mut component.part
                && balancer.heeds_load()
            {
                balancer.answered(target, duration.nanos(), self.now);
            }
            (at, target) = (route.before, route.target);
        }
    }

    /// A call has ended, and has not failed: it leaves its component and replies, and so do those on
    /// the way back that have nothing else to do.
    #[inline(always)]
    pub(super) fn come_home(&mut self, mut id: u32, mut outcome: Outcome) {
        loop {
            let call = &self.calls[id];
            if !call.has(flag::ON_ROUTE) || self.depth >= MOST_DEPTH {
                return self.finish_in_steps(id, outcome);
            }
            if outcome == Outcome::Missed {
                self.note_miss(id);
                outcome = Outcome::Well;
            } else if call.has(flag::VERSIONED) {
                self.note_version(id);
            }
            let caller = self.leave_route::<false>(id);
            if caller == NONE {
                return;
            }
            id = self.answered_on_route(caller);
            if id == NONE {
                return;
            }
        }
    }

    /// The caller of a call on a route, a cache that did not have the key, is told so.
    fn note_miss(&mut self, id: u32) {
        let call = &self.calls[id];
        let (at, caller) = (call.leg, call.parent);
        if caller != NONE {
            let first = self.along(at).last().map(|route| route.connection);
            self.calls[caller].note_miss();
            self.calls.rare_mut(caller).missed = first.unwrap_or(NONE);
        }
    }

    /// The caller of a call on a route learns which version the answer is.
    fn note_version(&mut self, id: u32) {
        let call = &self.calls[id];
        let (at, caller) = (call.leg, call.parent);
        let stale = self.calls.stale_since(id);
        let operation = call.operation as usize;
        if caller != NONE {
            let (version, store) = self.calls.version(id);
            self.calls.set_version(caller, version, store);
            if let Some(since) = stale {
                self.calls.set_stale(caller, since);
            }
            return;
        }
        if self.writes[operation] {
            // A write has no age.
            return;
        }
        let client = self.routes.all[at as usize].client as usize;
        self.components[client].meter.note_version(self.now, stale);
        if self.operations.len() > 1 {
            self.operations[operation]
                .meter
                .note_version(self.now, stale);
        }
    }

    /// One of the calls that a call waits for is answered. Returns it, if it has nothing to do but
    /// to come home.
    #[inline(always)]
    fn answered_on_route(&mut self, caller: u32) -> u32 {
        let call = &mut self.calls[caller];
        if call.pending == 1
            && call.state == State::Waiting
            && let Some(component) = self.components.get(call.component as usize)
            && component.calm
            && matches!(component.part, Part::Server)
        {
            call.pending = 0;
            if component.plan.is_quick && call.outcome.failed().is_none() {
                let next = component
                    .plan
                    .next_of_quick(call.step, call.operation, call.outcome);
                if next.is_none() {
                    return caller;
                }
            }
            self.advance(caller);
        } else {
            let next = self.answered_one(caller);
            self.answer_in_turn(next);
        }
        NONE
    }

    /// The event of own work that is over, at a box that nobody has changed since it began. As
    /// [`Simulation::done_in_steps`].
    #[inline(always)]
    pub(super) fn done_leaf(&mut self, id: u32) {
        match self.leave_route::<true>(id) {
            NONE => {}
            ELSEWHERE => self.done(id, Self::go_on_after_work),
            caller => {
                let next = self.answered_on_route(caller);
                if next != NONE {
                    self.finish(next, Outcome::Well);
                }
            }
        }
    }

    /// As [`Self::done_leaf`], at a box that goes on like this.
    #[inline(always)]
    pub(super) fn done(&mut self, id: u32, go_on: impl FnOnce(&mut Self, u32)) {
        if self.work_is_done(id) {
            go_on(self, id);
        } else {
            self.done_in_steps(id);
        }
    }

    /// Counts that work is over, if all is well. Says whether it was.
    #[inline(always)]
    fn work_is_done(&mut self, id: u32) -> bool {
        let now = self.now;
        let call = &mut self.calls[id];
        match self.components.get_mut(call.component as usize) {
            Some(component) if component.calm && call.state == State::Working => {
                call.flags &= !flag::SCHEDULED;
                component.meter.work_done(now, now - call.started);
                true
            }
            _ => false,
        }
    }

    /// `caller`, which waits and has counted this call already, calls on the general way.
    #[inline(never)]
    pub(super) fn go_slowly(&mut self, caller: u32, connection: u32) {
        self.calls[caller].pending -= 1;
        let id = self.call(caller, connection, Verb::Request, true);
        self.send(id);
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        engine::Engine,
        scenario::{Component, Distribution, Duration, FaultKind, Scenario, file},
    };

    /// Arrows without latency, and clients without patience: most calls can go straight.
    fn at_once(text: &str) -> Scenario {
        let (document, problems) = file::load(text);
        let mut scenario = document.unwrap_or_else(|| panic!("{problems:?}")).scenario;
        for connection in &mut scenario.connections {
            connection.latency = Some(Distribution::ZERO);
            connection.timeout = None;
        }
        for component in scenario.components.values_mut() {
            if let Component::Client(client) = component {
                client.timeout = None;
            }
        }
        scenario
    }

    #[test]
    fn straight_and_general_way_agree() {
        let scenarios = [
            include_str!("../../scenarios/balancing.ron"),
            include_str!("../../scenarios/checkout.ron"),
            include_str!("../../scenarios/mm1.ron"),
            include_str!("../../scenarios/shop.ron"),
            include_str!("../../scenarios/url_shortener.ron"),
        ];
        for text in scenarios {
            let scenario = at_once(text);
            let mut straight = Engine::new(&scenario).unwrap();
            // A request whose hops are recorded goes the general way.
            let mut general = straight.clone();
            general.sample_hops(1);
            straight.run_until(40_000_000_000);
            general.run_until(40_000_000_000);
            assert!(straight.events() > 1_000, "{}", scenario.name);
            assert_eq!(
                straight.fingerprint(),
                general.fingerprint(),
                "{}",
                scenario.name
            );
            assert_eq!(straight.check_conservation(), Ok(()), "{}", scenario.name);
        }
    }

    #[test]
    fn they_agree_on_the_target() {
        for algorithm in [
            "WeightedRoundRobin",
            "Random",
            "WeightedLeastConnections",
            "PowerOfChoices()",
            "LeastResponseTime()",
            "LowestUtilization",
            "KeyHash",
            "ConsistentHash()",
            "ConsistentHash(bound: 1.25)",
            "ConsistentHash(by: Session)",
            "SessionHash",
        ] {
            let text = format!(
                "Scenario(version: 1, components: {{
                    \"client\": Client(arrivals: Poisson(rate: 100), sessions: 50,
                        keys: Zipf(items: 300, s: 1.0)),
                    \"balancer\": LoadBalancer(algorithm: {algorithm}),
                    \"server\": Server(slots: 2, service: Exponential(\"50ms\"), instances: 7),
                }}, connections: [
                    (from: \"client\", to: \"balancer\"),
                    (from: \"balancer\", to: \"server\"),
                ])"
            );
            let mut straight = Engine::new(&at_once(&text)).unwrap();
            let mut general = straight.clone();
            general.sample_hops(1);
            straight.run_until(40_000_000_000);
            general.run_until(40_000_000_000);
            assert!(straight.component(0).departures > 3_000, "{algorithm}");
            assert_eq!(straight.fingerprint(), general.fingerprint(), "{algorithm}");
            assert_eq!(straight.check_conservation(), Ok(()), "{algorithm}");
        }
    }

    /// A server on a route calls on behalf of the same session, over routes and otherwise.
    #[test]
    fn they_agree_on_the_session_of_what_is_called_for_it() {
        for (outer, inner) in [
            ("SessionHash", "ConsistentHash(by: Session)"),
            ("LeastConnections", "SessionHash"),
        ] {
            for latency in [0, 1] {
                let text = format!(
                    "Scenario(version: 1, components: {{
                        \"client\": Client(arrivals: Poisson(rate: 100), sessions: 50),
                        \"others\": Client(arrivals: Poisson(rate: 50), sessions: 1),
                        \"visitors\": Client(arrivals: Sessions(starts: 10, requests: 5, think: \"50ms\"), sessions: 90),
                        \"outer\": LoadBalancer(algorithm: {outer}),
                        \"server\": Server(slots: 4, service: Exponential(\"20ms\"), instances: 5),
                        \"inner\": LoadBalancer(algorithm: {inner}),
                        \"store\": Server(slots: 2, service: Exponential(\"20ms\"), instances: 7),
                    }}, connections: [
                        (from: \"client\", to: \"outer\"),
                        (from: \"others\", to: \"outer\"),
                        (from: \"visitors\", to: \"outer\"),
                        (from: \"outer\", to: \"server\"),
                        (from: \"server\", to: \"inner\"),
                        (from: \"inner\", to: \"store\"),
                    ])"
                );
                let mut scenario = at_once(&text);
                let latency = Distribution::Constant(Duration::from_millis(latency));
                scenario.connections[3].latency = Some(latency);
                let mut straight = Engine::new(&scenario).unwrap();
                let mut general = straight.clone();
                general.sample_hops(1);
                for second in 1..=4 {
                    for engine in [&mut straight, &mut general] {
                        engine.run_until(second * 10_000_000_000);
                        if second == 2 {
                            engine.start_fault("store #3", FaultKind::Crash).unwrap();
                        }
                    }
                    assert_eq!(straight.fingerprint(), general.fingerprint(), "{outer}");
                }
                assert!(straight.system().departures > 4_000, "{outer}");
                assert_eq!(straight.check_conservation(), Ok(()), "{outer}");
            }
        }
    }

    /// Sojourns are counted later there.
    #[test]
    fn they_agree_in_a_large_drawing_too() {
        let servers = 2_000;
        let names = (0..servers).map(|i| format!("server {i}"));
        let boxes: String = names
            .clone()
            .map(|name| format!("{name:?}: Server(slots: 1, service: Exponential(\"1s\")),"))
            .collect();
        let arrows: String = names
            .map(|name| format!("(from: \"balancer\", to: {name:?}),"))
            .collect();
        let text = format!(
            "Scenario(version: 1, name: \"star\", components: {{
                \"client\": Client(arrivals: Poisson(rate: 1500)),
                \"balancer\": LoadBalancer(algorithm: LeastConnections), {boxes}
            }}, connections: [(from: \"client\", to: \"balancer\"), {arrows}])"
        );
        let mut straight = Engine::new(&at_once(&text)).unwrap();
        assert!(straight.simulation.sojourns.events_between_counts() < 1_000);
        let mut general = straight.clone();
        general.sample_hops(1);
        for until in [3_000_000_000, 20_000_000_000] {
            straight.run_until(until);
            general.run_until(until);
            assert_eq!(straight.fingerprint(), general.fingerprint());
        }
        let answered = straight.component(0).departures;
        assert!(answered > 20_000);
        assert_eq!(straight.component_latency(0).count(), answered);
        assert_eq!(straight.check_conservation(), Ok(()));
    }
}
