//! The drawing's shapes in the scene, worked out once for each state of the document.

use std::collections::HashMap;

use egui::{Pos2, Rect, Vec2, pos2, vec2};

use super::{
    frames::{self, SceneFrame},
    pipe,
};
use crate::{
    picture,
    scenario::{Connection, Kind, Link, Mode, Operation, Scenario},
    window::{document::Document, placement::Place},
};

/// Width of a box, in points of the scene.
pub const BOX_WIDTH: f32 = 152.0;
/// Height of a box, in points of the scene.
pub const BOX_HEIGHT: f32 = 88.0;

/// Where a box is whose centre is at `place`.
pub fn box_in_scene(place: Place) -> Rect {
    Rect::from_center_size(
        pos2(place.0 as f32, place.1 as f32),
        vec2(BOX_WIDTH, BOX_HEIGHT),
    )
}

/// A point of the picture as egui's.
pub fn to_pos2(point: picture::Point) -> Pos2 {
    pos2(point.x, point.y)
}

/// A point of egui as the picture's.
pub fn to_point(pos: Pos2) -> picture::Point {
    picture::point(pos.x, pos.y)
}

/// A rectangle of egui as the picture's.
pub fn to_rect(rect: Rect) -> picture::Rect {
    picture::Rect {
        min: to_point(rect.min),
        max: to_point(rect.max),
    }
}

/// One box.
#[derive(Debug)]
pub struct SceneBox {
    /// Its name in the document.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub rect: Rect,
    /// The line under its name.
    pub caption: String,
}

/// One arrow.
#[derive(Debug)]
pub struct SceneArrow {
    /// The caller's number.
    pub from: usize,
    /// The callee's number.
    pub to: usize,
    /// Its way.
    pub path: picture::Path,
    /// What it does not leave.
    pub bounds: Rect,
    /// How it is drawn.
    pub style: ArrowStyle,
    /// What its label says; empty without one.
    pub label: String,
    /// Whether the share of its bandwidth in use stands behind that while it runs.
    pub is_narrow: bool,
    /// Where that stands, once it is known.
    pub label_spot: Option<picture::Spot>,
}

/// How an arrow is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrowStyle {
    /// A call that the caller waits for.
    Sync,
    /// A call that nobody waits for.
    Async,
    /// A call that is handed on.
    Forward,
    /// A log on its way to a replica.
    Replication,
    /// What a queue gave up on.
    DeadLetters,
}

/// Whether messages take some of a connection's bandwidth.
fn is_narrow(scenario: &Scenario, connection: &Connection) -> bool {
    connection.bandwidth.is_some() && scenario.operations.values().any(Operation::has_size)
}

/// Boxes and arrows of one state of the document, in its order.
#[derive(Debug, Default)]
pub struct Scene {
    revision: Option<u64>,
    meaning: u64,
    routes: picture::Routes,
    /// The boxes.
    pub boxes: Vec<SceneBox>,
    /// The arrows.
    pub arrows: Vec<SceneArrow>,
    /// The frames.
    pub frames: Vec<SceneFrame>,
    numbers: HashMap<String, usize>,
    labels_are_placed: bool,
    /// What each label can take, by arrow, once it was asked.
    label_sizes: Vec<Vec<picture::Point>>,
}

impl Scene {
    /// Works the shapes out again when the document has changed.
    pub fn follow(&mut self, document: &Document) {
        if self.revision == Some(document.revision()) {
            return;
        }
        let rects = |boxes: &[SceneBox]| boxes.iter().map(|one| to_rect(one.rect)).collect();
        if self.revision.is_some() && self.meaning == document.meaning() {
            // A drag, in every frame.
            for (scene_box, place) in self.boxes.iter_mut().zip(document.places().values()) {
                scene_box.rect = box_in_scene(*place);
            }
            self.routes.move_to(rects(&self.boxes));
        } else {
            self.begin(document);
            let number = |name: &str| self.numbers.get(name).copied().unwrap_or(usize::MAX);
            let connections = document.scenario().connections.iter();
            let ends = connections.map(|one| (number(&one.from), number(&one.to)));
            self.routes = picture::Routes::new(rects(&self.boxes), ends.collect());
        }
        for (arrow, path) in self.arrows.iter_mut().zip(self.routes.paths()) {
            let bounds = path.bounds();
            arrow.path = *path;
            arrow.bounds = Rect::from_min_max(to_pos2(bounds.min), to_pos2(bounds.max));
        }
        self.frames = frames::around(document.scenario(), &self.boxes);
        self.revision = Some(document.revision());
        self.meaning = document.meaning();
        self.labels_are_placed = false;
    }

    /// Everything but the ways of the arrows.
    fn begin(&mut self, document: &Document) {
        let scenario = document.scenario();
        self.label_sizes.clear();
        self.boxes = document
            .places()
            .iter()
            .zip(scenario.components.values())
            .map(|((name, place), component)| SceneBox {
                name: name.clone(),
                kind: component.kind(),
                rect: box_in_scene(*place),
                caption: super::super::caption::of(component),
            })
            .collect();
        self.numbers = self
            .boxes
            .iter()
            .enumerate()
            .map(|(number, scene_box)| (scene_box.name.clone(), number))
            .collect();
        let number = |name: &str| self.numbers.get(name).copied().unwrap_or(usize::MAX);
        self.arrows = scenario
            .connections
            .iter()
            .map(|connection| SceneArrow {
                from: number(&connection.from),
                to: number(&connection.to),
                path: picture::Path::default(),
                bounds: Rect::NOTHING,
                style: match (&connection.link, connection.mode) {
                    (Link::Replication(_), _) => ArrowStyle::Replication,
                    (Link::DeadLetters, _) => ArrowStyle::DeadLetters,
                    (Link::Calls, Mode::Sync) => ArrowStyle::Sync,
                    (Link::Calls, Mode::Async) => ArrowStyle::Async,
                    (Link::Calls, Mode::Forward) => ArrowStyle::Forward,
                },
                label: super::super::caption::of_connection(connection),
                is_narrow: is_narrow(scenario, connection),
                label_spot: None,
            })
            .collect();
    }

    /// Finds places for the labels. `sizes` says which ones a text can have at zoom 1.
    pub fn place_labels(&mut self, mut sizes: impl FnMut(&str) -> Vec<picture::Point>) {
        if std::mem::replace(&mut self.labels_are_placed, true) {
            return;
        }
        let boxes: Vec<picture::Rect> = self.boxes.iter().map(|one| to_rect(one.rect)).collect();
        let paths: Vec<picture::Path> = self.arrows.iter().map(|arrow| arrow.path).collect();
        if self.label_sizes.is_empty() {
            let words = self.arrows.iter().map(|arrow| match arrow.label.as_str() {
                "" => Vec::new(),
                label if arrow.is_narrow => {
                    let sizes = sizes(&pipe::widest(label)).into_iter();
                    let room = picture::point(pipe::margin(arrow), pipe::margin(arrow));
                    sizes.map(|size| size + room).collect()
                }
                label => sizes(label),
            });
            self.label_sizes = words.collect();
        }
        let spots = picture::label::place(&boxes, &paths, &self.label_sizes);
        for (arrow, spot) in self.arrows.iter_mut().zip(spots) {
            arrow.label_spot = spot;
        }
    }

    /// The number of a box.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.boxes.is_empty()
    }

    /// What all boxes cover, with room for badges and bows.
    pub fn bounds(&self) -> Rect {
        self.boxes
            .iter()
            .map(|scene_box| scene_box.rect)
            .chain(self.frames.iter().map(|frame| frame.rect))
            .filter(Rect::is_positive)
            .fold(Rect::NOTHING, Rect::union)
            .expand2(Vec2::splat(12.0))
    }
}
