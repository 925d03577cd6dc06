//! Which item of the file became which item of the new scenario.

use std::collections::{HashMap, VecDeque};

use crate::scenario::file::tree::Shape;

/// What becomes of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The item of the file at the first position becomes the new item at the second.
    Keep(usize, usize),
    /// The item of the file stays; it says what is the default anyway.
    Leave(usize),
    /// The item of the file goes.
    Remove(usize),
    /// The new item comes.
    Insert(usize),
}

/// How many items in a row are looked through for one that was renamed.
const MOST_RENAMED: usize = 1_000;

/// A name and a value.
type Named<'t> = (&'t str, &'t str);

/// How the items of a list or map go over into the new ones. Those of the same name belong
/// together; in a list, where an item is its own name, only as long as their order is the same.
/// What went and what came between the same neighbours is one item that was changed or renamed.
pub fn align(before: &[Named], after: &[Named], shape: Shape) -> Vec<Step> {
    let start = before
        .iter()
        .zip(after)
        .take_while(|(b, a)| b.0 == a.0)
        .count();
    let most = before.len().min(after.len()) - start;
    let end = (before.iter().rev().zip(after.iter().rev()))
        .take(most)
        .take_while(|(b, a)| b.0 == a.0)
        .count();
    let (old_end, new_end) = (before.len() - end, after.len() - end);
    let mut pairs = Pairs {
        partner: vec![None; after.len()],
        taken: vec![false; before.len()],
    };
    for at in 0..start {
        pairs.join(at, at);
    }
    for back in 0..end {
        pairs.join(old_end + back, new_end + back);
    }
    let mut places: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (at, (name, _)) in before[start..old_end].iter().enumerate() {
        places.entry(name).or_default().push_back(start + at);
    }
    let mut from = start;
    for (fresh, (name, _)) in after.iter().enumerate().take(new_end).skip(start) {
        let Some(queue) = places.get_mut(name) else {
            continue;
        };
        while shape == Shape::List && queue.front().is_some_and(|at| *at < from) {
            queue.pop_front();
        }
        if let Some(at) = queue.pop_front() {
            pairs.join(at, fresh);
            from = at + 1;
        }
    }
    pairs.join_in_gaps(before, after, shape);
    pairs.steps()
}

struct Pairs {
    /// For each new item the one it was.
    partner: Vec<Option<usize>>,
    /// For each item of the file whether it became something.
    taken: Vec<bool>,
}

impl Pairs {
    fn join(&mut self, at: usize, fresh: usize) {
        self.partner[fresh] = Some(at);
        self.taken[at] = true;
    }

    fn join_in_gaps(&mut self, before: &[Named], after: &[Named], shape: Shape) {
        let (mut low, mut start) = (0, 0);
        while start < after.len() {
            if let Some(at) = self.partner[start] {
                low = at + 1;
                start += 1;
                continue;
            }
            let end = (start..after.len())
                .find(|fresh| self.partner[*fresh].is_some())
                .unwrap_or(after.len());
            let mut gone: VecDeque<usize> = (low..before.len())
                .take_while(|at| !self.taken[*at])
                .collect();
            let count = gone.len();
            // Equal items of a list were joined before. In large gaps the search takes too long.
            let may_be_renamed = shape == Shape::Map && count <= MOST_RENAMED;
            for (position, fresh) in (start..end).enumerate() {
                let same = |at: &usize| may_be_renamed && before[*at].1 == after[fresh].1;
                let renamed = gone.iter().position(same);
                if let Some(skipped) = renamed {
                    gone.drain(..skipped);
                } else if position >= count || gone.len() > end - fresh {
                    // As many changed as there is room for; those left over went or came.
                    while gone.len() > end - fresh {
                        gone.pop_front();
                    }
                }
                if let Some(at) = gone.pop_front() {
                    self.join(at, fresh);
                }
            }
            start = end;
        }
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::with_capacity(self.partner.len());
        let mut gone = (0..self.taken.len())
            .filter(|at| !self.taken[*at])
            .peekable();
        for (fresh, partner) in self.partner.iter().enumerate() {
            if let Some(at) = partner {
                while let Some(gone) = gone.next_if(|gone| gone < at) {
                    steps.push(Step::Remove(gone));
                }
                steps.push(Step::Keep(*at, fresh));
            } else {
                steps.push(Step::Insert(fresh));
            }
        }
        steps.extend(gone.map(Step::Remove));
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::Step::{Insert, Keep, Remove};
    use super::*;

    fn check(before: &str, after: &str, shape: Shape, expected: &[Step]) {
        // `a1 b2`: name and value are a letter each.
        let split = |text: &'static str| -> Vec<Named<'static>> {
            text.split_whitespace()
                .map(|word| {
                    if shape == Shape::List {
                        (word, word)
                    } else {
                        word.split_at(1)
                    }
                })
                .collect()
        };
        let (before, after) = (before.to_owned().leak(), after.to_owned().leak());
        assert_eq!(
            align(&split(before), &split(after), shape),
            expected,
            "{before} -> {after}"
        );
    }

    #[test]
    fn what_changed_is_told_from_what_went_and_came() {
        let map = Shape::Map;
        check("a1 b2", "a1 b2", map, &[Keep(0, 0), Keep(1, 1)]);
        check("a1 b2", "a3 b2", map, &[Keep(0, 0), Keep(1, 1)]);
        check("a1 b2", "b2", map, &[Remove(0), Keep(1, 0)]);
        check("a1", "a1 b2", map, &[Keep(0, 0), Insert(1)]);
        check(
            "a1 b2 c3",
            "a1 x2 c3",
            map,
            &[Keep(0, 0), Keep(1, 1), Keep(2, 2)],
        );
        check("a1 b2", "b2 a1", map, &[Keep(1, 0), Keep(0, 1)]);
        let list = Shape::List;
        check("a b c", "a c", list, &[Keep(0, 0), Remove(1), Keep(2, 1)]);
        check(
            "a b c",
            "a x c",
            list,
            &[Keep(0, 0), Keep(1, 1), Keep(2, 2)],
        );
        check("a b", "b a", list, &[Remove(0), Keep(1, 0), Insert(1)]);
        check("a a a", "a a", list, &[Keep(0, 0), Keep(1, 1), Remove(2)]);
        check("", "a", list, &[Insert(0)]);
        check("a", "", list, &[Remove(0)]);
    }
}
