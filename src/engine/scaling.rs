//! Autoscaling: how many instances a box wants, looked at now and then. Where they are on their way
//! into service and out of it: see `fleet`.

use std::collections::VecDeque;

use super::{
    Simulation, alarm, event,
    fleet::{Fleet, Phase},
    random::{Sampler, Stream},
};
use crate::scenario::{Autoscaler, Policy};

/// The autoscaler of a box.
#[derive(Clone, Debug)]
pub(super) struct Scaling {
    drawn: Autoscaler,
    boot: Sampler,
    stream: Stream,
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

impl Scaling {
    pub fn new(seed: u64, name: &str, drawn: &Autoscaler) -> Self {
        Self {
            drawn: drawn.clone(),
            boot: Sampler::new(&drawn.boot),
            stream: Stream::new(seed, name, "boot"),
            look_at: u64::MAX,
            is_planned: false,
            seen: Seen::default(),
            out_at: None,
            changed_at: None,
            high_since: None,
            low_since: None,
            looks: VecDeque::with_capacity(most_looks(drawn)),
        }
    }

    /// Factor on the work of instances that are not warm.
    pub fn cold(&self) -> f64 {
        self.drawn.cold
    }

    /// For how long they are not.
    pub fn warm_up_ns(&self) -> u64 {
        self.drawn.warm_up.nanos()
    }

    /// Measuring begins anew.
    pub fn reset(&mut self, (busy, slots): (u128, u128)) {
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
        self.stream = old.stream.clone();
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

    /// Takes over a box that had no autoscaler.
    pub fn take_over(&mut self, now: u64, (busy, slots): (u128, u128)) {
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

    /// How many instances it wants, and it `has` so many; `lines` is the number of calls in line.
    fn wants(
        &mut self,
        now: u64,
        (slots, has): (u32, u32),
        (busy, offered): (u128, u128),
        lines: u64,
    ) -> u32 {
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

impl Simulation {
    /// Plans the next look of an autoscaler that has none planned.
    pub(super) fn plan_scaling(&mut self, at: u32) {
        let now = self.now;
        if let Some(scaling) = self.components[at as usize].scaling()
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
        let Some(fleet) = &mut component.fleet else {
            return;
        };
        let has = fleet.counted();
        let Some(scaling) = fleet
            .scaling
            .as_mut()
            .filter(|scaling| scaling.look_at == now)
        else {
            return;
        };
        scaling.look_at = scaling.next_look(now, false).unwrap_or(u64::MAX);
        let next = scaling.look_at;
        let wants = scaling.wants(now, (slots, has), areas, lines);
        let wants = wants.clamp(scaling.drawn.min, scaling.drawn.max);
        let is_planned = matches!(scaling.drawn.policy, Policy::Scheduled { .. });
        let rests = |since: Option<u64>, rest: crate::scenario::Duration| {
            !is_planned && since.is_some_and(|since| now - since < rest.nanos())
        };
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
        let Some(fleet) = &mut component.fleet else {
            return;
        };
        let version = fleet.promoted();
        let Fleet { units, scaling, .. } = &mut **fleet;
        let Some(scaling) = scaling else {
            return;
        };
        for (unit, nth) in units.iter_mut().zip(0..) {
            if more == 0 {
                break;
            }
            if unit.phase == Phase::Out {
                more -= 1;
                let time = scaling.boot.draw(&self.ziggurat, &mut scaling.stream);
                unit.boots(version, now.saturating_add(time));
                let number = alarm::INSTANCE_SERVES | (first + nth);
                self.future.put(unit.due, event::BOX | number);
            }
        }
        fleet.count(now);
    }

    /// So many instances fewer: those that boot, then those that serve, the highest numbers first,
    /// then those that are being replaced.
    fn take_away(&mut self, at: u32, mut fewer: u32) {
        let Some(fleet) = &mut self.components[at as usize].fleet else {
            return;
        };
        for phase in [Phase::Booting, Phase::Serving, Phase::Draining] {
            for unit in fleet.units.iter_mut().rev() {
                if fewer > 0 && unit.phase == phase && unit.counts() {
                    fewer -= 1;
                    unit.stops();
                }
            }
        }
        self.changed_services(at);
    }
}
