//! Autoscaling: instances are put into service and taken out of it while the run goes on.
//!
//! There are as many instances as there may ever be; those that are not in service are down in a way
//! that is no failure ([`instance::OUT`]), and one that drains takes nothing new
//! ([`instance::DRAINING`]). So nobody has to look at all of them to find one: calls that choose
//! themselves use the list of those that are up, and balancers have the others out of rotation. While
//! all there may be are in service the box is as any other.

use std::collections::VecDeque;

use super::{
    Simulation, alarm,
    component::{Component, Level, Part},
    event, instance,
    random::{Sampler, Stream},
};
use crate::scenario::{Autoscaler, Policy};

/// The autoscaler of a box.
#[derive(Clone, Debug)]
pub(super) struct Scaling {
    drawn: Autoscaler,
    boot: Sampler,
    stream: Stream,
    units: Vec<Unit>,
    /// Instances that boot, serve or drain.
    running: Level,
    /// When it looks next; `u64::MAX`: never again, once that is planned.
    look_at: u64,
    is_planned: bool,
    /// What had been counted at the last look: time, and areas of busy slots and slots on offer.
    seen: Seen,
    out_at: Option<u64>,
    changed_at: Option<u64>,
    /// Since when the utilization has been high, or low.
    high_since: Option<u64>,
    low_since: Option<u64>,
    /// Busy slots at the last looks, for a prediction.
    looks: VecDeque<(u64, f64)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    at: u64,
    busy: i128,
    slots: i128,
}

/// One instance.
#[derive(Clone, Copy, Debug)]
struct Unit {
    phase: Phase,
    /// When it has booted, or is warm; `u64::MAX`: nothing is ahead.
    due: u64,
    is_cold: bool,
}

/// Where an instance is on its way into service and out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Out,
    Booting,
    Serving,
    Draining,
}

impl Unit {
    const OUT: Self = Self {
        phase: Phase::Out,
        due: u64::MAX,
        is_cold: false,
    };
}

/// Instances of a server with an autoscaler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Instances {
    /// Take calls, unless they have failed.
    pub serving: u32,
    /// Will take calls, and cost already.
    pub booting: u32,
    /// Finish what they have.
    pub draining: u32,
}

impl Scaling {
    /// With so many in service at first.
    pub fn new(seed: u64, name: &str, drawn: &Autoscaler, serving: u32) -> Self {
        let unit = |nth| Unit {
            phase: if nth < serving {
                Phase::Serving
            } else {
                Phase::Out
            },
            ..Unit::OUT
        };
        let mut scaling = Self {
            drawn: drawn.clone(),
            boot: Sampler::new(&drawn.boot),
            stream: Stream::new(seed, name, "boot"),
            units: (0..drawn.max).map(unit).collect(),
            running: Level::default(),
            look_at: u64::MAX,
            is_planned: false,
            seen: Seen::default(),
            out_at: None,
            changed_at: None,
            high_since: None,
            low_since: None,
            looks: VecDeque::with_capacity(most_looks(drawn)),
        };
        scaling.count(0);
        scaling
    }

    /// How many instances are where.
    pub fn instances(&self) -> Instances {
        let count = |phase| {
            let units = self.units.iter().filter(|unit| unit.phase == phase);
            units.count() as u32
        };
        Instances {
            serving: count(Phase::Serving),
            booting: count(Phase::Booting),
            draining: count(Phase::Draining),
        }
    }

    /// Instances that cost now, and their time so far.
    pub fn running(&self, now: u64) -> (u64, u128) {
        (self.running.now(), self.running.area(now))
    }

    fn count(&mut self, now: u64) {
        let Instances {
            serving,
            booting,
            draining,
        } = self.instances();
        self.running
            .set(u64::from(serving + booting + draining), now);
    }

    /// Measuring begins anew.
    pub fn reset(&mut self, now: u64, (busy, slots): (u128, u128)) {
        self.running.reset(now);
        self.seen.busy -= busy as i128;
        self.seen.slots -= slots as i128;
    }

    /// Takes over the state from before an edit, in which there were so many instances.
    pub fn adopt(&mut self, old: &mut Self) {
        let kind = std::mem::discriminant::<Policy>;
        let same = match (&self.drawn.policy, &old.drawn.policy) {
            (Policy::Scheduled { times }, Policy::Scheduled { times: before }) => times == before,
            (now, before) => kind(now) == kind(before) && self.drawn.interval == old.drawn.interval,
        };
        for unit in &mut self.units {
            *unit = Unit::OUT;
        }
        for (unit, old) in self.units.iter_mut().zip(&old.units) {
            *unit = *old;
        }
        self.stream = old.stream.clone();
        self.running = old.running;
        self.seen = old.seen;
        self.out_at = old.out_at;
        self.changed_at = old.changed_at;
        if same {
            self.look_at = old.look_at;
            self.is_planned = old.is_planned;
            self.high_since = old.high_since;
            self.low_since = old.low_since;
            self.looks.extend(old.looks.iter().copied());
        }
    }

    /// Takes over a box that had so many instances, and no autoscaler.
    pub fn take_over(&mut self, instances: u32, now: u64, (busy, slots): (u128, u128)) {
        for unit in self.units.iter_mut().take(instances as usize) {
            unit.phase = Phase::Serving;
        }
        self.running = Level::default();
        self.count(now);
        self.running.reset(now);
        self.seen = Seen {
            at: now,
            busy: busy as i128,
            slots: slots as i128,
        };
    }

    /// When it looks next, from `now` on.
    fn next_look(&self, now: u64, is_first: bool) -> Option<u64> {
        if let Policy::Scheduled { times } = &self.drawn.policy {
            let times = times.iter().map(|(time, _)| time.nanos());
            return times
                .filter(|time| *time > now || is_first && *time == now)
                .min();
        }
        Some(now.saturating_add(self.drawn.interval.nanos()))
    }

    /// How many instances it wants; `lines` is the number of calls in line.
    fn wants(&mut self, now: u64, slots: u32, (busy, offered): (u128, u128), lines: u64) -> u32 {
        let has = self.instances();
        let has = has.serving + has.booting;
        let seen = std::mem::replace(
            &mut self.seen,
            Seen {
                at: now,
                busy: busy as i128,
                slots: offered as i128,
            },
        );
        let time = (now - seen.at) as f64;
        let busy = (busy as i128 - seen.busy) as f64;
        let offered = (offered as i128 - seen.slots) as f64;
        // Busy slots on average, and their share.
        let load = if time > 0.0 { busy / time } else { 0.0 };
        let share = if offered > 0.0 { busy / offered } else { 0.0 };
        let enough = |load: f64, target: f64| {
            let instances = load / f64::from(slots) / target;
            // What is 3 but for rounding is not 4.
            (instances - 1e-9).ceil().clamp(0.0, f64::from(u32::MAX)) as u32
        };
        match self.drawn.policy {
            Policy::Target { utilization } => enough(load, utilization),
            Policy::QueueLength { per_instance } => {
                lines.div_ceil(per_instance.into()).min(u32::MAX.into()) as u32
            }
            Policy::Scheduled { ref times } => {
                let past = times.iter().filter(|(time, _)| time.nanos() <= now);
                past.max_by_key(|(time, _)| *time)
                    .map_or(has, |(_, count)| *count)
            }
            Policy::Steps {
                above,
                out_after,
                add,
                below,
                in_after,
                remove,
            } => {
                let since = |was: Option<u64>, is_so: bool| was.or(Some(seen.at)).filter(|_| is_so);
                self.high_since = since(self.high_since, share > above);
                self.low_since = since(self.low_since, share < below);
                let lasts = |since: Option<u64>, time: crate::scenario::Duration| {
                    since.is_some_and(|since| now - since >= time.nanos())
                };
                if lasts(self.high_since, out_after) {
                    has.saturating_add(add)
                } else if lasts(self.low_since, in_after) {
                    has.saturating_sub(remove)
                } else {
                    has
                }
            }
            Policy::Predictive { utilization, .. } => {
                if self.looks.len() >= most_looks(&self.drawn) {
                    self.looks.pop_front();
                }
                self.looks.push_back((now, load));
                let ahead = now as f64 + self.drawn.boot.mean_secs() * 1e9;
                enough(line_at(&self.looks, ahead).max(load), utilization)
            }
        }
    }
}

/// How many looks back a prediction goes.
fn most_looks(drawn: &Autoscaler) -> usize {
    match drawn.policy {
        Policy::Predictive { window, .. } => {
            let looks = window.nanos() / drawn.interval.nanos().max(1);
            looks.clamp(2, Policy::MOST_LOOKS) as usize
        }
        _ => 0,
    }
}

/// The straight line through some points, by least squares, at a time.
fn line_at(points: &VecDeque<(u64, f64)>, time: f64) -> f64 {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| *x as f64).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let (mut above, mut below) = (0.0, 0.0);
    for (x, y) in points {
        let x = *x as f64 - mean_x;
        above += x * (y - mean_y);
        below += x * x;
    }
    if below == 0.0 {
        mean_y
    } else {
        mean_y + above / below * (time - mean_x)
    }
}

impl Component {
    /// Factors on the work of its instances that are not warm yet.
    pub fn cold_instances(&self) -> impl Iterator<Item = (usize, f64)> {
        let scaling = self.scaling.iter();
        scaling.flat_map(|scaling| {
            let units = scaling.units.iter().enumerate();
            let cold = units.filter(|(_, unit)| unit.is_cold);
            cold.map(|(nth, _)| (nth, scaling.drawn.cold))
        })
    }

    /// Measuring begins anew: what the autoscaler has seen stays seen.
    pub fn reset_scaling(&mut self, now: u64) {
        let areas = self.meter.areas(now);
        if let Some(scaling) = &mut self.scaling {
            scaling.reset(now, areas);
        }
    }

    /// Takes over the autoscaler from before an edit.
    pub fn adopt_scaling(&mut self, old: &mut Self, now: u64) {
        let areas = self.meter.areas(now);
        match (&mut self.scaling, &mut old.scaling) {
            (Some(scaling), Some(old)) => {
                scaling.adopt(old);
                scaling.count(now);
            }
            (Some(scaling), None) => scaling.take_over(old.instances, now, areas),
            _ => {}
        }
    }
}

impl Simulation {
    /// Plans the next look of an autoscaler that has none planned.
    pub(super) fn plan_scaling(&mut self, at: u32) {
        let now = self.now;
        if let Some(scaling) = &mut self.components[at as usize].scaling
            && !std::mem::replace(&mut scaling.is_planned, true)
            && let Some(next) = scaling.next_look(now, true)
        {
            scaling.look_at = next;
            self.set_alarm(next, alarm::SCALE, at);
        }
    }

    /// The event of a look.
    pub(super) fn look_at_load(&mut self, at: u32) {
        let now = self.now;
        let Some(component) = self.components.get_mut(at as usize) else {
            return;
        };
        let first = component.first_instance as usize;
        let slots = component.all_slots;
        let areas = component.meter.areas(now);
        let mut lines = 0;
        for (nth, instance) in self.instances[first..first + component.instances as usize]
            .iter()
            .enumerate()
        {
            let sharing = component
                .regime
                .as_ref()
                .map_or(0, |regime| regime.places[nth].sharing.count);
            let beyond = sharing.saturating_sub(component.slots);
            lines += u64::from(instance.waiting + beyond);
        }
        let Some(scaling) = &mut component.scaling else {
            return;
        };
        if scaling.look_at != now {
            return;
        }
        scaling.look_at = scaling.next_look(now, false).unwrap_or(u64::MAX);
        let next = scaling.look_at;
        let wants = scaling.wants(now, slots, areas, lines);
        let wants = wants.clamp(scaling.drawn.min, scaling.drawn.max);
        let is_planned = matches!(scaling.drawn.policy, Policy::Scheduled { .. });
        let rests = |since: Option<u64>, rest: crate::scenario::Duration| {
            !is_planned && since.is_some_and(|since| now - since < rest.nanos())
        };
        let is = scaling.instances();
        let has = is.serving + is.booting;
        if wants > has && !rests(scaling.out_at, scaling.drawn.out_cooldown) {
            scaling.out_at = Some(now);
            scaling.changed_at = Some(now);
            scaling.high_since = None;
            self.boot(at, wants - has);
        } else if wants < has && !rests(scaling.changed_at, scaling.drawn.in_cooldown) {
            scaling.changed_at = Some(now);
            scaling.low_since = None;
            self.take_away(at, has - wants);
        }
        if next != u64::MAX {
            self.set_alarm(next, alarm::SCALE, at);
        }
    }

    /// So many instances more, those with the lowest numbers that are free.
    fn boot(&mut self, at: u32, mut more: u32) {
        let now = self.now;
        let component = &mut self.components[at as usize];
        let first = component.first_instance;
        let Some(scaling) = &mut component.scaling else {
            return;
        };
        for (unit, nth) in scaling.units.iter_mut().zip(0..) {
            if more == 0 {
                break;
            }
            if unit.phase == Phase::Out {
                more -= 1;
                unit.phase = Phase::Booting;
                let time = scaling.boot.draw(&self.ziggurat, &mut scaling.stream);
                unit.due = now.saturating_add(time);
                let number = alarm::INSTANCE_SERVES | (first + nth);
                self.future.put(unit.due, event::BOX | number);
            }
        }
        scaling.count(now);
    }

    /// So many instances fewer: those that boot, then those that serve, the highest numbers first.
    fn take_away(&mut self, at: u32, mut fewer: u32) {
        let Some(scaling) = &mut self.components[at as usize].scaling else {
            return;
        };
        for (phase, then) in [
            (Phase::Booting, Phase::Out),
            (Phase::Serving, Phase::Draining),
        ] {
            for unit in scaling.units.iter_mut().rev() {
                if fewer > 0 && unit.phase == phase {
                    fewer -= 1;
                    unit.phase = then;
                    unit.due = u64::MAX;
                }
            }
        }
        self.scaled(at);
    }

    /// The event of an instance that has booted, or is warm.
    pub(super) fn instance_serves(&mut self, at: u32) {
        let now = self.now;
        let Some(instance) = self.instances.get(at as usize) else {
            return;
        };
        let number = instance.component;
        let component = &mut self.components[number as usize];
        let nth = (at - component.first_instance) as usize;
        let Some(scaling) = &mut component.scaling else {
            return;
        };
        let warm_up = scaling.drawn.warm_up.nanos();
        let Some(unit) = scaling.units.get_mut(nth).filter(|unit| unit.due == now) else {
            return;
        };
        unit.due = u64::MAX;
        unit.is_cold = unit.phase == Phase::Booting && warm_up > 0;
        if unit.is_cold {
            unit.due = now.saturating_add(warm_up);
            let due = unit.due;
            unit.phase = Phase::Serving;
            self.set_alarm(due, alarm::INSTANCE_SERVES, at);
        } else if unit.phase == Phase::Booting {
            unit.phase = Phase::Serving;
        }
        self.scaled(number);
    }

    /// Instances have come into service, or go out of it.
    fn scaled(&mut self, at: u32) {
        self.close_routes();
        self.fit_services(at);
        if self.components[at as usize].trouble.left < 1.0 {
            // It is a share of those in service.
            self.update_capacity(at);
        }
        self.update_factors(at);
        self.note_services();
        self.note_uptime(at);
        self.goes_on(at);
        self.open_routes();
    }

    /// Brings up to date which instances of a box take calls, and how many slots it offers.
    pub(super) fn fit_services(&mut self, at: u32) {
        let now = self.now;
        let component = &mut self.components[at as usize];
        let first = component.first_instance as usize;
        let instances = &mut self.instances[first..first + component.instances as usize];
        for (nth, one) in instances.iter_mut().enumerate() {
            one.down &= !(instance::OUT | instance::DRAINING);
            let Some(scaling) = &mut component.scaling else {
                continue;
            };
            let unit = &mut scaling.units[nth];
            if unit.phase == Phase::Draining && one.used + one.waiting == 0 {
                unit.phase = Phase::Out;
            }
            unit.is_cold &= unit.phase == Phase::Serving;
            one.down |= match unit.phase {
                Phase::Serving => 0,
                Phase::Draining => instance::DRAINING,
                Phase::Out | Phase::Booting => instance::OUT,
            };
        }
        if let Some(scaling) = &mut component.scaling {
            scaling.count(now);
        }
        self.count_down(at);
        self.offer(at);
    }

    /// An instance that drains has nothing left to do.
    #[cold]
    pub(super) fn has_drained(&mut self, at: u32) {
        let number = self.instances[at as usize].component;
        let component = &mut self.components[number as usize];
        let nth = (at - component.first_instance) as usize;
        if let Some(scaling) = &mut component.scaling
            && scaling.units[nth].phase == Phase::Draining
        {
            scaling.units[nth].phase = Phase::Out;
            scaling.count(self.now);
            let one = &mut self.instances[at as usize];
            one.down = one.down & !instance::DRAINING | instance::OUT;
            self.offer(number);
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

    /// Whether the instances of every box are where its autoscaler says.
    pub(super) fn check_scaling(&self) -> Result<(), String> {
        for component in &self.components {
            let first = component.first_instance as usize;
            let instances = &self.instances[first..first + component.instances as usize];
            for (nth, one) in instances.iter().enumerate() {
                let phase = match &component.scaling {
                    Some(scaling) => scaling.units[nth].phase,
                    None => Phase::Serving,
                };
                let busy = one.used + one.waiting;
                let is_right = match phase {
                    Phase::Serving => one.down & (instance::OUT | instance::DRAINING) == 0,
                    Phase::Draining => one.down & instance::DRAINING != 0 && busy > 0,
                    Phase::Out | Phase::Booting => one.down & instance::OUT != 0 && busy == 0,
                };
                if !is_right {
                    return Err(format!(
                        "{}: instance {nth} is {phase:?}, with {busy} calls and {:#b}",
                        component.name, one.down
                    ));
                }
            }
            if let Some(scaling) = &component.scaling {
                let is = scaling.instances();
                let all = u64::from(is.serving + is.booting + is.draining);
                if scaling.running.now() != all {
                    return Err(format!("{}: {is:?} instances", component.name));
                }
            }
        }
        Ok(())
    }
}
