//! What drawing code asks for while it draws. The app carries it out once the frame is drawn.

use std::path::PathBuf;

use super::{
    command::{Command, Trouble},
    edit::Edit,
    selection::Selection,
};

/// Wishes collected during one frame, in the order they came up.
#[derive(Debug, Default)]
pub struct Outbox {
    wishes: Vec<Wish>,
}

/// One thing asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// A change to the document.
    Edit(Edit),
    /// What a menu, a button or a key stands for.
    Command(Command),
    /// Something else is selected from now on.
    Select(Selection),
    /// Trouble on a component or a connection (`"a -> b"`).
    Trouble(String, Trouble),
    /// A file is to be opened.
    OpenFile(PathBuf),
    /// A shipped scenario is to be opened, by its number.
    OpenShipped(usize),
    /// A text was pasted.
    Paste(String),
    /// The step that this edit was a part of is as if it had never been.
    TakeBack(Edit),
    /// The next edit is a new step, even if it could merge.
    Seal,
    /// The simulated clock goes this many times as fast as the clock on the wall.
    Speed(f64),
    /// The simulated clock goes as fast as it can, or not any more.
    FlatOut(bool),
}

impl Outbox {
    /// Asks for a change to the document.
    pub fn edit(&mut self, edit: Edit) {
        self.wishes.push(Wish::Edit(edit));
    }

    /// Asks for a command.
    pub fn command(&mut self, command: Command) {
        self.wishes.push(Wish::Command(command));
    }

    /// Asks for another selection.
    pub fn select(&mut self, selection: Selection) {
        self.wishes.push(Wish::Select(selection));
    }

    /// Asks for anything.
    pub fn wish(&mut self, wish: Wish) {
        self.wishes.push(wish);
    }

    /// Hands over what was asked for.
    pub fn take(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.wishes)
    }
}
