//! The window. The only room that knows egui; it sends commands to the engine and reads snapshots.

pub mod app;
pub mod canvas;
mod caption;
pub mod charts;
pub mod command;
pub mod dialogs;
pub mod document;
pub mod edit;
pub mod figures;
mod gallery;
pub mod history;
pub mod icon;
mod inspector;
pub mod little_panel;
pub mod live;
mod menu;
pub mod modal;
mod outbox;
mod palette;
mod placement;
pub mod raster;
mod recovery;
pub mod selection;
pub mod session;
pub mod settings;
mod startup;
mod status;
pub mod text;
pub mod theme;
mod transport;
pub mod view;

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

pub use app::{App, Start};
pub use session::Workplace;

/// Why the window can't be shown.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WindowError(String);

/// Opens the window and returns when it is closed.
///
/// # Errors
/// When there is no display, or a system library is missing: a sentence that says what to do.
pub fn run(path: Option<PathBuf>) -> Result<(), WindowError> {
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Littlebox")
            .with_app_id("littlebox")
            .with_icon(startup::icon())
            .with_inner_size([1280.0, 800.0])
            .with_min_inner_size([800.0, 500.0]),
        ..Default::default()
    };
    let started = Instant::now();
    startup::open(|has_started| {
        let has_started = Arc::clone(has_started);
        eframe::run_native(
            "littlebox",
            options,
            Box::new(move |cc| {
                has_started.store(true, Ordering::Relaxed);
                let app = App::new(&cc.egui_ctx, Start::new(path));
                Ok(Box::new(app.that_started(started)))
            }),
        )
        .map_err(|error| error.to_string())
    })
}
