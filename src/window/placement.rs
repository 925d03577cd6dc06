//! Where boxes stand that nobody has placed: free spots, and layers for a whole drawing.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::scenario::{IndexMap, Scenario};

/// Positions snap to this grid, in points of the scene.
pub const GRID: i32 = 20;
/// Distance between the centres of two columns.
pub const COLUMN: i32 = 220;
/// Distance between the centres of two rows.
pub const ROW: i32 = 120;

/// Centre of a box in the scene.
pub type Place = (i32, i32);

/// Nearest point of the grid. The grid is half as wide as [`GRID`], so that boxes can be centred
/// between two others.
pub fn snap(x: f32, y: f32) -> Place {
    let half = GRID as f32 / 2.0;
    let snap = |value: f32| ((value / half).round() * half) as i32;
    (snap(x), snap(y))
}

/// Whether two boxes at these places would touch.
fn too_close(a: Place, b: Place) -> bool {
    const WIDTH: i32 = super::canvas::BOX_WIDTH as i32 + GRID;
    const HEIGHT: i32 = super::canvas::BOX_HEIGHT as i32 + GRID;
    a.0.abs_diff(b.0) < WIDTH as u32 && a.1.abs_diff(b.1) < HEIGHT as u32
}

/// The free place nearest to `wanted`: itself, or the first one on growing rings around it.
pub fn free_place(wanted: Place, taken: &[Place]) -> Place {
    moved(wanted, free_offset(&[wanted], taken))
}

fn moved(place: Place, by: Place) -> Place {
    (place.0.saturating_add(by.0), place.1.saturating_add(by.1))
}

/// How far all of `wanted` must be moved together to be on free places: not at all, or as little
/// as needed. A large group goes below everything.
pub fn free_offset(wanted: &[Place], taken: &[Place]) -> Place {
    const LARGE: usize = 50;
    let is_free = |by: Place| {
        let mut places = wanted.iter().map(|place| moved(*place, by));
        places.all(|place| !taken.iter().any(|other| too_close(place, *other)))
    };
    if is_free((0, 0)) {
        return (0, 0);
    }
    let lowest = taken.iter().map(|place| place.1).max().unwrap_or(0);
    let highest = wanted.iter().map(|place| place.1).min().unwrap_or(0);
    let below = (0, lowest.saturating_add(ROW).saturating_sub(highest));
    if wanted.len() > LARGE {
        return below;
    }
    // Each box blocks a bounded area, so one of these rings has a free place.
    let blocked = taken.len().saturating_mul(wanted.len()).min(200) as i32;
    for ring in 1..=(blocked + 1) * 8 {
        let mut best: Option<(i64, Place)> = None;
        let step = GRID * 2;
        for i in -ring..=ring {
            for offset in [(i, -ring), (i, ring), (-ring, i), (ring, i)] {
                let by = (offset.0 * step, offset.1 * step);
                let (dx, dy) = (i64::from(offset.0), i64::from(offset.1));
                // Below is better than beside: arrows mostly go from left to right.
                let cost = dx * dx * 4 + dy * dy * 3 + i64::from(dy < 0);
                if best.is_none_or(|(least, _)| cost < least) && is_free(by) {
                    best = Some((cost, by));
                }
            }
        }
        if let Some((_, by)) = best {
            return by;
        }
    }
    below
}

/// A place for every component: the document's own, and for those without one a place in layers
/// from callers to callees. The same document always gives the same places.
pub fn places(scenario: &Scenario) -> IndexMap<String, Place> {
    let mut places: IndexMap<String, Place> = IndexMap::with_capacity(scenario.components.len());
    let missing: Vec<&str> = scenario
        .components
        .keys()
        .filter(|name| !scenario.layout.contains_key(*name))
        .map(String::as_str)
        .collect();
    let layered = if missing.is_empty() {
        HashMap::new()
    } else {
        layers(scenario, &missing)
    };
    for name in scenario.components.keys() {
        let place = match scenario.layout.get(name) {
            Some(place) => *place,
            None => layered.get(name.as_str()).copied().unwrap_or_default(),
        };
        places.insert(name.clone(), place);
    }
    places
}

/// Places for the boxes `missing`, in columns by their distance from where requests come from.
fn layers<'a>(scenario: &'a Scenario, missing: &[&'a str]) -> HashMap<&'a str, Place> {
    let mut callees: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut called: HashSet<&str> = HashSet::new();
    for connection in &scenario.connections {
        if connection.from != connection.to {
            callees
                .entry(&connection.from)
                .or_default()
                .push(&connection.to);
            called.insert(&connection.to);
        }
    }
    // Longest path from the sources, by relaxing in rounds; cycles (forwards) end with the visits.
    let names = || scenario.components.keys().map(String::as_str);
    let mut layer: HashMap<&str, i32> = HashMap::new();
    let mut queue: VecDeque<&str> = names().filter(|name| !called.contains(name)).collect();
    for name in &queue {
        layer.insert(name, 0);
    }
    let most = scenario.components.len() as i32;
    let mut visits: HashMap<&str, u32> = HashMap::new();
    let mut unseen = names();
    loop {
        while let Some(name) = queue.pop_front() {
            let next = layer[name] + 1;
            for callee in callees.get(name).into_iter().flatten() {
                let deeper = layer.get(callee).is_none_or(|at| *at < next);
                let count = visits.entry(callee).or_default();
                if deeper && next < most.max(1) && *count < 8 {
                    *count += 1;
                    layer.insert(callee, next);
                    queue.push_back(callee);
                }
            }
        }
        // What only a cycle reaches starts a row of its own.
        match unseen.find(|name| !layer.contains_key(name)) {
            Some(name) => {
                layer.insert(name, 0);
                queue.push_back(name);
            }
            None => break,
        }
    }

    // Below what is placed already.
    let top = scenario
        .components
        .keys()
        .filter_map(|name| scenario.layout.get(name))
        .map(|place| place.1.saturating_add(ROW))
        .max()
        .unwrap_or(0);
    let mut columns: Vec<Vec<&str>> = Vec::new();
    for name in missing {
        let at = layer.get(name).copied().unwrap_or(0) as usize;
        if columns.len() <= at {
            columns.resize(at + 1, Vec::new());
        }
        columns[at].push(name);
    }
    let tallest = columns.iter().map(Vec::len).max().unwrap_or(0) as i32;
    let mut places = HashMap::new();
    for (column, names) in columns.iter().enumerate() {
        let height = names.len() as i32;
        for (row, name) in names.iter().enumerate() {
            // Columns are centred on each other.
            let y = top.saturating_add((tallest - height) * ROW / 2 + row as i32 * ROW);
            places.insert(*name, (column as i32 * COLUMN, y));
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Connection, Kind};

    fn scenario(names: &[&str], arrows: &[(&str, &str)]) -> Scenario {
        let mut scenario = Scenario::default();
        for name in names {
            scenario
                .components
                .insert((*name).into(), Kind::Server.component());
        }
        scenario.connections = arrows
            .iter()
            .map(|(from, to)| Connection::new(*from, *to))
            .collect();
        scenario
    }

    fn no_two_touch(places: &IndexMap<String, Place>) {
        let all: Vec<Place> = places.values().copied().collect();
        for (i, a) in all.iter().enumerate() {
            assert!(
                all[i + 1..].iter().all(|b| !too_close(*a, *b)),
                "{places:?}"
            );
        }
    }

    #[test]
    fn callers_stand_left_of_callees() {
        let places = places(&scenario(
            &["db", "api", "users", "cache"],
            &[("users", "api"), ("api", "db"), ("api", "cache")],
        ));
        assert!(places["users"].0 < places["api"].0);
        assert!(places["api"].0 < places["db"].0);
        assert_eq!(places["db"].0, places["cache"].0);
        no_two_touch(&places);
    }

    #[test]
    fn cycles_and_islands_are_placed_too() {
        let names = ["a", "b", "c", "d", "alone"];
        let places = places(&scenario(
            &names,
            &[("a", "b"), ("b", "a"), ("c", "d"), ("d", "d")],
        ));
        assert_eq!(places.len(), 5);
        no_two_touch(&places);
    }

    #[test]
    fn what_is_placed_stays_and_the_rest_goes_below() {
        let mut scenario = scenario(&["a", "b"], &[("a", "b")]);
        scenario.layout.insert("a".into(), (37, 41));
        let places = places(&scenario);
        assert_eq!(places["a"], (37, 41));
        no_two_touch(&places);
    }

    #[test]
    fn a_long_chain_with_shortcuts_ends() {
        let names: Vec<String> = (0..300).map(|i| format!("s{i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut arrows = Vec::new();
        for (i, from) in names.iter().enumerate() {
            for to in names.iter().skip(i + 1).take(10) {
                arrows.push((*from, *to));
            }
        }
        no_two_touch(&places(&scenario(&names, &arrows)));
    }

    #[test]
    fn a_free_place_is_free_and_near() {
        assert_eq!(free_place((0, 0), &[]), (0, 0));
        let mut taken = vec![(0, 0)];
        for _ in 0..40 {
            let place = free_place((0, 0), &taken);
            assert!(!taken.iter().any(|other| too_close(place, *other)));
            taken.push(place);
        }
        let far = taken
            .iter()
            .map(|p| p.0.abs().max(p.1.abs()))
            .max()
            .unwrap();
        assert!(far < 1200, "{far}");
    }

    #[test]
    fn a_group_keeps_its_shape() {
        let group: Vec<Place> = vec![(0, 0), (220, 0), (440, -120), (440, 0), (440, 120)];
        let mut taken = group.clone();
        for _ in 0..6 {
            let by = free_offset(&group, &taken);
            let copy: Vec<Place> = group.iter().map(|place| moved(*place, by)).collect();
            for place in &copy {
                assert!(
                    !taken.iter().any(|other| too_close(*place, *other)),
                    "{by:?}"
                );
            }
            assert!(by.0.abs().max(by.1.abs()) < 2_500, "{by:?}");
            taken.extend(copy);
        }
        // Hundreds at once: without a search.
        let many: Vec<Place> = (0..400).map(|i| (i % 20 * 220, i / 20 * 120)).collect();
        assert_eq!(free_offset(&many, &many), (0, 20 * 120));
    }

    #[test]
    fn snapping_goes_to_the_nearest_grid_point() {
        assert_eq!(snap(14.9, -15.1), (10, -20));
        assert_eq!(snap(-4.0, 4.0), (0, 0));
    }
}
