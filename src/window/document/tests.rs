use std::collections::{BTreeSet, HashSet};

use super::*;
use crate::scenario::{
    Connection, Fault, FaultKind, Kind, Link, Objective, Replication, Subject, What,
};

/// users → api → db, with a fault, a cut and an objective.
fn sample() -> Scenario {
    let mut scenario = Scenario::default();
    for (name, kind) in [
        ("users", Kind::Client),
        ("api", Kind::Server),
        ("db", Kind::Database),
    ] {
        scenario.components.insert(name.into(), kind.component());
    }
    scenario.connections = vec![
        Connection::new("users", "api"),
        Connection::new("api", "db"),
    ];
    let fault = |on: &str, fault| Fault {
        at: Default::default(),
        until: None,
        on: on.into(),
        fault,
    };
    scenario.faults = vec![
        fault("api", FaultKind::Crash),
        fault("api -> db", FaultKind::Cut),
    ];
    scenario.objectives = vec![Objective {
        what: What::Goodput,
        of: "api".into(),
        below: None,
        above: None,
    }];
    scenario
}

fn document() -> Document {
    Document::new(file::Document::new(sample()))
}

fn add(kind: Kind, at: Place) -> Edit {
    Edit::Add {
        kind,
        at,
        called_by: None,
    }
}

#[test]
fn every_edit_can_be_undone_and_redone_to_the_same_document() {
    let edits = [
        add(Kind::Cache, (600, 0)),
        Edit::Connect {
            from: "api".into(),
            to: "cache".into(),
        },
        Edit::Move {
            to: vec![("api".into(), (300, 300))],
            gesture: 1,
        },
        Edit::Rename {
            from: "api".into(),
            to: "front".into(),
        },
        Edit::Set {
            subject: Subject::Component("db".into()),
            path: "slots".into(),
            text: "7".into(),
            what: "slots".into(),
            gesture: None,
        },
        Edit::Name("Shop".into()),
        Edit::Notes("watch the line".into()),
        Edit::Seed(9),
        Edit::Faults(Vec::new()),
        Edit::Objectives(Vec::new()),
        Edit::Remove(Selection::of_box("front")),
    ];
    let mut document = document();
    let mut states = vec![document.scenario().clone()];
    for edit in &edits {
        document.apply(edit);
        if **document.scenario() != **states.last().unwrap() {
            states.push(document.scenario().clone());
        }
    }
    assert_eq!(states.len(), edits.len() + 1, "every edit is a step");
    for state in states.iter().rev().skip(1) {
        document.undo();
        assert_eq!(document.scenario(), state);
    }
    assert!(!document.is_changed());
    assert_eq!(document.history().undo_name(), None);
    for state in states.iter().skip(1) {
        document.redo();
        assert_eq!(document.scenario(), state);
    }
    assert_eq!(document.history().redo_name(), None);
    assert!(document.is_changed());
}

#[test]
fn the_moves_of_one_drag_are_one_step() {
    let mut document = document();
    for x in 1..=5 {
        let to = vec![
            ("api".to_owned(), (x * 10, 0)),
            ("db".to_owned(), (x * 10, 200)),
        ];
        document.apply(&Edit::Move { to, gesture: 7 });
    }
    assert_eq!(document.history().undo_name(), Some("move of 2 boxes"));
    document.undo();
    assert_eq!(**document.scenario(), sample());
}

#[test]
fn saving_in_the_middle_keeps_the_saved_state_reachable() {
    let mut document = document();
    let go = |x| Edit::Move {
        to: vec![("api".into(), (x, 0))],
        gesture: 1,
    };
    document.apply(&go(500));
    document.mark_saved();
    assert!(!document.is_changed());
    document.apply(&go(600));
    assert!(document.is_changed());
    document.undo();
    assert!(!document.is_changed());
}

#[test]
fn a_rename_reaches_arrows_faults_cuts_and_objectives() {
    let mut document = document();
    document.apply(&Edit::Rename {
        from: "api".into(),
        to: "web".into(),
    });
    let text = format!("{:?}", document.scenario());
    assert!(!text.contains("\"api"), "{text}");
    assert_eq!(document.scenario().faults[1].on, "web -> db");
    let order: Vec<_> = document.scenario().components.keys().collect();
    assert_eq!(order, ["users", "web", "db"]);
}

#[test]
fn deleting_a_box_takes_what_hangs_on_it() {
    let mut document = document();
    document.apply(&Edit::Remove(Selection::of_box("api")));
    let scenario = document.scenario();
    assert_eq!(scenario.components.len(), 2);
    assert!(scenario.connections.is_empty());
    assert!(scenario.faults.is_empty());
    assert!(scenario.objectives.is_empty());
    assert!(!scenario.layout.contains_key("api"));
}

#[test]
fn deleting_an_arrow_takes_its_cut_and_leaves_the_boxes() {
    let mut document = document();
    document.apply(&Edit::Remove(Selection {
        arrows: BTreeSet::from([1]),
        ..Selection::default()
    }));
    let scenario = document.scenario();
    assert_eq!(scenario.components.len(), 3);
    assert_eq!(scenario.connections.len(), 1);
    assert_eq!(scenario.faults.len(), 1);
}

#[test]
fn a_duplicate_keeps_the_wiring_inside_and_covers_nothing() {
    let mut document = document();
    let names = HashSet::from(["api".to_owned(), "db".to_owned()]);
    let part = Arc::new(document.cut_out(&names));
    let selection = document
        .apply(&Edit::Insert {
            part,
            offset: (20, 20),
            verb: "Duplicate",
        })
        .unwrap();
    assert_eq!(
        selection.boxes,
        HashSet::from(["api 2".to_owned(), "db 2".to_owned()])
    );
    let scenario = document.scenario();
    assert_eq!(scenario.connections.len(), 3);
    assert_eq!(scenario.connections[2].from, "api 2");
    assert_eq!(scenario.connections[2].to, "db 2");
    let places: Vec<_> = document.places().values().collect();
    for (i, a) in places.iter().enumerate() {
        assert!(places[i + 1..].iter().all(|b| a != b), "{places:?}");
    }
}

#[test]
fn nothing_jumps_when_the_structure_changes() {
    let mut document = document();
    let before = document.places().clone();
    document.apply(&add(Kind::Queue, (0, 400)));
    document.apply(&Edit::Connect {
        from: "users".into(),
        to: "queue".into(),
    });
    document.apply(&Edit::Remove(Selection::of_arrow(0)));
    for (name, place) in before {
        assert_eq!(document.places()[&name], place);
        assert_eq!(
            document.scenario().layout[&name],
            place,
            "what is seen is saved"
        );
    }
}

#[test]
fn a_new_box_goes_to_a_free_place_under_a_free_name() {
    let mut document = Document::new(file::Document::default());
    for _ in 0..12 {
        document.apply(&add(Kind::Server, (0, 0)));
    }
    let scenario = document.scenario();
    assert!(scenario.components.contains_key("server"));
    assert!(scenario.components.contains_key("server 12"));
    let places: HashSet<_> = document.places().values().collect();
    assert_eq!(places.len(), 12);
}

#[test]
fn an_arrow_from_a_database_to_a_replica_replicates() {
    let mut scenario = sample();
    scenario
        .components
        .insert("replica".into(), Kind::Replica.component());
    let mut document = Document::new(file::Document::new(scenario));
    document.apply(&Edit::Connect {
        from: "db".into(),
        to: "replica".into(),
    });
    let last = document.scenario().connections.last().unwrap().clone();
    assert_eq!(last.link, Link::Replication(Replication::default()));
}
