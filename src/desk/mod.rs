//! The use cases a person asks for.

pub mod view;
