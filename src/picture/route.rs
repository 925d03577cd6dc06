//! Which way each arrow goes: from side to side, beside its neighbours, around other boxes.

mod obstacles;

use super::{
    geometry::{Point, Rect, point},
    path::Path,
};
use obstacles::Obstacles;

/// Ends of arrows on one side of a box stand this far apart, or closer when there are many.
const PORT_DISTANCE: f32 = 16.0;
/// Free space at both ends of a side.
const CORNER: f32 = 10.0;
/// With at least this much space between them, boxes stand beside each other rather than above.
const MIN_GAP: f32 = 30.0;
/// How many times as far down as to the right a box may be and still stand beside another.
const STEEPEST: f32 = 4.0;
/// Free space between an arrow and a box that it goes around.
const CLEARANCE: f32 = 18.0;

/// The way of every arrow between boxes, given as numbers of (caller, callee).
///
/// An arrow leaves the side that faces its callee and arrives on the side that faces its caller.
/// The ends on one side are spread in the order of the boxes they lead to, so that arrows between
/// the same two boxes run side by side. Where another box stands in the way the arrow goes above or
/// below it (or left or right of it, for boxes above each other).
///
/// An arrow with a number that is no box gets an empty path.
pub fn route(boxes: &[Rect], arrows: &[(usize, usize)]) -> Vec<Path> {
    Routes::new(boxes.to_vec(), arrows.to_vec()).paths
}

/// The ways of all arrows, kept while boxes move.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    boxes: Vec<Rect>,
    arrows: Vec<(usize, usize)>,
    plans: Vec<Option<Plan>>,
    /// What was looked at for each plan: boxes elsewhere do not matter to it.
    seen: Vec<Rect>,
    paths: Vec<Path>,
}

/// When more boxes move at once, every plan is made anew.
const MOST_MOVED: usize = 64;

impl Routes {
    /// See [`route`].
    pub fn new(boxes: Vec<Rect>, arrows: Vec<(usize, usize)>) -> Self {
        let mut routes = Self {
            plans: vec![None; arrows.len()],
            seen: vec![Rect::default(); arrows.len()],
            boxes,
            arrows,
            paths: Vec::new(),
        };
        let all = 0..routes.arrows.len();
        routes.plan(all.collect());
        routes
    }

    /// The arrows' ways, in their order.
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// The same boxes stand elsewhere. Gives what [`Self::new`] would give.
    pub fn move_to(&mut self, boxes: Vec<Rect>) {
        let before = std::mem::replace(&mut self.boxes, boxes);
        let is_moved: Vec<bool> = before
            .iter()
            .zip(&self.boxes)
            .map(|(a, b)| a != b)
            .collect();
        let moved = || (0..is_moved.len()).filter(|number| is_moved[*number]);
        let all = 0..self.arrows.len();
        if before.len() != self.boxes.len() || moved().nth(MOST_MOVED).is_some() {
            self.plan(all.collect());
            return;
        }
        let places: Vec<Rect> = moved()
            .flat_map(|number| [before[number], self.boxes[number]])
            .collect();
        let is_concerned = |arrow: &usize| {
            let (from, to) = self.arrows[*arrow];
            let moves = |end: usize| is_moved.get(end).copied().unwrap_or(false);
            moves(from) || moves(to) || places.iter().any(|at| at.touches(&self.seen[*arrow]))
        };
        self.plan(all.filter(is_concerned).collect());
    }

    /// Plans some of the arrows and draws all.
    fn plan(&mut self, anew: Vec<usize>) {
        let obstacles = Obstacles::new(&self.boxes);
        for arrow in anew {
            let (from, to) = self.arrows[arrow];
            let (Some(from_box), Some(to_box)) = (self.boxes.get(from), self.boxes.get(to)) else {
                continue;
            };
            let (plan, seen) = plan(from, to, from_box, to_box, &obstacles);
            self.plans[arrow] = Some(plan);
            self.seen[arrow] = seen;
        }
        let mut offsets = vec![[0.0; 2]; self.arrows.len()];
        spread(&self.boxes, &self.arrows, &self.plans, &mut offsets);
        let ways = self.plans.iter().zip(&self.arrows).zip(offsets);
        self.paths = ways
            .map(|((plan, &(from, to)), [start, end])| match plan {
                Some(plan) => plan.path(&self.boxes[from], &self.boxes[to], start, end),
                None => Path::default(),
            })
            .collect();
    }
}

/// The way of an arrow that is being drawn from a box to the pointer.
pub fn route_to_point(from: &Rect, to: Point) -> Path {
    let (side, _) = facing(from, &Rect { min: to, max: to });
    let start = side.port(from, 0.0);
    let reach = start.distance(to) * 0.4;
    Path::new([
        start,
        start + side.outwards() * reach,
        to.lerp(start, 0.2),
        to,
    ])
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Side {
    Left,
    Right,
    Top,
    Bottom,
}

impl Side {
    fn outwards(self) -> Point {
        match self {
            Self::Left => point(-1.0, 0.0),
            Self::Right => point(1.0, 0.0),
            Self::Top => point(0.0, -1.0),
            Self::Bottom => point(0.0, 1.0),
        }
    }

    fn is_upright(self) -> bool {
        matches!(self, Self::Left | Self::Right)
    }

    /// Where an arrow meets the side, `offset` from its middle.
    fn port(self, of: &Rect, offset: f32) -> Point {
        let middle = of.center();
        match self {
            Self::Left => point(of.min.x, middle.y + offset),
            Self::Right => point(of.max.x, middle.y + offset),
            Self::Top => point(middle.x + offset, of.min.y),
            Self::Bottom => point(middle.x + offset, of.max.y),
        }
    }
}

/// How an arrow goes, before its ends are spread.
#[derive(Clone, Copy, Debug)]
struct Plan {
    leave: Side,
    arrive: Side,
    /// How far the curve is drawn outwards at both ends. `None`: half of the way across.
    reach: Option<f32>,
}

impl Plan {
    fn path(&self, from: &Rect, to: &Rect, start: f32, end: f32) -> Path {
        let start = self.leave.port(from, start);
        let end = self.arrive.port(to, end);
        let reach = self.reach.unwrap_or_else(|| {
            let across = end - start;
            let along = if self.leave.is_upright() {
                across.x
            } else {
                across.y
            };
            // Boxes that nearly touch still get a curve, and a long arrow still has a long middle.
            (along.abs() * 0.5).clamp(12.0, 160.0)
        });
        Path::new([
            start,
            start + self.leave.outwards() * reach,
            end + self.arrive.outwards() * reach,
            end,
        ])
    }
}

/// The sides with which two boxes face each other.
fn facing(from: &Rect, to: &Rect) -> (Side, Side) {
    let gap_x = (to.min.x - from.max.x).max(from.min.x - to.max.x);
    let gap_y = (to.min.y - from.max.y).max(from.min.y - to.max.y);
    let way = to.center() - from.center();
    // Drawings are read from left to right, and a fan should leave from one side.
    let beside = gap_x >= gap_y || (gap_x >= MIN_GAP && gap_x * STEEPEST >= gap_y);
    match (beside, way.x >= 0.0, way.y >= 0.0) {
        (true, true, _) => (Side::Right, Side::Left),
        (true, false, _) => (Side::Left, Side::Right),
        (false, _, true) => (Side::Bottom, Side::Top),
        (false, _, false) => (Side::Top, Side::Bottom),
    }
}

/// The plan of an arrow, and what was looked at for it.
fn plan(
    from: usize,
    to: usize,
    from_box: &Rect,
    to_box: &Rect,
    obstacles: &Obstacles,
) -> (Plan, Rect) {
    if from == to {
        let plan = Plan {
            leave: Side::Right,
            arrive: Side::Top,
            reach: Some(from_box.width().max(from_box.height()) * 0.75),
        };
        return (plan, *from_box);
    }
    let (leave, arrive) = facing(from_box, to_box);
    let straight = Plan {
        leave,
        arrive,
        reach: None,
    };
    let path = straight.path(from_box, to_box, 0.0, 0.0);
    let mut seen = path.bounds();
    let Some(blocked) = obstacles.on(&path, from, to) else {
        return (straight, seen);
    };
    let around = if leave.is_upright() {
        [Side::Top, Side::Bottom]
    } else {
        [Side::Left, Side::Right]
    };
    let bows = around.map(|side| {
        let ends = [from_box, to_box];
        bow(side, from, to, ends, &blocked, obstacles, &mut seen)
    });
    let plan = bows
        .into_iter()
        .flatten()
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(straight, |(plan, _)| plan);
    (plan, seen)
}

/// A bow that leaves and arrives on the same side and clears what is in the way, with its length.
/// `None` when there is always another box.
fn bow(
    side: Side,
    from: usize,
    to: usize,
    ends: [&Rect; 2],
    blocked: &Rect,
    obstacles: &Obstacles,
    seen: &mut Rect,
) -> Option<(Plan, f32)> {
    let mut blocked = *blocked;
    for _ in 0..4 {
        // How far the bow must come out beyond the end that comes out less.
        let out = |rect: &Rect| match side {
            Side::Top => -rect.min.y,
            Side::Bottom => rect.max.y,
            Side::Left => -rect.min.x,
            Side::Right => rect.max.x,
        };
        let height = out(&blocked) - out(ends[0]).min(out(ends[1])) + CLEARANCE;
        // A cubic whose two inner points are h away comes out to 3/4 h.
        let plan = Plan {
            leave: side,
            arrive: side,
            reach: Some(height.max(24.0) / 0.75),
        };
        let path = plan.path(ends[0], ends[1], 0.0, 0.0);
        *seen = seen.united(&path.bounds());
        match obstacles.on(&path, from, to) {
            None => return Some((plan, path.length())),
            Some(next) => blocked = blocked.united(&next),
        }
    }
    None
}

/// Spreads the ends that share a side of a box.
fn spread(
    boxes: &[Rect],
    arrows: &[(usize, usize)],
    plans: &[Option<Plan>],
    offsets: &mut [[f32; 2]],
) {
    struct End {
        of: usize,
        side: Side,
        /// Where the other box is, along the side.
        towards: f32,
        arrow: usize,
        end: usize,
    }
    let mut ends = Vec::with_capacity(arrows.len() * 2);
    for (arrow, (plan, &(from, to))) in plans.iter().zip(arrows).enumerate() {
        let Some(plan) = plan else { continue };
        for (end, of, other, side) in [(0, from, to, plan.leave), (1, to, from, plan.arrive)] {
            let other = boxes[other].center();
            let towards = if side.is_upright() { other.y } else { other.x };
            ends.push(End {
                of,
                side,
                towards,
                arrow,
                end,
            });
        }
    }
    ends.sort_by(|a, b| {
        (a.of, a.side)
            .cmp(&(b.of, b.side))
            .then(a.towards.total_cmp(&b.towards))
            .then((a.arrow, a.end).cmp(&(b.arrow, b.end)))
    });
    for group in ends.chunk_by(|a, b| (a.of, a.side) == (b.of, b.side)) {
        let rect = &boxes[group[0].of];
        let side = if group[0].side.is_upright() {
            rect.height()
        } else {
            rect.width()
        };
        let gaps = (group.len() - 1).max(1) as f32;
        let distance = ((side - 2.0 * CORNER).max(0.0) / gaps).min(PORT_DISTANCE);
        for (i, end) in group.iter().enumerate() {
            let from_middle = i as f32 - (group.len() - 1) as f32 / 2.0;
            offsets[end.arrow][end.end] = from_middle * distance;
        }
    }
}

#[cfg(test)]
mod tests;
