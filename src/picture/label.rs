//! Where the words beside an arrow stand: near its middle, and off the boxes, the other arrows and
//! the other words where there is room.

use super::{
    geometry::{Point, Rect, point},
    path::Path,
};

/// Space between an arrow and its words.
const GAP: f32 = 5.0;
/// Points on arrows are looked at this far apart: less than a line of words is high.
const STEP: f32 = 6.0;
/// Shares of the way at which words may stand, the best first.
const SHARES: [f32; 21] = [
    0.5, 0.54, 0.46, 0.58, 0.42, 0.62, 0.38, 0.66, 0.34, 0.7, 0.3, 0.74, 0.26, 0.78, 0.22, 0.82,
    0.18, 0.86, 0.14, 0.9, 0.1,
];
/// More words than this nobody reads at once: they stand at the middle of their arrows.
const MOST_SEARCHED: usize = 500;

/// Where words stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// A corner of the words, or the middle of a side.
    pub at: Point,
    /// Which one: −1 is left or top, 0 the middle, 1 right or bottom.
    pub corner: (i8, i8),
    /// Which of the sizes was taken.
    pub size: usize,
}

impl Spot {
    /// What words of a size cover there.
    pub fn rect(&self, size: Point) -> Rect {
        let start = |at: f32, corner: i8, length: f32| at - length * f32::from(corner + 1) / 2.0;
        let min = point(
            start(self.at.x, self.corner.0, size.x),
            start(self.at.y, self.corner.1, size.y),
        );
        Rect {
            min,
            max: min + size,
        }
    }
}

/// A spot for the words of every arrow, given as the sizes that they can have (on one line, on
/// two), the best first. Without sizes there are no words.
pub fn place(boxes: &[Rect], paths: &[Path], words: &[Vec<Point>]) -> Vec<Option<Spot>> {
    let bounds: Vec<Rect> = paths.iter().map(Path::bounds).collect();
    let count = words.iter().filter(|sizes| !sizes.is_empty()).count();
    let mut taken: Vec<Rect> = Vec::new();
    let mut spots = Vec::with_capacity(paths.len());
    for (number, (path, sizes)) in paths.iter().zip(words).enumerate() {
        if count > MOST_SEARCHED || sizes.is_empty() {
            spots.push(candidates(path, sizes).next().map(|(spot, _)| spot));
            continue;
        }
        let room = sizes.iter().fold(GAP, |room, size| room + size.x + size.y);
        let reach = bounds[number].grown(room);
        let near = Near {
            lines: paths
                .iter()
                .zip(&bounds)
                .filter(|(_, bounds)| bounds.touches(&reach))
                .flat_map(|(path, _)| points(path))
                .filter(|point| reach.contains(*point))
                .collect(),
            boxes: touching(boxes, &reach),
            words: touching(&taken, &reach),
        };
        let best = candidates(path, sizes)
            .map(|(spot, price)| (spot, price + near.price(&spot.rect(sizes[spot.size]))))
            .min_by(|a, b| a.1.total_cmp(&b.1));
        taken.extend(best.map(|(spot, _)| spot.rect(sizes[spot.size])));
        spots.push(best.map(|(spot, _)| spot));
    }
    spots
}

fn touching(rects: &[Rect], reach: &Rect) -> Vec<Rect> {
    let touching = rects.iter().filter(|rect| rect.touches(reach));
    touching.copied().collect()
}

fn points(path: &Path) -> impl Iterator<Item = Point> + '_ {
    let steps = (path.length() / STEP).ceil().clamp(1.0, 500.0) as usize;
    (0..=steps).map(move |i| path.point_at(i as f32 / steps as f32))
}

/// Every spot on both sides of an arrow, with what it costs to be there instead of at the best.
fn candidates<'a>(path: &'a Path, sizes: &'a [Point]) -> impl Iterator<Item = (Spot, f32)> + 'a {
    SHARES.into_iter().flat_map(move |share| {
        let (on, heading) = path.heading_at(share);
        let sides = sides(heading).into_iter().enumerate();
        sides.flat_map(move |(number, (x, y))| {
            let at = on + point(f32::from(x), f32::from(y)) * GAP;
            let price = (share - 0.5).abs() * 8.0 + number as f32 * 0.3;
            (0..sizes.len()).map(move |size| {
                let spot = Spot {
                    at,
                    corner: (-x, -y),
                    size,
                };
                (spot, price + size as f32 * 1.5)
            })
        })
    })
}

/// The two sides of an arrow, by its direction: above a flat one, right of a steep one, or below
/// and left.
fn sides(heading: Point) -> [(i8, i8); 2] {
    const STEEP: f32 = 2.5;
    let (x, y) = (heading.x.abs(), heading.y.abs());
    let side = if x >= STEEP * y {
        (0, -1)
    } else if y >= STEEP * x {
        (1, 0)
    } else if heading.x * heading.y > 0.0 {
        (1, -1)
    } else {
        (1, 1)
    };
    [side, (-side.0, -side.1)]
}

/// What words may run into.
struct Near {
    lines: Vec<Point>,
    boxes: Vec<Rect>,
    words: Vec<Rect>,
}

impl Near {
    fn price(&self, rect: &Rect) -> f32 {
        let space = rect.grown(2.0);
        let crossed = self.lines.iter().filter(|point| space.contains(**point));
        let over = |others: &[Rect]| -> f32 {
            let over = others.iter().filter(|other| other.touches(&space));
            over.map(|other| 20.0 + shared(other, &space) / 20.0).sum()
        };
        crossed.count() as f32 * 2.0 + over(&self.boxes) + over(&self.words)
    }
}

/// The area that two rectangles have in common.
fn shared(a: &Rect, b: &Rect) -> f32 {
    let length = |min: [f32; 2], max: [f32; 2]| max[0].min(max[1]) - min[0].max(min[1]);
    let across = length([a.min.x, b.min.x], [a.max.x, b.max.x]);
    let down = length([a.min.y, b.min.y], [a.max.y, b.max.y]);
    across.max(0.0) * down.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::route;

    const HEIGHT: f32 = 13.0;

    fn boxes(centers: &[(f32, f32)]) -> Vec<Rect> {
        let around = |&(x, y): &(f32, f32)| Rect::around(point(x, y), 152.0, 88.0);
        centers.iter().map(around).collect()
    }

    fn words(widths: &[f32]) -> Vec<Vec<Point>> {
        let sizes = |&width: &f32| match width {
            0.0 => vec![],
            width => vec![point(width, HEIGHT), point(width * 0.6, HEIGHT * 2.0)],
        };
        widths.iter().map(sizes).collect()
    }

    fn placed(boxes: &[Rect], paths: &[Path], words: &[Vec<Point>]) -> Vec<Rect> {
        let spots = place(boxes, paths, words);
        let spots = spots.iter().zip(words);
        spots
            .filter_map(|(spot, sizes)| spot.map(|spot| spot.rect(sizes[spot.size])))
            .collect()
    }

    #[test]
    fn with_room_words_stand_above_the_middle() {
        let boxes = boxes(&[(0.0, 0.0), (400.0, 0.0), (0.0, 300.0)]);
        let paths = route(&boxes, &[(0, 1), (0, 2)]);
        let placed = placed(&boxes, &paths, &words(&[60.0, 60.0]));
        assert_eq!(placed[0].center(), point(200.0, -GAP - HEIGHT / 2.0));
        assert_eq!(placed[1].min.x, GAP);
        assert_eq!(placed[1].center().y, 150.0);
    }

    #[test]
    fn in_a_fan_words_cover_no_arrow_no_box_and_no_other_words() {
        // An api, a cache above, a replica beside and a database below: the URL shortener.
        let boxes = boxes(&[
            (440.0, 160.0),
            (660.0, 40.0),
            (660.0, 160.0),
            (660.0, 280.0),
        ]);
        let paths = route(&boxes, &[(0, 1), (0, 2), (0, 3), (3, 2)]);
        let placed = placed(&boxes, &paths, &words(&[40.0, 72.0, 44.0, 56.0]));
        assert_eq!(placed.len(), 4);
        for (number, words) in placed.iter().enumerate() {
            for path in &paths {
                assert!(!points(path).any(|point| words.contains(point)), "{number}");
            }
            assert!(!boxes.iter().any(|other| other.touches(words)), "{number}");
            let others = placed.iter().enumerate();
            for (other, rect) in others.filter(|(other, _)| *other != number) {
                assert!(!rect.touches(words), "{number} and {other}");
            }
        }
    }

    #[test]
    fn no_words_no_spot_and_nothing_breaks() {
        let boxes = boxes(&[(0.0, 0.0), (0.0, 0.0)]);
        let paths = [Path::default(), route(&boxes, &[(0, 1)])[0]];
        assert_eq!(place(&boxes, &paths, &words(&[0.0, 0.0])), [None, None]);
        let spots = place(&[], &paths, &words(&[50.0, 50.0]));
        assert!(
            spots
                .iter()
                .all(|spot| spot.is_some_and(|spot| spot.at.x.is_finite()))
        );
    }

    #[test]
    fn very_many_words_stand_at_the_middle() {
        let count = MOST_SEARCHED + 1;
        let path = Path::straight(point(0.0, 0.0), point(100.0, 0.0));
        let spots = place(&[], &vec![path; count], &vec![vec![point(9.0, 9.0)]; count]);
        assert_eq!(spots.len(), count);
        assert!(
            spots
                .iter()
                .flatten()
                .all(|spot| spot.at == point(50.0, -GAP))
        );
    }
}
