//! What a run tells: figures, their course over time, how sure they are, and what theory says.
//!
//! Study knows the scenario, the engine and the closed forms of theory. It knows no screen and no
//! file, and nothing in it depends on the clock on the wall: every sample, batch and stopping rule
//! sits on a grid of simulated time.

pub mod audit;
pub mod beside;
pub mod bottleneck;
pub mod budget;
pub mod control;
pub mod cost;
pub mod experiment;
pub mod figure;
pub mod fit;
pub mod interval;
pub mod judgement;
pub mod measures;
pub mod recording;
mod regions;
pub mod report;
pub mod run;
pub mod series;
pub mod steady;
pub mod warm_up;
mod window;

pub use audit::{Audit, Part, Verdict};
pub use beside::{Beside, Comparison, Theory};
pub use bottleneck::{Bottleneck, Demand, Resource, bottleneck, tightest};
pub use budget::Budget;
pub use control::Control;
pub use cost::Cost;
pub use experiment::{Plan, Subject, WarmUp, study};
pub use figure::Figure;
pub use fit::{Demands, Fit, Model, Predicted, Users, demands, fit, predicted};
pub use interval::Interval;
pub use judgement::Judgement;
pub use measures::{Channels, Measures, Spread, Times};
pub use report::Report;
pub use run::Run;
pub use series::{Of, Series};
#[cfg(feature = "window")]
pub(crate) use window::{difference, join};
