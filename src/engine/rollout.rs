//! Deploys: the instances of a box are replaced by those of another version, a batch after the other
//! or all at once, and back again when the new version is bad. How an instance comes into service and
//! goes out of it is the same for an autoscaler (`fleet`).
//!
//! What is on its way is known by the instances: [`Simulation::takes_a_step`] looks at them whenever
//! one has booted, is warm or has drained, and begins what can begin then.

mod canary;
mod room;

use std::fmt;

use super::{
    Engine, Simulation, alarm,
    call::NONE,
    component::Component,
    fleet::{Fleet, Phase, Then, Unit},
    measure::Totals,
    meter::Level,
    random::{Chance, Stream},
};
use crate::scenario::{Deploy, DeployStrategy};
use canary::Count;
pub(super) use room::Rooms;

/// The versions of a box, and the deploy that is under way or was the last.
#[derive(Clone, Debug)]
pub(super) struct Deploys {
    /// The first is what is drawn.
    versions: Vec<Version>,
    drawn: Deploy,
    stage: Stage,
    /// It is being, or was, rolled back.
    is_back: bool,
    canary: Canary,
    /// The version that instances are to run.
    target: u32,
    /// That of all which are not of the deploy under way.
    promoted: u32,
    /// How long the canary is watched, or the old set is kept.
    wait_until: u64,
    /// When it looks next at the calls of the new version; `u64::MAX`: never.
    look_at: u64,
    /// What had been counted at the last look that could judge.
    seen: Count,
    /// Instances that serve and run the newest version.
    newest: Level,
    /// What had been counted of it when measuring began.
    at_start: Count,
    stream: Stream,
}

#[derive(Clone, Copy, Debug)]
struct Version {
    /// What it is compared with what is drawn; the first is the same.
    deploy: Deploy,
    errors: Chance,
    /// What was in service before it.
    before: u32,
    count: Count,
}

/// How far the first batch of a canary deploy has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Canary {
    Ahead,
    BeingReplaced,
    Over,
}

/// How far a deploy has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Instances are being replaced.
    Replacing,
    /// The canary serves and is watched.
    Watching,
    /// The new set serves; the old one is kept.
    Keeping,
    /// All are replaced; the last look is ahead.
    Judging,
    /// It has come to its end.
    Done,
}

/// A deploy, or a roll-back, that is under way or was the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rollout {
    /// How far it has come.
    pub stage: Stage,
    /// The new version is bad: it goes back to the one before.
    pub is_back: bool,
    /// The version that instances are to run, counted from 1: what is drawn.
    pub version: u32,
    /// How many instances serve with it.
    pub serving: u32,
    /// How many instances there are to be.
    pub instances: u32,
}

impl Rollout {
    /// Whether it has not come to its end.
    pub fn is_under_way(&self) -> bool {
        self.stage != Stage::Done
    }
}

impl fmt::Display for Rollout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            version,
            serving,
            instances,
            ..
        } = self;
        write!(f, "{serving} of {instances} on v{version}")?;
        f.write_str(match self.stage {
            Stage::Done if self.is_back => ", rolled back",
            _ if self.is_back => ", rolling back",
            Stage::Replacing => ", rolling out",
            Stage::Watching => ", the canary is watched",
            Stage::Keeping => ", the old set is kept",
            Stage::Judging => ", the last look is ahead",
            Stage::Done => "",
        })
    }
}

impl Version {
    fn new(deploy: Deploy, before: u32) -> Self {
        Self {
            deploy,
            errors: Chance::new(deploy.errors),
            before,
            count: Count::default(),
        }
    }
}

impl Deploys {
    pub fn new(seed: u64, name: &str) -> Self {
        Self {
            versions: vec![Version::new(Deploy::default(), 0)],
            drawn: Deploy::default(),
            stage: Stage::Done,
            is_back: false,
            canary: Canary::Over,
            target: 0,
            promoted: 0,
            wait_until: 0,
            look_at: u64::MAX,
            seen: Count::default(),
            newest: Level::default(),
            at_start: Count::default(),
            stream: Stream::new(seed, name, "deploys"),
        }
    }

    /// Whether there is more than what is drawn.
    pub fn has_versions(&self) -> bool {
        self.versions.len() > 1
    }

    /// Whether some version answers calls with errors.
    pub fn has_errors(&self) -> bool {
        let errors = |version: &Version| version.errors != Chance::NEVER;
        self.versions.iter().any(errors)
    }

    pub fn promoted(&self) -> u32 {
        self.promoted
    }

    /// The version that instances are to run, and how long they boot.
    pub fn target(&self) -> (u32, u64) {
        (self.target, self.drawn.boot.nanos())
    }

    /// Factor on the work of instances that a deploy has booted and that are not warm.
    pub fn cold(&self) -> f64 {
        self.drawn.cold
    }

    pub fn warm_up_ns(&self) -> u64 {
        self.drawn.warm_up.nanos()
    }

    /// Factor on the work of a version.
    pub fn slowness(&self, version: u32) -> f64 {
        1.0 / self.versions[version as usize].deploy.speed
    }

    fn newest(&self) -> u32 {
        self.versions.len() as u32 - 1
    }

    /// Counts anew how many run the newest version.
    pub fn count(&mut self, units: &[Unit], now: u64) {
        if self.has_versions() {
            let newest = serving(units, self.newest());
            self.newest.set(newest.into(), now);
        }
    }

    /// Measuring begins anew.
    pub fn reset(&mut self, now: u64) {
        self.newest.reset(now);
        self.at_start = self.versions[self.newest() as usize].count;
    }

    /// Says in the books what is of the newest version.
    pub fn tell(&self, totals: &mut Totals) {
        if self.has_versions() {
            let count = self.versions[self.newest() as usize].count;
            let count = count.since(self.at_start);
            totals.new_calls = count.calls;
            totals.new_failed = count.failed;
            totals.new_area = self.newest.area(totals.now_ns);
        }
    }

    pub fn is_under_way(&self) -> bool {
        self.stage != Stage::Done
    }

    fn is_done(&mut self) {
        self.promoted = self.target;
        self.stage = Stage::Done;
        self.look_at = u64::MAX;
    }

    /// When an instance that begins to drain stops what it still has.
    fn stops_at(&self, now: u64) -> u64 {
        now.saturating_add(self.drawn.drain.nanos())
            .min(u64::MAX - 1)
    }
}

/// How many serve with a version.
fn serving(units: &[Unit], version: u32) -> u32 {
    let serves = |unit: &&Unit| unit.phase == Phase::Serving && unit.version == version;
    units.iter().filter(serves).count() as u32
}

impl Fleet {
    /// Whether what a deploy has left is in order.
    pub fn check_deploys(&self, name: &str) -> Result<(), String> {
        let deploys = &self.deploys;
        let is_wrong = |unit: &&Unit| {
            let is_other = unit.counts() && unit.version != deploys.promoted;
            is_other || matches!(unit.phase, Phase::Beside | Phase::Ready)
        };
        let wrong = self.units.iter().find(is_wrong);
        match wrong {
            Some(unit) if deploys.stage == Stage::Done => {
                Err(format!("{name}: {unit:?} after the deploy, {deploys:?}"))
            }
            _ => Ok(()),
        }
    }

    fn rollout(&self) -> Option<Rollout> {
        let deploys = &self.deploys;
        deploys.has_versions().then(|| Rollout {
            stage: deploys.stage,
            is_back: deploys.is_back,
            version: deploys.target + 1,
            serving: serving(&self.units, deploys.target),
            instances: self.counted(),
        })
    }
}

impl Component {
    /// A call that comes to an instance, or to one that is chosen now. Says whether its version
    /// answers with an error.
    pub fn version_fails(&mut self, instance: &mut u32) -> bool {
        if !self
            .fleet
            .as_ref()
            .is_some_and(|fleet| fleet.deploys.has_versions())
        {
            return false;
        }
        if *instance == NONE {
            *instance = self.next_instance();
        }
        let nth = instance.wrapping_sub(self.first_instance) as usize;
        let Some(fleet) = &mut self.fleet else {
            return false;
        };
        let Fleet { units, deploys, .. } = &mut **fleet;
        let version = units.get(nth).map_or(0, |unit| unit.version);
        let version = &mut deploys.versions[version as usize];
        let fails = deploys.stream.chance(version.errors);
        if fails {
            version.count.add(true, 0);
        }
        fails
    }

    /// A call has left an instance after so long.
    pub fn count_by_version(&mut self, instance: u32, failed: bool, sojourn: u64) {
        let nth = instance.wrapping_sub(self.first_instance) as usize;
        if let Some(fleet) = &mut self.fleet
            && fleet.deploys.has_versions()
            && let Some(unit) = fleet.units.get(nth)
        {
            let version = &mut fleet.deploys.versions[unit.version as usize];
            version.count.add(failed, sojourn);
        }
    }
}

impl Simulation {
    /// A deploy begins, while routes are closed.
    pub(super) fn begin_deploy(&mut self, at: u32, deploy: Deploy) {
        let now = self.now;
        let Some(fleet) = &mut self.components[at as usize].fleet else {
            return;
        };
        let deploys = &mut fleet.deploys;
        deploys.target = deploys.versions.len() as u32;
        deploys
            .versions
            .push(Version::new(deploy, deploys.promoted));
        deploys.drawn = deploy;
        deploys.is_back = false;
        deploys.canary = match deploy.strategy {
            DeployStrategy::Canary { .. } => Canary::Ahead,
            _ => Canary::Over,
        };
        deploys.seen = Count::default();
        deploys.at_start = Count::default();
        deploys.newest = Level::default();
        deploys.look_at = u64::MAX;
        if let Some(roll_back) = deploy.roll_back {
            deploys.look_at = now.saturating_add(roll_back.every.nanos());
            let look_at = deploys.look_at;
            self.set_alarm(look_at, alarm::DEPLOY, at);
        }
        self.turn_to_target(at);
    }

    /// A deploy is over: what it has brought, or is bringing, into service goes out of it.
    pub(super) fn end_deploy(&mut self, at: u32, deploy: Deploy) {
        let component = &self.components[at as usize];
        if let Some(fleet) = &component.fleet
            && fleet.deploys.drawn == deploy
            && !fleet.deploys.is_back
        {
            self.roll_back(at);
        }
    }

    /// Instances are to run the version before, while routes are closed.
    fn roll_back(&mut self, at: u32) {
        let Some(fleet) = &mut self.components[at as usize].fleet else {
            return;
        };
        let deploys = &mut fleet.deploys;
        deploys.is_back = true;
        deploys.target = deploys.versions[deploys.target as usize].before;
        deploys.promoted = deploys.target;
        deploys.canary = Canary::Over;
        deploys.look_at = u64::MAX;
        let target = deploys.target;
        let others = of_phase(&fleet.units, Phase::Serving);
        let others = others.filter(|nth| fleet.units[*nth].version != target);
        let mut others: Vec<usize> = others.collect();
        let mut again = 0;
        let units = fleet.units.iter_mut();
        let is_old = |unit: &&mut Unit| unit.phase == Phase::Draining && unit.version == target;
        for unit in units.filter(is_old) {
            match unit.then {
                Then::Stops => {}
                Then::Boots => unit.resumes(),
                // It serves again in the place of one of the others.
                Then::Waits if again < others.len() => {
                    again += 1;
                    unit.resumes();
                }
                Then::Waits => unit.then = Then::Stops,
            }
        }
        others.truncate(again);
        self.drain(at, &others, Then::Stops);
        self.turn_to_target(at);
    }

    /// What was under way for another version is not any more.
    fn turn_to_target(&mut self, at: u32) {
        let now = self.now;
        let component = &mut self.components[at as usize];
        let first = component.first_instance;
        let Some(fleet) = &mut component.fleet else {
            return;
        };
        fleet.deploys.stage = Stage::Replacing;
        let (target, boot) = fleet.deploys.target();
        let mut boots = Vec::new();
        for (nth, unit) in (0..).zip(&mut fleet.units) {
            if unit.version == target {
                continue;
            }
            match unit.phase {
                Phase::Booting if unit.is_deployed => {
                    unit.boots(target, now.saturating_add(boot));
                    unit.is_deployed = true;
                    boots.push((unit.due, first + nth));
                }
                Phase::Beside | Phase::Ready => unit.stops(),
                Phase::Draining if unit.then == Then::Waits => unit.then = Then::Stops,
                _ => {}
            }
        }
        for (due, instance) in boots {
            self.set_alarm(due, alarm::INSTANCE_SERVES, instance);
        }
        self.change_services(at);
        self.take_steps(at);
    }

    /// The event of a deploy: instances have drained for long enough, a look or a wait is due.
    pub(super) fn deploy_alarm(&mut self, at: u32) {
        let now = self.now;
        let Some(component) = self.components.get(at as usize) else {
            return;
        };
        let Some(fleet) = &component.fleet else {
            return;
        };
        let is_late = |unit: &Unit| unit.phase == Phase::Draining && unit.stops_at <= now;
        let late: Vec<bool> = fleet.units.iter().map(is_late).collect();
        let looks = fleet.deploys.look_at == now;
        self.close_routes();
        if late.contains(&true) {
            self.end_in_instances(at, |nth| late.get(nth as usize) == Some(&true));
            self.change_services(at);
        }
        if looks {
            self.look_at_version(at);
        }
        self.take_steps(at);
        self.open_routes();
    }

    /// A deploy goes on, if there is one and it can.
    pub(super) fn roll_on(&mut self, at: u32) {
        let fleet = self.components[at as usize].fleet.as_ref();
        if fleet.is_some_and(|fleet| fleet.deploys.stage != Stage::Done) {
            self.close_routes();
            self.take_steps(at);
            self.open_routes();
        }
    }

    /// As [`Self::roll_on`], while routes are closed.
    pub(super) fn take_steps(&mut self, at: u32) {
        while self.takes_a_step(at) {
            self.change_services(at);
        }
    }

    /// The next step of a deploy, if it can be taken now. Says whether instances change.
    fn takes_a_step(&mut self, at: u32) -> bool {
        let Some(fleet) = &self.components[at as usize].fleet else {
            return false;
        };
        if fleet.deploys.stage == Stage::Done {
            return false;
        }
        match fleet.deploys.drawn.strategy {
            DeployStrategy::Rolling { batch, surge } => self.rolls(at, (batch, surge)),
            DeployStrategy::Canary { batch, .. } => self.rolls(at, (batch, false)),
            DeployStrategy::BlueGreen { keep } => self.switches(at, keep.nanos()),
        }
    }

    /// A batch after the other.
    fn rolls(&mut self, at: u32, (mut batch, surge): (u32, bool)) -> bool {
        let now = self.now;
        let Some(fleet) = &mut self.components[at as usize].fleet else {
            return false;
        };
        let Fleet { units, deploys, .. } = &mut **fleet;
        let target = deploys.target;
        let is_under_way = |unit: &Unit| match unit.phase {
            Phase::Beside => true,
            Phase::Draining => unit.stops_at != u64::MAX,
            Phase::Booting => unit.is_deployed,
            Phase::Serving => unit.is_cold && unit.is_deployed && unit.version == target,
            Phase::Ready | Phase::Out => false,
        };
        if units.iter().any(is_under_way) {
            return false;
        }
        let ready: Vec<usize> = of_phase(units, Phase::Ready).collect();
        if !ready.is_empty() {
            let old = of_phase(units, Phase::Serving);
            let old: Vec<usize> = old.filter(|nth| units[*nth].version != target).collect();
            let stops_at = deploys.stops_at(now);
            for nth in old.iter().take(ready.len()) {
                units[*nth].drains(Then::Stops, stops_at);
            }
            self.serve_instead(at, &ready, old.len());
            self.set_alarm(stops_at, alarm::DEPLOY, at);
            return true;
        }
        if let DeployStrategy::Canary {
            instances, watch, ..
        } = deploys.drawn.strategy
        {
            match deploys.canary {
                Canary::Ahead => {
                    deploys.canary = Canary::BeingReplaced;
                    batch = instances;
                }
                Canary::BeingReplaced => {
                    deploys.canary = Canary::Over;
                    deploys.stage = Stage::Watching;
                    deploys.wait_until = now.saturating_add(watch.nanos());
                    let until = deploys.wait_until;
                    self.set_alarm(until, alarm::DEPLOY, at);
                    return false;
                }
                Canary::Over => {}
            }
        }
        if deploys.stage == Stage::Watching {
            if now < deploys.wait_until {
                return false;
            }
            deploys.stage = Stage::Replacing;
        }
        let old = of_phase(units, Phase::Serving);
        let mut old: Vec<usize> = old.filter(|nth| units[*nth].version != target).collect();
        if old.is_empty() {
            let boots = |unit: &Unit| unit.phase == Phase::Booting && unit.version != target;
            if units.iter().any(boots) || deploys.stage == Stage::Judging {
                // Of the autoscaler; or a look decides.
            } else if deploys.drawn.roll_back.is_some() && !deploys.is_back {
                deploys.stage = Stage::Judging;
                deploys.seen = deploys.versions[target as usize].count;
            } else {
                deploys.is_done();
            }
            return false;
        }
        old.truncate(batch as usize);
        if surge && self.boot_beside(at, old.len()) {
            return true;
        }
        self.drain(at, &old, Then::Boots);
        true
    }

    /// These drain, for what follows then.
    fn drain(&mut self, at: u32, which: &[usize], then: Then) {
        let now = self.now;
        if !which.is_empty()
            && let Some(fleet) = &mut self.components[at as usize].fleet
        {
            let stops_at = fleet.deploys.stops_at(now);
            for nth in which {
                fleet.units[*nth].drains(then, stops_at);
            }
            self.set_alarm(stops_at, alarm::DEPLOY, at);
        }
    }

    /// So many boot beside those that serve. Says whether there was room for one.
    fn boot_beside(&mut self, at: u32, count: usize) -> bool {
        let now = self.now;
        let component = &mut self.components[at as usize];
        let first = component.first_instance;
        let Some(fleet) = &mut component.fleet else {
            return false;
        };
        let (target, boot) = fleet.deploys.target();
        let due = now.saturating_add(boot);
        let free: Vec<usize> = of_phase(&fleet.units, Phase::Out).take(count).collect();
        for nth in &free {
            let unit = &mut fleet.units[*nth];
            unit.boots(target, due);
            (unit.phase, unit.is_deployed) = (Phase::Beside, true);
        }
        for nth in &free {
            self.set_alarm(due, alarm::INSTANCE_SERVES, first + *nth as u32);
        }
        !free.is_empty()
    }

    /// All at once, to a full set beside the old one.
    fn switches(&mut self, at: u32, keep: u64) -> bool {
        let now = self.now;
        let Some(fleet) = &mut self.components[at as usize].fleet else {
            return false;
        };
        let scales = fleet.scaling.is_some();
        let Fleet { units, deploys, .. } = &mut **fleet;
        let (target, is_back) = (deploys.target, deploys.is_back);
        if deploys.stage == Stage::Keeping {
            if now < deploys.wait_until {
                return false;
            }
            for unit in units.iter_mut().filter(|unit| unit.version != target) {
                match unit.phase {
                    Phase::Ready => unit.stops(),
                    Phase::Draining => unit.then = Then::Stops,
                    _ => {}
                }
            }
            deploys.is_done();
            return true;
        }
        let count = |is_so: &dyn Fn(&Unit) -> bool| units.iter().filter(|unit| is_so(unit)).count();
        let others = count(&|unit| unit.counts() && unit.version != target);
        let beside = count(&|unit| unit.phase == Phase::Beside);
        let ready = count(&|unit| unit.phase == Phase::Ready);
        let there = count(&|unit| unit.counts() && unit.version == target);
        let booting = count(&|unit| unit.phase == Phase::Booting && unit.is_deployed);
        if beside + booting > 0 {
            return false;
        }
        let units_drain = of_phase(units, Phase::Draining).next().is_some();
        // Those that serve with the version already are beside the others in what the box wants.
        let lacking = others.saturating_sub(ready);
        // An autoscaler adds what those that were kept lack.
        let is_at_once = is_back && ready + there > 0 && scales;
        if !is_at_once && lacking > 0 {
            if self.boot_beside(at, lacking) {
                return true;
            }
            if units_drain {
                // There will be room for the others.
                return false;
            }
            return self.rolls(at, (others as u32, false));
        }
        let Some(fleet) = &mut self.components[at as usize].fleet else {
            return false;
        };
        let Fleet { units, deploys, .. } = &mut **fleet;
        let stops_at = deploys.stops_at(now);
        let then = if is_back { Then::Stops } else { Then::Waits };
        for unit in units.iter_mut().filter(|unit| unit.version != target) {
            match unit.phase {
                Phase::Serving => unit.drains(then, stops_at),
                Phase::Booting => unit.stops(),
                Phase::Draining => unit.then = Then::Stops,
                _ => {}
            }
        }
        deploys.promoted = target;
        let ready: Vec<usize> = of_phase(units, Phase::Ready)
            .filter(|nth| units[*nth].version == target)
            .collect();
        if is_back {
            deploys.is_done();
        } else {
            deploys.stage = Stage::Keeping;
            deploys.wait_until = now.saturating_add(keep);
            let until = deploys.wait_until;
            self.set_alarm(until, alarm::DEPLOY, at);
        }
        self.serve_instead(at, &ready, others);
        self.set_alarm(stops_at, alarm::DEPLOY, at);
        true
    }

    /// Of these, which are ready, so many serve; there may be fewer to be replaced than there were.
    fn serve_instead(&mut self, at: u32, ready: &[usize], most: usize) {
        let (serve, stop) = ready.split_at(most.min(ready.len()));
        for nth in serve {
            self.takes_calls(at, *nth);
        }
        if let Some(fleet) = &mut self.components[at as usize].fleet {
            for nth in stop {
                fleet.units[*nth].stops();
            }
        }
    }
}

/// The instances in a phase, by number.
fn of_phase(units: &[Unit], phase: Phase) -> impl Iterator<Item = usize> {
    let units = units.iter().enumerate();
    units
        .filter(move |(_, unit)| unit.phase == phase)
        .map(|(nth, _)| nth)
}

impl Engine {
    /// The deploy at component `index` that is under way or was the last; `None`: there was none.
    pub fn rollout(&self, index: usize) -> Option<Rollout> {
        let fleet = self.simulation.components[index].fleet.as_ref();
        fleet.and_then(|fleet| fleet.rollout())
    }
}
