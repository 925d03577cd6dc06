//! Opening, saving, and never losing work.

use std::{fs, sync::Arc};

use egui::{Key, Modifiers, ThemePreference};
use littlebox::window::modal::Modal;

use crate::fixture::{PAIR, Window};

#[test]
fn the_first_start_opens_a_running_scenario() {
    let directory = Arc::new(tempfile::tempdir().unwrap());
    let mut window = Window::start(directory, None);
    assert!(window.app().session().is_playing());
    assert!(!window.scenario().components.is_empty());
    window.steps(60);
    let snapshot = window.app().session().snapshot().clone();
    assert!(snapshot.now_ns > 0, "{:?}", snapshot.error);
    assert!(!window.app().document().is_changed());
}

#[test]
fn saving_asks_where_and_then_remembers() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::NONE, Key::Num4);
    let other = window.path("other.ron");
    window.dialogs.will_say(&other);
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    window.steps(3);
    assert!(fs::read_to_string(&other).unwrap().contains("Cache"));
    assert!(!window.app().document().is_changed());
    assert_eq!(window.app().path(), Some(other.as_path()));
    window.key(Modifiers::NONE, Key::Num7);
    window.key(Modifiers::COMMAND, Key::S);
    assert!(fs::read_to_string(&other).unwrap().contains("Queue"));
    assert_eq!(window.app().settings().recent[0], other);
}

#[test]
fn an_untouched_file_saves_to_the_same_bytes() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::COMMAND, Key::S);
    assert_eq!(fs::read_to_string(window.path("test.ron")).unwrap(), PAIR);
}

#[test]
fn without_a_dialog_a_path_is_typed() {
    let mut window = Window::with(PAIR);
    let other = window.path("typed.ron");
    fs::write(&other, PAIR.replace("Pair", "Typed")).unwrap();
    window.key(Modifiers::COMMAND, Key::O);
    window.steps(3);
    assert!(matches!(window.app().modal(), Some(Modal::Path { .. })));
    window.enter("Path", &other.display().to_string());
    assert_eq!(window.scenario().name, "Typed");
}

#[test]
fn unsaved_changes_are_guarded() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::NONE, Key::Num4);
    window.key(Modifiers::COMMAND, Key::N);
    assert!(matches!(window.app().modal(), Some(Modal::Guard(_))));
    window.click("Cancel");
    assert_eq!(window.scenario().components.len(), 4);
    window.key(Modifiers::COMMAND, Key::N);
    window.click("Save");
    assert!(window.scenario().components.is_empty());
    assert!(
        fs::read_to_string(window.path("test.ron"))
            .unwrap()
            .contains("Cache")
    );
    window.key(Modifiers::NONE, Key::Num4);
    window.key(Modifiers::COMMAND, Key::N);
    window.click("Discard");
    assert!(window.scenario().components.is_empty());
}

#[test]
fn closing_the_window_is_guarded() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::NONE, Key::Num4);
    let viewport = window
        .harness
        .input_mut()
        .viewports
        .entry(egui::ViewportId::ROOT)
        .or_default();
    viewport.events.push(egui::ViewportEvent::Close);
    window.steps(1);
    assert!(matches!(window.app().modal(), Some(Modal::Guard(_))));
}

#[test]
fn a_broken_file_is_explained_and_nothing_is_lost() {
    let mut window = Window::with(PAIR);
    let broken = window.path("broken.ron");
    fs::write(&broken, PAIR.replace("Server(", "Sever(")).unwrap();
    window.dialogs.will_say(&broken);
    window.key(Modifiers::COMMAND, Key::O);
    window.steps(3);
    let Some(Modal::Message { text, .. }) = window.app().modal() else {
        panic!("there is a message")
    };
    assert!(text.contains("line 6") && text.contains("Server"), "{text}");
    assert_eq!(window.scenario().name, "Pair");
    window.click("Close");
    assert!(window.app().modal().is_none());
}

#[test]
fn a_file_can_be_dropped_on_the_window() {
    #[derive(Debug)]
    struct Dropped(std::path::PathBuf);
    impl egui::DroppedFile for Dropped {
        fn path(&self) -> &std::path::Path {
            &self.0
        }
        fn bytes(&self) -> Result<Vec<u8>, String> {
            fs::read(&self.0).map_err(|error| error.to_string())
        }
    }
    let mut window = Window::with(PAIR);
    let other = window.path("dropped.ron");
    fs::write(&other, PAIR.replace("Pair", "Dropped")).unwrap();
    window
        .harness
        .input_mut()
        .dropped_files
        .push(Arc::new(Dropped(other)));
    window.steps(2);
    assert_eq!(window.scenario().name, "Dropped");
}

#[test]
fn the_gallery_opens_a_shipped_scenario() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::COMMAND, Key::G);
    assert!(matches!(window.app().modal(), Some(Modal::Gallery)));
    window.steps(5);
    window.click("Open URL shortener");
    assert_eq!(window.scenario().name, "URL shortener");
    assert!(window.app().modal().is_none());
    assert_eq!(window.app().path(), None);
}

#[test]
fn work_survives_a_crash() {
    let mut window = Window::with(PAIR);
    window.key(Modifiers::NONE, Key::Num4);
    std::thread::sleep(std::time::Duration::from_millis(1600));
    window.steps(2);
    window.harness.state_mut().wait_for_recovery();
    let directory = Arc::clone(&window.directory);
    // The window is gone without a word.
    drop(window);
    let mut window = Window::start(directory, None);
    assert!(matches!(window.app().modal(), Some(Modal::Recovery(_))));
    window.click("Restore");
    assert_eq!(window.scenario().components.len(), 4);
    assert!(
        window.app().document().is_changed(),
        "it is not in the file yet"
    );
    assert_eq!(window.app().path(), Some(window.path("test.ron").as_path()));
}

#[test]
fn work_without_a_pause_survives_a_crash() {
    let mut window = Window::with(PAIR);
    // Never so long without an edit that the window could wait for a pause.
    for _ in 0..10 {
        window.key(Modifiers::NONE, Key::Num4);
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    window.harness.state_mut().wait_for_recovery();
    let directory = Arc::clone(&window.directory);
    drop(window);
    let mut window = Window::start(directory, None);
    window.key(Modifiers::NONE, Key::Enter);
    // How much of it depends on how fast the machine is.
    let boxes = window.scenario().components.len();
    assert!(boxes > 3, "{boxes}");
}

#[test]
fn what_is_opened_waits_and_what_is_shown_off_runs() {
    let mut window = Window::with(PAIR);
    assert!(!window.app().session().is_playing());
    window.key(Modifiers::COMMAND, Key::G);
    window.steps(5);
    window.click("Open M/M/1");
    assert!(window.app().session().is_playing());
    window.key(Modifiers::NONE, Key::Backslash);
    assert!(window.app().session().is_flat_out());
    window.key(Modifiers::COMMAND, Key::N);
    assert!(!window.app().session().is_playing());
    assert!(!window.app().session().is_flat_out());
}

#[test]
fn the_appearance_is_chosen_and_kept() {
    let mut window = Window::with(PAIR);
    for (entry, preference) in [
        ("Light", ThemePreference::Light),
        ("Dark", ThemePreference::Dark),
    ] {
        window.click("View");
        window.click(entry);
        window.steps(2);
        assert_eq!(
            ThemePreference::from(window.app().settings().theme),
            preference
        );
        window.key(Modifiers::NONE, Key::Escape);
    }
    let directory = Arc::clone(&window.directory);
    drop(window);
    let window = Window::start(directory, None);
    assert_eq!(
        ThemePreference::from(window.app().settings().theme),
        ThemePreference::Dark
    );
}
