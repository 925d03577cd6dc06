//! What stands still because of a fault, hung or paused, and how it goes on: boxes as a whole, or
//! instances by themselves.
//!
//! A box has one clock that says how long it has stood still, until one of its instances stands still
//! by itself: from then on each instance has a clock of its own, which stands while the instance or its
//! box does.

use super::{FaultKind, On};
use crate::engine::{
    Simulation,
    call::{NONE, State, Verb, flag},
    component::{Component, Part},
    event,
};

/// How long something has stood still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Stall {
    /// It does now.
    pub stands: bool,
    /// Since when, if it does.
    pub since: u64,
    /// In all the stalls that are over.
    pub sum: u64,
}

impl Stall {
    /// Now, or when it began to stand still.
    pub fn until(self, now: u64) -> u64 {
        if self.stands { self.since } else { now }
    }

    /// Its own time, which does not pass while it stands still.
    pub fn time(self, now: u64) -> u64 {
        self.until(now) - self.sum
    }

    fn stand(&mut self, now: u64) {
        (self.stands, self.since) = (true, now);
    }

    /// Returns for how long it has stood still.
    fn go_on(&mut self, now: u64) -> u64 {
        let by = now - self.since;
        self.stands = false;
        self.sum += by;
        by
    }
}

/// Which instances of a box stand still from now on, or go on.
#[derive(Clone, Debug)]
enum Which {
    /// All of the box, also what is in none of its instances.
    All,
    These(Vec<u32>),
}

impl Which {
    fn holds(&self, instance: u32) -> bool {
        match self {
            Self::All => true,
            Self::These(these) => these.contains(&instance),
        }
    }
}

impl Component {
    /// How an instance has stood still; [`NONE`]: the box.
    #[inline]
    pub fn stall(&self, instance: u32) -> Stall {
        let nth = instance.wrapping_sub(self.first_instance);
        let own = self.trouble.stalls.get(nth as usize).copied();
        own.unwrap_or(Stall {
            stands: self.stalled,
            since: self.stalled_since,
            sum: self.stalled_for,
        })
    }

    /// Whether a fault makes an instance stand still, or the whole box.
    #[inline]
    pub fn is_stalled(&self, instance: u32) -> bool {
        self.ever_stalled && self.stall(instance).stands
    }

    /// There are more instances than there were, or fewer.
    pub fn fit_stalls(&mut self) {
        if !self.trouble.stalls.is_empty() {
            let of_box = self.stall(NONE);
            let stalls = &mut self.trouble.stalls;
            stalls.resize(self.instances as usize, of_box);
        }
    }

    fn note_stall(&mut self, stalled: bool, now: u64) {
        let mut stall = self.stall(NONE);
        if stalled {
            stall.stand(now);
        } else {
            stall.go_on(now);
        }
        self.stalled = stalled;
        (self.stalled_since, self.stalled_for) = (stall.since, stall.sum);
    }
}

impl Simulation {
    /// The instances of a box, counted from 0, that have such a fault of their own.
    pub(in crate::engine) fn alone(
        &self,
        at: u32,
        is_meant: impl Fn(FaultKind) -> bool,
    ) -> Vec<u32> {
        let active = self.faults.active.iter();
        let active = active.filter(|active| is_meant(active.kind));
        let alone = active.filter_map(|active| match active.on {
            On::Instance(component, nth) if component == at => Some(nth),
            _ => None,
        });
        alone.collect()
    }

    /// Those that stand still by themselves.
    fn stalled_alone(&self, at: u32) -> Vec<u32> {
        self.alone(at, |kind| {
            matches!(kind, FaultKind::Hang | FaultKind::Pause)
        })
    }

    /// A hang of a box, or of an instance, has ended. Only a restart ends a hang: what it held is lost,
    /// unless it still hangs for another reason.
    pub(super) fn restart_hung(&mut self, at: u32, on: On) {
        if self.components[at as usize].hung > 0 {
            return;
        }
        let still = self.alone(at, |kind| kind == FaultKind::Hang);
        if still.is_empty() && on == On::Component(at) {
            return self.kill_inside(&[at]);
        }
        let restarts = |nth: u32| match on {
            On::Instance(_, meant) => nth == meant && !still.contains(&nth),
            _ => !still.contains(&nth),
        };
        let component = &self.components[at as usize];
        let first = component.first_instance;
        for nth in (0..component.instances).filter(|nth| restarts(*nth)) {
            self.break_channels_at(first + nth);
        }
        self.end_in_instances(at, restarts);
    }

    /// Brings up to date what of a box stands still; what no longer does goes on.
    pub(super) fn update_stall(&mut self, at: u32) {
        let alone = self.stalled_alone(at);
        let now = self.now;
        let component = &mut self.components[at as usize];
        let stalled = component.hung > 0 || component.paused > 0;
        let is_whole = stalled != component.stalled;
        if component.trouble.stalls.is_empty() {
            if alone.is_empty() {
                match (is_whole, stalled) {
                    (true, true) => self.stand_still(at, &Which::All),
                    (true, false) => self.go_on_again(at, &Which::All),
                    (false, _) => {}
                }
                return;
            }
            component.trouble.stalls = vec![component.stall(NONE); component.instances as usize];
        }
        if is_whole {
            component.note_stall(stalled, now);
        }
        let (mut still, mut free) = (Vec::new(), Vec::new());
        for (nth, stall) in (0..).zip(&component.trouble.stalls) {
            match (stall.stands, stalled || alone.contains(&nth)) {
                (false, true) => still.push(component.first_instance + nth),
                (true, false) => free.push(component.first_instance + nth),
                _ => {}
            }
        }
        if !still.is_empty() {
            self.stand_still(at, &Which::These(still));
        }
        if !free.is_empty() {
            self.go_on_again(at, &Which::These(free));
        }
    }

    fn instances_of(&self, at: u32, which: &Which) -> Vec<u32> {
        let component = &self.components[at as usize];
        let first = component.first_instance;
        match which {
            Which::All => (first..first + component.instances).collect(),
            Which::These(these) => these.clone(),
        }
    }

    /// How many slots have work in them.
    fn work_in(&self, at: u32, which: &Which) -> u64 {
        let component = &self.components[at as usize];
        let Which::These(these) = which else {
            return component.meter.working();
        };
        if let Some(regime) = component.regime.as_ref().filter(|regime| regime.shares()) {
            let place = |at: &u32| &regime.places[(at - component.first_instance) as usize];
            let busy = |at: &u32| u64::from(place(at).sharing.busy(component.slots));
            return these.iter().map(busy).sum();
        }
        let calls = self.calls.iter().filter(|(_, call)| {
            call.component == at && call.state == State::Working && these.contains(&call.instance)
        });
        calls.count() as u64
    }

    fn stand_still(&mut self, at: u32, which: &Which) {
        let now = self.now;
        let instances = self.instances_of(at, which);
        for instance in &instances {
            self.settle_shares(*instance);
        }
        let work = self.work_in(at, which);
        let component = &mut self.components[at as usize];
        component.meter.freeze(now, work);
        if let Which::All = which {
            component.note_stall(true, now);
        } else {
            for instance in instances {
                let nth = (instance - component.first_instance) as usize;
                component.trouble.stalls[nth].stand(now);
            }
        }
        component.irregular = component.is_irregular();
        if !component.ever_stalled {
            component.ever_stalled = true;
            component.refresh();
            for (call, rare) in self.calls.iter_mut() {
                if call.component == at && call.state == State::Working {
                    rare.mark = 0;
                }
            }
        }
    }

    fn go_on_again(&mut self, at: u32, which: &Which) {
        let now = self.now;
        let instances = self.instances_of(at, which);
        for instance in &instances {
            self.settle_shares(*instance);
        }
        let work = self.work_in(at, which);
        let component = &mut self.components[at as usize];
        component.meter.thaw(now, work);
        let since_of_box = component.stalled_since;
        let before: Vec<Stall> = instances.iter().map(|at| component.stall(*at)).collect();
        if let Which::All = which {
            component.note_stall(false, now);
        } else {
            for instance in &instances {
                let nth = (instance - component.first_instance) as usize;
                component.trouble.stalls[nth].go_on(now);
            }
        }
        component.irregular = component.is_irregular();
        for (instance, before) in instances.iter().zip(&before) {
            self.put_pauses_off(*instance, now - before.since);
            if self.components[at as usize].shares() {
                self.arm_shares(*instance);
            }
        }
        let stuck = std::mem::take(&mut self.components[at as usize].stuck).into_iter();
        let (free, still): (Vec<u32>, Vec<u32>) =
            stuck.partition(|id| which.holds(self.calls[*id].instance));
        self.components[at as usize].stuck = still;
        for id in free {
            let in_place = instances
                .iter()
                .position(|at| *at == self.calls[id].instance);
            let since = in_place.map_or(since_of_box, |place| before[place].since);
            self.unstick(at, id, since);
        }
        self.hear_of_cancelled(at);
        self.goes_on(at);
    }

    /// A call that could not go on since then does.
    fn unstick(&mut self, at: u32, id: u32, since: u64) {
        let component = &self.components[at as usize];
        let call = &mut self.calls[id];
        if call.state == State::Working {
            let stood_still_for = component.stall(call.instance).sum;
            let rare = self.calls.rare_mut(id);
            let left = rare.mark - since;
            rare.mark = stood_still_for;
            let call = &mut self.calls[id];
            call.started += self.now - since;
            call.flags |= flag::SCHEDULED;
            return self.future.put(self.now + left, event::DONE | id);
        }
        match component.part {
            Part::Queue(_) if call.verb != Verb::Message => self.enqueue(id),
            Part::Balancer(_) if call.step == 0 => {
                if component.slots > 0 && call.instance == NONE {
                    // It came before the balancer had slots.
                    let wait = self.now - call.arrived;
                    call.step = 1;
                    self.components[at as usize]
                        .meter
                        .line_to_consumer(self.now, wait);
                }
                let next = self.balance(id);
                self.send(next);
            }
            Part::Limiter(_) if call.step == 0 => self.enter_limiter_late(id),
            Part::Gateway(_) if call.step == 0 && call.instance == NONE => {
                self.message_passes_late(id);
            }
            Part::Dns(_) => {
                let next = self.look_up_name(id);
                self.send(next);
            }
            Part::Function(_) if call.instance == NONE => self.enter_function_late(id),
            _ if component.is_paused(call.instance) => {
                self.components[at as usize].stuck.push(id);
            }
            _ => {
                call.state = State::Waiting;
                self.go_on_now(id);
            }
        }
    }

    /// For how long a call that has a slot of its own has worked.
    pub(in crate::engine) fn worked_for(&self, id: u32) -> u64 {
        let call = &self.calls[id];
        let component = &self.components[call.component as usize];
        let stall = component.stall(call.instance);
        // Once its work should have ended, while its box stood still, that is seen to already.
        let stood_still = if component.ever_stalled && call.has(flag::SCHEDULED) {
            stall.sum - self.calls.rare(id).mark
        } else {
            0
        };
        (stall.until(self.now) - call.started).saturating_sub(stood_still)
    }

    /// Whether what stands still is what faults say, and the books of it.
    pub(in crate::engine) fn check_stalls(&self) -> Result<(), String> {
        for (at, component) in (0..).zip(&self.components) {
            let alone = self.stalled_alone(at);
            let stalls = &component.trouble.stalls;
            let first = component.first_instance;
            let of = (0..component.instances).map(|nth| (nth, component.stall(first + nth)));
            for (nth, stall) in of {
                if stall.stands != (component.stalled || alone.contains(&nth)) {
                    return Err(format!(
                        "{}: instance {nth} stands still wrongly: {stall:?}",
                        component.name
                    ));
                }
            }
            if stalls.is_empty() {
                continue;
            }
            let stands = |instance: &u32| component.stall(*instance).stands;
            let those = (first..first + component.instances).filter(stands);
            let frozen = self.work_in(at, &Which::These(those.collect()));
            if frozen != component.meter.frozen() || stalls.len() != component.instances as usize {
                return Err(format!(
                    "{}: {frozen} slots stand still, {} booked",
                    component.name,
                    component.meter.frozen()
                ));
            }
            let is_stuck = |id: &&u32| component.stands_still(self.calls[**id].instance);
            if component.stuck.iter().filter(is_stuck).count() != component.stuck.len() {
                return Err(format!("{}: some are stuck for nothing", component.name));
            }
        }
        Ok(())
    }
}
