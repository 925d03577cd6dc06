//! Faults: on the timeline or by hand, overlapping, each ending without a leak.

mod door;
mod factors;
mod framed;
mod stall;

use super::{
    EngineError, Simulation, call::NONE, component::Part, event, instance, station::Instance,
};
use crate::scenario::{
    FaultKind, Scenario,
    fault::{Target, refusal},
};
pub(super) use door::Trouble;
pub(super) use framed::Frames;
pub(super) use stall::Stall;

/// What a fault is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    Component(u32),
    /// One instance of a component, counted from 0.
    Instance(u32, u32),
    Connection(u32),
    /// What comes over an arrow from one of the frames that its calls come from; [`NONE`]: from none.
    Way(u32, u32),
    /// Every box in a frame; a partition: every arrow across its border.
    Frame(u32),
    /// Every arrow between two frames.
    Frames(u32, u32),
}

/// A fault under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Active {
    pub on: On,
    pub kind: FaultKind,
}

/// A fault on the timeline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    pub at: u64,
    pub until: Option<u64>,
    pub fault: Active,
    pub phase: Phase,
}

/// How far a fault on the timeline has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Ahead,
    UnderWay,
    /// Its time is over, or it was healed by hand.
    Over,
}

/// Every fault there is, and which are under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    pub timeline: Vec<Planned>,
    pub by_hand: Vec<Active>,
    pub active: Vec<Active>,
}

impl On {
    /// Whether who heals `target` heals this, too.
    fn is_part_of(self, target: Self) -> bool {
        let of = match self {
            Self::Instance(component, _) => Self::Component(component),
            other => other,
        };
        self == target || of == target
    }
}

impl Faults {
    /// Those under way, as they were begun: a fault on a frame is one.
    pub fn under_way(&self) -> impl Iterator<Item = Active> {
        let planned = self.timeline.iter();
        let planned = planned.filter(|planned| planned.phase == Phase::UnderWay);
        let by_hand = self.by_hand.iter().copied();
        by_hand.chain(planned.map(|planned| planned.fault))
    }

    /// Those under way on a target, which no longer are from now on.
    pub fn healed(&mut self, target: On) -> Vec<Active> {
        self.ended(|active| active.on.is_part_of(target) && !active.kind.is_deploy())
    }

    /// The deploys on a target, which are taken back from now on.
    pub fn rolled_back(&mut self, target: On) -> Vec<Active> {
        self.ended(|active| active.on == target && active.kind.is_deploy())
    }

    fn ended(&mut self, ends: impl Fn(&Active) -> bool) -> Vec<Active> {
        let mut over: Vec<Active> = self.by_hand.extract_if(.., |active| ends(active)).collect();
        for planned in &mut self.timeline {
            if ends(&planned.fault) && planned.phase == Phase::UnderWay {
                planned.phase = Phase::Over;
                over.push(planned.fault);
            }
        }
        over
    }
}

impl Simulation {
    /// Finds what a fault is on, and refuses faults that make no sense there.
    pub(super) fn fault_on(
        &self,
        scenario: &Scenario,
        on: &str,
        kind: Option<FaultKind>,
    ) -> Result<On, EngineError> {
        let component = |name: &str| {
            let at = scenario.components.get_index_of(name);
            at.map(|at| at as u32)
        };
        let frame = |name: &str| scenario.frames.get_index_of(name).map(|at| at as u32);
        let found = match Target::of(scenario, on) {
            Target::Component(name) => component(name).map(On::Component),
            Target::Instance(name, number) => component(name)
                .filter(|at| (1..=self.components[*at as usize].instances).contains(&number))
                .map(|at| On::Instance(at, number - 1)),
            Target::Connection(from, to) => scenario
                .connections
                .iter()
                .position(|connection| connection.from == from && connection.to == to)
                .map(|at| On::Connection(at as u32)),
            Target::Frame(name) => frame(name).map(On::Frame),
            Target::Frames(one, other) => {
                let ends = frame(one).zip(frame(other));
                ends.map(|(one, other)| On::Frames(one, other))
            }
        };
        let found = found.ok_or_else(|| EngineError(format!("there is no `{on}`")))?;
        match kind.and_then(|kind| refusal(scenario, on, kind)) {
            Some(reason) => Err(EngineError(reason)),
            None => Ok(found),
        }
    }

    /// Puts what lies ahead of a fault of the timeline into the future-event list.
    pub(super) fn plan_fault(&mut self, at: usize) {
        let planned = self.faults.timeline[at];
        let at = at as u32 * 2;
        if planned.phase == Phase::Ahead {
            self.future.put(planned.at, event::FAULT | at);
        }
        if let Some(until) = planned.until
            && planned.phase != Phase::Over
        {
            self.future.put(until, event::FAULT | (at + 1));
        }
    }

    /// The event of the start or the end of a planned fault.
    pub(super) fn planned_fault(&mut self, which: u32) {
        let planned = &mut self.faults.timeline[which as usize / 2];
        let fault = planned.fault;
        if which.is_multiple_of(2) {
            planned.phase = Phase::UnderWay;
            self.begin(fault);
        } else if planned.phase == Phase::UnderWay {
            planned.phase = Phase::Over;
            self.end(fault);
        }
    }

    /// A fault begins: on a frame as a whole.
    pub(super) fn begin(&mut self, fault: Active) {
        let parts = self.parts_of(fault);
        self.begin_parts(&parts);
    }

    /// Faults begin, at the same instant, none of them on a frame.
    pub(super) fn begin_parts(&mut self, parts: &[Active]) {
        self.close_routes();
        let (mut fallen, mut balancers) = (Vec::new(), Vec::new());
        for fault in parts {
            if fault.kind == FaultKind::Flush {
                self.flush(fault.on);
                continue;
            }
            self.faults.active.push(*fault);
            match fault.on {
                On::Connection(at) => self.update_connection(at, fault.kind),
                On::Way(at, _) => self.update_ways(at),
                On::Instance(at, _) => self.update_instances(at, fault.kind),
                On::Component(at) if fault.kind == FaultKind::Crash => {
                    if let Part::Balancer(_) = self.components[at as usize].part {
                        balancers.push(at);
                    } else if self.fall(at) {
                        fallen.push(at);
                    }
                }
                On::Component(at) => self.begin_on(at, fault.kind),
                On::Frame(_) | On::Frames(..) => {}
            }
        }
        // All are down before the first caller hears of it and asks the next.
        self.kill_inside(&fallen);
        for at in balancers {
            self.crash_balancer(at);
        }
        self.doubt_channels();
        for fault in parts {
            self.note_uptime_on(fault.on);
        }
        self.open_routes();
    }

    fn flush(&mut self, on: On) {
        if let On::Component(at) = on
            && let Part::Cache(cache) = &mut self.components[at as usize].part
        {
            cache.flush();
        }
    }

    fn begin_on(&mut self, at: u32, kind: FaultKind) {
        let component = &mut self.components[at as usize];
        match kind {
            FaultKind::Hang => {
                component.hung += 1;
                self.update_stall(at);
            }
            FaultKind::Pause => {
                component.paused += 1;
                self.update_stall(at);
            }
            FaultKind::Capacity { .. } => self.update_capacity(at),
            FaultKind::Slow { .. }
            | FaultKind::Errors { .. }
            | FaultKind::Traffic { .. }
            | FaultKind::HotKey { .. } => self.update_factors(at),
            FaultKind::Deploy(deploy) => self.begin_deploy(at, deploy),
            FaultKind::Crash
            | FaultKind::Cut
            | FaultKind::Partition
            | FaultKind::Loss { .. }
            | FaultKind::Flush => {}
        }
    }

    /// Ends one fault like this one, if one is under way: on a frame as a whole.
    pub(super) fn end(&mut self, fault: Active) {
        for part in self.parts_of(fault) {
            self.end_part(part);
        }
    }

    /// As [`Self::end`], of a fault that is not on a frame.
    pub(super) fn end_part(&mut self, fault: Active) {
        let Some(found) = self
            .faults
            .active
            .iter()
            .position(|active| *active == fault)
        else {
            return;
        };
        self.close_routes();
        self.faults.active.remove(found);
        match fault.on {
            On::Connection(at) => self.update_connection(at, fault.kind),
            On::Way(at, _) => self.update_ways(at),
            On::Instance(at, _) => {
                if fault.kind == FaultKind::Hang {
                    self.restart_hung(at, fault.on);
                }
                self.update_instances(at, fault.kind);
            }
            On::Component(at) => self.end_on(at, fault.kind),
            On::Frame(_) | On::Frames(..) => {}
        }
        self.doubt_channels();
        self.note_uptime_on(fault.on);
        self.open_routes();
    }

    fn end_on(&mut self, at: u32, kind: FaultKind) {
        let component = &mut self.components[at as usize];
        match kind {
            FaultKind::Crash => self.restart(at),
            FaultKind::Hang => {
                component.hung -= 1;
                self.restart_hung(at, On::Component(at));
                self.update_stall(at);
            }
            FaultKind::Pause => {
                component.paused -= 1;
                self.update_stall(at);
            }
            FaultKind::Capacity { .. } => self.update_capacity(at),
            FaultKind::Slow { .. }
            | FaultKind::Errors { .. }
            | FaultKind::Traffic { .. }
            | FaultKind::HotKey { .. } => self.update_factors(at),
            FaultKind::Deploy(deploy) => self.end_deploy(at, deploy),
            FaultKind::Cut | FaultKind::Partition | FaultKind::Loss { .. } | FaultKind::Flush => {}
        }
    }

    fn note_uptime_on(&mut self, on: On) {
        if let On::Component(at) | On::Instance(at, _) = on {
            self.note_uptime(at);
        }
    }

    /// A box goes down, for one reason more, or one of a pair of balancers. What is inside dies.
    pub(super) fn crash(&mut self, at: u32) {
        if let Part::Balancer(_) = self.components[at as usize].part {
            self.crash_balancer(at);
        } else if self.fall(at) {
            self.kill_inside(&[at]);
        }
    }

    /// As [`Self::crash`], but what is inside is left to the caller. Says whether it was up.
    fn fall(&mut self, at: u32) -> bool {
        let component = &mut self.components[at as usize];
        component.crashed += 1;
        component.refresh();
        if let Part::Cache(cache) = &mut component.part
            && component.crashed == 1
        {
            cache.flush();
        }
        component.crashed == 1
    }

    /// There is one reason less for a box to be down.
    pub(super) fn restart(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        if let Part::Balancer(_) = component.part {
            return self.heal_balancer(at);
        }
        component.crashed -= 1;
        component.refresh();
        self.goes_on(at);
    }

    /// A fault on one of a box's instances has begun or ended.
    fn update_instances(&mut self, at: u32, kind: FaultKind) {
        match kind {
            FaultKind::Crash => {}
            FaultKind::Hang | FaultKind::Pause => return self.update_stall(at),
            _ => return self.update_factors(at),
        }
        let crashed = self.alone(at, |kind| kind == FaultKind::Crash);
        self.set_down(at, instance::CRASHED, |nth| crashed.contains(&nth));
    }

    /// Brings up to date how much of a box's capacity is gone.
    pub(super) fn update_capacity(&mut self, at: u32) {
        let mut left = 1.0;
        for active in &self.faults.active {
            if let FaultKind::Capacity { lost } = active.kind
                && active.on == On::Component(at)
            {
                left *= 1.0 - lost;
            }
        }
        let component = &mut self.components[at as usize];
        component.trouble.left = left;
        let first = component.first_instance as usize;
        let all = &self.instances[first..first + component.instances as usize];
        let in_service =
            |(_, one): &(u32, &Instance)| one.down & (instance::OUT | instance::DRAINING) == 0;
        let in_service: Vec<u32> = (0..)
            .zip(all)
            .filter(in_service)
            .map(|(nth, _)| nth)
            .collect();
        let dropped = match component.instances {
            0 | 1 => 0,
            _ => component.trouble.lost(in_service.len() as u32),
        };
        let dropped = &in_service[in_service.len() - dropped as usize..];
        let slots = component.slots_left();
        if slots != component.slots {
            self.change_slots(at, slots);
        }
        self.set_down(at, instance::DROPPED, |nth| dropped.contains(&nth));
        self.offer(at);
        self.start_what_waits(at);
    }

    /// A box has another number of slots from now on; calls that share them are told.
    fn change_slots(&mut self, at: u32, slots: u32) {
        self.settle_all_shares(at);
        let now = self.now;
        let component = &mut self.components[at as usize];
        let before = std::mem::replace(&mut component.slots, slots);
        let range = component.first_instance..component.first_instance + component.instances;
        for instance in range.clone() {
            let frozen = component.is_stalled(instance);
            let Some(place) = component.place(instance) else {
                break;
            };
            let (was, is) = (place.sharing.busy(before), place.sharing.busy(slots));
            for _ in was..is {
                component.meter.line_to_any_slot(now, frozen);
            }
            for _ in is..was {
                component.meter.slot_to_line(now, frozen);
            }
        }
        range.for_each(|instance| self.note_if_watched(instance));
        self.arm_all_shares(at);
    }

    /// There may be more or fewer instances than there were.
    pub(super) fn fit_faults_to_instances(&mut self) {
        let lose = |active: &Active| matches!(active.kind, FaultKind::Capacity { .. });
        let active = self.faults.active.iter().filter(|active| lose(active));
        let boxes: Vec<On> = active.map(|active| active.on).collect();
        for on in boxes {
            if let On::Component(at) = on {
                self.update_capacity(at);
            }
        }
        for at in 0..self.components.len() as u32 {
            let component = &self.components[at as usize];
            let trouble = &component.trouble;
            let knows =
                !(trouble.slow_instances.is_empty() && trouble.failing_instances.is_empty());
            if component.fleet.is_some() || knows {
                self.update_factors(at);
            }
        }
    }

    /// A box can work again: whatever waits starts, and it takes messages from queues.
    pub(super) fn goes_on(&mut self, at: u32) {
        if !self.components[at as usize].is_alive() {
            return;
        }
        self.start_what_waits(at);
        for connection in 0..self.connections.len() {
            if self.connections[connection].to == at {
                self.look_again(self.connections[connection].from);
            }
        }
    }

    /// Whatever waits in a box starts, unless it is down or stands still.
    pub(super) fn start_what_waits(&mut self, at: u32) {
        let component = &self.components[at as usize];
        if !component.is_alive() {
            return;
        }
        for instance in component.first_instance..component.first_instance + component.instances {
            self.start_next(instance);
        }
        match self.components[at as usize].part {
            Part::Queue(_) => self.dispatch(at),
            Part::Limiter(_) => self.let_through(at),
            Part::Replica(_) => self.apply_next(at),
            _ => {}
        }
    }

    /// A consumer of a queue may be up again.
    fn look_again(&mut self, at: u32) {
        if let Part::Queue(queue) = &mut self.components[at as usize].part {
            queue.look_again();
            self.later.push(at);
        }
    }

    /// Whether a box, or the one instance of it that is meant, is down.
    pub(super) fn is_down(&self, component: u32, instance: u32) -> bool {
        let component = &self.components[component as usize];
        component.crashed > 0
            || component.down > 0
                && (component.down == component.instances
                    || instance != NONE && self.instances[instance as usize].is_down())
    }
}
