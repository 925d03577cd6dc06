//! Instances that are put into service and taken out of it while the run goes on: by an autoscaler,
//! or for a new version.
//!
//! There are as many instances as there may ever be; those that are not in service are down in a way
//! that is no failure ([`instance::OUT`]), and one that drains takes nothing new
//! ([`instance::DRAINING`]). So nobody has to look at all of them to find one: calls that choose
//! themselves use the list of those that are up, and balancers have the others out of rotation. While
//! all there may be are in service the box is as any other.

use super::{
    Simulation, alarm,
    component::{Component, Part},
    instance,
    meter::Level,
    rollout::Deploys,
    scaling::Scaling,
};

/// The instances of a box that come and go.
#[derive(Clone, Debug)]
pub(super) struct Fleet {
    pub units: Vec<Unit>,
    /// As many as are drawn, when there is no autoscaler to say.
    pub drawn: u32,
    /// Instances that cost.
    running: Level,
    /// Its autoscaler, if it has one.
    pub scaling: Option<Scaling>,
    pub deploys: Deploys,
    /// An edit has added instances, or taken some away.
    pub was_fitted: bool,
}

/// One instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub phase: Phase,
    /// When it has booted, or is warm; `u64::MAX`: nothing is ahead.
    pub due: u64,
    /// While it drains: when it stops whatever it still has; `u64::MAX`: it takes its time.
    pub stops_at: u64,
    /// While it drains: what comes then.
    pub then: Then,
    pub is_cold: bool,
    /// It has been booted by a deploy.
    pub is_deployed: bool,
    /// What runs in it, among the versions of its box.
    pub version: u32,
}

/// Where an instance is on its way into service and out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Out,
    Booting,
    Serving,
    Draining,
    /// It boots beside the one that it is to replace.
    Beside,
    /// It has booted and could serve.
    Ready,
}

/// What an instance does that has drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// It is gone.
    Stops,
    /// It boots with another version.
    Boots,
    /// It stays ready.
    Waits,
}

impl Unit {
    const OUT: Self = Self {
        phase: Phase::Out,
        due: u64::MAX,
        stops_at: u64::MAX,
        then: Then::Stops,
        is_cold: false,
        is_deployed: false,
        version: 0,
    };

    fn serving(version: u32) -> Self {
        Self {
            phase: Phase::Serving,
            version,
            ..Self::OUT
        }
    }

    /// Whether it is one of those that a box wants to have.
    pub fn counts(&self) -> bool {
        match self.phase {
            Phase::Serving | Phase::Booting => true,
            Phase::Draining => self.then == Then::Boots,
            Phase::Out | Phase::Beside | Phase::Ready => false,
        }
    }

    /// It boots, and will have done so at a time.
    pub fn boots(&mut self, version: u32, due: u64) {
        *self = Self {
            phase: Phase::Booting,
            due,
            version,
            ..Self::OUT
        };
    }

    /// It is no longer wanted.
    pub fn stops(&mut self) {
        if self.phase == Phase::Serving {
            self.drains(Then::Stops, u64::MAX);
        } else if self.phase == Phase::Draining {
            self.then = Then::Stops;
        } else {
            *self = Self::OUT;
        }
    }

    /// It takes nothing new, and finishes what it has.
    pub fn drains(&mut self, then: Then, stops_at: u64) {
        self.phase = Phase::Draining;
        self.due = u64::MAX;
        (self.then, self.stops_at) = (then, stops_at);
    }

    /// It drained, and goes on as before.
    pub fn resumes(&mut self) {
        self.phase = Phase::Serving;
        (self.then, self.stops_at) = (Then::Stops, u64::MAX);
    }
}

/// Instances of a server that come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Instances {
    /// Take calls, unless they have failed.
    pub serving: u32,
    /// Will take calls, and cost already.
    pub booting: u32,
    /// Finish what they have.
    pub draining: u32,
    /// Could take calls, and take none: those that a blue-green deploy keeps or holds ready.
    pub ready: u32,
}

impl Fleet {
    /// So many instances, of which the first serve.
    pub fn new(
        seed: u64,
        name: &str,
        scaling: Option<Scaling>,
        (all, serving): (u32, u32),
    ) -> Self {
        let serves = |nth| {
            if nth < serving {
                Unit::serving(0)
            } else {
                Unit::OUT
            }
        };
        let mut fleet = Self {
            units: (0..all).map(serves).collect(),
            drawn: serving,
            running: Level::default(),
            scaling,
            deploys: Deploys::new(seed, name),
            was_fitted: false,
        };
        fleet.count(0);
        fleet
    }

    /// How many instances are where.
    pub fn instances(&self) -> Instances {
        let mut is = Instances::default();
        for unit in &self.units {
            match unit.phase {
                Phase::Out => {}
                Phase::Booting | Phase::Beside => is.booting += 1,
                Phase::Serving => is.serving += 1,
                Phase::Draining => is.draining += 1,
                Phase::Ready => is.ready += 1,
            }
        }
        is
    }

    /// How many there are of those that the box wants to have.
    pub fn counted(&self) -> u32 {
        self.units.iter().filter(|unit| unit.counts()).count() as u32
    }

    /// The version that all have run which are not of a deploy under way.
    pub fn promoted(&self) -> u32 {
        self.deploys.promoted()
    }

    /// Instances that cost now, and their time so far.
    pub fn running(&self, now: u64) -> (u64, u128) {
        (self.running.now(), self.running.area(now))
    }

    /// Counts anew how many cost, and how many run the newest version.
    pub fn count(&mut self, now: u64) {
        let is = self.instances();
        let all = is.serving + is.booting + is.draining + is.ready;
        self.running.set(all.into(), now);
        self.deploys.count(&self.units, now);
    }

    /// Measuring begins anew.
    fn reset(&mut self, now: u64, areas: (u128, u128)) {
        self.running.reset(now);
        self.deploys.reset(now);
        if let Some(scaling) = &mut self.scaling {
            scaling.reset(areas);
        }
    }

    /// Takes over the state from before an edit.
    fn adopt(&mut self, old: &mut Self, now: u64, areas: (u128, u128)) {
        self.units.fill(Unit::OUT);
        for (unit, old) in self.units.iter_mut().zip(&old.units) {
            *unit = *old;
        }
        self.running = old.running;
        std::mem::swap(&mut self.deploys, &mut old.deploys);
        match (&mut self.scaling, &mut old.scaling) {
            (Some(scaling), Some(old)) => scaling.adopt(old),
            (Some(scaling), None) => scaling.take_over(now, areas),
            _ => {}
        }
    }

    /// Takes over a box whose instances, so many, neither came nor went since measuring began.
    fn take_over(&mut self, instances: u32, (since, now): (u64, u64), areas: (u128, u128)) {
        self.units.fill(Unit::OUT);
        let serving = self.units.iter_mut().take(instances as usize);
        serving.for_each(|unit| *unit = Unit::serving(0));
        self.running = Level::default();
        self.count(since);
        if let Some(scaling) = &mut self.scaling {
            scaling.take_over(now, areas);
            // It is measured from now on.
            self.running.reset(now);
        }
    }

    /// Without an autoscaler there are as many as are drawn.
    fn fit(&mut self) {
        let wanted = self.drawn;
        let has = self.counted();
        self.was_fitted = self.scaling.is_none() && has != wanted;
        if !self.was_fitted {
            return;
        }
        let version = self.promoted();
        let mut lacking = wanted.saturating_sub(has) as usize;
        let free = self.units.iter_mut();
        let free = free.filter(|unit| unit.phase == Phase::Out);
        for unit in free.take(lacking) {
            *unit = Unit::serving(version);
            lacking -= 1;
        }
        // Those that were to go have not all gone yet.
        let going = self.units.iter_mut();
        let going = going.filter(|unit| unit.phase == Phase::Draining && unit.then == Then::Stops);
        for unit in going.take(lacking) {
            if unit.version == version {
                unit.resumes();
            } else {
                unit.then = Then::Boots;
            }
        }
        let extra = self.units.iter_mut().rev().filter(|unit| unit.counts());
        for unit in extra.take(has.saturating_sub(wanted) as usize) {
            unit.stops();
        }
    }
}

impl Component {
    /// Its autoscaler, if it has one.
    pub fn scaling(&mut self) -> Option<&mut Scaling> {
        self.fleet.as_mut()?.scaling.as_mut()
    }

    /// Factors on the work of its instances that are not warm, or run another version.
    pub fn own_factors(&self) -> impl Iterator<Item = (usize, f64)> {
        let fleet = self.fleet.iter();
        fleet.flat_map(|fleet| {
            let factor = move |unit: &Unit| {
                let cold = match &fleet.scaling {
                    _ if !unit.is_cold => 1.0,
                    Some(scaling) if !unit.is_deployed => scaling.cold(),
                    _ => fleet.deploys.cold(),
                };
                cold * fleet.deploys.slowness(unit.version)
            };
            let factors = fleet.units.iter().map(factor).enumerate();
            factors.filter(|(_, factor)| *factor != 1.0)
        })
    }

    /// Measuring begins anew: what the autoscaler has seen stays seen.
    pub fn reset_fleet(&mut self, now: u64) {
        let areas = self.meter.areas(now);
        if let Some(fleet) = &mut self.fleet {
            fleet.reset(now, areas);
        }
    }

    /// Takes over who is in service from before an edit.
    pub fn adopt_fleet(&mut self, old: &mut Self, now: u64) {
        let areas = self.meter.areas(now);
        let Some(fleet) = &mut self.fleet else {
            return;
        };
        match &mut old.fleet {
            Some(old) => fleet.adopt(old, now, areas),
            None => fleet.take_over(old.instances, (self.meter.since(), now), areas),
        }
        fleet.fit();
        fleet.count(now);
        self.refresh();
    }
}

impl Simulation {
    /// The event of an instance that has booted, or is warm.
    pub(super) fn instance_serves(&mut self, at: u32) {
        let now = self.now;
        let Some(instance) = self.instances.get(at as usize) else {
            return;
        };
        let number = instance.component;
        let component = &mut self.components[number as usize];
        let nth = (at - component.first_instance) as usize;
        let Some(fleet) = &mut component.fleet else {
            return;
        };
        let Some(unit) = fleet.units.get_mut(nth).filter(|unit| unit.due == now) else {
            return;
        };
        unit.due = u64::MAX;
        unit.is_cold = false;
        match unit.phase {
            Phase::Booting => self.takes_calls(number, nth),
            Phase::Beside => unit.phase = Phase::Ready,
            _ => {}
        }
        self.changed_services(number);
        self.roll_on(number);
    }

    /// An instance that has booted serves, and is cold at first.
    pub(super) fn takes_calls(&mut self, at: u32, nth: usize) {
        let now = self.now;
        let component = &mut self.components[at as usize];
        let Some(fleet) = &mut component.fleet else {
            return;
        };
        let unit = &mut fleet.units[nth];
        // One that was kept is warm.
        let warm_up = match &fleet.scaling {
            _ if unit.is_deployed => fleet.deploys.warm_up_ns(),
            Some(scaling) if unit.phase == Phase::Booting => scaling.warm_up_ns(),
            _ => 0,
        };
        unit.phase = Phase::Serving;
        unit.is_cold = warm_up > 0;
        if unit.is_cold {
            unit.due = now.saturating_add(warm_up);
            let (due, instance) = (unit.due, component.first_instance + nth as u32);
            self.set_alarm(due, alarm::INSTANCE_SERVES, instance);
        }
    }

    /// Instances have come into service, or go out of it.
    pub(super) fn changed_services(&mut self, at: u32) {
        self.close_routes();
        self.change_services(at);
        self.open_routes();
    }

    /// As [`Self::changed_services`], while routes are closed.
    pub(super) fn change_services(&mut self, at: u32) {
        self.fit_services(at);
        if self.components[at as usize].trouble.left < 1.0 {
            // It is a share of those in service.
            self.update_capacity(at);
        }
        self.update_factors(at);
        self.note_services();
        self.note_uptime(at);
        self.goes_on(at);
    }

    /// Brings up to date which instances of a box take calls, and how many slots it offers.
    pub(super) fn fit_services(&mut self, at: u32) {
        let now = self.now;
        let component = &mut self.components[at as usize];
        let first = component.first_instance;
        for nth in 0..component.instances {
            let component = &self.components[at as usize];
            let one = &mut self.instances[(first + nth) as usize];
            one.down &= !(instance::OUT | instance::DRAINING);
            let Some(fleet) = &component.fleet else {
                continue;
            };
            if fleet.units[nth as usize].phase == Phase::Draining && one.used + one.waiting == 0 {
                self.ends_draining(at, nth);
            }
            let component = &mut self.components[at as usize];
            if let Some(fleet) = &mut component.fleet {
                let unit = &mut fleet.units[nth as usize];
                unit.is_cold &= unit.phase == Phase::Serving;
                self.instances[(first + nth) as usize].down |= match unit.phase {
                    Phase::Serving => 0,
                    Phase::Draining => instance::DRAINING,
                    Phase::Out | Phase::Booting | Phase::Beside | Phase::Ready => instance::OUT,
                };
            }
        }
        if let Some(fleet) = &mut self.components[at as usize].fleet {
            fleet.count(now);
        }
        self.count_down(at);
        self.offer(at);
        self.break_channels_out_of_service(at);
    }

    /// An instance that drains has nothing left to do.
    #[cold]
    pub(super) fn has_drained(&mut self, at: u32) {
        let number = self.instances[at as usize].component;
        let component = &self.components[number as usize];
        let nth = at - component.first_instance;
        if let Some(fleet) = &component.fleet
            && fleet.units[nth as usize].phase == Phase::Draining
        {
            self.ends_draining(number, nth);
            if let Some(fleet) = &mut self.components[number as usize].fleet {
                fleet.count(self.now);
            }
            let one = &mut self.instances[at as usize];
            one.down = one.down & !instance::DRAINING | instance::OUT;
            self.offer(number);
            self.break_channels_at(at);
        }
    }

    /// What comes after draining.
    fn ends_draining(&mut self, at: u32, nth: u32) {
        let now = self.now;
        let component = &mut self.components[at as usize];
        let instance = component.first_instance + nth;
        let Some(fleet) = &mut component.fleet else {
            return;
        };
        let (version, boot) = fleet.deploys.target();
        let unit = &mut fleet.units[nth as usize];
        let was_replaced = unit.stops_at != u64::MAX;
        unit.stops_at = u64::MAX;
        match unit.then {
            Then::Stops => *unit = Unit::OUT,
            Then::Waits => (unit.phase, unit.is_deployed) = (Phase::Ready, false),
            Then::Boots => {
                unit.boots(version, now.saturating_add(boot));
                unit.is_deployed = true;
                let due = unit.due;
                return self.set_alarm(due, alarm::INSTANCE_SERVES, instance);
            }
        }
        if was_replaced || fleet.deploys.is_under_way() {
            // The next may be replaced, or there is room for it; not now, in the middle of something.
            self.set_alarm(now, alarm::DEPLOY, at);
        }
    }

    /// Tells balancers who is in service.
    pub(super) fn note_services(&mut self) {
        for at in 0..self.components.len() {
            let Part::Balancer(balancer) = &mut self.components[at].part else {
                continue;
            };
            if balancer.note_services(&self.instances, self.now) {
                self.targets_changed(at as u32);
            }
        }
    }

    /// Whether the instances of every box are where its fleet says.
    pub(super) fn check_fleets(&self) -> Result<(), String> {
        for component in &self.components {
            let first = component.first_instance as usize;
            let instances = &self.instances[first..first + component.instances as usize];
            for (nth, one) in instances.iter().enumerate() {
                let phase = match &component.fleet {
                    Some(fleet) => fleet.units[nth].phase,
                    None => Phase::Serving,
                };
                let busy = one.used + one.waiting;
                let is_right = match phase {
                    Phase::Serving => one.down & (instance::OUT | instance::DRAINING) == 0,
                    Phase::Draining => one.down & instance::DRAINING != 0 && busy > 0,
                    Phase::Out | Phase::Booting | Phase::Beside | Phase::Ready => {
                        one.down & instance::OUT != 0 && busy == 0
                    }
                };
                if !is_right {
                    return Err(format!(
                        "{}: instance {nth} is {phase:?}, with {busy} calls and {:#b}",
                        component.name, one.down
                    ));
                }
            }
            if let Some(fleet) = &component.fleet {
                let is = fleet.instances();
                let all = u64::from(is.serving + is.booting + is.draining + is.ready);
                if fleet.running.now() != all {
                    return Err(format!("{}: {is:?} instances", component.name));
                }
                if fleet.scaling.is_none() && fleet.counted() != fleet.drawn {
                    return Err(format!(
                        "{}: {} instances drawn, {is:?}",
                        component.name, fleet.drawn
                    ));
                }
                fleet.check_deploys(&component.name)?;
            }
        }
        Ok(())
    }
}
