//! Stand-ins until the room is finished: replace this file.
#![allow(missing_docs)]
use super::*;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentNeed {
    None,
    ForSwitch,
}
pub trait Disclosure {
    fn purpose(&self) -> Purpose;
    fn items(&self) -> crate::items::ItemSet;
    fn point(&self) -> Option<crate::items::SupplyPointId>;
    fn consent_need(&self) -> ConsentNeed;
}
