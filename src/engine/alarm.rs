//! Alarms of boxes: events that are seldom, so that many kinds share one.

use super::Simulation;

/// Kinds of alarm: the top four bits of the event's number; the rest is the number of a component.
pub(super) const LIMITER: u32 = 0;
const KIND: u32 = 15 << 24;

/// The component that an alarm is of.
pub(super) const fn component(number: u32) -> u32 {
    number & !KIND
}

/// What kind of alarm it is.
pub(super) const fn kind(number: u32) -> u32 {
    number & KIND
}

impl Simulation {
    /// The event of an alarm.
    pub(super) fn alarm(&mut self, number: u32) {
        let at = component(number);
        match kind(number) {
            LIMITER => self.limiter_alarm(at),
            kind => debug_assert!(false, "there is no alarm of kind {kind:#x}"),
        }
    }
}
