//! Conservation: what came in is what went out plus what is inside, recounted from the calls.

mod little;

use super::{
    Simulation,
    call::{Call, NONE, State, Verb, flag},
    component::Part,
};
pub(super) use little::Behind;

/// What a recount finds at one component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    present: u64,
    held: u64,
    working: u64,
}

impl Simulation {
    /// Of a call that is in a box: whether it holds one of its slots, or what counts as such, and
    /// whether it is out of line.
    fn place_of(&self, call: &Call) -> Option<(bool, bool)> {
        let inside = matches!(
            call.state,
            State::Queued | State::Working | State::Waiting | State::Stuck
        );
        let component = self.components.get(call.component as usize)?;
        let queue = matches!(component.part, Part::Queue(_));
        if !inside || queue && call.verb != Verb::Message {
            return None;
        }
        let in_slot = call.state != State::Queued;
        let passed = call.step > 0 && component.passes_on();
        let has_slot = in_slot && (call.instance != NONE || queue || passed);
        Some((has_slot, in_slot))
    }

    /// See [`super::Engine::check_conservation`].
    pub(super) fn check_books(&self) -> Result<(), String> {
        debug_assert!(
            self.routes.touched.is_empty(),
            "what routes count is posted"
        );
        let mut counts = vec![Count::default(); self.components.len()];
        let mut used = vec![(0u32, 0u32); self.instances.len()];
        let mut legs = vec![0u64; self.connections.len()];
        let mut children = std::collections::HashMap::<u32, u32>::new();
        let mut live = 0;
        for (_, call) in self.calls.iter() {
            live += 1;
            if call.has(flag::ON_ROUTE) {
                for route in self.along(call.leg) {
                    legs[route.connection as usize] += 1;
                    let before = self.routes.all.get(route.before as usize);
                    let caller = before.map_or(route.client, |before| before.component);
                    if caller != NONE {
                        counts[caller as usize].present += 1;
                    }
                }
            }
            if call.parent != NONE {
                *children.entry(call.parent).or_default() += 1;
            }
            if call.leg != NONE
                && call.is_wanted()
                && !call.has(flag::ON_ROUTE)
                && !matches!(call.state, State::Backoff | State::Dead)
            {
                legs[call.leg as usize] += 1;
            }
            let Some((has_slot, in_slot)) = self.place_of(call) else {
                continue;
            };
            let count = &mut counts[call.component as usize];
            count.present += 1;
            count.working += u64::from(call.state == State::Working);
            count.held += u64::from(has_slot);
            if call.instance != NONE {
                let (slots, waiting) = &mut used[call.instance as usize];
                *slots += u32::from(in_slot);
                *waiting += u32::from(!in_slot);
            }
        }
        for (id, call) in self.calls.iter() {
            let found = children.get(&id).copied().unwrap_or(0);
            if found != call.pending {
                return Err(format!(
                    "call {id} waits for {} calls, but {found} name it as their caller: {call:?}",
                    call.pending
                ));
            }
        }
        let booked = self.calls.len() - self.calls.count_free();
        if live != booked {
            return Err(format!("{live} calls found, {booked} booked"));
        }
        self.check_places(&mut counts)?;
        self.check_stalls()?;
        for (component, count) in self.components.iter().zip(&counts) {
            let meter = &component.meter;
            let totals = meter.totals(self.now, true);
            let (present, held, working) = meter.now();
            let booked = Count {
                present,
                held,
                working,
            };
            if booked != *count {
                return Err(format!(
                    "{}: booked {booked:?}, found {count:?}",
                    component.name
                ));
            }
            if let Part::Client(client) = &component.part {
                client.check_origins(&component.latency)?;
            }
            let inside = totals.present_at_start + totals.arrivals - totals.departures;
            if inside != totals.present {
                return Err(format!(
                    "{}: {} at the start + {} in − {} out ≠ {} present",
                    component.name,
                    totals.present_at_start,
                    totals.arrivals,
                    totals.departures,
                    totals.present
                ));
            }
            let ended = totals.completed + totals.failures.total() - totals.refused;
            if ended != totals.departures {
                return Err(format!(
                    "{}: {} completed + {} failed − {} refused ≠ {} departures",
                    component.name,
                    totals.completed,
                    totals.failures.total(),
                    totals.refused,
                    totals.departures
                ));
            }
        }
        if self.operations.len() > 1 {
            let clients = self.components.iter().zip(&counts);
            let clients = clients.filter(|(at, _)| matches!(at.part, Part::Client(_)));
            let found: u64 = clients.map(|(_, count)| count.present).sum();
            let booked = self.operations.iter().map(|books| books.meter.present());
            let booked: u64 = booked.sum();
            if booked != found {
                return Err(format!(
                    "operations: {booked} requests under way booked, {found} found"
                ));
            }
        }
        for (at, instance) in self.instances.iter().enumerate() {
            let mut in_line = 0;
            let mut id = instance.head;
            while id != NONE {
                in_line += 1;
                id = self.calls[id].next;
            }
            let component = &self.components[instance.component as usize];
            if let Some(regime) = &component.regime {
                let nth = at - component.first_instance as usize;
                in_line += regime.places[nth].in_line(&self.calls);
            }
            let booked = (instance.used, instance.waiting);
            if booked != used[at] || in_line != instance.waiting {
                return Err(format!(
                    "instance {at} of {}: {booked:?} slots and line booked, {:?} found, {in_line} in line",
                    self.components[instance.component as usize].name, used[at]
                ));
            }
            let is_free = instance.used < component.slots || component.shares();
            let stands_still = component.stands_still(at as u32);
            if in_line > 0 && is_free && component.is_alive() && !stands_still {
                return Err(format!("{}: a free slot and a line", component.name));
            }
        }
        for (at, (connection, found)) in self.connections.iter().zip(&legs).enumerate() {
            if connection.present != *found {
                return Err(format!(
                    "connection {at}: {} attempts under way booked, {found} found",
                    connection.present
                ));
            }
        }
        self.check_little()?;
        self.check_timers()?;
        self.check_guards()?;
        self.check_kin()?;
        self.check_hedges()?;
        self.check_watches()?;
        self.check_fleets()?;
        self.check_channels()?;
        self.check_parts()
    }

    /// Calls that share slots hold no more of them than there are.
    fn check_places(&self, counts: &mut [Count]) -> Result<(), String> {
        for (component, count) in self.components.iter().zip(counts) {
            if !component.shares() {
                continue;
            }
            let places = component.regime.iter().flat_map(|regime| &regime.places);
            let (mut sharing, mut busy) = (0, 0);
            for place in places {
                sharing += u64::from(place.sharing.count);
                busy += u64::from(place.sharing.busy(component.slots));
                if place.sharing.len() != place.sharing.count as usize {
                    return Err(format!("{}: lost a share", component.name));
                }
            }
            if sharing != count.working {
                return Err(format!(
                    "{}: {sharing} calls share its slots, {} found",
                    component.name, count.working
                ));
            }
            count.held -= sharing - busy;
            count.working = busy;
        }
        Ok(())
    }

    fn check_timers(&self) -> Result<(), String> {
        let timed = self.calls.iter().filter(|(_, call)| call.has(flag::TIMED));
        let timed = timed.count();
        let mut listed = 0;
        for (at, lane) in self.lanes.iter().enumerate() {
            let (mut id, mut before, mut last) = (lane.first, NONE, 0);
            while id != NONE {
                let call = &self.calls[id];
                let rare = self.calls.rare(id);
                if !call.has(flag::TIMED) || rare.timer_before != before || rare.deadline < last {
                    return Err(format!(
                        "lane {at} of timeouts is broken at call {id}: {call:?}"
                    ));
                }
                if rare.deadline < self.now {
                    return Err(format!("call {id} is older than its timeout: {call:?}"));
                }
                last = rare.deadline;
                before = id;
                id = rare.timer_after;
                listed += 1;
            }
            if lane.last != before {
                return Err(format!("lane {at} of timeouts has a wrong end"));
            }
            if lane.first != NONE && lane.armed > self.calls.rare(lane.first).deadline {
                return Err(format!("lane {at} of timeouts is not armed"));
            }
        }
        if listed == timed {
            Ok(())
        } else {
            Err(format!("{timed} calls have a timeout, {listed} are listed"))
        }
    }

    fn check_parts(&self) -> Result<(), String> {
        let mut in_flight: Vec<Vec<u32>> = Vec::new();
        let mut permits = std::collections::HashMap::<(u32, u32), u32>::new();
        for component in &self.components {
            let targets = match &component.part {
                Part::Balancer(balancer) => balancer.targets.len(),
                _ => 0,
            };
            in_flight.push(vec![0; targets]);
        }
        for (at, target) in self.channels_in_flight() {
            in_flight[at as usize][target as usize] += 1;
        }
        for (id, call) in self.calls.iter() {
            let target = self.calls.target(id);
            if call.has(flag::ON_ROUTE) {
                for route in self.along(call.leg) {
                    if let Some(before) = self.routes.all.get(route.before as usize) {
                        in_flight[before.component as usize][route.target as usize] += 1;
                    }
                }
            } else if target != NONE {
                let at = self.balancer_of(id);
                if at != NONE {
                    in_flight[at as usize][target as usize] += 1;
                }
            }
            if call.has(flag::CONSUMING) {
                let instance = self.calls.rare(id).target;
                *permits.entry((call.leg, instance)).or_default() += 1;
            }
        }
        for ((component, in_flight), number) in self.components.iter().zip(&in_flight).zip(0..) {
            match &component.part {
                Part::Balancer(balancer) => {
                    for (target, found) in balancer.targets.iter().zip(in_flight) {
                        if target.in_flight != *found {
                            return Err(format!(
                                "{}: {} calls in flight to a target booked, {found} found",
                                component.name, target.in_flight
                            ));
                        }
                    }
                }
                Part::Queue(queue) => {
                    for consumer in &queue.consumers {
                        let place = (consumer.connection, consumer.instance);
                        let found = permits.get(&place).copied().unwrap_or(0);
                        if consumer.used != found {
                            return Err(format!(
                                "{}: {} permits in use booked, {found} found",
                                component.name, consumer.used
                            ));
                        }
                    }
                    let waiting = component.meter.totals(self.now, true).waiting;
                    if queue.ready.len() as u64 != waiting {
                        return Err(format!(
                            "{}: {waiting} messages waiting booked, {} found",
                            component.name,
                            queue.ready.len()
                        ));
                    }
                }
                Part::Function(function) if !function.is_in_order(self.now) => {
                    return Err(format!("{}: warm instances out of order", component.name));
                }
                Part::Limiter(limiter) => {
                    let wrong = |what| format!("{}: {what}", component.name);
                    let found = limiter.recount(&self.calls, self.now).map_err(wrong)?;
                    if component.is_alive() && limiter.is_not_armed(self.now) {
                        return Err(wrong("no alarm is set".to_owned()));
                    }
                    let queued = self.calls.iter().filter(|(_, call)| {
                        call.component == number && call.state == State::Queued
                    });
                    if found != queued.count() as u64 {
                        return Err(wrong(format!(
                            "{found} calls wait in its lines, others do not"
                        )));
                    }
                }
                Part::Replica(replica) => {
                    let Some(primary) = self.components.get(replica.primary as usize) else {
                        continue;
                    };
                    if let Part::Database(database) = &primary.part {
                        let sent = replica.received + replica.under_way.len() as u64;
                        if sent != database.next_record
                            || replica.applied > replica.received
                            || !database.log_reaches(replica.applied)
                        {
                            return Err(format!(
                                "{}: {} records written, {} received, {} under way, {} applied",
                                component.name,
                                database.next_record,
                                replica.received,
                                replica.under_way.len(),
                                replica.applied
                            ));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}
