//! How full the bandwidth of an arrow is: the bar of a box, laid along the arrow.

use egui::{Shape, Stroke};

use super::{arrows::points, scene::SceneArrow};
use crate::{
    picture::Path,
    window::{
        text,
        theme::Theme,
        view::{Detail, Lens},
    },
};

/// Points of a flattened way are at least so many, so that its share can be seen.
const STEPS: usize = 24;

/// How far the label of an arrow stands off, in points of the scene: not in the band, nor among the
/// requests that move along it.
pub fn margin(arrow: &SceneArrow) -> f32 {
    if arrow.is_narrow { 6.0 } else { 0.0 }
}

/// Room that the share takes in a label, whatever it is.
pub fn widest(label: &str) -> String {
    label_with(label, "100 %")
}

/// What stands beside an arrow: what it says by itself, and the share of the busier way.
pub fn label(label: &str, ways: [f64; 2]) -> String {
    label_with(label, &text::percent(busier(ways)))
}

fn label_with(label: &str, share: &str) -> String {
    format!("{label} · {share}")
}

fn busier([there, back]: [f64; 2]) -> f64 {
    there.max(back)
}

/// A band behind the arrow, filled from the end that the messages of the busier way leave.
pub fn add(shapes: &mut Vec<Shape>, lens: &Lens, theme: &Theme, path: &Path, ways: [f64; 2]) {
    let width = (7.0 * lens.zoom).clamp(3.0, 12.0);
    if lens.detail == Detail::Far {
        return;
    }
    let share = busier(ways).clamp(0.0, 1.0) as f32;
    shapes.push(Shape::line(
        points(path, lens),
        Stroke::new(width, theme.sunken),
    ));
    let (from, to) = if ways[0] >= ways[1] {
        (0.0, share)
    } else {
        (1.0 - share, 1.0)
    };
    let at = |step: usize| {
        let share = from + (to - from) * step as f32 / STEPS as f32;
        lens.to_screen(super::scene::to_pos2(path.point_at(share)))
    };
    if share > 0.0 {
        let filled = (0..=STEPS).map(at).collect();
        let stroke = Stroke::new(width, theme.load(f64::from(share)));
        shapes.push(Shape::line(filled, stroke));
    }
}
