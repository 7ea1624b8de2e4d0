//! ベースラインの図: drawn once, written as SVG, as a page, or as PNG without any font of the machine.

mod axes;
mod day;
mod methods;
mod png;
mod scene;
mod svg;

pub use day::day_plot;
pub use methods::methods_plot;
pub use scene::Scene;
