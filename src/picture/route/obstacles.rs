//! Which box a path runs into, found in a grid so that the time does not grow with the drawing.

use std::collections::HashMap;

use crate::picture::{
    geometry::{Point, Rect},
    path::Path,
};

const CELL: f32 = 200.0;
/// Points on a path are looked at this far apart: less than a box is high.
const STEP: f32 = 16.0;

pub(super) struct Obstacles<'a> {
    boxes: &'a [Rect],
    cells: HashMap<(i32, i32), Vec<u32>>,
}

fn cell(p: Point) -> (i32, i32) {
    ((p.x / CELL).floor() as i32, (p.y / CELL).floor() as i32)
}

impl<'a> Obstacles<'a> {
    pub fn new(boxes: &'a [Rect]) -> Self {
        let mut cells: HashMap<_, Vec<u32>> = HashMap::with_capacity(boxes.len() * 2);
        for (index, rect) in boxes.iter().enumerate() {
            let (from, to) = (cell(rect.min), cell(rect.max));
            for x in from.0..=to.0 {
                for y in from.1..=to.1 {
                    cells.entry((x, y)).or_default().push(index as u32);
                }
            }
        }
        Self { boxes, cells }
    }

    /// The space taken by the boxes that a path runs through, its own two ends apart. `None`: the
    /// way is free.
    pub fn on(&self, path: &Path, from: usize, to: usize) -> Option<Rect> {
        let steps = (path.length() / STEP).ceil().clamp(1.0, 1000.0) as usize;
        let mut found: Option<Rect> = None;
        for i in 0..=steps {
            let here = path.point_at(i as f32 / steps as f32);
            for &index in self.cells.get(&cell(here)).into_iter().flatten() {
                let index = index as usize;
                let rect = &self.boxes[index];
                if index == from || index == to || !rect.contains(here) {
                    continue;
                }
                // Boxes that overlap an end can't be gone around.
                if rect.touches(&self.boxes[from]) || rect.touches(&self.boxes[to]) {
                    continue;
                }
                found = Some(found.map_or(*rect, |found| found.united(rect)));
            }
        }
        found
    }
}
