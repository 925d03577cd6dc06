//! What is under the pointer.

use egui::Pos2;

use super::{Scene, scene::to_point};
use crate::window::view::Lens;

/// What is under the pointer; boxes and arrows by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// The paper.
    Nothing,
    /// A box.
    Box(usize),
    /// The edge of a box, where arrows are pulled from.
    Edge(usize),
    /// An arrow.
    Arrow(usize),
    /// The title of a frame.
    Frame(usize),
}

impl Hit {
    /// The box, whether its edge or its inside.
    pub fn in_box(self) -> Option<usize> {
        match self {
            Self::Box(number) | Self::Edge(number) => Some(number),
            _ => None,
        }
    }
}

/// How far outside a box its edge still counts, in points on the screen.
const EDGE_OUTSIDE: f32 = 9.0;
/// How far inside, at most.
const EDGE_INSIDE: f32 = 6.0;
/// How far from an arrow it still counts, in points on the screen.
const ARROW_REACH: f32 = 7.0;

/// Finds what is at a point of the screen.
pub fn test(scene: &Scene, lens: &Lens, at: Pos2) -> Hit {
    let in_scene = lens.to_scene(at);
    // Far away a box must still have an inside to grab.
    let inside = (EDGE_INSIDE / lens.zoom).min(super::BOX_HEIGHT * 0.12);
    let outside = EDGE_OUTSIDE / lens.zoom;
    let mut edge = None;
    for (number, scene_box) in scene.boxes.iter().enumerate().rev() {
        if scene_box.rect.shrink(inside).contains(in_scene) {
            return Hit::Box(number);
        }
        if edge.is_none() && scene_box.rect.expand(outside).contains(in_scene) {
            edge = Some(number);
        }
    }
    let arrow = arrow_at(scene, lens, in_scene);
    match (edge, arrow) {
        // Arrows end at edges; there the edge of the box wins.
        (Some(number), _) => Hit::Edge(number),
        (None, Some(number)) => Hit::Arrow(number),
        (None, None) => {
            let mut frames = scene.frames.iter();
            let title = frames.position(|frame| frame.title().contains(in_scene));
            title.map_or(Hit::Nothing, Hit::Frame)
        }
    }
}

fn arrow_at(scene: &Scene, lens: &Lens, in_scene: Pos2) -> Option<usize> {
    let reach = ARROW_REACH / lens.zoom;
    scene
        .arrows
        .iter()
        .enumerate()
        .filter(|(_, arrow)| arrow.bounds.expand(reach).contains(in_scene))
        .map(|(number, arrow)| (number, arrow.path.distance(to_point(in_scene))))
        .filter(|(_, distance)| *distance <= reach)
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(number, _)| number)
}
