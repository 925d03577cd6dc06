//! Points and rectangles.

use std::ops::{Add, Mul, Sub};

/// A point, or the way from one point to another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

/// A [`Point`] in few letters.
pub const fn point(x: f32, y: f32) -> Point {
    Point { x, y }
}

impl Point {
    /// Distance from the origin.
    pub fn length(self) -> f32 {
        // `hypot` keeps numbers apart that no drawing has, and takes several times as long: this is
        // asked for every moving request in every frame.
        (self.x * self.x + self.y * self.y).sqrt()
    }

    /// Distance to another point.
    pub fn distance(self, other: Self) -> f32 {
        (self - other).length()
    }

    /// The same direction with length 1; zero stays zero.
    pub fn unit(self) -> Self {
        let length = self.length();
        if length > 0.0 {
            self * (1.0 / length)
        } else {
            self
        }
    }

    /// A quarter turn clockwise (as seen with y down).
    pub fn turned(self) -> Self {
        point(-self.y, self.x)
    }

    /// The point at `share` (0..1) of the way to another.
    pub fn lerp(self, to: Self, share: f32) -> Self {
        self + (to - self) * share
    }

    /// Distance to the straight line between two points.
    pub fn distance_to_segment(self, a: Self, b: Self) -> f32 {
        let along = b - a;
        let squared = along.x * along.x + along.y * along.y;
        let from_a = self - a;
        let share = if squared > 0.0 {
            ((from_a.x * along.x + from_a.y * along.y) / squared).clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.distance(a + along * share)
    }
}

impl Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        point(self.x + other.x, self.y + other.y)
    }
}

impl Sub for Point {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        point(self.x - other.x, self.y - other.y)
    }
}

impl Mul<f32> for Point {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        point(self.x * factor, self.y * factor)
    }
}

/// A rectangle with upright sides.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Upper left corner.
    pub min: Point,
    /// Lower right corner.
    pub max: Point,
}

impl Rect {
    /// A rectangle around its centre.
    pub fn around(center: Point, width: f32, height: f32) -> Self {
        let half = point(width / 2.0, height / 2.0);
        Self {
            min: center - half,
            max: center + half,
        }
    }

    /// The smallest rectangle that holds all points. `None` without points.
    pub fn of_points(points: impl IntoIterator<Item = Point>) -> Option<Self> {
        let mut points = points.into_iter();
        let first = points.next()?;
        let start = Self {
            min: first,
            max: first,
        };
        Some(points.fold(start, |rect, p| Self {
            min: point(rect.min.x.min(p.x), rect.min.y.min(p.y)),
            max: point(rect.max.x.max(p.x), rect.max.y.max(p.y)),
        }))
    }

    /// The smallest rectangle that holds both.
    pub fn united(&self, other: &Self) -> Self {
        Self {
            min: point(self.min.x.min(other.min.x), self.min.y.min(other.min.y)),
            max: point(self.max.x.max(other.max.x), self.max.y.max(other.max.y)),
        }
    }

    /// Middle.
    pub fn center(&self) -> Point {
        self.min.lerp(self.max, 0.5)
    }

    /// From left to right.
    pub fn width(&self) -> f32 {
        self.max.x - self.min.x
    }

    /// From top to bottom.
    pub fn height(&self) -> f32 {
        self.max.y - self.min.y
    }

    /// The rectangle with every side moved outwards by `by`.
    pub fn grown(&self, by: f32) -> Self {
        Self {
            min: self.min - point(by, by),
            max: self.max + point(by, by),
        }
    }

    /// Whether a point lies inside or on the edge.
    pub fn contains(&self, p: Point) -> bool {
        (self.min.x..=self.max.x).contains(&p.x) && (self.min.y..=self.max.y).contains(&p.y)
    }

    /// Whether two rectangles have a point in common.
    pub fn touches(&self, other: &Self) -> bool {
        self.min.x <= other.max.x
            && other.min.x <= self.max.x
            && self.min.y <= other.max.y
            && other.min.y <= self.max.y
    }
}
