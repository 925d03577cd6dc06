//! Keys to commands.

use egui::{Event, Key, KeyboardShortcut};

use super::App;
use crate::window::{
    command::Command,
    outbox::{Outbox, Wish},
};

impl App {
    /// Collects the commands whose keys were pressed.
    pub(super) fn keys(&mut self, ctx: &egui::Context, out: &mut Outbox) {
        let typing = ctx.text_edit_focused();
        let commands = Command::WITH_KEYS.into_iter().chain([Command::Shortcuts]);
        let mut shortcuts: Vec<(KeyboardShortcut, Command)> = commands
            .filter(|command| !is_clipboard(*command) && *command != Command::PlayPause)
            .flat_map(|command| {
                let keys = [command.shortcut(), command.second_shortcut()];
                keys.into_iter()
                    .flatten()
                    .map(move |shortcut| (shortcut, command))
            })
            .collect();
        // Ctrl+Z also matches Ctrl+Shift+Z: those with Shift come first.
        shortcuts.sort_by_key(|(shortcut, _)| !shortcut.modifiers.shift);
        for (shortcut, command) in shortcuts {
            if typing && (shortcut.conflicts_with_text_editing() || edits_text(command)) {
                continue;
            }
            // A slow frame may bring several presses.
            let KeyboardShortcut {
                modifiers,
                logical_key,
            } = shortcut;
            let presses =
                ctx.input_mut(|input| input.count_and_consume_key(modifiers, logical_key));
            for _ in 0..presses {
                out.command(command);
            }
        }
        if !typing {
            Self::clipboard_events(ctx, out);
            self.space(ctx, out);
        }
    }

    /// Copy, cut and paste come as events of their own.
    fn clipboard_events(ctx: &egui::Context, out: &mut Outbox) {
        ctx.input(|input| {
            for event in &input.events {
                match event {
                    Event::Copy => out.command(Command::Copy),
                    Event::Cut => out.command(Command::Cut),
                    Event::Paste(text) => out.wish(Wish::Paste(text.clone())),
                    _ => {}
                }
            }
        });
    }

    /// Space plays or pauses when it is released, unless the paper was moved with it meanwhile.
    fn space(&mut self, ctx: &egui::Context, out: &mut Outbox) {
        let (pressed, released) = ctx.input(|input| {
            (
                input.key_pressed(Key::Space),
                input.key_released(Key::Space),
            )
        });
        // A button that has the focus is pressed by the same key.
        let free = ctx.memory(|memory| memory.focused().is_none());
        if pressed {
            self.space_is_free = free;
        }
        if self.canvas.is_busy() {
            self.space_is_free = false;
        }
        if released && std::mem::take(&mut self.space_is_free) {
            out.command(Command::PlayPause);
        }
    }
}

fn is_clipboard(command: Command) -> bool {
    matches!(command, Command::Cut | Command::Copy | Command::Paste)
}

/// Whether a text field has a meaning of its own for the command's keys.
fn edits_text(command: Command) -> bool {
    matches!(command, Command::Undo | Command::Redo | Command::SelectAll)
}
