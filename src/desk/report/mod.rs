//! 結果報告: a run as a page a person likes to read.

/// A supply point id as people read it, 2-4-4-4-4-4; any other text as it is.
#[must_use]
pub fn grouped(point: &str) -> String {
    match crate::items::SupplyPointId::parse(point) {
        Ok(id) => id.grouped().to_string(),
        Err(_) => point.to_owned(),
    }
}
