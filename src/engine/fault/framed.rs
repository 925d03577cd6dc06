//! Faults on frames: what is in them, and what is between them.

use super::{Active, FaultKind, On};
use crate::{
    engine::{Engine, Simulation, call::NONE, component::Part},
    scenario::{Kind, Scenario, frame::Places},
};

/// Where boxes are.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Frames {
    /// By component: the frame it is in, and the frame around that; [`NONE`]: none.
    of: Vec<[u32; 2]>,
}

impl Frames {
    pub fn new(scenario: &Scenario, places: &Places<'_>) -> Self {
        if scenario.frames.is_empty() {
            return Self::default();
        }
        let number = |frame: Option<usize>| frame.map_or(NONE, |frame| frame as u32);
        let of = scenario.components.keys().map(|name| {
            let innermost = places.frame_of(name);
            let around = innermost.and_then(|frame| places.around(frame));
            [number(innermost), number(around)]
        });
        Self { of: of.collect() }
    }

    fn is_inside(&self, component: u32, frame: u32) -> bool {
        let of = self.of.get(component as usize);
        of.is_some_and(|of| of.contains(&frame))
    }
}

impl Simulation {
    /// What a fault comes to for boxes, instances and arrows.
    pub(in crate::engine) fn parts_of(&self, fault: Active) -> Vec<Active> {
        let is_in = |component: u32, frame: u32| self.frames.is_inside(component, frame);
        let arrows = |is_meant: &dyn Fn(u32, u32) -> bool| -> Vec<Active> {
            let kind = match fault.kind {
                FaultKind::Partition => FaultKind::Cut,
                other => other,
            };
            let connections = (0..).zip(&self.connections);
            let meant = connections.filter(|(_, arrow)| is_meant(arrow.from, arrow.to));
            meant
                .map(|(at, _)| Active {
                    on: On::Connection(at),
                    kind,
                })
                .collect()
        };
        match fault.on {
            On::Component(_) | On::Instance(..) | On::Connection(_) => vec![fault],
            On::Frames(one, other) => arrows(&|from, to| {
                is_in(from, one) && is_in(to, other) || is_in(from, other) && is_in(to, one)
            }),
            On::Frame(frame) if fault.kind == FaultKind::Partition => {
                arrows(&|from, to| is_in(from, frame) != is_in(to, frame))
            }
            On::Frame(frame) => {
                let components = (0..).zip(&self.components);
                let meant = components.filter(|(at, component)| {
                    is_in(*at, frame) && fault.kind.fits(kind_of(&component.part))
                });
                meant
                    .map(|(at, _)| Active {
                        on: On::Component(at),
                        kind: fault.kind,
                    })
                    .collect()
            }
        }
    }
}

fn kind_of(part: &Part) -> Kind {
    match part {
        Part::Client(_) => Kind::Client,
        Part::Balancer(_) => Kind::LoadBalancer,
        Part::Limiter(_) => Kind::RateLimiter,
        Part::Gateway(_) => Kind::ApiGateway,
        Part::Dns(_) => Kind::Dns,
        Part::Function(_) => Kind::Function,
        Part::Server => Kind::Server,
        Part::Cache(_) => Kind::Cache,
        Part::Database(_) => Kind::Database,
        Part::Replica(_) => Kind::Replica,
        Part::Queue(_) => Kind::Queue,
    }
}

impl Engine {
    /// The faults under way on frame `index` as a whole, or between it and others.
    pub fn frame_faults(&self, index: usize) -> Vec<FaultKind> {
        let index = index as u32;
        let faults = self.simulation.faults.under_way();
        let on_it = faults.filter(|fault| match fault.on {
            On::Frame(frame) => frame == index,
            On::Frames(one, other) => one == index || other == index,
            _ => false,
        });
        on_it.map(|fault| fault.kind).collect()
    }
}
