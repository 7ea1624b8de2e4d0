//! スイッチング支援の電文: low voltage, high voltage under 500 kW, low-voltage FIT.

mod amendment;
mod application;
mod cancellation;
mod change;
mod codes;
mod facility;
mod notices;
mod password;
mod start;
mod status;
mod stop;
mod usage;

pub use amendment::{Correction, Withdrawal};
pub use application::Application;
pub use cancellation::{
    CancellationEntry, CancellationInquiry, CancellationJudgement, CancellationList, CancellationRequest,
    CancellationResult, CancellationResultInquiry, NgReason,
};
pub use change::{AmpereChange, CustomerChange};
pub use codes::{
    Acceptance, ApplicationKind, ApplicationState, ConsentMethod, DocumentType, Judgement, MediaType, NgReasonCode,
    NoticeKind, PasswordValidity, Resolution, WithdrawalReason,
};
pub use facility::{FacilityAnswer, FacilityInquiry};
pub use notices::{NoticeEntry, NoticeInquiry, NoticeList};
pub use password::{IdentityDocument, UsagePasswordAnswer, UsagePasswordApplication};
pub use start::{Reconnection, SwitchStart};
pub use status::{ApplicationEntry, InputError, ListAnswer, ListInquiry, Receipt, StatusAnswer, StatusInquiry};
pub use stop::{SwitchStop, Termination};
pub use usage::{HalfHourUsage, MonthlyUsage, UsageAnswer, UsageInquiry};

use super::{AnyMessage, FieldError, Fields, Message, MessageSpec, Record, Tree};
use crate::items::{ItemSet, SupplyPointId};
use crate::notice::{ConsentNeed, Disclosure, Purpose};

macro_rules! switching_messages {
    ($($name:ident),* $(,)?) => {
        /// スイッチング電文: any of the messages, as read from a counterparty or a file.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(clippy::large_enum_variant, reason = "one message is read at a time")]
        pub enum SwitchingMessage {
            $(#[doc = concat!("[`", stringify!($name), "`]")] $name($name),)*
        }

        impl SwitchingMessage {
            /// The definitions of all messages.
            pub const SPECS: &'static [&'static MessageSpec] = &[$(<$name as Message>::SPEC),*];

            /// What is fixed about the message.
            #[must_use]
            pub fn spec(&self) -> &'static MessageSpec {
                match self { $(SwitchingMessage::$name(_) => <$name as Message>::SPEC,)* }
            }
            /// The definition of a key.
            #[must_use]
            pub fn spec_of(key: &str) -> Option<&'static MessageSpec> {
                Self::SPECS.iter().copied().find(|spec| spec.key == key)
            }
            /// The fields of the message.
            #[must_use]
            pub fn fields(&self) -> &dyn Fields {
                match self { $(SwitchingMessage::$name(message) => message,)* }
            }
            /// What the message discloses.
            #[must_use]
            pub fn disclosure(&self) -> &dyn Disclosure {
                match self { $(SwitchingMessage::$name(message) => message,)* }
            }
            /// Reads the message of a definition from its neutral form.
            pub fn absorb(spec: &MessageSpec, tree: &Tree) -> Result<SwitchingMessage, Vec<FieldError>> {
                $(if spec.key == <$name as Message>::SPEC.key {
                    return <$name as Record>::absorb(tree).map(SwitchingMessage::$name);
                })*
                Err(Vec::new())
            }
        }

        $(impl From<$name> for SwitchingMessage {
            fn from(message: $name) -> SwitchingMessage { SwitchingMessage::$name(message) }
        })*
    };
}

impl AnyMessage for SwitchingMessage {
    fn definition(&self) -> &'static MessageSpec {
        self.spec()
    }
    fn record(&self) -> &dyn Fields {
        self.fields()
    }
}

impl Disclosure for SwitchingMessage {
    fn purpose(&self) -> Purpose {
        self.disclosure().purpose()
    }
    fn items(&self) -> ItemSet {
        self.disclosure().items()
    }
    fn point(&self) -> Option<SupplyPointId> {
        self.disclosure().point()
    }
    fn consent_need(&self) -> ConsentNeed {
        self.disclosure().consent_need()
    }
}

switching_messages! {
    FacilityInquiry, FacilityAnswer, UsagePasswordApplication, UsagePasswordAnswer, UsageInquiry, UsageAnswer,
    CancellationRequest, CancellationResultInquiry, CancellationResult, CancellationInquiry, CancellationList,
    CancellationJudgement, SwitchStart, SwitchStop, Reconnection, Termination, AmpereChange, CustomerChange,
    Correction, Withdrawal, Receipt, StatusInquiry, StatusAnswer, ListInquiry, ListAnswer, NoticeInquiry, NoticeList,
}
