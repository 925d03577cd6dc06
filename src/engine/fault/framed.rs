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
    /// By component: the frame that its calls come from; [`NONE`]: where those come from that they
    /// are made for.
    origins: Vec<u32>,
    /// By frame: the frame around it, or [`NONE`].
    around: Vec<u32>,
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
        let of: Vec<[u32; 2]> = of.collect();
        let passes_on = |kind| matches!(kind, Kind::Client | Kind::Dns);
        let origins = scenario.components.values().zip(&of);
        let origins = origins.map(|(drawn, of)| match passes_on(drawn.kind()) {
            true => NONE,
            false => of[0],
        });
        Self {
            origins: origins.collect(),
            around: (0..scenario.frames.len())
                .map(|frame| number(places.around(frame)))
                .collect(),
            of,
        }
    }

    /// The frame that the calls of a component come from, when it works for one that comes from
    /// `region`.
    pub fn asks_from(&self, component: u32, region: u32) -> u32 {
        match self.origins.get(component as usize) {
            Some(&origin) if origin != NONE => origin,
            _ => region,
        }
    }

    /// The frame that a component is in, or [`NONE`].
    pub fn home_of(&self, component: u32) -> u32 {
        let of = self.of.get(component as usize);
        of.map_or(NONE, |of| of[0])
    }

    fn holds(&self, outer: u32, frame: u32) -> bool {
        frame == outer || self.around.get(frame as usize) == Some(&outer)
    }

    fn is_inside(&self, component: u32, frame: u32) -> bool {
        let of = self.of.get(component as usize);
        of.is_some_and(|of| of.contains(&frame))
    }
}

/// Whose calls come over an arrow.
#[derive(Clone, Copy)]
enum Caller {
    Component(u32),
    /// Of the calls of a box that come from several frames, those from this one; [`NONE`]: from none.
    Region(u32),
}

impl Simulation {
    /// What a fault comes to for boxes, instances and arrows.
    pub(in crate::engine) fn parts_of(&self, fault: Active) -> Vec<Active> {
        let is_in = |component: u32, frame: u32| self.frames.is_inside(component, frame);
        let comes_from = |caller: Caller, frame: u32| match caller {
            Caller::Component(component) => is_in(component, frame),
            Caller::Region(region) => self.frames.holds(frame, region),
        };
        let arrows = |is_meant: &dyn Fn(Caller, u32) -> bool| -> Vec<Active> {
            let kind = match fault.kind {
                FaultKind::Partition => FaultKind::Cut,
                other => other,
            };
            let mut meant = Vec::new();
            for (at, arrow) in (0..).zip(&self.connections) {
                let Some(ways) = &arrow.ways else {
                    let is_meant = is_meant(Caller::Component(arrow.from), arrow.to);
                    meant.extend(is_meant.then_some(On::Connection(at)));
                    continue;
                };
                let regions = (0..ways.len() as u32 - 1).chain([NONE]);
                let cut = regions.filter(|region| is_meant(Caller::Region(*region), arrow.to));
                meant.extend(cut.map(|region| On::Way(at, region)));
            }
            meant.into_iter().map(|on| Active { on, kind }).collect()
        };
        match fault.on {
            On::Component(_) | On::Instance(..) | On::Connection(_) | On::Way(..) => vec![fault],
            On::Frames(one, other) => arrows(&|from, to| {
                comes_from(from, one) && is_in(to, other)
                    || comes_from(from, other) && is_in(to, one)
            }),
            On::Frame(frame) if fault.kind == FaultKind::Partition => {
                arrows(&|from, to| comes_from(from, frame) != is_in(to, frame))
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
