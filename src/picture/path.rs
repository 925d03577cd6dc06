//! The way of one arrow: a cubic curve with a table of its length.

use super::geometry::{Point, Rect, point};

const PIECES: usize = 16;

/// A cubic Bézier curve that can be walked at an even pace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Path {
    controls: [Point; 4],
    /// Length from the start to the curve's parameter i / PIECES.
    lengths: [f32; PIECES + 1],
}

impl Path {
    /// The curve from the first point to the last that leaves towards the second and arrives from
    /// the third.
    pub fn new(controls: [Point; 4]) -> Self {
        let mut path = Self {
            controls,
            lengths: [0.0; PIECES + 1],
        };
        let mut last = controls[0];
        for i in 1..=PIECES {
            let here = path.eval(i as f32 / PIECES as f32);
            path.lengths[i] = path.lengths[i - 1] + here.distance(last);
            last = here;
        }
        path
    }

    /// A straight line.
    pub fn straight(from: Point, to: Point) -> Self {
        Self::new([from, from.lerp(to, 1.0 / 3.0), from.lerp(to, 2.0 / 3.0), to])
    }

    /// Start, the two points that the curve is drawn towards, end.
    pub fn controls(&self) -> [Point; 4] {
        self.controls
    }

    /// Length from start to end.
    pub fn length(&self) -> f32 {
        self.lengths[PIECES]
    }

    /// The point at `share` (0..1) of the length, for a dot that moves at an even pace.
    pub fn point_at(&self, share: f32) -> Point {
        self.eval(self.parameter_at(share))
    }

    /// Point and direction (length 1) at `share` (0..1) of the length.
    pub fn heading_at(&self, share: f32) -> (Point, Point) {
        let t = self.parameter_at(share);
        (self.eval(t), self.slope(t).unit())
    }

    /// Points along the curve that a polyline through them keeps within `tolerance` of it (Wang's
    /// bound: Wang 1984), both ends included.
    pub fn flatten(&self, tolerance: f32) -> impl Iterator<Item = Point> + '_ {
        let [a, b, c, d] = self.controls;
        let bend = (a - b * 2.0 + c).length().max((b - c * 2.0 + d).length());
        let pieces = (0.75 * bend / tolerance.max(1e-3)).sqrt().ceil();
        // The most that a curve across the largest canvas needs; NaN becomes 1.
        let pieces = pieces.clamp(1.0, 256.0) as usize;
        (0..=pieces).map(move |i| self.eval(i as f32 / pieces as f32))
    }

    /// A rectangle that the curve does not leave.
    pub fn bounds(&self) -> Rect {
        Rect::of_points(self.controls).unwrap_or_default()
    }

    /// Distance from a point to the curve.
    pub fn distance(&self, to: Point) -> f32 {
        let mut nearest = f32::INFINITY;
        let mut last = self.controls[0];
        for i in 1..=PIECES {
            let here = self.eval(i as f32 / PIECES as f32);
            nearest = nearest.min(to.distance_to_segment(last, here));
            last = here;
        }
        nearest
    }

    /// Tip and the two other corners of an arrow head of length `size` at the end.
    pub fn arrow_head(&self, size: f32) -> [Point; 3] {
        let tip = self.controls[3];
        // A short curve can turn within the head: look back as far as the head is long.
        let length = self.length();
        let share = if length > 0.0 {
            1.0 - size / length
        } else {
            0.0
        };
        let direction = (tip - self.point_at(share.max(0.0))).unit();
        let back = tip - direction * size;
        let side = direction.turned() * (size * 0.45);
        [tip, back + side, back - side]
    }

    /// The curve with every control point moved, for instance from the scene to the screen.
    pub fn map(&self, to: impl Fn(Point) -> Point) -> Self {
        Self::new(self.controls.map(to))
    }

    fn eval(&self, t: f32) -> Point {
        let [a, b, c, d] = self.controls;
        let u = 1.0 - t;
        a * (u * u * u) + b * (3.0 * u * u * t) + c * (3.0 * u * t * t) + d * (t * t * t)
    }

    fn slope(&self, t: f32) -> Point {
        let [a, b, c, d] = self.controls;
        // At an end whose control point coincides with it the slope is zero: look a little inside.
        let t = t.clamp(1e-3, 1.0 - 1e-3);
        let u = 1.0 - t;
        (b - a) * (u * u) + (c - b) * (2.0 * u * t) + (d - c) * (t * t)
    }

    fn parameter_at(&self, share: f32) -> f32 {
        let wanted = share.clamp(0.0, 1.0) * self.length();
        let after = self.lengths[1..PIECES].partition_point(|length| *length < wanted);
        let (start, end) = (self.lengths[after], self.lengths[after + 1]);
        let within = if end > start {
            (wanted - start) / (end - start)
        } else {
            0.0
        };
        (after as f32 + within) / PIECES as f32
    }
}

impl Default for Path {
    fn default() -> Self {
        Self::straight(point(0.0, 0.0), point(0.0, 0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bow() -> Path {
        Path::new([
            point(0.0, 0.0),
            point(120.0, 0.0),
            point(80.0, 100.0),
            point(200.0, 100.0),
        ])
    }

    #[test]
    fn a_straight_line_is_as_long_as_it_is() {
        let path = Path::straight(point(0.0, 0.0), point(30.0, 40.0));
        assert!((path.length() - 50.0).abs() < 1e-3);
        assert!(path.point_at(0.5).distance(point(15.0, 20.0)) < 1e-3);
        assert_eq!(path.flatten(0.1).count(), 2);
    }

    #[test]
    fn dots_move_at_an_even_pace() {
        let path = bow();
        let step = path.length() / 50.0;
        for i in 0..50 {
            let here = path.point_at(i as f32 / 50.0);
            let next = path.point_at((i + 1) as f32 / 50.0);
            let ratio = here.distance(next) / step;
            assert!((0.9..1.1).contains(&ratio), "{i}: {ratio}");
        }
        assert_eq!(path.point_at(-1.0), point(0.0, 0.0));
        assert_eq!(path.point_at(2.0), point(200.0, 100.0));
    }

    #[test]
    fn a_polyline_stays_within_its_tolerance() {
        let path = bow();
        for tolerance in [0.1, 1.0] {
            let points: Vec<Point> = path.flatten(tolerance).collect();
            for i in 0..=1000 {
                let on_curve = path.eval(i as f32 / 1000.0);
                let off = points
                    .windows(2)
                    .map(|pair| on_curve.distance_to_segment(pair[0], pair[1]))
                    .fold(f32::INFINITY, f32::min);
                assert!(off <= tolerance * 1.01, "{off} > {tolerance}");
            }
        }
    }

    #[test]
    fn the_distance_to_the_curve_is_small_on_it_and_right_beside_it() {
        let path = bow();
        for i in 0..=20 {
            let (on, heading) = path.heading_at(i as f32 / 20.0);
            assert!(path.distance(on) < 1.0);
            let beside = on + heading.turned() * 20.0;
            if i == 10 {
                assert!((path.distance(beside) - 20.0).abs() < 2.0);
            }
        }
        assert!(path.bounds().grown(0.01).contains(path.point_at(0.3)));
    }

    #[test]
    fn the_arrow_head_points_along_the_end() {
        let [tip, left, right] = bow().arrow_head(10.0);
        assert_eq!(tip, point(200.0, 100.0));
        let back = left.lerp(right, 0.5);
        assert!((back.distance(tip) - 10.0).abs() < 1e-3);
        assert!(back.x < tip.x && (back.y - tip.y).abs() < 1.0);
    }

    #[test]
    fn a_point_for_a_path_breaks_nothing() {
        let path = Path::default();
        assert_eq!(path.length(), 0.0);
        assert_eq!(path.point_at(0.5), point(0.0, 0.0));
        assert!(
            path.arrow_head(8.0)
                .iter()
                .all(|corner| corner.x.is_finite())
        );
        let (_, heading) = path.heading_at(0.5);
        assert_eq!(heading, point(0.0, 0.0));
    }
}
