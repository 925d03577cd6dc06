//! Faults: on the timeline or by hand, overlapping, each ending without a leak.

use super::{EngineError, Simulation, call::State, component::Part, event};
use crate::scenario::{FaultKind, Scenario};

/// What a fault is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    Component(u32),
    Connection(u32),
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

impl Simulation {
    /// Finds what a fault is on, and refuses faults that make no sense there.
    pub(super) fn fault_on(
        &self,
        scenario: &Scenario,
        on: &str,
        kind: Option<FaultKind>,
    ) -> Result<On, EngineError> {
        let found = if let Some((from, to)) = on.split_once(" -> ") {
            scenario
                .connections
                .iter()
                .position(|connection| connection.from == from && connection.to == to)
                .map(|at| On::Connection(at as u32))
        } else {
            scenario
                .components
                .get_index_of(on)
                .map(|at| On::Component(at as u32))
        };
        let found = found.ok_or_else(|| EngineError(format!("there is no `{on}`")))?;
        let Some(kind) = kind else {
            return Ok(found);
        };
        let fits = match (kind, found) {
            (FaultKind::Cut, On::Connection(_)) => true,
            (FaultKind::Cut, On::Component(_)) | (_, On::Connection(_)) => false,
            (FaultKind::Traffic { .. }, On::Component(at)) => {
                matches!(self.components[at as usize].part, Part::Client(_))
            }
            (FaultKind::Flush, On::Component(at)) => {
                matches!(self.components[at as usize].part, Part::Cache(_))
            }
            (_, On::Component(at)) => !matches!(self.components[at as usize].part, Part::Client(_)),
        };
        if fits {
            Ok(found)
        } else {
            Err(EngineError(format!("`{on}` can't have the fault {kind:?}")))
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

    pub(super) fn begin(&mut self, fault: Active) {
        if fault.kind == FaultKind::Flush {
            if let On::Component(at) = fault.on
                && let Part::Cache(cache) = &mut self.components[at as usize].part
            {
                cache.flush();
            }
            return;
        }
        self.faults.active.push(fault);
        self.close_routes();
        match fault.on {
            On::Connection(at) => {
                let connection = &mut self.connections[at as usize];
                connection.cut += 1;
                connection.refresh();
            }
            On::Component(at) => self.begin_on(at, fault.kind),
        }
        self.open_routes();
    }

    fn begin_on(&mut self, at: u32, kind: FaultKind) {
        let component = &mut self.components[at as usize];
        match kind {
            FaultKind::Crash => {
                component.crashed += 1;
                component.refresh();
                if component.crashed == 1 {
                    if let Part::Cache(cache) = &mut component.part {
                        cache.flush();
                    }
                    self.kill_inside(at);
                }
            }
            FaultKind::Hang => {
                component.hung += 1;
                self.update_stall(at);
            }
            FaultKind::Pause => {
                component.paused += 1;
                self.update_stall(at);
            }
            FaultKind::Slow { .. } | FaultKind::Traffic { .. } => self.update_factors(at),
            FaultKind::Cut | FaultKind::Flush => {}
        }
    }

    /// Ends one fault like this one, if one is under way.
    pub(super) fn end(&mut self, fault: Active) {
        let Some(found) = self
            .faults
            .active
            .iter()
            .position(|active| *active == fault)
        else {
            return;
        };
        self.faults.active.remove(found);
        self.close_routes();
        match fault.on {
            On::Connection(at) => {
                let connection = &mut self.connections[at as usize];
                connection.cut -= 1;
                connection.refresh();
                let (cut, from, to) = (connection.cut, connection.from, connection.to);
                self.look_again(from);
                if cut == 0
                    && let Part::Replica(replica) = &mut self.components[to as usize].part
                    && replica.link == at
                    && replica.held_up
                {
                    replica.held_up = false;
                    self.future.put(self.now, event::LOG | to);
                }
            }
            On::Component(at) => self.end_on(at, fault.kind),
        }
        self.open_routes();
    }

    fn end_on(&mut self, at: u32, kind: FaultKind) {
        let component = &mut self.components[at as usize];
        match kind {
            FaultKind::Crash => {
                component.crashed -= 1;
                component.refresh();
                self.goes_on(at);
            }
            FaultKind::Hang => {
                component.hung -= 1;
                if component.hung == 0 {
                    // Only a restart ends a hang: what it held is lost.
                    self.kill_inside(at);
                }
                self.update_stall(at);
            }
            FaultKind::Pause => {
                component.paused -= 1;
                self.update_stall(at);
            }
            FaultKind::Slow { .. } | FaultKind::Traffic { .. } => self.update_factors(at),
            FaultKind::Cut | FaultKind::Flush => {}
        }
    }

    fn update_factors(&mut self, at: u32) {
        let (mut slow, mut traffic) = (1.0, 1.0);
        for active in &self.faults.active {
            match active.kind {
                FaultKind::Slow { times } if active.on == On::Component(at) => slow *= times,
                FaultKind::Traffic { times } if active.on == On::Component(at) => traffic *= times,
                _ => {}
            }
        }
        let component = &mut self.components[at as usize];
        component.slow = slow;
        component.refresh();
        if component.traffic != traffic {
            component.traffic = traffic;
            self.plan_arrivals(at);
        }
    }

    /// Brings `stalled` up to date; when the box no longer stands still, everything goes on.
    fn update_stall(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let stalled = component.hung > 0 || component.paused > 0;
        if stalled == component.stalled {
            return;
        }
        self.settle_all_shares(at);
        let component = &mut self.components[at as usize];
        component.stalled = stalled;
        component.irregular = stalled || component.regime.is_some();
        component.meter.stall(self.now, stalled);
        if stalled {
            component.stalled_since = self.now;
            if !component.ever_stalled {
                component.ever_stalled = true;
                component.refresh();
                for (call, rare) in self.calls.iter_mut() {
                    if call.component == at && call.state == State::Working {
                        rare.mark = 0;
                    }
                }
            }
            return;
        }
        let since = component.stalled_since;
        component.stalled_for += self.now - since;
        let stalled_for = component.stalled_for;
        self.arm_all_shares(at);
        let component = &mut self.components[at as usize];
        for id in std::mem::take(&mut component.stuck) {
            let call = &mut self.calls[id];
            if call.state == State::Working {
                let rare = self.calls.rare_mut(id);
                let left = rare.mark - since;
                rare.mark = stalled_for;
                let call = &mut self.calls[id];
                call.started += self.now - since;
                call.flags |= super::call::flag::SCHEDULED;
                self.future.put(self.now + left, event::DONE | id);
                continue;
            }
            match self.components[at as usize].part {
                Part::Queue(_) if call.verb != super::call::Verb::Message => self.enqueue(id),
                Part::Balancer(_) if call.step == 0 => {
                    let next = self.balance(id);
                    self.send(next);
                }
                Part::Limiter(_) if call.step == 0 => self.enter_limiter_late(id),
                Part::Dns(_) => {
                    let next = self.look_up_name(id);
                    self.send(next);
                }
                Part::Function(_) if call.instance == super::call::NONE => {
                    self.enter_function_late(id);
                }
                _ => {
                    call.state = State::Waiting;
                    self.go_on_now(id);
                }
            }
        }
        self.goes_on(at);
    }

    /// A box can work again: whatever waits starts, and it takes messages from queues.
    fn goes_on(&mut self, at: u32) {
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
}
