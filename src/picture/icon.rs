//! Icons as shapes in a unit square: crisp at every size, one stroke weight, ours.
//!
//! The default fonts have almost no symbols, and a picture file would blur.

mod kinds;
mod signs;

use super::geometry::{Point, point};
use crate::scenario::Kind;

/// Width of an icon's lines as a share of its side: 1.5 points at 18.
pub const STROKE: f32 = 1.5 / 18.0;

/// A small picture with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Icon {
    /// A kind of component.
    Kind(Kind),
    /// Let simulated time run.
    Play,
    /// Stop simulated time.
    Pause,
    /// Run one event.
    Step,
    /// Run as fast as it goes.
    FlatOut,
    /// Back to time zero.
    Restart,
    /// Forget what was counted.
    Reset,
    /// Show the whole drawing.
    Fit,
    /// Crash; also close and remove.
    Cross,
    /// Hang.
    Hourglass,
    /// Slow.
    Gauge,
    /// Heal.
    Heal,
    /// Take back.
    Undo,
    /// Do again.
    Redo,
    /// Save.
    Save,
    /// Open a file.
    Open,
    /// New document.
    New,
    /// Light appearance.
    Sun,
    /// Dark appearance.
    Moon,
    /// Closed; to the left.
    ChevronLeft,
    /// Closed; to the right.
    ChevronRight,
    /// Open; upwards.
    ChevronUp,
    /// Open; downwards.
    ChevronDown,
    /// Something a person should know.
    Warning,
    /// Connect two boxes.
    Link,
    /// Add.
    Plus,
    /// Take away; zoom out.
    Minus,
    /// Delete.
    Trash,
    /// Duplicate.
    Copy,
    /// Charts.
    Chart,
    /// Done; met.
    Check,
}

/// One part of an icon, in a unit square with y down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// An open line through points.
    Line(&'static [(f32, f32)]),
    /// A closed line through points.
    Outline(&'static [(f32, f32)]),
    /// A filled convex polygon.
    Solid(&'static [(f32, f32)]),
    /// Part of an ellipse as a line; angles in degrees, 0 to the right, 90 down.
    Arc {
        /// Middle.
        center: (f32, f32),
        /// Half of the width and of the height.
        radii: (f32, f32),
        /// Where it starts.
        from: f32,
        /// Where it ends.
        to: f32,
    },
    /// A filled circle.
    Disc {
        /// Middle.
        center: (f32, f32),
        /// Radius.
        radius: f32,
    },
}

impl Icon {
    /// What the icon is made of.
    pub const fn shapes(self) -> &'static [Shape] {
        match self {
            Self::Kind(kind) => kinds::shapes(kind),
            sign => signs::shapes(sign),
        }
    }
}

impl Shape {
    /// The points of the shape, and whether its line is closed. Discs and arcs are cut into pieces
    /// of at most `step` degrees: 15 looks round up to some hundred points, 30 in small icons.
    pub fn points(&self, step: f32) -> (Vec<Point>, bool) {
        let place = |points: &[(f32, f32)]| points.iter().map(|(x, y)| point(*x, *y)).collect();
        match *self {
            Self::Line(points) => (place(points), false),
            Self::Outline(points) | Self::Solid(points) => (place(points), true),
            Self::Arc {
                center,
                radii,
                from,
                to,
            } => {
                // A whole turn must not have its first point twice.
                let closed = (to - from).abs() >= 360.0;
                let pieces = ((to - from).abs() / step).ceil().max(2.0) as usize;
                let last = if closed { pieces - 1 } else { pieces };
                let points = (0..=last).map(|i| {
                    let angle = (from + (to - from) * i as f32 / pieces as f32).to_radians();
                    point(
                        center.0 + radii.0 * angle.cos(),
                        center.1 + radii.1 * angle.sin(),
                    )
                });
                (points.collect(), closed)
            }
            Self::Disc { center, radius } => {
                let circle = Self::Arc {
                    center,
                    radii: (radius, radius),
                    from: 0.0,
                    to: 360.0,
                };
                circle.points(step)
            }
        }
    }

    /// Whether the inside is filled.
    pub const fn is_filled(&self) -> bool {
        matches!(self, Self::Solid(_) | Self::Disc { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Icon> {
        use Icon::*;
        let mut icons = vec![
            Play,
            Pause,
            Step,
            FlatOut,
            Restart,
            Reset,
            Fit,
            Cross,
            Hourglass,
            Gauge,
            Heal,
            Undo,
            Redo,
            Save,
            Open,
            New,
            Sun,
            Moon,
            ChevronLeft,
            ChevronRight,
            ChevronUp,
            ChevronDown,
            Warning,
            Link,
            Plus,
            Minus,
            Trash,
            Copy,
            Chart,
            Check,
        ];
        icons.extend(crate::scenario::Kind::ALL.map(Icon::Kind));
        icons
    }

    #[test]
    fn icons_stay_in_their_square_with_their_strokes() {
        for icon in all() {
            assert!(!icon.shapes().is_empty(), "{icon:?}");
            for shape in icon.shapes() {
                let (points, _) = shape.points(15.0);
                assert!(points.len() >= 2, "{icon:?} {shape:?}");
                let margin = if shape.is_filled() { 0.0 } else { STROKE / 2.0 };
                for p in points {
                    let inside = margin - 1e-4..=1.0 - margin + 1e-4;
                    assert!(
                        inside.contains(&p.x) && inside.contains(&p.y),
                        "{icon:?} {p:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn filled_shapes_are_convex_and_turn_clockwise() {
        for icon in all() {
            for shape in icon.shapes().iter().filter(|shape| shape.is_filled()) {
                let (points, _) = shape.points(15.0);
                let n = points.len();
                for i in 0..n {
                    let (a, b, c) = (points[i], points[(i + 1) % n], points[(i + 2) % n]);
                    let turn = (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
                    assert!(turn >= -1e-6, "{icon:?} {shape:?}");
                }
            }
        }
    }

    #[test]
    fn no_two_icons_look_the_same() {
        let icons = all();
        for (i, a) in icons.iter().enumerate() {
            for b in &icons[i + 1..] {
                assert_ne!(a.shapes(), b.shapes(), "{a:?} {b:?}");
            }
        }
    }
}
