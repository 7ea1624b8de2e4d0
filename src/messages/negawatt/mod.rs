//! ネガワット取引の電文: the four negawatt items by supply point or balancing group, and the notes that carry totals.
//!
//! They go between the suppression contractor (需要抑制契約者, the manager of the items of ③) and retailers, operators and
//! OCCTO for purpose ⑤ and for nothing else. No message here has a field for a telephone number, a name or an address.
//! A retailer gets points of its own customers only ([`crate::notice::RetailerRegister`]).
//!
//! No written form of these messages is published: the fields are ours. Source of what they carry: facts/notices.md,
//! items ③; facts/baseline.md §2.2, §2.3 (a balancing group stands where plans give its sum).

mod codes;
mod notes;
mod slots;

pub use codes::{ComputationDigest, MethodKey, RoundingRule, SettlementType};
pub use notes::{CompensationNote, ThirdPartyNote, TotalByType};
pub use slots::{
    BaselineGroup, BaselineNotice, BaselinePoint, BaselineSlot, GenerationGroup, GenerationNotice, GenerationPoint,
    GenerationSlot, ProcurementGroup, ProcurementNotice, ProcurementPoint, ProcurementSlot, SuppressionGroup,
    SuppressionNotice, SuppressionPoint, SuppressionSlot,
};

use super::{FieldError, Message, MessageSpec, Record, Tree};

macro_rules! negawatt_messages {
    ($($name:ident),* $(,)?) => {
        /// ネガワット電文: any of the messages, as read from a counterparty.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum NegawattMessage {
            $(#[doc = concat!("[`", stringify!($name), "`]")] $name($name),)*
        }

        impl NegawattMessage {
            /// The definitions of all messages.
            pub const SPECS: &'static [&'static MessageSpec] = &[$(<$name as Message>::SPEC),*];

            /// What is fixed about the message.
            #[must_use]
            pub fn spec(&self) -> &'static MessageSpec {
                match self { $(NegawattMessage::$name(_) => <$name as Message>::SPEC,)* }
            }
            /// The neutral form: [`crate::messages::json::to_json`].
            #[must_use]
            pub fn to_json(&self) -> serde_json::Value {
                match self { $(NegawattMessage::$name(message) => super::json::to_json(message),)* }
            }
            /// The definition of a key.
            #[must_use]
            pub fn spec_of(key: &str) -> Option<&'static MessageSpec> {
                Self::SPECS.iter().copied().find(|spec| spec.key == key)
            }
            /// Whether something stands twice in it: [`NegawattItem::has_repeats`].
            #[must_use]
            pub fn has_repeats(&self) -> bool {
                match self { $(NegawattMessage::$name(message) => message.has_repeats(),)* }
            }
            /// The message of a definition, from the neutral form.
            pub fn absorb(spec: &MessageSpec, tree: &Tree) -> Result<Option<NegawattMessage>, Vec<FieldError>> {
                $(if spec.key == <$name as Message>::SPEC.key {
                    return <$name as Record>::absorb(tree).map(|message| Some(NegawattMessage::$name(message)));
                })*
                Ok(None)
            }
        }

        $(impl From<$name> for NegawattMessage {
            fn from(message: $name) -> NegawattMessage { NegawattMessage::$name(message) }
        })*

        $(impl sealed::Sealed for $name {})*
    };
}

mod sealed {
    pub trait Sealed {}
}

/// ネガワット電文の種類: the messages of this room and no others.
pub trait NegawattItem: Message + sealed::Sealed {
    /// Whether a point, a balancing group, a slot of one of them, or a type stands twice: such a message says nothing certain.
    fn has_repeats(&self) -> bool;
}

/// Whether a key stands twice.
fn repeats<K: Eq + std::hash::Hash>(keys: impl Iterator<Item = K>) -> bool {
    let mut seen = std::collections::HashSet::new();
    keys.into_iter().any(|key| !seen.insert(key))
}

negawatt_messages! {
    BaselineNotice, SuppressionNotice, ProcurementNotice, GenerationNotice, ThirdPartyNote, CompensationNote,
}
