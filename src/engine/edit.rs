//! Live changes: a run goes on with other tables.
//!
//! The changed scenario is compiled like any other; then what stayed, by name, moves over: calls,
//! lines, books, streams, caches, logs. What is inside a box that is gone dies as in a crash, and
//! callers over an arrow that is gone learn at once that the callee is down.

mod moves;
mod regimes;

use std::{collections::HashMap, iter::zip};

use super::{
    Simulation, alarm,
    balancer::Target,
    books::Behind,
    call::{Call, NONE, Outcome, State, Verb, flag},
    channel::Ways,
    component::Part,
    event,
    fault::{Active, Faults, Phase},
    measure::Cause,
    pauses::Fresh,
};
use crate::scenario::{FaultKind, Scenario};
pub(super) use moves::Moves;
use moves::moved;
use regimes::Joining;

impl Simulation {
    /// The run goes on as `new`, which was compiled from `after`.
    pub(super) fn take_over_by(&mut self, mut new: Self, before: &Scenario, after: &Scenario) {
        self.close_routes();
        let moves = Moves::new(self, &new, before, after);
        self.end_what_is_gone(&moves);
        self.end_pauses(&new, &moves.components);

        new.now = self.now;
        new.events = self.events;
        new.clock = self.clock.clone();
        new.requests = self.requests;
        new.overflow = self.overflow;
        new.sampling = std::mem::take(&mut self.sampling);
        new.calls = std::mem::take(&mut self.calls);
        let keeps_details = self.details_matter;
        for (call, rare) in new.calls.iter_mut() {
            // Unless somebody has kept them. Calls of one request are told apart then.
            rare.luck = if self.luck_matters {
                rare.luck
            } else {
                call.arrived
            };
            rare.session = if keeps_details { rare.session } else { 0 };
            rare.region = if keeps_details && !self.only_sessions_matter {
                moved(&moves.frames, rare.region)
            } else {
                NONE
            };
        }
        new.take_over_calls(&moves);
        let joining = new.take_over_events(self, &moves);
        new.take_over_operations(self, before, after);
        for (from, to) in moves.lanes.iter().enumerate() {
            if *to != NONE {
                new.lanes[*to as usize] = self.lanes[from];
            }
        }
        for (from, to) in moves.instances.iter().enumerate() {
            if *to != NONE {
                let component = new.instances[*to as usize].component;
                new.instances[*to as usize] = super::station::Instance {
                    component,
                    ..self.instances[from].clone()
                };
            }
        }
        for connection in &mut new.connections {
            connection.reset(self.now);
        }
        let mut cancels = Vec::new();
        for (from, to) in moves.connections.iter().enumerate() {
            if *to != NONE {
                let (now, was) = (&mut new.connections[*to as usize], &self.connections[from]);
                now.adopt(was, self.now);
                cancels.extend((now.cancels() && !was.cancels()).then_some(*to));
            }
        }
        new.begin_to_cancel(&cancels);
        let mut replan = Vec::new();
        let mut anew = Vec::new();
        let mut health = Vec::new();
        let mut known = vec![false; new.components.len()];
        let mut was_failed = known.clone();
        let mut other_log = known.clone();
        let mut pauses = vec![Fresh::No; new.components.len()];
        let mut targets = vec![Vec::new(); new.components.len()];
        for (from, to) in moves.components.iter().enumerate() {
            if *to == NONE {
                continue;
            }
            known[*to as usize] = true;
            let old = &mut self.components[from];
            let component = &mut new.components[*to as usize];
            component.adopt(old);
            if let Part::Balancer(_) = component.part
                && (component.slots > 0) != (old.slots > 0)
            {
                anew.push(*to);
            }
            component.adopt_fleet(old, self.now);
            pauses[*to as usize] = Fresh::new(component, old);
            let failing = old.failing.as_ref().or(component.failing.as_ref());
            was_failed[*to as usize] = failing.is_some_and(|failing| failing.is_down(0));
            match (&mut component.part, &mut old.part) {
                (Part::Client(client), Part::Client(old)) => {
                    client.adopt_origins(old, &moves.frames);
                    let anew = client.adopt(old, component.meter.present());
                    replan.extend(anew.then_some(*to));
                }
                (Part::Balancer(balancer), Part::Balancer(old)) => {
                    health.push(*to);
                    let places = balancer.targets.iter().zip(0..);
                    let places: HashMap<(u32, u32), u32> = places
                        .map(|(target, at)| ((target.connection, target.instance), at))
                        .collect();
                    let place = |was: &Target| {
                        let connection = moved(&moves.connections, was.connection);
                        let instance = moved(&moves.instances, was.instance);
                        places.get(&(connection, instance)).copied()
                    };
                    let now: Vec<u32> = old
                        .targets
                        .iter()
                        .map(|was| place(was).unwrap_or(NONE))
                        .collect();
                    balancer.adopt(old, &now, self.now);
                    targets[*to as usize] = now;
                }
                (Part::Limiter(limiter), Part::Limiter(old)) => {
                    limiter.adopt(old, &mut new.calls, self.now);
                }
                (Part::Gateway(gateway), Part::Gateway(old)) => gateway.adopt(
                    old,
                    before.operations.keys().eq(after.operations.keys()),
                    (&mut new.calls, self.now),
                    |was| moved(&moves.components, was),
                ),
                (Part::Dns(dns), Part::Dns(old)) => {
                    health.push(*to);
                    let same_frames = before.frames.keys().eq(after.frames.keys());
                    targets[*to as usize] =
                        dns.adopt(old, same_frames, |was| moved(&moves.connections, was));
                }
                (Part::Function(function), Part::Function(old)) => function.adopt(old),
                (Part::Cache(cache), Part::Cache(old)) => cache.adopt(old, &moves.components),
                (Part::Database(database), Part::Database(old)) => {
                    database.adopt(old, &moves.components);
                }
                (Part::Replica(replica), Part::Replica(old)) => {
                    if replica.primary != NONE
                        && moved(&moves.components, old.primary) == replica.primary
                        && moved(&moves.connections, old.link) == replica.link
                    {
                        replica.adopt(old);
                        continue;
                    }
                    // The record it is applying is not of the log to come.
                    replica.applying = old.applying;
                    other_log[*to as usize] = true;
                }
                (Part::Queue(queue), Part::Queue(old)) => queue.adopt(old, |was| {
                    let connection = moved(&moves.connections, was.connection);
                    (connection, moved(&moves.instances, was.instance))
                }),
                _ => {}
            }
        }
        new.mark_before_pauses(&pauses);
        new.take_over_regimes(self, &moves, joining);
        if other_log.contains(&true) {
            for (call, _) in new.calls.iter_mut() {
                let other_log = other_log.get(call.component as usize);
                if call.verb == Verb::Apply && other_log == Some(&true) {
                    call.step = 1;
                }
            }
        }
        for (at, known) in known.iter().enumerate() {
            if !known {
                let component = &mut new.components[at];
                component.meter.reset(self.now);
                replan.push(at as u32);
                health.push(at as u32);
            }
        }
        new.start_new_replicas();
        let servers = self.instances.iter();
        let servers: Vec<u32> = servers
            .map(|instance| moved(&moves.components, instance.component))
            .collect();
        let channels = std::mem::take(&mut self.channels);
        let ways = Ways {
            components: &moves.components,
            connections: &moves.connections,
            instances: &moves.instances,
            servers: &servers,
            targets: &targets,
        };
        new.take_over_channels(channels, &ways);
        new.count_targets_and_permits(&targets);
        let faults = std::mem::take(&mut self.faults);
        *self = new;
        self.begin_books_anew(&anew);
        for at in 0..self.components.len() as u32 {
            self.fit_services(at);
        }
        self.note_services();
        for at in health {
            self.plan_health(at);
        }
        self.take_over_faults(&faults, &moves);
        for (at, was_failed) in was_failed.iter().enumerate() {
            self.take_over_failures(at as u32, *was_failed);
        }
        self.close_routes();
        self.take_over_pauses();
        for at in 0..self.components.len() as u32 {
            self.plan_scaling(at);
            let fleet = &self.components[at as usize].fleet;
            if fleet.as_ref().is_some_and(|fleet| fleet.was_fitted) {
                self.take_steps(at);
            }
        }
        for at in 0..self.components.len() as u32 {
            self.update_pair(at);
        }
        self.open_routes();
        for at in replan {
            self.plan_arrivals(at);
        }
        self.doubt_channels();
        for at in 0..self.components.len() as u32 {
            self.start_what_waits(at);
        }
        self.forget_verdicts();
        self.look_at_pools();
        self.dispatch_later();
    }

    /// Calls inside boxes and instances that go die; callers over arrows that go are told. They may
    /// go on to call others: nothing that goes takes them any more.
    fn end_what_is_gone(&mut self, moves: &Moves) {
        let told = self.close_what_is_gone(moves);
        for id in told {
            let call = &self.calls[id];
            if call.has(flag::PROBE) || moved(&moves.connections, call.leg) != NONE {
                self.reply_at_once(id);
            }
        }
        // Also calls that were forwarded, on their way to a box that goes.
        let is_cut_off = |call: &Call| {
            call.leg != NONE
                && call.is_wanted()
                && call.state != State::Dead
                && (moved(&moves.connections, call.leg) == NONE
                    || moved(&moves.components, call.component) == NONE)
        };
        loop {
            let cut_off = self.calls.find(is_cut_off);
            // Who is told may send new calls over arrows that go.
            if cut_off.is_empty() {
                break;
            }
            for id in cut_off {
                // Unless it has ended meanwhile and its record is another call's.
                if is_cut_off(&self.calls[id]) {
                    self.cut_off(id);
                }
            }
        }
        let gone: Vec<u32> = self
            .calls
            .iter()
            .filter(|(_, call)| {
                call.component != NONE && moved(&moves.components, call.component) == NONE
            })
            .map(|(id, _)| id)
            .collect();
        for id in gone {
            let call = &mut self.calls[id];
            call.state = State::Dead;
            call.component = NONE;
            call.flags &= !(flag::CONSUMING | flag::TIMED);
            if call.pending == 0 && !call.has(flag::SCHEDULED) {
                self.calls.remove(id);
            }
        }
        self.later.clear();
    }

    /// Ends what is inside of what goes, and closes the way there. Returns the callers' sides.
    fn close_what_is_gone(&mut self, moves: &Moves) -> Vec<u32> {
        for (at, to) in moves.connections.iter().enumerate() {
            if *to == NONE {
                self.connections[at].cut += 1;
                self.connections[at].refresh();
            }
        }
        for (at, to) in moves.components.iter().enumerate() {
            if *to == NONE {
                self.components[at].crashed += 1;
                self.components[at].refresh();
                continue;
            }
            let component = &mut self.components[at];
            let mut range =
                component.first_instance..component.first_instance + component.instances;
            if let Some(first) = range.find(|at| moved(&moves.instances, *at) == NONE) {
                component.keep_instances(first - component.first_instance);
            }
        }
        // Found once and not for every box: there may be many of both.
        let goes = |call: &Call| {
            call.component != NONE
                && call.is_inside()
                && (moved(&moves.components, call.component) == NONE
                    || call.instance != NONE && moved(&moves.instances, call.instance) == NONE)
        };
        let mut inside = vec![Vec::new(); self.components.len()];
        for id in self.calls.find(goes) {
            inside[self.calls[id].component as usize].push(id);
        }
        let mut told = Vec::new();
        for (at, inside) in inside.iter().enumerate() {
            if moves.components[at] == NONE || !inside.is_empty() {
                told.extend(self.end_inside(at as u32, inside));
            }
        }
        let stays = |connection, instance| {
            moved(&moves.connections, connection) != NONE
                && (instance == NONE || moved(&moves.instances, instance) != NONE)
        };
        for component in &mut self.components {
            match &mut component.part {
                Part::Balancer(balancer) => {
                    for target in &mut balancer.targets {
                        target.active &= stays(target.connection, target.instance);
                    }
                    balancer.rebuild();
                }
                Part::Queue(queue) => {
                    for consumer in &mut queue.consumers {
                        if !stays(consumer.connection, consumer.instance) {
                            consumer.permits = 0;
                        }
                    }
                    queue.rebuild_turns();
                }
                _ => {}
            }
        }
        told
    }

    /// The arrow that a caller waits at is gone: it learns at once that the callee is down.
    fn cut_off(&mut self, id: u32) {
        let call = &self.calls[id];
        if call.state == State::Free || !call.is_wanted() {
            return;
        }
        let (parent, leg) = (call.parent, call.leg);
        self.walk_away(id, Cause::Down);
        if parent == NONE {
            return;
        }
        let caller = &mut self.calls[parent];
        if caller.state == State::Dead {
            if caller.pending == 0 && !caller.has(flag::SCHEDULED) {
                self.calls.remove(parent);
            }
            return;
        }
        if self.connections[leg as usize].look_aside {
            // As when it is down: the caller asks the store.
            if caller.outcome == Outcome::Well {
                caller.outcome = Outcome::Missed;
            }
        } else if caller.outcome.failed().is_none() {
            caller.outcome = Outcome::Failed(Cause::Down);
        }
        if caller.pending == 0 && caller.state == State::Waiting {
            self.go_on_now(parent);
        }
    }

    fn take_over_calls(&mut self, moves: &Moves) {
        let items = self.items.max(1);
        for (call, rare) in self.calls.iter_mut() {
            // There may be fewer items than there were.
            call.key %= items;
            call.component = moved(&moves.components, call.component);
            call.instance = moved(&moves.instances, call.instance);
            call.leg = moved(&moves.connections, call.leg);
            call.via = moved(&moves.connections, call.via);
            rare.store = moved(&moves.components, rare.store);
            if call.verb != Verb::Message {
                rare.missed = moved(&moves.connections, rare.missed);
            }
            if call.leg == NONE {
                call.flags &= !flag::CONSUMING;
            }
            if call.has(flag::CONSUMING) {
                rare.target = moved(&moves.instances, rare.target);
            }
            if call.has(flag::PROBE) {
                rare.timer_before = moved(&moves.components, rare.timer_before);
            }
        }
    }

    /// Returns the calls that have lost their event, since they share slots from now on.
    fn take_over_events(&mut self, old: &Self, moves: &Moves) -> Vec<Joining> {
        let begin_to_share = self.begin_to_share(old, moves);
        let mut joining = Vec::new();
        for (time, payload) in old.future.in_order() {
            let number = payload & !event::KIND;
            let kind = payload & event::KIND;
            let number = match kind {
                event::ARRIVAL | event::LOG | event::HEALTH => moved(&moves.components, number),
                event::THINK => {
                    let to = moved(&moves.components, number);
                    let (now, was) = (
                        self.components.get(to as usize),
                        old.components.get(number as usize),
                    );
                    match (now.map(|now| &now.part), was.map(|was| &was.part)) {
                        (Some(Part::Client(now)), Some(Part::Client(was)))
                            if now.waits_like(was) =>
                        {
                            to
                        }
                        _ => NONE,
                    }
                }
                event::TIMER => moved(&moves.lanes, number),
                event::ALARM if number & alarm::CALL == 0 => moved(&moves.connections, number),
                // In its place among what happens at the same instant.
                event::FAULT => match moved(&moves.faults, number / 2) {
                    NONE => NONE,
                    to => to * 2 + number % 2,
                },
                event::BOX => moves.alarm(number),
                _ => number,
            };
            if self.joins(&begin_to_share, kind, number) {
                joining.push((number, time));
            } else if number != NONE {
                self.future.put(time, kind | number);
            }
        }
        joining
    }

    /// Books of operations move by name. Calls of one that is gone become the first one's.
    fn take_over_operations(&mut self, old: &mut Self, before: &Scenario, after: &Scenario) {
        let was = super::compile::operations(before);
        let is = super::compile::operations(after);
        let places: Vec<Option<usize>> = was.keys().map(|name| is.get_index_of(name)).collect();
        for books in &mut self.operations {
            books.meter.reset(old.now);
        }
        for (from, to) in places.iter().enumerate() {
            if let Some(to) = to {
                std::mem::swap(&mut self.operations[*to], &mut old.operations[from]);
            }
        }
        let same = was.len() == is.len() && places.iter().enumerate().all(|(i, p)| *p == Some(i));
        if same {
            return;
        }
        let mut present = vec![0; self.operations.len()];
        let mut behind = vec![Behind::default(); self.operations.len()];
        for (call, _) in self.calls.iter_mut() {
            let place = places.get(call.operation as usize).copied().flatten();
            call.operation = place.unwrap_or(0) as u8;
            let is_root = call.parent == NONE
                && call.leg == NONE
                && call.state != State::Dead
                && call.component != NONE
                && matches!(
                    self.components[call.component as usize].part,
                    Part::Client(_)
                );
            if is_root {
                present[call.operation as usize] += 1;
                behind[call.operation as usize].sojourns += u128::from(old.now - call.arrived);
            }
        }
        for (books, (present, behind)) in self.operations.iter_mut().zip(zip(present, behind)) {
            books.meter.begin_with(old.now, present);
            books.meter.leave_behind(behind);
            books.latency.clear();
            books.failure_latency.clear();
        }
    }

    /// A replica that is new, or has a new primary, starts as a full copy.
    fn start_new_replicas(&mut self) {
        for at in 0..self.components.len() {
            let Part::Replica(replica) = &self.components[at].part else {
                continue;
            };
            let next = match self
                .components
                .get(replica.primary as usize)
                .map(|c| &c.part)
            {
                Some(Part::Database(database)) => database.next_record,
                _ => 0,
            };
            if let Part::Replica(replica) = &mut self.components[at].part
                && !replica.is_running
            {
                replica.start_from(next);
            }
        }
        for at in 0..self.components.len() as u32 {
            self.trim_log(at);
        }
    }

    /// Balancers' calls in flight and queues' permits in use, counted anew from the calls; `targets`
    /// says of every balancer where its targets were and where they are now.
    fn count_targets_and_permits(&mut self, targets: &[Vec<u32>]) {
        let mut placed = Vec::new();
        for (id, call) in self.calls.iter() {
            if call.has(flag::CONSUMING) {
                let from = self.connections[call.leg as usize].from;
                let instance = self.calls.rare(id).target;
                if let Part::Queue(queue) = &mut self.components[from as usize].part
                    && let Some((_, consumer)) = queue.consumer(call.leg, instance)
                {
                    consumer.used += 1;
                }
            }
            let balancer = if call.has(flag::PROBE) {
                self.calls.rare(id).timer_before
            } else if call.has(flag::BALANCED) && self.balancer_of(id) != NONE {
                self.balancer_of(id)
            } else {
                continue;
            };
            let was = self.calls.rare(id).target;
            let target = targets
                .get(balancer as usize)
                .map_or(NONE, |targets| moved(targets, was));
            placed.push((id, balancer, target));
        }
        for (id, balancer, target) in placed {
            self.calls.rare_mut(id).target = target;
            if target == NONE {
                self.calls[id].flags &= !flag::BALANCED;
            }
            if target != NONE
                && !self.calls[id].has(flag::PROBE)
                && let Part::Balancer(balancer) = &mut self.components[balancer as usize].part
            {
                balancer.targets[target as usize].in_flight += 1;
            }
        }
        let channels: Vec<(u32, u32)> = self.channels_in_flight().collect();
        for (at, target) in channels {
            if let Part::Balancer(balancer) = &mut self.components[at as usize].part {
                balancer.targets[target as usize].in_flight += 1;
            }
        }
        self.watch_targets();
        for component in &mut self.components {
            match &mut component.part {
                Part::Balancer(balancer) => balancer.rebuild(),
                Part::Queue(queue) => queue.rebuild_turns(),
                _ => {}
            }
        }
    }

    /// Faults go on: those by hand, and those that the changed timeline says are under way.
    fn take_over_faults(&mut self, old: &Faults, moves: &Moves) {
        let place = |fault: &Active| moves.place(fault);
        let by_hand: Vec<Active> = old.by_hand.iter().filter_map(place).collect();
        self.faults.active = old.active.iter().filter_map(place).collect();
        self.fit_faults_to_instances();
        for at in 0..self.connections.len() as u32 {
            self.update_ways(at);
        }
        let now = self.now;
        let mut known = vec![None; self.faults.timeline.len()];
        for (was, to) in old.timeline.iter().zip(&moves.faults) {
            if let Some(known) = known.get_mut(*to as usize) {
                *known = Some(was.phase);
            }
        }
        for (planned, known) in self.faults.timeline.iter_mut().zip(&known) {
            planned.phase = match known {
                Some(phase) => *phase,
                None if planned.at >= now => Phase::Ahead,
                None if planned.until.is_none_or(|end| end > now) => Phase::UnderWay,
                None => Phase::Over,
            };
        }
        self.faults.by_hand = by_hand;
        let under_way: Vec<Active> = self.faults.under_way().collect();
        let lasts = |fault: &&Active| fault.kind != FaultKind::Flush;
        let parts = |fault: &Active| self.parts_of(*fault);
        let wanted: Vec<Active> = under_way.iter().filter(lasts).flat_map(parts).collect();
        let mut over = self.faults.active.clone();
        let mut fresh = Vec::new();
        for fault in wanted {
            match over.iter().position(|active| *active == fault) {
                Some(at) => {
                    over.remove(at);
                }
                None => fresh.push(fault),
            }
        }
        for fault in over {
            self.end_part(fault);
        }
        self.begin_parts(&fresh);
        for (at, known) in known.iter().enumerate() {
            if known.is_none() {
                self.plan_fault(at);
            }
        }
    }
}
