//! 項目タグ: the data items of plans by their CII number.

use crate::items::Item;

/// 型: what the value of an item looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagKind {
    /// Text of at most so many characters, `X(n)`.
    Text {
        /// The most characters.
        max: usize,
    },
    /// Exactly so many half-width letters and digits.
    Code {
        /// How many.
        len: usize,
    },
    /// Exactly so many digits.
    Digits {
        /// How many.
        len: usize,
    },
    /// `YYYYMMDD`.
    Date,
    /// `01`..`48`.
    Slot,
    /// A whole number of kWh in a slot.
    Energy,
}

macro_rules! tags {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $ja:literal, $en:literal, $kind:expr $(, $item:ident)?;)*) => {
        /// 項目タグ: a data item of a plan. Its meaning is the same in every message.
        ///
        /// Source: facts/wire.md §1.1, §1.4 (S, C), except where an item says otherwise.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Tag { $($(#[$doc])* #[doc = concat!("JP", $number, " ", $ja, ": ", $en)] $name,)* }

        impl Tag {
            /// Every item, in the order of the declaration.
            pub const ALL: &'static [Tag] = &[$(Tag::$name),*];

            /// The name of the element, for example `JP06376`.
            #[must_use]
            pub const fn element(self) -> &'static str { match self { $(Tag::$name => concat!("JP", $number)),* } }
            /// The Japanese label.
            #[must_use]
            pub const fn ja(self) -> &'static str { match self { $(Tag::$name => $ja),* } }
            /// The English label.
            #[must_use]
            pub const fn en(self) -> &'static str { match self { $(Tag::$name => $en),* } }
            /// What its value looks like.
            #[must_use]
            pub const fn kind(self) -> TagKind { match self { $(Tag::$name => $kind),* } }
            /// The shared-use item that it discloses, if it discloses one.
            #[must_use]
            pub const fn item(self) -> Option<Item> { match self { $(Tag::$name => tags!(@ $($item)?)),* } }
        }
    };
    (@) => { None };
    (@ $item:ident) => { Some(Item::$item) };
}

const NAME: TagKind = TagKind::Text { max: 50 };
const CODE: TagKind = TagKind::Code { len: 5 };
const BUSINESS: TagKind = TagKind::Digits { len: 5 };

tags! {
    MessageCode = "00002", "情報区分コード", "message code", TagKind::Digits { len: 4 };
    MessageName = "06170", "情報区分名称", "message name", NAME;
    Sender = "06110", "送信者コード", "sender code", BUSINESS;
    SenderName = "06111", "送信者名称", "sender name", NAME;
    Operator = "06358", "提出先事業者コード", "code of the operator it is forwarded to", BUSINESS;
    OperatorName = "06359", "提出先事業者名称", "name of the operator it is forwarded to", NAME;
    Submitter = "06360", "計画提出者コード", "plan submitter code", CODE;
    SubmitterName = "06361", "計画提出者名称", "plan submitter name", NAME;
    TargetDate = "06171", "計画対象年月日", "date of the plan", TagKind::Date;
    Slot = "06219", "時刻コード", "slot", TagKind::Slot;
    Demand = "06376", "需要計画", "planned demand", TagKind::Energy, DemandProcurement;
    /// Its meaning is not published; in the only sample, which has no sales, it equals the demand. Candidate: 供給力.
    Supply = "06389", "JP06389（名称未確認、供給力の候補）", "JP06389 (name not known, perhaps supply capability)", TagKind::Energy, DemandProcurement;
    Procurement = "06369", "調達計画", "planned procurement", TagKind::Energy, DemandProcurement;
    /// Its meaning is not published; `0` throughout the sample.
    ProcurementCompanion = "06371", "JP06371（名称未確認）", "JP06371 (name not known)", TagKind::Energy, DemandProcurement;
    Sales = "06319", "販売計画", "planned sales", TagKind::Energy, GenerationSales;
    Generation = "06363", "発電計画総計", "planned generation, total", TagKind::Energy, GenerationSales;
    GroupGeneration = "06307", "発電計画発電BG計", "planned generation of a balancing group", TagKind::Energy, GenerationSales;
    PlantGeneration = "06231", "発電計画", "planned generation of a plant", TagKind::Energy, GenerationSales;
    /// Whether its unit is kWh or kW was not seen.
    Interconnector = "06228", "連系線利用計画", "planned use of an interconnector", TagKind::Energy, GenerationSales;
    GeneratorGroup = "06300", "発電BGコード", "generation balancing group code", CODE;
    Plant = "06186", "系統コード", "system code of a plant", CODE;
    Counterparty = "06366", "取引先コード", "counterparty code", CODE;
    CounterpartyName = "06367", "取引先名称", "counterparty name", NAME;
    Application = "06185", "連系線利用申込番号", "interconnector application number", TagKind::Code { len: 13 };
    /// Its meaning is not published; one reader calls it "cost automatic".
    CostFlag = "06372", "JP06372（名称未確認）", "JP06372 (name not known)", TagKind::Digits { len: 1 };
    /// Its meaning is not published; one reader calls it "instructed area".
    AreaFlag = "06374", "JP06374（名称未確認）", "JP06374 (name not known)", TagKind::Digits { len: 1 };
    Member = "06316", "契約者コード", "member code", BUSINESS;
    MemberName = "06317", "契約者名称", "member name", NAME;
    Point = "06400", "供給地点特定番号", "supply point id", TagKind::Digits { len: 22 }, SupplyPointId;
}

impl Tag {
    /// The number of the item, for example 6376.
    #[must_use]
    pub fn number(self) -> u16 {
        // The element is `JP` and five digits.
        self.element().bytes().skip(2).fold(0, |number, digit| number * 10 + u16::from(digit - b'0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn an_item_has_five_digits_and_one_meaning() {
        let elements: HashSet<_> = Tag::ALL.iter().map(|tag| tag.element()).collect();
        assert_eq!(elements.len(), Tag::ALL.len());
        assert!(elements.iter().all(|name| name.len() == 7 && name[2..].bytes().all(|b| b.is_ascii_digit())));
        assert_eq!((Tag::Demand.number(), Tag::MessageCode.number()), (6376, 2));
    }
}
