//! 電文の構造: the tree of every message declared once, tag by tag; group numbers are local to a message.
//!
//! Source: facts/wire.md §0, §1.1–1.3, §2.1–2.3 (C; what the source infers is said at the part).

use crate::messages::metering::{MeteringKind, MeteringShape};

/// 要素: an element of a message, with the elements in it in their order.
#[derive(Debug)]
pub struct Node {
    /// The tag, without a prefix.
    pub tag: &'static str,
    /// What it means.
    pub part: Part,
    /// How often it stands in its parent.
    pub times: Times,
    /// What stands in it; nothing for an element with a value.
    pub children: &'static [Node],
}

/// How often an element stands in its parent. A reader takes it as the usual, not as a demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Once.
    Once,
    /// Once, or absent.
    Optional,
    /// Any number of times.
    Many,
}

/// What the value of an element looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Elements, no value.
    Group,
    /// Text of at most so many characters.
    Text {
        /// The most characters.
        max: usize,
    },
    /// Digits, exactly so many.
    Digits {
        /// How many.
        count: usize,
    },
    /// `YYYYMMDD`.
    Date,
    /// `YYYYMM`.
    Month,
    /// `YYMMDDhhmmss`, JST.
    Created,
    /// `01` to `48`.
    Slot,
    /// Kilowatt-hours, not negative, with at most twelve whole digits and four decimals.
    Energy,
    /// A decimal number with at most four decimals, not negative.
    Decimal,
}

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident = $form:expr, $ja:literal, $en:literal;)*) => {
        /// What an element means, whatever its tag in a message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Part { $($(#[$doc])* #[doc = concat!($ja, ": ", $en)] $name,)* }

        impl Part {
            /// The Japanese name.
            #[must_use]
            pub const fn ja(self) -> &'static str { match self { $(Part::$name => $ja),* } }
            /// The English name.
            #[must_use]
            pub const fn en(self) -> &'static str { match self { $(Part::$name => $en),* } }
            /// What its value looks like.
            #[must_use]
            pub const fn form(self) -> Form { match self { $(Part::$name => $form),* } }
        }
    };
}

parts! {
    Message = Form::Group, "電文", "message";
    MessageGroup = Form::Group, "メッセージグループ", "message group";
    Envelope = Form::Group, "メッセージグループヘッダ", "message group header";
    /// Its values are not known.
    Mode = Form::Text { max: 1 }, "運用モード", "mode";
    /// 5-digit code and seven zeros.
    EnvelopeSender = Form::Digits { count: 12 }, "発信者コード（ヘッダ）", "sender of the envelope";
    /// 5-digit code and seven zeros.
    EnvelopeRecipient = Form::Digits { count: 12 }, "受信者コード（ヘッダ）", "recipient of the envelope";
    Agency = Form::Text { max: 4 }, "BPID機関コード", "agency of the business protocol";
    SubCode = Form::Text { max: 2 }, "BPID副機関コード", "sub code of the business protocol";
    Version = Form::Text { max: 2 }, "BPID版", "version of the business protocol";
    EnvelopeKind = Form::Digits { count: 4 }, "情報区分コード（ヘッダ）", "message kind of the envelope";
    Created = Form::Created, "作成日時", "time of creation";
    Mapping = Form::Text { max: 6 }, "マッピング規則の版", "version of the mapping";

    Body = Form::Group, "電文本体", "body";
    Kind = Form::Digits { count: 4 }, "情報区分コード", "message kind";
    Sender = Form::Digits { count: 5 }, "送信者コード", "sender";
    SenderName = Form::Text { max: 50 }, "送信者名称", "name of the sender";
    Recipient = Form::Digits { count: 5 }, "受信者コード", "recipient";
    /// Its place after JP06112 is inferred.
    RecipientName = Form::Text { max: 50 }, "受信者名称", "name of the recipient";
    /// JP06114: its meaning is not known, perhaps 更新コード.
    UpdateCode = Form::Text { max: 16 }, "JP06114", "JP06114";
    /// JP06115: its meaning is not known, perhaps 更新番号.
    UpdateNumber = Form::Text { max: 16 }, "JP06115", "JP06115";
    Date = Form::Date, "年月日", "date";
    Month = Form::Month, "対象年月", "month";
    Slot = Form::Slot, "コマ", "slot";

    /// A wrapper of repetitions (JPM…).
    List = Form::Group, "マルチ明細", "group";
    /// One slot of a day with its rows.
    SlotGroup = Form::Group, "コマ別明細", "slot group";
    /// A supply point (× 管理番号) in a slot.
    Row = Form::Group, "明細", "row";
    Point = Form::Digits { count: 22 }, "供給地点特定番号", "supply point id";
    CustomerId = Form::Text { max: 21 }, "需要家識別番号", "customer id";
    CustomerName = Form::Text { max: 80 }, "需要家名称", "customer name";
    /// JP06121: its Japanese name is not known.
    ControlNumber = Form::Text { max: 16 }, "管理番号", "control number";
    Flag = Form::Digits { count: 1 }, "提供可否", "availability";
    Energy = Form::Energy, "30分電力量", "half-hourly energy";

    /// A supply point (× 仕訳コード) in a month.
    Bill = Form::Group, "供給地点別明細", "bill";
    SupplyPlace = Form::Text { max: 70 }, "供給場所", "place of supply";
    Voltage = Form::Text { max: 4 }, "電圧区分名", "voltage";
    Allocation = Form::Digits { count: 1 }, "仕訳コード", "allocation";
    MonthWhole = Form::Energy, "月間電力量（全量）", "monthly energy";
    MonthOwn = Form::Energy, "月間電力量（仕訳後）", "monthly energy after the split";
    PowerFactor = Form::Decimal, "力率", "power factor";
    Peak = Form::Decimal, "最大需要電力", "peak demand";
    NextReading = Form::Date, "次回定例検針予定日", "next meter reading";
    Day = Form::Group, "日別明細", "day";
    DayDate = Form::Date, "確定使用量対象年月日", "date of fixed usage";
    HalfHour = Form::Group, "コマ別明細", "half-hour";
    Whole = Form::Energy, "30分使用量（全量）", "half-hourly usage";
    Own = Form::Energy, "30分使用量（仕訳後）", "half-hourly usage after the split";
}

const fn value(tag: &'static str, part: Part, times: Times) -> Node {
    Node { tag, part, times, children: &[] }
}
const fn once(tag: &'static str, part: Part) -> Node {
    value(tag, part, Times::Once)
}
const fn optional(tag: &'static str, part: Part) -> Node {
    value(tag, part, Times::Optional)
}
const fn one(tag: &'static str, part: Part, children: &'static [Node]) -> Node {
    Node { tag, part, times: Times::Once, children }
}
const fn list(tag: &'static str, children: &'static [Node]) -> Node {
    Node { tag, part: Part::List, times: Times::Optional, children }
}
const fn many(tag: &'static str, part: Part, children: &'static [Node]) -> Node {
    Node { tag, part, times: Times::Many, children }
}

const ENVELOPE: Node = one(
    "JPMGH",
    Part::Envelope,
    &[
        once("JPC03", Part::Mode),
        once("JPC06", Part::EnvelopeSender),
        once("JPC09", Part::EnvelopeRecipient),
        once("JPC10", Part::Agency),
        once("JPC11", Part::SubCode),
        once("JPC12", Part::Version),
        once("JPC14", Part::EnvelopeKind),
        once("JPC19", Part::Created),
        once("JPC21", Part::Mapping),
    ],
);

const KIND: Node = once("JP00002", Part::Kind);
const SENDER: Node = once("JP06110", Part::Sender);
const SENDER_NAME: Node = optional("JP06111", Part::SenderName);
const RECIPIENT: Node = once("JP06112", Part::Recipient);
const RECIPIENT_NAME: Node = optional("JP06113", Part::RecipientName);
const UPDATE_CODE: Node = optional("JP06114", Part::UpdateCode);
const UPDATE_NUMBER: Node = optional("JP06115", Part::UpdateNumber);
const DATE: Node = once("JP06116", Part::Date);
const SLOT: Node = once("JP06219", Part::Slot);
const MONTH: Node = once("JP06401", Part::Month);

/// Every item that can stand at the head of a body, of any message.
pub static HEAD: &[Node] =
    &[KIND, SENDER, SENDER_NAME, RECIPIENT, RECIPIENT_NAME, UPDATE_CODE, UPDATE_NUMBER, DATE, SLOT, MONTH];

const fn row(energy: &'static str) -> [Node; 6] {
    [
        once("JP06400", Part::Point),
        optional("JP06119", Part::CustomerId),
        optional("JP06120", Part::CustomerName),
        optional("JP06121", Part::ControlNumber),
        once("JP06122", Part::Flag),
        optional(energy, Part::Energy),
    ]
}

const HIGH: &[Node] = &row("JP06123");
const LOW: &[Node] = &row("JP06125");

macro_rules! message {
    ($($body:expr),* $(,)?) => {
        one("SBD-MSG", Part::Message, const {
            &[one("JPMGRP", Part::MessageGroup, const {
                &[ENVELOPE, one("JPTRM", Part::Body, const { &[$($body),*] })]
            })]
        })
    };
}
macro_rules! of_a_slot {
    ($row:expr) => {
        message!(
            KIND,
            SENDER,
            SENDER_NAME,
            RECIPIENT,
            RECIPIENT_NAME,
            UPDATE_CODE,
            UPDATE_NUMBER,
            DATE,
            SLOT,
            list("JPM00010", const { &[many("JPMR00010", Part::Row, $row)] }),
        )
    };
}
macro_rules! of_a_day {
    ($row:expr) => {
        message!(
            KIND,
            SENDER,
            SENDER_NAME,
            RECIPIENT,
            RECIPIENT_NAME,
            UPDATE_CODE,
            UPDATE_NUMBER,
            DATE,
            list(
                "JPM00010",
                const {
                    &[many(
                        "JPMR00010",
                        Part::SlotGroup,
                        const { &[SLOT, list("JPM00011", const { &[many("JPMR00011", Part::Row, $row)] })] },
                    )]
                }
            ),
        )
    };
}

static HIGH_SLOT: Node = of_a_slot!(HIGH);
static LOW_SLOT: Node = of_a_slot!(LOW);
static HIGH_DAY: Node = of_a_day!(HIGH);
static LOW_DAY: Node = of_a_day!(LOW);
const HALF_HOUR: &[Node] = &[SLOT, optional("JP06424", Part::Whole), optional("JP06425", Part::Own)];
const HALF_HOURS: &[Node] = &[many("JPMR00014", Part::HalfHour, HALF_HOUR)];
const DAY: &[Node] = &[once("JP06423", Part::DayDate), list("JPM00014", HALF_HOURS)];
const DAYS: &[Node] = &[many("JPMR00013", Part::Day, DAY)];
// JPM00011 and JPM00012 of a bill were not seen (presumably meters): they are not declared.
const BILL: &[Node] = &[
    once("JP06400", Part::Point),
    optional("JP06119", Part::CustomerId),
    optional("JP06120", Part::CustomerName),
    optional("JP06402", Part::SupplyPlace),
    optional("JP06403", Part::Voltage),
    optional("JP06404", Part::Allocation),
    once("JP06405", Part::Flag),
    optional("JP06426", Part::MonthWhole),
    optional("JP06427", Part::MonthOwn),
    optional("JP06406", Part::PowerFactor),
    optional("JP06445", Part::Peak),
    optional("JP06446", Part::NextReading),
    list("JPM00013", DAYS),
];
const BILLS: &[Node] = &[many("JPMR00010", Part::Bill, BILL)];
static MONTHLY: Node = message!(
    KIND,
    SENDER,
    SENDER_NAME,
    RECIPIENT,
    RECIPIENT_NAME,
    UPDATE_CODE,
    UPDATE_NUMBER,
    MONTH,
    list("JPM00010", BILLS),
);

/// The tree of a message, from `SBD-MSG` down.
#[must_use]
pub fn layout(kind: MeteringKind) -> &'static Node {
    match kind {
        MeteringKind::HighSlot => &HIGH_SLOT,
        MeteringKind::LowSlot => &LOW_SLOT,
        MeteringKind::HighDay => &HIGH_DAY,
        MeteringKind::LowDay => &LOW_DAY,
        MeteringKind::HighMonth | MeteringKind::LowMonth => &MONTHLY,
    }
}

impl Node {
    /// The element of a tag in this one.
    #[must_use]
    pub fn child(&self, tag: &str) -> Option<&'static Node> {
        self.children.iter().find(|child| child.tag == tag)
    }
    /// The first element of a meaning at or below this one.
    #[must_use]
    pub fn find(&'static self, part: Part) -> Option<&'static Node> {
        if self.part == part { Some(self) } else { self.children.iter().find_map(|child| child.find(part)) }
    }
    /// Whether it holds a value.
    #[must_use]
    pub const fn is_value(&self) -> bool {
        self.children.is_empty()
    }
}

impl Part {
    /// What the innermost repeated element of a message means.
    #[must_use]
    pub const fn leaf(shape: MeteringShape) -> Part {
        match shape {
            MeteringShape::Slot | MeteringShape::Day => Part::Row,
            MeteringShape::Month => Part::HalfHour,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::Code;

    fn tags(node: &Node, depth: usize, out: &mut Vec<String>) {
        out.push(format!("{}{}", " ".repeat(depth), node.tag));
        node.children.iter().for_each(|child| tags(child, depth + 1, out));
    }

    #[test]
    fn the_trees_are_those_of_the_source() {
        let mut lines = Vec::new();
        tags(layout(MeteringKind::LowDay).find(Part::Body).unwrap(), 0, &mut lines);
        assert_eq!(
            lines.join("\n"),
            "JPTRM\n JP00002\n JP06110\n JP06111\n JP06112\n JP06113\n JP06114\n JP06115\n JP06116\n JPM00010\n  \
             JPMR00010\n   JP06219\n   JPM00011\n    JPMR00011\n     JP06400\n     JP06119\n     JP06120\n     \
             JP06121\n     JP06122\n     JP06125"
        );
        for kind in MeteringKind::ALL {
            let leaf = layout(*kind).find(Part::leaf(kind.shape())).unwrap();
            assert!(leaf.times == Times::Many && leaf.children.iter().all(Node::is_value));
            for child in layout(*kind).find(Part::Body).unwrap().children {
                let head = HEAD.iter().any(|item| (item.tag, item.part) == (child.tag, child.part));
                assert!(head || child.tag == "JPM00010", "{}", child.tag);
            }
        }
    }
}
