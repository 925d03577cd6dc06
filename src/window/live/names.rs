//! Boxes that were renamed while they run.
//!
//! The run knows boxes by name and would take a renamed one for another, new and empty. It goes on
//! with the names that it began with; here they are translated.

use std::{borrow::Cow, collections::HashMap};

use crate::scenario::{Scenario, edit};

/// What the run calls boxes that have another name in the document.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The run's name by the document's.
    in_run: HashMap<String, String>,
}

impl Names {
    /// The document has changed. Returns it in the names of the run.
    pub fn follow<'a>(&mut self, before: &Scenario, after: &'a Scenario) -> Cow<'a, Scenario> {
        if let Some((from, to)) = renamed(before, after) {
            let in_run = self.in_run.remove(from).unwrap_or_else(|| from.to_owned());
            self.in_run.insert(to.to_owned(), in_run);
        }
        self.in_run
            .retain(|name, in_run| name != in_run && after.components.contains_key(name));
        if self.in_run.is_empty() {
            return Cow::Borrowed(after);
        }
        self.avoid_taken(after);
        Cow::Owned(translated(after, self.in_run.iter()))
    }

    /// A new box may have the name that a renamed one still has in the run.
    fn avoid_taken(&mut self, after: &Scenario) {
        let taken: Vec<String> = after
            .components
            .keys()
            .filter(|name| !self.in_run.contains_key(*name))
            .filter(|name| self.in_run.values().any(|in_run| in_run == *name))
            .cloned()
            .collect();
        for name in taken {
            let free = (1..)
                .map(|number: u64| format!("{name}, the {number}. other"))
                .find(|free| {
                    !after.components.contains_key(free)
                        && !self.in_run.values().any(|in_run| in_run == free)
                })
                .unwrap_or_default();
            self.in_run.insert(name, free);
        }
    }

    /// What runs, in the names of the document.
    pub fn in_document(&self, running: &Scenario) -> Scenario {
        translated(running, self.in_run.iter().map(|(name, run)| (run, name)))
    }

    /// A box, or `"a -> b"`, in the names of the run.
    pub fn target_in_run(&self, target: &str) -> String {
        each(target, |name| self.in_run.get(name).map(String::as_str))
    }

    /// A box, or `"a -> b"`, in the names of the document.
    pub fn target_in_document(&self, target: &str) -> String {
        each(target, |wanted| {
            let found = self.in_run.iter().find(|(_, in_run)| *in_run == wanted);
            found.map(|(name, _)| name.as_str())
        })
    }
}

fn each<'a>(target: &'a str, other: impl Fn(&str) -> Option<&'a str>) -> String {
    let translated = |name: &'a str| other(name).unwrap_or(name);
    match target.split_once(" -> ") {
        Some((from, to)) => format!("{} -> {}", translated(from), translated(to)),
        None => translated(target).to_owned(),
    }
}

/// The one box that has another name now, and nothing else about its place among the others.
fn renamed<'a>(before: &'a Scenario, after: &'a Scenario) -> Option<(&'a str, &'a str)> {
    if before.components.len() != after.components.len() {
        return None;
    }
    let both = before.components.iter().zip(&after.components);
    let mut others = both.filter(|((old, _), (new, _))| old != new);
    let ((from, old), (to, new)) = others.next()?;
    let is_same = others.next().is_none() && old.kind() == new.kind();
    is_same.then_some((from, to))
}

/// A scenario with other names.
fn translated<'a>(
    scenario: &Scenario,
    pairs: impl Iterator<Item = (&'a String, &'a String)> + Clone,
) -> Scenario {
    let mut scenario = scenario.clone();
    // Two boxes may have swapped their names: through names that nobody has.
    let mut through = Vec::new();
    for (from, to) in pairs {
        let between = edit::unique_name(&scenario, "between names");
        if edit::rename(&mut scenario, from, &between).is_ok() {
            through.push((between, to));
        }
    }
    for (between, to) in through {
        // Both names were good in one of the two.
        let _ = edit::rename(&mut scenario, &between, to);
    }
    scenario
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Connection, Kind};

    fn scenario(names: &[&str]) -> Scenario {
        let mut scenario = Scenario::default();
        for name in names {
            let kind = Kind::Server;
            scenario.components.insert((*name).into(), kind.component());
        }
        scenario.connections = vec![Connection::new(names[0], names[1])];
        scenario
    }

    #[test]
    fn the_run_keeps_the_names_it_began_with() {
        let mut names = Names::default();
        let documents = [
            scenario(&["a", "b"]),
            scenario(&["front", "b"]),
            scenario(&["front", "a"]),
            scenario(&["b", "a"]),
        ];
        for pair in documents.windows(2) {
            let running = names.follow(&pair[0], &pair[1]);
            assert_eq!(*running, documents[0]);
            assert_eq!(names.in_document(&running), pair[1]);
        }
        assert_eq!(names.target_in_run("b -> a"), "a -> b");
        assert_eq!(names.target_in_document("b"), "a");
        // Back again: nothing to translate.
        names.follow(&documents[3], &documents[2]);
        names.follow(&documents[2], &documents[1]);
        let running = names.follow(&documents[1], &documents[0]);
        assert!(matches!(running, Cow::Borrowed(_)));
    }

    #[test]
    fn a_new_box_may_take_a_name_that_was_given_up() {
        let mut names = Names::default();
        let renamed = scenario(&["front", "b"]);
        names.follow(&scenario(&["a", "b"]), &renamed);
        let with_new = scenario(&["front", "b", "a"]);
        let running = names.follow(&renamed, &with_new).into_owned();
        assert_eq!(running.components.len(), 3);
        assert_eq!(running.components.get_index_of("a"), Some(0));
        assert_eq!(names.in_document(&running), with_new);
        // And goes again.
        let running = names.follow(&with_new, &renamed).into_owned();
        assert_eq!(running, scenario(&["a", "b"]));
    }

    #[test]
    fn other_changes_are_no_renaming() {
        let mut names = Names::default();
        for (before, after) in [
            (["a", "b"].as_slice(), ["a", "b", "c"].as_slice()),
            (&["a", "b", "c"], &["a", "c"]),
            (&["a", "b"], &["b", "a"]),
        ] {
            let after = scenario(after);
            let running = names.follow(&scenario(before), &after);
            assert_eq!(*running, after);
        }
    }
}
