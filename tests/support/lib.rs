//! What the integration tests share.

pub mod design;
pub mod estimate;
