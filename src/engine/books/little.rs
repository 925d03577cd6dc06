//! Little's law as an identity, at any moment of any run: over a window the integral of the number
//! present is the sum of the times that each has been there within it, of those that have left and of
//! those that are still inside (Little 1961; Stidham 1974, "A last word on L = λW"). So for who waits
//! in line, and for who works.
//!
//! The integral is kept by the meters as numbers go up and down, the times of those that have left are
//! what each says of itself as it leaves, and those still inside are found among the calls.

use super::super::{
    Simulation,
    call::{State, Verb, flag},
    component::Part,
    meter::Meter,
};

/// What calls have behind them at some moment, added up, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct Behind {
    /// Since they came.
    pub sojourns: u128,
    /// In line.
    pub waits: u128,
    /// At work in a slot.
    pub work: u128,
    /// Calls among them that share slots.
    pub sharing: u64,
}

/// How far off the wait of a call that shares slots may be, in nanoseconds: what is left of its work,
/// and its parts of pauses and of the time that its box stood still, are rounded, it is through at the
/// next whole nanosecond, and its box has given it a slot for nothing meanwhile.
const ROUNDED_NS: u64 = 5;

impl Simulation {
    /// What those inside of every box have behind them now, and the requests of every operation.
    fn behind(&self) -> (Vec<Behind>, Vec<Behind>) {
        let mut boxes = vec![Behind::default(); self.components.len()];
        let mut operations = vec![Behind::default(); self.operations.len()];
        for (id, call) in self.calls.iter() {
            let age = u128::from(self.now - call.arrived);
            if call.has(flag::ON_ROUTE) {
                for route in self.along(call.leg) {
                    let before = self.routes.all.get(route.before as usize);
                    let caller = before.map_or(route.client, |before| before.component);
                    if let Some(of) = boxes.get_mut(caller as usize) {
                        of.sojourns += age;
                        if before.is_none() {
                            operations[call.operation as usize].sojourns += age;
                        }
                    }
                }
            }
            let Some((is_in_slot, _)) = self.place_of(call) else {
                continue;
            };
            let component = &self.components[call.component as usize];
            let of = &mut boxes[call.component as usize];
            of.sojourns += age;
            if let Part::Client(_) = component.part {
                operations[call.operation as usize].sojourns += age;
            }
            if call.state == State::Working && component.shares() {
                // See below.
            } else if !is_in_slot {
                let since = match call.verb {
                    Verb::Message => call.started,
                    _ => call.arrived,
                };
                of.waits += u128::from(self.now - since);
            } else if call.state == State::Working {
                of.work += u128::from(self.worked_for(id));
            }
        }
        for (component, of) in self.components.iter().zip(&mut boxes) {
            let Some(regime) = component.regime.as_ref().filter(|regime| regime.shares()) else {
                continue;
            };
            for (instance, place) in (component.first_instance..).zip(&regime.places) {
                let mut sharing = place.sharing.clone();
                sharing.settle(self.now, component.slots, component.pace(instance));
                for share in sharing.take_all() {
                    let left = sharing.left(&share);
                    let arrived = self.calls[share.id].arrived;
                    of.waits += u128::from(sharing.wait(&share, arrived, left));
                    of.work += u128::from(share.work - left + sharing.paused(&share));
                    of.sharing += 1;
                }
            }
        }
        (boxes, operations)
    }

    /// The books of all begin anew: what those inside have behind them is not of this window.
    pub(in crate::engine) fn note_what_is_behind(&mut self) {
        let (boxes, operations) = self.behind();
        for (component, behind) in self.components.iter_mut().zip(boxes) {
            component.meter.leave_behind(behind);
        }
        for (books, behind) in self.operations.iter_mut().zip(operations) {
            books.meter.leave_behind(behind);
        }
    }

    /// As [`Self::note_what_is_behind`], for balancers that have slots from now on and did not before, or the
    /// other way round: those present wait where they did not, or no longer.
    pub(in crate::engine) fn begin_books_anew(&mut self, balancers: &[u32]) {
        if balancers.is_empty() {
            return;
        }
        for at in balancers {
            let inside = self.calls.iter().filter(|(_, call)| call.component == *at);
            let held = inside.filter(|(_, call)| matches!(self.place_of(call), Some((true, _))));
            let held = held.count() as u64;
            let component = &mut self.components[*at as usize];
            component.meter.begin_out_of_line(self.now, held);
            component.latency.clear();
        }
        let (boxes, _) = self.behind();
        for at in balancers {
            let behind = boxes[*at as usize];
            self.components[*at as usize].meter.leave_behind(behind);
        }
    }

    /// Little's law, for every box and operation, and for the line and the slots of a box apart.
    pub(super) fn check_little(&self) -> Result<(), String> {
        let (boxes, operations) = self.behind();
        for (at, (component, behind)) in self.components.iter().zip(&boxes).enumerate() {
            let slotted = self.is_slotted(at);
            component
                .meter
                .check_little(self.now, behind, slotted)
                .map_err(|wrong| format!("{}: {wrong}", component.name))?;
        }
        if self.operations.len() > 1 {
            for (at, (books, behind)) in self.operations.iter().zip(&operations).enumerate() {
                books
                    .meter
                    .check_little(self.now, behind, false)
                    .map_err(|wrong| format!("operation {at}: {wrong}"))?;
            }
        }
        Ok(())
    }
}

impl Meter {
    /// `inside`: what those present have behind them.
    fn check_little(&self, now: u64, inside: &Behind, slotted: bool) -> Result<(), String> {
        let totals = self.totals(now, slotted);
        let before = self.before();
        let rounded = self.rounded() + inside.sharing + before.sharing;
        let rounded = u128::from(ROUNDED_NS * rounded);
        let laws = [
            (
                "present",
                totals.present_area + before.sojourns,
                totals.sojourn_sum_ns + inside.sojourns,
                0,
                true,
            ),
            (
                "waiting",
                totals.waiting_area + before.waits,
                totals.wait_sum_ns + inside.waits,
                rounded,
                slotted,
            ),
            (
                "busy",
                totals.busy_area + before.work,
                totals.service_sum_ns + inside.work,
                rounded,
                slotted,
            ),
        ];
        for (what, area, sum, rounded, is_kept) in laws {
            if is_kept && area.abs_diff(sum) > rounded {
                return Err(format!(
                    "∫ {what} dt = {area} ns, but the times add up to {sum} ns: {inside:?} inside, {totals:?}"
                ));
            }
        }
        Ok(())
    }
}
