//! Serverless functions: an instance for every call, and those that are kept warm.

use std::collections::VecDeque;

use super::{
    Simulation,
    call::State,
    component::Part,
    measure::Cause,
    random::{Sampler, Stream, nanos},
};

/// What only a function has. The calls that run hold slots of its one engine instance.
#[derive(Clone, Debug)]
pub(super) struct Function {
    cold_start: Sampler,
    keep_alive: u64,
    /// When each warm instance was last used, the longest ago first.
    warm: VecDeque<u64>,
    cold_stream: Stream,
}

impl Function {
    pub fn new(cold_start: Sampler, keep_alive: u64, cold_stream: Stream) -> Self {
        Self {
            cold_start,
            keep_alive,
            warm: VecDeque::new(),
            cold_stream,
        }
    }

    /// Takes over the instances of the function it was before an edit.
    pub fn adopt(&mut self, old: &mut Self) {
        std::mem::swap(&mut self.warm, &mut old.warm);
        std::mem::swap(&mut self.cold_stream, &mut old.cold_stream);
    }

    /// Every instance is gone.
    pub fn forget(&mut self) {
        self.warm.clear();
    }

    /// Warm instances that have nothing to do.
    pub fn warm(&self, now: u64) -> usize {
        let is_gone = |since: &&u64| since.saturating_add(self.keep_alive) <= now;
        self.warm.len() - self.warm.iter().take_while(is_gone).count()
    }

    /// Takes the instance that was used last. Says whether there was one.
    fn take_warm(&mut self, now: u64) -> bool {
        let Some(last) = self.warm.pop_back() else {
            return false;
        };
        if last.saturating_add(self.keep_alive) > now {
            return true;
        }
        // The others have waited longer still.
        self.warm.clear();
        false
    }

    /// An instance has nothing more to do.
    pub fn rest(&mut self, now: u64) {
        // Those that are gone need no place.
        while let Some(first) = self.warm.front()
            && first.saturating_add(self.keep_alive) <= now
        {
            self.warm.pop_front();
        }
        self.warm.push_back(now);
    }

    /// Whether the instances are in the order of their last use, and none was used later than now.
    pub fn is_in_order(&self, now: u64) -> bool {
        let uses = self.warm.iter();
        self.warm.back().is_none_or(|last| *last <= now) && uses.is_sorted()
    }
}

impl Simulation {
    /// A call has come to a function.
    #[inline(never)]
    pub(super) fn enter_function(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        call.arrived = self.now;
        call.instance = super::call::NONE;
        if component.stalled {
            component.meter.enter(self.now);
            call.state = State::Stuck;
            component.stuck.push(id);
        } else if self.is_at_its_limit(id) {
            self.refuse(id, Cause::Throttled);
        } else {
            let component = &mut self.components[self.calls[id].component as usize];
            component.meter.enter(self.now);
            self.invoke(id);
        }
    }

    /// A call that came to a function while it stood still is looked at.
    pub(super) fn enter_function_late(&mut self, id: u32) {
        if self.is_at_its_limit(id) {
            self.finish_in_line(id, Cause::Throttled);
        } else {
            self.invoke(id);
        }
    }

    fn is_at_its_limit(&self, id: u32) -> bool {
        let component = &self.components[self.calls[id].component as usize];
        self.instances[component.first_instance as usize].used >= component.slots
    }

    /// A call, which is counted as present, gets an instance and starts.
    fn invoke(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        call.instance = component.first_instance;
        self.instances[call.instance as usize].used += 1;
        component.meter.line_to_slot(self.now);
        let mut work = component.begin(call, self.now, &self.ziggurat);
        if let Part::Function(function) = &mut component.part {
            if function.take_warm(self.now) {
                component.meter.hits += 1;
            } else {
                component.meter.misses += 1;
                let start = function
                    .cold_start
                    .draw(&self.ziggurat, &mut function.cold_stream);
                work = work.saturating_add(if component.slow == 1.0 {
                    start
                } else {
                    nanos(start as f64 * component.slow)
                });
            }
        }
        let kind = component.done;
        self.mark(id);
        self.work(id, kind, work);
    }
}
