//! What turning a knob does: the prediction that the tests hold every parameter to.

use std::fmt;

use super::{Choice, Parameter, Variant};

/// What happens when a parameter is raised or switched on, or a word is chosen instead of the
/// default one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effect {
    /// Nothing has been said, as for a group whose parts say it.
    #[default]
    Unsaid,
    /// A measure moves.
    Moves {
        /// Its key: that of a figure or percentile, or `failures.` and a cause.
        measure: &'static str,
        /// Which way.
        way: Way,
        /// Whose measure it is.
        whose: Whose,
    },
    /// Something changes that is neither more nor less: in words, such as `who is called`.
    Changes(&'static str),
    /// It is for people; a run is the same to the last bit.
    Nothing,
}

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Grows.
    Up,
    /// Falls.
    Down,
}

/// Whose measure moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// That of the box, arrow or operation itself.
    Own,
    /// That of who calls it.
    Caller,
    /// That of whom it calls.
    Callee,
    /// That of the whole system, as clients see it.
    System,
}

impl Effect {
    const fn moves(measure: &'static str, way: Way) -> Self {
        Self::Moves {
            measure,
            way,
            whose: Whose::Own,
        }
    }

    const fn of(self, whose: Whose) -> Self {
        match self {
            Self::Moves { measure, way, .. } => Self::Moves {
                measure,
                way,
                whose,
            },
            other => other,
        }
    }
}

impl fmt::Display for Effect {
    /// `raises `wq` of whom it calls`; empty where nothing is said.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsaid => Ok(()),
            Self::Nothing => write!(f, "for people"),
            Self::Changes(what) => write!(f, "changes {what}"),
            Self::Moves {
                measure,
                way,
                whose,
            } => {
                let verb = match way {
                    Way::Up => "raises",
                    Way::Down => "lowers",
                };
                let whose = match whose {
                    Whose::Own => "",
                    Whose::Caller => " of who calls it",
                    Whose::Callee => " of whom it calls",
                    Whose::System => " of the whole system",
                };
                write!(f, "{verb} `{measure}`{whose}")
            }
        }
    }
}

/// The same words for whatever has an effect.
macro_rules! has_effect {
    ($($what:ty),*) => {$(
        impl $what {
            /// It makes this measure of its own grow.
            pub(super) const fn raises(self, measure: &'static str) -> Self {
                let effect = Effect::moves(measure, Way::Up);
                Self { effect, ..self }
            }

            /// It makes this measure of its own fall.
            pub(super) const fn lowers(self, measure: &'static str) -> Self {
                let effect = Effect::moves(measure, Way::Down);
                Self { effect, ..self }
            }

            /// The measure is somebody else's.
            pub(super) const fn of(self, whose: Whose) -> Self {
                let effect = self.effect.of(whose);
                Self { effect, ..self }
            }

            /// It changes something that is neither more nor less.
            pub(super) const fn changes(self, what: &'static str) -> Self {
                let effect = Effect::Changes(what);
                Self { effect, ..self }
            }
        }
    )*};
}

has_effect!(Choice, Parameter, Variant);

impl Parameter {
    /// It is for people.
    pub(super) const fn changes_nothing(self) -> Self {
        let effect = Effect::Nothing;
        Self { effect, ..self }
    }

    /// Where its default comes from.
    pub(super) const fn source(self, source: &'static str) -> Self {
        Self { source, ..self }
    }
}
