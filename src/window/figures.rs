//! What the canvas shows of a run, in the order of the document.

use crate::{
    engine::{BreakerState, Condition},
    study::Cost,
};

/// What one box shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BoxFigures {
    /// Busy slot-time over slot-time on offer, lately. `None`: it has no slots.
    pub utilization: Option<f64>,
    /// Requests waiting in line now.
    pub waiting: u64,
    /// Requests inside now, those waiting included.
    pub present: u64,
    /// Requests per second that left well, lately.
    pub throughput: f64,
    /// Requests per second that failed, lately.
    pub failing: f64,
    /// Share of the lookups that found their key, lately.
    pub hit_ratio: Option<f64>,
    /// Long-lived connections that are open now, if it has had any.
    pub connections: Option<u64>,
    /// What it costs so far, with what the connections to it carry, unless that is nothing.
    pub cost: Option<Cost>,
    /// What it is going through.
    pub condition: Condition,
    /// Whether more comes than goes, for some time now.
    pub is_growing: bool,
}

impl BoxFigures {
    /// Busy nearly all the time, or with a line that grows and grows.
    pub fn is_saturated(&self) -> bool {
        self.is_growing
            || self
                .utilization
                .is_some_and(|utilization| utilization >= 0.95)
    }
}

/// What one arrow shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArrowFigures {
    /// It carries nothing.
    pub cut: bool,
    /// The frames from which nothing gets through, while it carries what comes from others.
    pub cut_for: Vec<String>,
    /// Whether its circuit breaker lets calls through; `None`: it has none.
    pub breaker: Option<BreakerState>,
    /// It is slow or loses messages by a fault.
    pub weak: bool,
    /// It leads from a load balancer to targets that are out of rotation.
    pub out: bool,
    /// Share of its bandwidth in use lately, there and back; `None`: it has no bandwidth.
    pub bandwidth: Option<[f64; 2]>,
}

/// What every box and arrow shows. Boxes and arrows that the run does not know have nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// One for each component.
    pub boxes: Vec<Option<BoxFigures>>,
    /// One for each connection.
    pub arrows: Vec<ArrowFigures>,
    /// Whether something is wrong with each frame as a whole, or between it and another.
    pub frames: Vec<bool>,
}
