//! 計画の節: a plan as a tree of parts, so that one reader and one writer serve every kind of plan.

use super::{PlanSeries, Tag};
use crate::items::ItemError;
use std::borrow::Cow;

crate::code_set! {
    /// 部分: a repeated or optional part of a plan.
    pub enum Part = "plan-part" {
        Procurement = "procurement", "調達計画", "procurement";
        Sales = "sales", "販売計画", "sales";
        Counterparties = "counterparties", "取引先別", "counterparties";
        Members = "members", "契約者別", "members";
        GeneratorGroups = "generator-groups", "発電BG別", "generation balancing groups";
        Plants = "plants", "系統コード別", "plants";
        Applications = "applications", "申込番号別", "applications";
        Points = "points", "供給地点別", "supply points";
    }
}

/// 未知の要素: an element the facts do not know, kept as it was written, with its place.
#[derive(Clone, PartialEq, Eq)]
pub struct UnknownPart {
    /// The group it stands in by its number (`JPMnnnnn`), 0 for the message itself.
    pub group: u16,
    /// The slot of the row it stands in, 0 outside rows.
    pub row: u8,
    /// Before which element of the group's declaration, counted from 0.
    pub before: u8,
    /// The element with all it holds.
    pub xml: Box<str>,
}

/// Its text may be anything: only its length is shown.
impl std::fmt::Debug for UnknownPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UnknownPart(JPM{:05}, …{})", self.group, self.xml.len())
    }
}

/// 節: any part of a plan. It borrows nothing.
pub type AnyNode = dyn PlanNode;

/// 節: a plan, or a part of one, as its elements see it.
pub trait PlanNode: 'static {
    /// Takes the value of an element; false where it has one already.
    fn put(&mut self, tag: Tag, text: &str) -> Result<bool, ItemError>;
    /// The value of an element, if it has one.
    fn leaf(&self, tag: Tag) -> Option<Cow<'_, str>>;
    /// Takes the values of a series.
    fn put_series(&mut self, tag: Tag, series: PlanSeries);
    /// A series, if it has one.
    fn series(&self, tag: Tag) -> Option<&PlanSeries>;
    /// One more repetition of a part; nothing where there can be none.
    fn open(&mut self, part: Part) -> Option<&mut AnyNode>;
    /// A repetition of a part, counted from 0.
    fn part(&self, part: Part, index: usize) -> Option<&AnyNode>;
    /// What was not known.
    fn unknown(&self) -> &[UnknownPart];
    /// Keeps what is not known.
    fn keep(&mut self, unknown: UnknownPart);
}

/// Declares a part of a plan: its elements, series and parts, each by its tag.
macro_rules! plan_node {
    ($(#[$doc:meta])* pub struct $name:ident {
        leaves { $($(#[$ldoc:meta])* $leaf:ident: $lty:ty = $ltag:ident;)* }
        series { $($(#[$sdoc:meta])* $series:ident = $stag:ident;)* }
        one { $($(#[$odoc:meta])* $one:ident: $oty:ty = $opart:ident;)* }
        many { $($(#[$mdoc:meta])* $many:ident: $mty:ty = $mpart:ident;)* }
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[$ldoc])* pub $leaf: Option<$lty>,)*
            $($(#[$sdoc])* pub $series: Option<$crate::messages::planning::PlanSeries>,)*
            $($(#[$odoc])* pub $one: Option<$oty>,)*
            $($(#[$mdoc])* pub $many: Vec<$mty>,)*
            /// 未知の要素, kept as read.
            pub unknown: Vec<$crate::messages::planning::UnknownPart>,
        }

        #[allow(unused_variables, reason = "a part need not have elements, series and parts of its own")]
        impl $crate::messages::planning::PlanNode for $name {
            fn put(
                &mut self,
                tag: $crate::messages::planning::Tag,
                text: &str,
            ) -> Result<bool, $crate::items::ItemError> {
                match tag {
                    $($crate::messages::planning::Tag::$ltag => {
                        if self.$leaf.is_some() {
                            return Ok(false);
                        }
                        self.$leaf = Some(<$lty as $crate::messages::planning::PlanValue>::read(text)?);
                        Ok(true)
                    })*
                    _ => Ok(false),
                }
            }
            fn leaf(&self, tag: $crate::messages::planning::Tag) -> Option<std::borrow::Cow<'_, str>> {
                match tag {
                    $($crate::messages::planning::Tag::$ltag => {
                        self.$leaf.as_ref().map($crate::messages::planning::PlanValue::text)
                    })*
                    _ => None,
                }
            }
            fn put_series(
                &mut self,
                tag: $crate::messages::planning::Tag,
                series: $crate::messages::planning::PlanSeries,
            ) {
                match tag {
                    $($crate::messages::planning::Tag::$stag => self.$series = Some(series),)*
                    _ => {}
                }
            }
            fn series(
                &self,
                tag: $crate::messages::planning::Tag,
            ) -> Option<&$crate::messages::planning::PlanSeries> {
                match tag {
                    $($crate::messages::planning::Tag::$stag => self.$series.as_ref(),)*
                    _ => None,
                }
            }
            fn open(
                &mut self,
                part: $crate::messages::planning::Part,
            ) -> Option<&mut $crate::messages::planning::AnyNode> {
                match part {
                    $($crate::messages::planning::Part::$opart => {
                        if self.$one.is_some() {
                            return None;
                        }
                        Some(self.$one.insert(<$oty>::default()))
                    })*
                    $($crate::messages::planning::Part::$mpart => {
                        self.$many.push(<$mty>::default());
                        self.$many.last_mut().map(|last| last as &mut $crate::messages::planning::AnyNode)
                    })*
                    _ => None,
                }
            }
            fn part(
                &self,
                part: $crate::messages::planning::Part,
                index: usize,
            ) -> Option<&$crate::messages::planning::AnyNode> {
                match part {
                    $($crate::messages::planning::Part::$opart => {
                        let one = self.$one.as_ref().filter(|_| index == 0)?;
                        Some(one as &$crate::messages::planning::AnyNode)
                    })*
                    $($crate::messages::planning::Part::$mpart => {
                        self.$many.get(index).map(|one| one as &$crate::messages::planning::AnyNode)
                    })*
                    _ => None,
                }
            }
            fn unknown(&self) -> &[$crate::messages::planning::UnknownPart] {
                &self.unknown
            }
            fn keep(&mut self, unknown: $crate::messages::planning::UnknownPart) {
                self.unknown.push(unknown);
            }
        }
    };
}
pub(super) use plan_node;
