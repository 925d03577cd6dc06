//! Everything that can be asked for by menu, toolbar, context menu or key: one list.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::scenario::{FrameKind, Kind};

/// Something a person can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// An empty drawing.
    New,
    /// A file, by the system's dialog.
    Open,
    /// A file, by typing its path.
    OpenPath,
    /// The shipped scenarios.
    Gallery,
    /// Save to the file it came from.
    Save,
    /// Save to another file.
    SaveAs,
    /// Save to a file, by typing its path.
    SaveToPath,
    /// Close the window.
    Quit,
    /// One step back.
    Undo,
    /// One step forth.
    Redo,
    /// Copy the selected boxes and take them away.
    Cut,
    /// Copy the selected boxes.
    Copy,
    /// Put copied boxes in.
    Paste,
    /// Copy the selected boxes beside themselves.
    Duplicate,
    /// Take the selected boxes and arrows away.
    Delete,
    /// Rename the selected box.
    Rename,
    /// Select every box and arrow.
    SelectAll,
    /// A frame around the selected boxes.
    Group(FrameKind),
    /// Add a box.
    Add(Kind),
    /// See everything.
    Fit,
    /// See everything at its real size.
    ActualSize,
    /// Closer.
    ZoomIn,
    /// Further away.
    ZoomOut,
    /// Run or hold the clock.
    PlayPause,
    /// One event.
    Step,
    /// From the start.
    Restart,
    /// Forget what was measured.
    ResetMeasures,
    /// As fast as it goes, or at the speed set.
    FlatOut,
    /// Twice as fast.
    Faster,
    /// Half as fast.
    Slower,
    /// Moving dots on or off.
    Animation,
    /// Charts on or off.
    Charts,
    /// Inspector on or off.
    Inspector,
    /// Light, dark, or what the system says.
    Theme(egui::ThemePreference),
    /// The list of keys.
    Shortcuts,
}

/// What can be done to a running box or arrow by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Refuses at once.
    Crash,
    /// Takes and never answers.
    Hang,
    /// Stands still.
    Pause,
    /// Work takes this many times as long.
    Slow(u8),
    /// A client sends this many times as much.
    Traffic(u8),
    /// So many percent of the calls are answered with an error.
    Errors(u8),
    /// So many percent of the capacity are gone.
    Capacity(u8),
    /// So many percent of the requests are about one item.
    HotKey(u8),
    /// A cache forgets its keys.
    Flush,
    /// So many percent of the messages are lost.
    Loss(u8),
    /// A connection carries nothing.
    Cut,
    /// A frame is cut off from the rest.
    Partition,
    /// A new version that fails now and then, in this way.
    Deploy(Way),
    /// The version before.
    RollBack,
    /// Everything is well again.
    Heal,
}

/// How a new version comes into service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// An instance after the other.
    Rolling,
    /// One first, which is watched.
    Canary,
    /// All at once.
    BlueGreen,
}

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const SHIFT: Modifiers = Modifiers::SHIFT;
const NONE: Modifiers = Modifiers::NONE;

impl Command {
    /// Every command that has a key, in the order of the list of keys.
    pub const WITH_KEYS: [Self; 41] = [
        Self::PlayPause,
        Self::Step,
        Self::Restart,
        Self::ResetMeasures,
        Self::FlatOut,
        Self::Faster,
        Self::Slower,
        Self::Add(Kind::Client),
        Self::Add(Kind::LoadBalancer),
        Self::Add(Kind::Server),
        Self::Add(Kind::Cache),
        Self::Add(Kind::Database),
        Self::Add(Kind::Replica),
        Self::Add(Kind::Queue),
        Self::Add(Kind::RateLimiter),
        Self::Add(Kind::ApiGateway),
        Self::Add(Kind::Dns),
        Self::Add(Kind::Function),
        Self::Rename,
        Self::Delete,
        Self::Duplicate,
        Self::Cut,
        Self::Copy,
        Self::Paste,
        Self::SelectAll,
        Self::Group(FrameKind::Zone),
        Self::Group(FrameKind::Region),
        Self::Undo,
        Self::Redo,
        Self::Fit,
        Self::ActualSize,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::Animation,
        Self::Charts,
        Self::New,
        Self::Open,
        Self::Gallery,
        Self::Save,
        Self::SaveAs,
        Self::Quit,
    ];

    /// The words on menu entries and buttons.
    pub fn text(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Open => "Open…",
            Self::OpenPath => "Open path…",
            Self::Gallery => "Gallery…",
            Self::Save => "Save",
            Self::SaveAs => "Save as…",
            Self::SaveToPath => "Save to path…",
            Self::Quit => "Quit",
            Self::Undo => "Undo",
            Self::Redo => "Redo",
            Self::Cut => "Cut",
            Self::Copy => "Copy",
            Self::Paste => "Paste",
            Self::Duplicate => "Duplicate",
            Self::Delete => "Delete",
            Self::Rename => "Rename",
            Self::SelectAll => "Select all",
            Self::Group(FrameKind::Zone) => "Group into zone",
            Self::Group(FrameKind::Region) => "Group into region",
            Self::Add(kind) => match kind {
                Kind::Client => "Client",
                Kind::LoadBalancer => "Load balancer",
                Kind::RateLimiter => "Rate limiter",
                Kind::ApiGateway => "API gateway",
                Kind::Dns => "DNS",
                Kind::Function => "Function",
                Kind::Server => "Server",
                Kind::Cache => "Cache",
                Kind::Database => "Database",
                Kind::Replica => "Replica",
                Kind::Queue => "Queue",
            },
            Self::Fit => "Fit",
            Self::ActualSize => "Actual size",
            Self::ZoomIn => "Zoom in",
            Self::ZoomOut => "Zoom out",
            Self::PlayPause => "Play or pause",
            Self::Step => "Single event",
            Self::Restart => "Restart",
            Self::ResetMeasures => "Forget what was measured",
            Self::FlatOut => "As fast as it goes",
            Self::Faster => "Faster",
            Self::Slower => "Slower",
            Self::Animation => "Moving requests",
            Self::Charts => "Charts",
            Self::Inspector => "Inspector",
            Self::Theme(egui::ThemePreference::Light) => "Light",
            Self::Theme(egui::ThemePreference::Dark) => "Dark",
            Self::Theme(egui::ThemePreference::System) => "Like the system",
            Self::Shortcuts => "Keys and gestures",
        }
    }

    /// What it does, in a sentence.
    pub fn tooltip(self) -> &'static str {
        match self {
            Self::New => "Start with an empty drawing",
            Self::Open => "Open a scenario file",
            Self::OpenPath => "Open a scenario file by typing its path",
            Self::Gallery => "Open one of the shipped scenarios",
            Self::Save => "Save to the file it came from",
            Self::SaveAs => "Save to another file",
            Self::SaveToPath => "Save to a file by typing its path",
            Self::Quit => "Close the window",
            Self::Undo => "Take the last change back",
            Self::Redo => "Make the change again that was taken back",
            Self::Cut => "Copy the selected boxes and take them away",
            Self::Copy => "Copy the selected boxes with the connections among them",
            Self::Paste => "Put the copied boxes into the drawing",
            Self::Duplicate => "Copy the selected boxes with the connections among them",
            Self::Delete => "Take the selected boxes and connections away",
            Self::Rename => "Give the selected box another name, everywhere",
            Self::SelectAll => "Select every box and connection",
            Self::Group(FrameKind::Zone) => "Draw a zone around the selected boxes",
            Self::Group(FrameKind::Region) => {
                "Draw a region around the selected boxes and the zones that are whole among them"
            }
            Self::Add(kind) => match kind {
                Kind::Client => "Where requests come from and answers go",
                Kind::LoadBalancer => "Spreads calls over its connections",
                Kind::RateLimiter => "Lets calls through up to a limit",
                Kind::ApiGateway => "The front door of services",
                Kind::Dns => "Tells callers where to go",
                Kind::Function => "Does work in an instance for every call",
                Kind::Server => "Does work and calls others",
                Kind::Cache => "Answers what it remembers",
                Kind::Database => "Stores; every write makes a new version",
                Kind::Replica => "A copy of a database, fed by its log",
                Kind::Queue => "Holds messages until a worker takes them",
            },
            Self::Fit => "See the whole drawing",
            Self::ActualSize => "See the drawing at its real size",
            Self::ZoomIn => "Look closer",
            Self::ZoomOut => "Step back",
            Self::PlayPause => "Run or hold the simulated clock",
            Self::Step => "Hold the clock and run one event",
            Self::Restart => "Start the run again from time zero",
            Self::ResetMeasures => "Forget what was measured so far; requests under way stay",
            Self::FlatOut => "Run the simulated clock as fast as it goes, or at the speed set",
            Self::Faster => "Run the simulated clock faster",
            Self::Slower => "Run the simulated clock slower",
            Self::Animation => "Draw real requests as moving dots",
            Self::Charts => "Show figures over time",
            Self::Inspector => "Show the parameters of what is selected",
            Self::Theme(_) => "Choose the appearance",
            Self::Shortcuts => "Show every key and gesture",
        }
    }

    /// The key, if there is one.
    pub fn shortcut(self) -> Option<KeyboardShortcut> {
        let (modifiers, key) = match self {
            Self::New => (CTRL, Key::N),
            Self::Open => (CTRL, Key::O),
            Self::Gallery => (CTRL, Key::G),
            Self::Save => (CTRL, Key::S),
            Self::SaveAs => (CTRL_SHIFT, Key::S),
            Self::Quit => (CTRL, Key::Q),
            Self::Undo => (CTRL, Key::Z),
            Self::Redo => (CTRL_SHIFT, Key::Z),
            Self::Cut => (CTRL, Key::X),
            Self::Copy => (CTRL, Key::C),
            Self::Paste => (CTRL, Key::V),
            Self::Duplicate => (CTRL, Key::D),
            Self::Delete => (NONE, Key::Delete),
            Self::Rename => (NONE, Key::F2),
            Self::SelectAll => (CTRL, Key::A),
            Self::Group(FrameKind::Zone) => (NONE, Key::Z),
            Self::Group(FrameKind::Region) => (SHIFT, Key::Z),
            Self::Add(kind) => (NONE, digit(kind)),
            Self::Fit => (NONE, Key::F),
            Self::ActualSize => (CTRL, Key::Num0),
            Self::ZoomIn => (CTRL, Key::Plus),
            Self::ZoomOut => (CTRL, Key::Minus),
            Self::PlayPause => (NONE, Key::Space),
            Self::Step => (NONE, Key::Period),
            Self::Restart => (CTRL, Key::R),
            Self::ResetMeasures => (NONE, Key::R),
            Self::FlatOut => (NONE, Key::Backslash),
            Self::Faster => (NONE, Key::CloseBracket),
            Self::Slower => (NONE, Key::OpenBracket),
            Self::Animation => (NONE, Key::A),
            Self::Charts => (NONE, Key::C),
            Self::Shortcuts => (NONE, Key::F1),
            Self::OpenPath | Self::SaveToPath | Self::Inspector | Self::Theme(_) => return None,
        };
        Some(KeyboardShortcut::new(modifiers, key))
    }

    /// Other keys for the same.
    pub fn second_shortcut(self) -> Option<KeyboardShortcut> {
        let (modifiers, key) = match self {
            Self::Redo => (CTRL, Key::Y),
            Self::Delete => (NONE, Key::Backspace),
            Self::ZoomIn => (CTRL, Key::Equals),
            _ => return None,
        };
        Some(KeyboardShortcut::new(modifiers, key))
    }
}

fn digit(kind: Kind) -> Key {
    match kind {
        Kind::Client => Key::Num1,
        Kind::LoadBalancer => Key::Num2,
        Kind::RateLimiter => Key::Num8,
        Kind::ApiGateway => Key::Num9,
        Kind::Dns => Key::Num0,
        Kind::Function => Key::L,
        Kind::Server => Key::Num3,
        Kind::Cache => Key::Num4,
        Kind::Database => Key::Num5,
        Kind::Replica => Key::Num6,
        Kind::Queue => Key::Num7,
    }
}

impl Trouble {
    /// The words on menu entries and buttons.
    pub fn text(self) -> &'static str {
        match self {
            Self::Crash => "Kill",
            Self::Hang => "Hang",
            Self::Pause => "Pause",
            Self::Slow(2) => "Slow ×2",
            Self::Slow(4) => "Slow ×4",
            Self::Slow(_) => "Slow ×10",
            Self::Traffic(2) => "Traffic ×2",
            Self::Traffic(3) => "Traffic ×3",
            Self::Traffic(_) => "Traffic ×10",
            Self::Errors(10) => "Errors 10%",
            Self::Errors(_) => "Errors 100%",
            Self::Capacity(_) => "Half capacity",
            Self::HotKey(_) => "Hot key 50%",
            Self::Flush => "Flush",
            Self::Loss(_) => "Loss 10%",
            Self::Cut => "Cut",
            Self::Partition => "Cut off",
            Self::Deploy(Way::Rolling) => "Deploy v2, rolling",
            Self::Deploy(Way::Canary) => "Deploy v2, canary",
            Self::Deploy(Way::BlueGreen) => "Deploy v2, blue-green",
            Self::RollBack => "Roll back",
            Self::Heal => "Heal",
        }
    }

    /// What it does, in a sentence.
    pub fn tooltip(self) -> &'static str {
        match self {
            Self::Crash => "It refuses every call at once; what was inside is lost",
            Self::Hang => "It takes calls and never answers them",
            Self::Pause => "It stands still and goes on where it was when healed",
            Self::Slow(_) => {
                "Work, or the way of a message, takes this many times as long from now on"
            }
            Self::Errors(_) => "So many of the calls are answered with an error at once",
            Self::Capacity(_) => "Half of the instances go down, or half of a single one's slots",
            Self::HotKey(_) => "Half of the requests are about one and the same item",
            Self::Loss(_) => "So many of the messages on this connection are lost",
            Self::Traffic(_) => "The client sends this many times as much",
            Self::Flush => "The cache loses every key at once",
            Self::Partition => "Every connection from or to the outside is cut",
            Self::Cut => "Every message on this connection is lost",
            Self::Deploy(Way::Rolling) => {
                "Instances are replaced one by one; 5% of the calls to the new ones fail"
            }
            Self::Deploy(Way::Canary) => {
                "One instance is replaced and watched; 5% of the calls to it fail, so it is rolled back"
            }
            Self::Deploy(Way::BlueGreen) => {
                "A second set boots, then all calls go there at once; 5% of them fail"
            }
            Self::RollBack => "Put the version before in the place of what was deployed",
            Self::Heal => "End every fault on this target",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things() {
        let mut keys = Vec::new();
        for command in Command::WITH_KEYS.into_iter().chain([Command::Shortcuts]) {
            keys.extend(command.shortcut());
            keys.extend(command.second_shortcut());
            assert!(command.shortcut().is_some(), "{command:?}");
            assert!(!command.tooltip().ends_with('.'), "{command:?}");
        }
        for (i, key) in keys.iter().enumerate() {
            assert!(!keys[i + 1..].contains(key), "{key:?}");
        }
    }
}
