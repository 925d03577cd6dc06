//! Alarms of boxes and their instances: events that are seldom, so that many kinds share one.

use super::{Simulation, event};

/// Kinds of alarm: the top four bits of the event's number; the rest is the number of a component,
/// or of an instance.
pub(super) const LIMITER: u32 = 0;
/// Calls that share the slots of an instance: the first is through.
pub(super) const SHARED: u32 = 1 << 24;
/// An instance fails by chance, or is repaired.
pub(super) const INSTANCE_FAILS: u32 = 3 << 24;
/// A box without instances fails by chance, or is repaired.
pub(super) const BOX_FAILS: u32 = 4 << 24;
/// A pause of an instance begins or ends.
pub(super) const PAUSE: u32 = 5 << 24;
/// An instance has booted, or is warm.
pub(super) const INSTANCE_SERVES: u32 = 6 << 24;
/// An autoscaler looks at the load.
pub(super) const SCALE: u32 = 7 << 24;
/// A deploy: a wait is over, or a look is due.
pub(super) const DEPLOY: u32 = 8 << 24;
const KIND: u32 = 15 << 24;

/// In the number of an [`event::ALARM`]: of a call, whose number the rest is, and not of the guards of a
/// connection. There are fewer calls than that ([`super::call::MOST_CALLS`]).
pub(super) const CALL: u32 = 1 << 27;

/// The component or instance that an alarm is of.
pub(super) const fn place(number: u32) -> u32 {
    number & !KIND
}

/// What kind of alarm it is.
pub(super) const fn kind(number: u32) -> u32 {
    number & KIND
}

/// Whether alarms of a kind are of an instance.
pub(super) const fn is_of_instance(kind: u32) -> bool {
    matches!(kind, SHARED | INSTANCE_FAILS | PAUSE | INSTANCE_SERVES)
}

impl Simulation {
    /// Something is due at `time` at a component or instance.
    pub(super) fn set_alarm(&mut self, time: u64, kind: u32, at: u32) {
        debug_assert_eq!(at & KIND, 0);
        self.future.put(time, event::BOX | kind | at);
    }

    /// The event of an alarm.
    pub(super) fn alarm(&mut self, number: u32) {
        let at = place(number);
        match kind(number) {
            LIMITER => self.limiter_alarm(at),
            SHARED => self.share_is_over(at),
            INSTANCE_FAILS => self.instance_fails(at),
            BOX_FAILS => self.box_fails(at),
            PAUSE => self.pause_alarm(at),
            INSTANCE_SERVES => self.instance_serves(at),
            SCALE => self.look_at_load(at),
            DEPLOY => self.deploy_alarm(at),
            kind => debug_assert!(false, "there is no alarm of kind {kind:#x}"),
        }
    }
}
