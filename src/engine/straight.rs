//! The way of a call when nothing is out of the ordinary: most calls travel over arrows without
//! latency, through balancers, to a box that is well. What [`Simulation::send`] does step by step is
//! done here in one go, with the same result: records are written once, as they will be when the
//! call has arrived. As soon as something is special the general way takes over.

use super::{
    MOST_DEPTH, Simulation,
    call::{Call, NONE, Outcome, State, Verb, flag},
    component::Part,
    histogram::Duration,
    route::Routes,
};

impl Simulation {
    /// `caller`, which waits and has counted this call already, calls over `leg`.
    pub(super) fn go(&mut self, caller: u32, leg: u32) {
        let call = &self.calls[caller];
        self.go_now(caller, leg, call.key, call.operation, call.flags);
    }

    /// As [`Self::go`], for a caller with these.
    #[inline(always)]
    pub(super) fn go_now(
        &mut self,
        mut caller: u32,
        mut leg: u32,
        key: u32,
        operation: u8,
        flags: u16,
    ) {
        let now = self.now;
        let special = flags & flag::SAMPLED != 0 || self.sessions_matter;
        let (mut instance, mut target) = (NONE, NONE);
        let Self {
            calls,
            components,
            connections,
            instances,
            ziggurat,
            depth,
            ..
        } = self;
        let (components, connections) = (&mut components[..], &mut connections[..]);
        let general = special || *depth >= MOST_DEPTH;
        loop {
            if general {
                break;
            }
            let connection = &mut connections[leg as usize];
            let component = &mut components[connection.to as usize];
            if !(connection.plain && component.calm) {
                break;
            }
            let call = Call {
                arrived: now,
                started: now,
                sent: now,
                parent: caller,
                leg,
                via: leg,
                component: connection.to,
                key,
                operation,
                flags: if target == NONE { 0 } else { flag::BALANCED },
                ..Call::BLANK
            };
            match &mut component.part {
                Part::Balancer(balancer) if balancer.is_simple => {
                    let Some(at) = balancer.pick(0, &mut component.routing) else {
                        break;
                    };
                    connection.set_off();
                    component.meter.enter(now);
                    let chosen = &balancer.targets[at as usize];
                    let onward = (chosen.connection, chosen.instance);
                    balancer.change_load(at, 1);
                    caller = calls.add(Call {
                        instance,
                        pending: 1,
                        step: 1,
                        state: State::Waiting,
                        ..call
                    });
                    calls.note_target(caller, target);
                    (leg, instance) = onward;
                    target = at;
                    continue;
                }
                Part::Client(_) | Part::Balancer(_) | Part::Queue(_) => break,
                Part::Server | Part::Cache(_) | Part::Database(_) | Part::Replica(_) => {}
            }
            if instance == NONE {
                instance = component.next_instance();
            }
            let place = &mut instances[instance as usize];
            if place.used < component.slots {
                connection.set_off();
                place.used += 1;
                component.meter.enter_slot(now);
                let id = calls.add(Call {
                    instance,
                    flags: call.flags | flag::SCHEDULED,
                    state: State::Working,
                    ..call
                });
                calls.note_target(id, target);
                let work = component.begin_at_once(operation, ziggurat);
                let kind = component.done;
                return self.work(id, kind, work);
            }
            if place.waiting >= component.capacity {
                break;
            }
            connection.set_off();
            component.meter.enter(now);
            let id = calls.add(Call {
                instance,
                state: State::Queued,
                ..call
            });
            calls.note_target(id, target);
            let last = place.line_up(id);
            calls.follow(last, id);
            return;
        }
        self.go_slowly(caller, leg, instance, target);
    }

    /// A request sets out on a route.
    #[inline(always)]
    pub(super) fn set_out(&mut self, mut at: u32, key: u32, operation: u8) {
        let now = self.now;
        let Self {
            calls,
            components,
            instances,
            ziggurat,
            routes,
            ..
        } = self;
        let Routes { all, touched } = routes;
        let (all, components) = (&mut all[..], &mut components[..]);
        let (route, component) = loop {
            let route = &mut all[at as usize];
            if !route.is_open {
                let instance = route.instance;
                return self.detour(at, instance, key, operation);
            }
            let component = &mut components[route.component as usize];
            let Part::Balancer(balancer) = &mut component.part else {
                break (route, component);
            };
            let Some(target) = balancer.pick(0, &mut component.routing) else {
                return self.detour(at, NONE, key, operation);
            };
            if balancer.heeds_load() {
                balancer.change_load(target, 1);
            }
            at = route.onward + target;
        };
        let instance = if route.instance == NONE {
            component.next_instance()
        } else {
            route.instance
        };
        // As it is unfolded, if ever.
        let call = Call {
            arrived: now,
            started: now,
            parent: at,
            component: route.component,
            instance,
            key,
            operation,
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
            let work = component.begin_at_once(operation, ziggurat);
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
            self.detour(at, instance, key, operation);
        }
    }

    /// A request that is still on its route leaves the box at its end, and so all boxes before.
    /// `JUST_DONE`: its slot has worked up to now; then nothing is done, and said so, unless the box
    /// answers at once and the request is on a route.
    #[inline(always)]
    fn leave_route<const JUST_DONE: bool>(&mut self, id: u32) -> bool {
        let now = self.now;
        let Self {
            calls,
            components,
            instances,
            future,
            ziggurat,
            routes,
            ..
        } = self;
        let calls = calls.open();
        let records = &mut calls.records[..];
        let call = &mut records[id as usize];
        let Some(component) = components.get_mut(call.component as usize) else {
            return false;
        };
        if JUST_DONE {
            if !component.calm_leaf || !call.has(flag::ON_ROUTE) {
                return false;
            }
            component.meter.served(now - call.started);
        } else {
            // Its work was over before: so that it leaves like one whose work is over just now.
            component.meter.slot_works(now);
        }
        let (at, operation) = (call.parent, call.operation);
        let instance = &mut instances[call.instance as usize];
        let sojourn = now - call.arrived;
        call.flags = 0;
        call.give_back(id, calls.free);
        let route = &mut routes.all[at as usize];
        route.leave(at, now, sojourn, &mut routes.touched);
        let (client, before, target) = (route.client, route.before, route.target);
        let duration = Duration::new(sojourn);
        component.latency.add(duration);
        let next = instance.head;
        if next == NONE || instance.used > component.slots {
            component.meter.slot_is_free(now);
            instance.used -= 1;
        } else {
            // The slot goes to the next in line.
            let call = &mut records[next as usize];
            instance.step_forward(call.next);
            let work = component.begin_calm(call, now, ziggurat);
            if work == 0 {
                let kind = component.done;
                self.work(next, kind, work);
            } else {
                future.put_now(now + work, component.done | next);
            }
        }
        if before != NONE {
            self.pass_balancers(before, target, duration);
        }
        self.finish_on_route(client, operation, duration);
        true
    }

    /// A request passes the balancers of its route on its way back to the client.
    #[inline(always)]
    fn pass_balancers(&mut self, mut at: u32, mut target: u32, duration: Duration) {
        while at != NONE {
            let route = &self.routes.all[at as usize];
            let component = &mut self.components[route.component as usize];
            component.latency.add(duration);
            if let Part::Balancer(balancer) = &mut component.part
                && balancer.heeds_load()
            {
                balancer.change_load(target, -1);
            }
            (at, target) = (route.before, route.target);
        }
    }

    #[inline(never)]
    pub(super) fn go_slowly(&mut self, caller: u32, leg: u32, instance: u32, target: u32) {
        self.calls[caller].pending -= 1;
        let id = self.call_instance(caller, leg, instance, Verb::Request, true);
        self.calls.note_target(id, target);
        if target != NONE {
            self.calls[id].flags |= flag::BALANCED;
        }
        self.send(id);
    }

    /// The event of own work that is over, at a box that nobody has changed since it began. As
    /// [`Simulation::done_in_steps`].
    #[inline(always)]
    pub(super) fn done_leaf(&mut self, id: u32) {
        if self.leave_route::<true>(id) {
            return;
        }
        if self.work_is_done(id) {
            self.go_on_after_work(id);
        } else {
            self.done_in_steps(id);
        }
    }

    /// As [`Self::done_leaf`], at a server that asks others.
    #[inline(always)]
    pub(super) fn done(&mut self, id: u32) {
        if self.work_is_done(id) {
            self.go_on_after_work(id);
        } else {
            self.done_in_steps(id);
        }
    }

    /// As [`Self::done_leaf`], at a cache.
    #[inline(always)]
    pub(super) fn done_cache(&mut self, id: u32) {
        if self.work_is_done(id) {
            self.look_up(id);
        } else {
            self.done_in_steps(id);
        }
    }

    /// As [`Self::done_leaf`], at a database or a replica.
    #[inline(always)]
    pub(super) fn done_store(&mut self, id: u32) {
        if self.work_is_done(id) {
            self.access(id);
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

    /// A call has ended, and has not failed: it leaves its component and replies, and so do those on
    /// the way back that have nothing else to do. As [`Simulation::finish_in_steps`].
    #[inline(always)]
    pub(super) fn come_home(&mut self, id: u32, outcome: Outcome) {
        let flags = self.calls[id].flags;
        if flags & (flag::ON_ROUTE | flag::VERSIONED) == flag::ON_ROUTE {
            self.leave_route::<false>(id);
        } else {
            self.come_home_in_records(id, outcome);
        }
    }

    #[inline(always)]
    fn come_home_in_records(&mut self, mut id: u32, mut outcome: Outcome) {
        const SPECIAL: u16 = flag::ON_ROUTE
            | flag::ASYNC
            | flag::SAMPLED
            | flag::TIMED
            | flag::CONSUMING
            | flag::VERSIONED;
        let Self {
            calls,
            components,
            connections,
            instances,
            future,
            ziggurat,
            now,
            ..
        } = self;
        let now = *now;
        let (components, connections) = (&mut components[..], &mut connections[..]);
        let mut calls = calls.open();
        loop {
            let call = &mut calls.records[id as usize];
            let leg = call.leg;
            let connection = connections.get_mut(leg as usize);
            let component = &mut components[call.component as usize];
            let (caller, flags, instance) = (call.parent, call.flags, call.instance);
            let connection = match connection {
                Some(connection)
                    if connection.direct
                        && component.calm
                        && caller != NONE
                        && flags & SPECIAL == 0
                        && self.depth < MOST_DEPTH =>
                {
                    connection
                }
                _ => return self.finish_in_steps(id, outcome),
            };
            call.outcome = outcome;
            let (since, sojourn) = (call.sent, now - call.arrived);
            component.meter.count(outcome, true);
            component.latency.record(sojourn);
            if instance == NONE {
                component.meter.leave(now, sojourn);
            } else {
                call.state = State::Transit;
                let instance = &mut instances[instance as usize];
                let next = instance.head;
                if next == NONE || instance.used > component.slots {
                    component.meter.leave_slot(now, sojourn);
                    instance.used -= 1;
                } else {
                    // The slot goes to the next in line.
                    component.meter.leave(now, sojourn);
                    component.meter.slot_works(now);
                    let call = &mut calls.records[next as usize];
                    instance.step_forward(call.next);
                    let work = component.begin_calm(call, now, ziggurat);
                    if work == 0 {
                        let kind = component.done;
                        self.work(next, kind, work);
                        let caller = self.reply(id);
                        return self.answer_in_turn(caller);
                    }
                    future.put_now(now + work, component.done | next);
                }
            }
            connection.ended(now - since, outcome);
            calls.remove(id);
            let target = calls.rare[id as usize].target;
            id = caller;
            let call = &mut calls.records[id as usize];
            if outcome == Outcome::Missed {
                call.note_miss();
                calls.rare[id as usize].missed = leg;
                outcome = Outcome::Well;
            }
            let Some(component) = components.get_mut(call.component as usize) else {
                let next = self.answered_one(id);
                return self.answer_in_turn(next);
            };
            if flags & flag::BALANCED != 0
                && let Part::Balancer(balancer) = &mut component.part
            {
                balancer.change_load(target, -1);
            }
            call.pending -= 1;
            let waits = call.state == State::Waiting;
            let goes_on = call.pending == 0 && waits && call.outcome == Outcome::Well;
            let goes_on_quickly = call.pending == 0 && waits && component.plan.is_quick;
            match &component.part {
                Part::Balancer(_) if goes_on && component.calm => {}
                Part::Server if goes_on_quickly && component.calm => {
                    let plan = &component.plan;
                    let next = plan.next_of_quick(call.step, call.operation, call.outcome);
                    if next.is_some() || call.outcome.failed().is_some() {
                        return self.advance(id);
                    }
                    outcome = Outcome::Well;
                    if call.flags & (flag::ON_ROUTE | flag::VERSIONED) == flag::ON_ROUTE {
                        self.leave_route::<false>(id);
                        return;
                    }
                }
                Part::Server if call.pending == 0 && waits && component.calm => {
                    return self.advance(id);
                }
                _ => {
                    call.pending += 1;
                    let next = self.answered_one(id);
                    return self.answer_in_turn(next);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        engine::Engine,
        scenario::{Component, Distribution, Scenario, file},
    };

    /// Arrows without latency, and clients without patience: most calls can go straight.
    fn at_once(text: &str) -> Scenario {
        let (document, problems) = file::load(text);
        let mut scenario = document.unwrap_or_else(|| panic!("{problems:?}")).scenario;
        for connection in &mut scenario.connections {
            connection.latency = Distribution::ZERO;
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
}
