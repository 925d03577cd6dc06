//! Boxes with slots that do not simply serve first come, first served. They are not calm, so that
//! every call to them takes the general way and comes here.

use super::{
    Simulation,
    call::{Calls, NONE, Outcome, State, Verb},
    compile::Drawing,
    component::Component,
    discipline::{Dropped, Line},
    measure::Cause,
    random::{Stream, nanos},
    sharing::Sharing,
    shedding::Pressure,
};
use crate::scenario::{Contention, Discipline, Shed};

/// How a box works.
#[derive(Clone, Debug)]
pub(super) struct Regime {
    pub discipline: Discipline,
    pub contention: Option<Contention>,
    pub shed: Option<Shed>,
    /// Priority of each operation.
    pub classes: Box<[u8]>,
    /// One for each instance.
    pub places: Vec<Place>,
    pub luck: Stream,
}

/// What an instance of such a box has besides its slots. Its line is here instead of there.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub line: Line,
    /// The log record that waits for a slot: it comes before everybody else.
    pub record: u32,
    pub sharing: Sharing,
    pub pressure: Pressure,
}

impl Place {
    pub fn new(discipline: Discipline) -> Self {
        Self {
            line: Line::new(discipline),
            record: NONE,
            sharing: Sharing::new(),
            pressure: Pressure::default(),
        }
    }
}

impl Place {
    /// Number of calls in line, counted.
    pub fn in_line(&self, calls: &Calls) -> u32 {
        self.line.everybody(calls).len() as u32 + u32::from(self.record != NONE)
    }
}

impl Regime {
    /// That of a box, if it needs one.
    pub fn new(
        drawing: &Drawing<'_>,
        name: &str,
        discipline: Discipline,
        (contention, shed): (Option<Contention>, Option<Shed>),
        instances: u32,
    ) -> Option<Box<Self>> {
        if discipline == Discipline::Fifo && contention.is_none() && shed.is_none() {
            return None;
        }
        let operations = drawing.operations.values();
        Some(Box::new(Self {
            discipline,
            contention,
            shed,
            classes: operations.map(|operation| operation.priority).collect(),
            places: vec![Place::new(discipline); instances as usize],
            luck: Stream::new(drawing.scenario.seed, name, "discipline"),
        }))
    }

    /// How long work takes that begins with so many calls in the slots, itself counted.
    fn stretched(&self, work: u64, calls: u32) -> u64 {
        let Some(Contention { alpha, beta }) = self.contention else {
            return work;
        };
        let n = f64::from(calls);
        nanos(work as f64 * (1.0 + alpha * (n - 1.0) + beta * n * (n - 1.0)))
    }

    pub fn shares(&self) -> bool {
        self.discipline == Discipline::ProcessorSharing
    }
}

impl Component {
    /// What an instance has besides its slots, if the box has a regime.
    #[inline]
    pub fn place(&mut self, instance: u32) -> Option<&mut Place> {
        let nth = instance.wrapping_sub(self.first_instance);
        self.regime.as_mut()?.places.get_mut(nth as usize)
    }

    /// As [`Regime::stretched`].
    pub fn stretched(&self, work: u64, calls: u32) -> u64 {
        let regime = self.regime.as_ref();
        regime.map_or(work, |regime| regime.stretched(work, calls))
    }

    pub fn shares(&self) -> bool {
        self.regime.as_ref().is_some_and(|regime| regime.shares())
    }
}

impl Simulation {
    /// A call has come to a box with a regime.
    pub(super) fn enter_regime(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        call.arrived = self.now;
        if call.instance == NONE {
            call.instance = component.next_instance();
        }
        let (at, is_record) = (call.instance, call.verb == Verb::Apply);
        let instance = &self.instances[at as usize];
        let (slots, capacity) = (component.slots, component.capacity);
        let shares = component.shares();
        let sharing = component.place(at).map_or(0, |place| place.sharing.count);
        // Calls beyond the number of slots.
        let waiting = instance.waiting + sharing.saturating_sub(slots);
        let has_slot = if shares {
            sharing < slots || waiting < capacity || is_record
        } else {
            instance.used < slots
        };
        let stands_still = component.stands_still(at);
        if component.sheds(&self.calls[id], instance.used, waiting, self.now) {
            self.refuse(id, Cause::Shed);
        } else if has_slot && !stands_still {
            component.meter.enter(self.now);
            self.begin_in_regime(id);
        } else if waiting < capacity || is_record {
            self.line_up(id);
        } else {
            self.refuse(id, Cause::QueueFull);
        }
    }

    /// A call that has been let in, and is no longer in line, begins.
    fn begin_in_regime(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let at = call.instance;
        let used = &mut self.instances[at as usize].used;
        let component = &mut self.components[call.component as usize];
        component.note_wait(at, self.now - call.arrived);
        component.note_taken(at, *used, self.now);
        *used += 1;
        self.note_if_watched(at);
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        if component.shares() {
            return self.begin_sharing(id);
        }
        component.meter.line_to_slot(self.now);
        let work = component.begin(call, self.now, &self.ziggurat);
        let calls = self.instances[call.instance as usize].used;
        let work = component.stretched(work, calls);
        let kind = component.done;
        self.mark(id);
        self.work(id, kind, work);
    }

    /// A call goes into the line of a box with a regime.
    fn line_up(&mut self, id: u32) {
        let call = &mut self.calls[id];
        call.state = State::Queued;
        let (component, at) = (call.component as usize, call.instance);
        self.components[component].meter.enter(self.now);
        let dropped = self.put_in_line(id);
        self.drop_out(at, dropped);
    }

    /// Puts a call into the line of its instance. Returns who was dropped.
    fn put_in_line(&mut self, id: u32) -> Dropped {
        let mut dropped = Dropped::NOBODY;
        let call = &self.calls[id];
        let (at, verb, operation) = (call.instance, call.verb, call.operation);
        let component = call.component as usize;
        self.instances[at as usize].waiting += 1;
        self.note_if_watched(at);
        let component = &mut self.components[component];
        let class = component
            .regime
            .as_ref()
            .and_then(|regime| regime.classes.get(operation as usize));
        let class = class.copied().unwrap_or(0);
        if let Some(place) = component.place(at) {
            if verb == Verb::Apply {
                place.record = id;
            } else {
                place
                    .line
                    .push(id, self.now, class, &mut self.calls, &mut dropped);
            }
        }
        dropped
    }

    /// Calls have been dropped in line: they leave, and their callers are told.
    fn drop_out(&mut self, at: u32, dropped: Dropped) {
        self.book_dropped(at, dropped);
        self.tell_dropped(dropped);
    }

    fn book_dropped(&mut self, at: u32, dropped: Dropped) {
        const SHED: Outcome = Outcome::Failed(Cause::Shed);
        let mut next = dropped.first;
        while next != NONE {
            let call = &mut self.calls[next];
            let wanted = call.is_wanted();
            call.state = State::Transit;
            call.outcome = SHED;
            let sojourn = self.now - call.arrived;
            let component = &mut self.components[call.component as usize];
            component.meter.leave_line(self.now, sojourn);
            component.meter.count(SHED, wanted);
            component.latency.record(sojourn);
            next = call.next;
            self.instances[at as usize].waiting -= 1;
            self.note_if_watched(at);
        }
    }

    fn tell_dropped(&mut self, dropped: Dropped) {
        let mut id = dropped.first;
        self.depth += 1;
        while id != NONE {
            let next = self.calls[id].next;
            self.reply_at_once(id);
            id = next;
        }
        self.depth -= 1;
    }

    /// All that is in some instances of a box, `inside`, is about to die: nobody is in line there any
    /// more, and nobody shares the slots. What those who did have got is in their records.
    pub(super) fn clear_places(&mut self, inside: &[u32]) {
        let mut last = NONE;
        for id in inside {
            let call = &self.calls[*id];
            let (at, number) = (call.instance, call.component as usize);
            if at == NONE || at == last {
                continue;
            }
            last = at;
            self.settle_shares(at);
            let component = &mut self.components[number];
            let Some(regime) = component.regime.as_mut() else {
                continue;
            };
            let discipline = regime.discipline;
            let place = &mut regime.places[(at - component.first_instance) as usize];
            place.line = Line::new(discipline);
            place.record = NONE;
            for share in place.sharing.take_all() {
                place.sharing.write_down(&share, &mut self.calls);
            }
        }
    }

    /// Lets calls in line start while there are free slots.
    pub(super) fn start_next_in_regime(&mut self, at: u32) {
        let mut all_dropped = Dropped::NOBODY;
        loop {
            let instance = &mut self.instances[at as usize];
            let component = &mut self.components[instance.component as usize];
            let (slots, shares) = (component.slots, component.shares());
            if component.stands_still(at)
                || instance.waiting == 0
                || !shares && instance.used >= slots
            {
                break;
            }
            let nth = (at - component.first_instance) as usize;
            let Some(regime) = component.regime.as_mut() else {
                break;
            };
            let place = &mut regime.places[nth];
            let mut dropped = Dropped::NOBODY;
            let id = match std::mem::replace(&mut place.record, NONE) {
                NONE => place
                    .line
                    .pop(self.now, &mut regime.luck, &mut self.calls, &mut dropped),
                record => record,
            };
            instance.waiting -= u32::from(id != NONE);
            // Before the next one begins: its work may be over at once.
            self.book_dropped(at, dropped);
            all_dropped.append(dropped, &mut self.calls);
            if id == NONE {
                break;
            }
            self.begin_in_regime(id);
        }
        // All in line may have been dropped, and nobody is at work who would say so when done.
        self.note_if_drained(at);
        self.tell_dropped(all_dropped);
    }
}
