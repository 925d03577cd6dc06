//! What the window remembers from one start to the next.

use std::{
    fs,
    path::{Path, PathBuf},
};

use egui::ThemePreference;
use serde::{Deserialize, Serialize};

const MOST_RECENT: usize = 10;

/// Choices of the person in front of the screen. They change no result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light, dark, or what the system says.
    pub theme: Theme,
    /// Requests drawn as moving dots.
    pub animation: bool,
    /// Charts below the canvas.
    pub charts: bool,
    /// Inspector at the right.
    pub inspector: bool,
    /// Files opened or saved, the latest first.
    pub recent: Vec<PathBuf>,
}

/// Appearance, in the words of the settings file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// What the system says.
    #[default]
    System,
}

impl From<Theme> for ThemePreference {
    fn from(theme: Theme) -> Self {
        match theme {
            Theme::Light => Self::Light,
            Theme::Dark => Self::Dark,
            Theme::System => Self::System,
        }
    }
}

impl From<ThemePreference> for Theme {
    fn from(preference: ThemePreference) -> Self {
        match preference {
            ThemePreference::Light => Self::Light,
            ThemePreference::Dark => Self::Dark,
            ThemePreference::System => Self::System,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            animation: true,
            charts: true,
            inspector: true,
            recent: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the settings; without a readable file, the defaults.
    pub fn load(file: &Path) -> Self {
        let Ok(text) = fs::read_to_string(file) else {
            return Self::default();
        };
        serde_json::from_str(&text).unwrap_or_else(|error| {
            log::warn!("{}: {error}; starting with the defaults", file.display());
            Self::default()
        })
    }

    /// Writes the settings. A failure is logged: nobody loses work by it.
    pub fn save(&self, file: &Path) {
        let write = || -> std::io::Result<()> {
            if let Some(directory) = file.parent() {
                fs::create_dir_all(directory)?;
            }
            super::recovery::write_whole(file, serde_json::to_string_pretty(self)?.as_bytes())
        };
        if let Err(error) = write() {
            log::warn!("can't save the settings to {}: {error}", file.display());
        }
    }

    /// A file was opened or saved.
    pub fn remember(&mut self, path: &Path) {
        self.recent.retain(|other| other != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(MOST_RECENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_a_restart_and_a_broken_file_does_no_harm() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("deep/settings.json");
        assert_eq!(Settings::load(&file), Settings::default());
        let mut settings = Settings {
            theme: Theme::Dark,
            animation: false,
            ..Settings::default()
        };
        settings.remember(Path::new("/a.ron"));
        settings.save(&file);
        assert_eq!(Settings::load(&file), settings);
        fs::write(&file, "{").unwrap();
        assert_eq!(Settings::load(&file), Settings::default());
    }

    #[test]
    fn the_latest_files_come_first_and_once() {
        let mut settings = Settings::default();
        for i in 0..15 {
            settings.remember(Path::new(&format!("/{i}.ron")));
        }
        settings.remember(Path::new("/10.ron"));
        assert_eq!(settings.recent.len(), MOST_RECENT);
        assert_eq!(settings.recent[0], Path::new("/10.ron"));
        assert_eq!(settings.recent[1], Path::new("/14.ron"));
    }
}
