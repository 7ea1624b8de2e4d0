//! 電文構造: which element of a plan stands where. Reader, writer and schema follow it.

use super::{Part, PlanKind, Tag};

/// 要素: what stands in a group, in this order.
#[derive(Debug)]
pub enum Content {
    /// One value.
    Leaf {
        /// Which.
        tag: Tag,
        /// Whether a sound plan has it.
        required: bool,
    },
    /// `JPMnnnnn` with repetitions `JPMRnnnnn`.
    Group(Group),
    /// `JPMnnnnn` with a row `JPMRnnnnn` for every slot: 時刻コード and these values.
    Slots {
        /// The number of the group.
        number: u16,
        /// The values of a row after 時刻コード; all but the first may be absent.
        tags: &'static [Tag],
    },
}

/// マルチ明細: a group.
#[derive(Debug)]
pub struct Group {
    /// Its number.
    pub number: u16,
    /// The part of the plan that a repetition is; nothing where the group only wraps what belongs to the part around it.
    pub part: Option<Part>,
    /// Whether it can repeat.
    pub many: bool,
    /// Whether a sound plan has it.
    pub required: bool,
    /// What stands in a repetition.
    pub content: &'static [Content],
}

/// 電文構造: the elements of a message.
#[derive(Debug)]
pub struct Shape {
    /// What stands at the head of the message.
    pub head: &'static [Content],
    /// What follows.
    pub body: &'static [Content],
    /// Whether the facts carry the whole of the message; what is written by a tree that is only partly known is unverified.
    pub verified: bool,
}

macro_rules! content {
    ([$($out:tt)*]) => { &[$($out)*] };
    ([$($out:tt)*] leaf $tag:ident; $($rest:tt)*) => {
        content!([$($out)* Content::Leaf { tag: Tag::$tag, required: true },] $($rest)*)
    };
    ([$($out:tt)*] maybe $tag:ident; $($rest:tt)*) => {
        content!([$($out)* Content::Leaf { tag: Tag::$tag, required: false },] $($rest)*)
    };
    ([$($out:tt)*] slots $number:literal: $($tag:ident),+; $($rest:tt)*) => {
        content!([$($out)* Content::Slots { number: $number, tags: &[$(Tag::$tag),+] },] $($rest)*)
    };
    ([$($out:tt)*] wrap $number:literal { $($inner:tt)* } $($rest:tt)*) => {
        content!([$($out)* Content::Group(Group {
            number: $number, part: None, many: false, required: true, content: content!([] $($inner)*),
        }),] $($rest)*)
    };
    ([$($out:tt)*] maywrap $number:literal { $($inner:tt)* } $($rest:tt)*) => {
        content!([$($out)* Content::Group(Group {
            number: $number, part: None, many: false, required: false, content: content!([] $($inner)*),
        }),] $($rest)*)
    };
    ([$($out:tt)*] one $number:literal $part:ident { $($inner:tt)* } $($rest:tt)*) => {
        content!([$($out)* Content::Group(Group {
            number: $number, part: Some(Part::$part), many: false, required: true, content: content!([] $($inner)*),
        }),] $($rest)*)
    };
    ([$($out:tt)*] perhaps $number:literal $part:ident { $($inner:tt)* } $($rest:tt)*) => {
        content!([$($out)* Content::Group(Group {
            number: $number, part: Some(Part::$part), many: false, required: false, content: content!([] $($inner)*),
        }),] $($rest)*)
    };
    ([$($out:tt)*] many $number:literal $part:ident { $($inner:tt)* } $($rest:tt)*) => {
        content!([$($out)* Content::Group(Group {
            number: $number, part: Some(Part::$part), many: true, required: true, content: content!([] $($inner)*),
        }),] $($rest)*)
    };
}

/// Source: facts/wire.md §2.4 (S). For the other plans the same head is assumed (I).
static HEAD: &[Content] = content!([]
    leaf MessageCode; maybe MessageName; leaf Sender; maybe SenderName; leaf Operator; maybe OperatorName;
    leaf Submitter; maybe SubmitterName; leaf TargetDate;
);

/// Source: facts/wire.md §2.7 (D): the first five items; the rest as elsewhere (I).
static SUPPRESSION_HEAD: &[Content] = content!([]
    leaf MessageCode; maybe MessageName; leaf Sender; maybe SenderName; leaf Operator; maybe OperatorName;
    maybe Submitter; maybe SubmitterName; maybe TargetDate;
);

/// Source: facts/wire.md §2.4 (S; groups 18–21 and 31–34 from C).
static DEMAND_PROCUREMENT: Shape = Shape {
    head: HEAD,
    body: content!([]
        wrap 10 { slots 11: Demand; }
        maywrap 12 { slots 13: Supply; }
        one 14 Procurement {
            slots 15: Procurement, ProcurementCompanion;
            many 16 Counterparties {
                leaf Counterparty; maybe CounterpartyName; maybe Application; maybe CostFlag; maybe AreaFlag;
                slots 17: Procurement, ProcurementCompanion;
            }
        }
        perhaps 18 Sales {
            slots 19: Sales;
            many 20 Counterparties {
                leaf Counterparty; maybe CounterpartyName; maybe Application; maybe CostFlag; maybe AreaFlag;
                slots 21: Sales;
            }
        }
        many 22 Members {
            leaf Member; maybe MemberName;
            wrap 23 { slots 24: Demand; }
            maywrap 25 { slots 26: Supply; }
            one 27 Procurement {
                slots 28: Procurement, ProcurementCompanion;
                many 29 Counterparties {
                    leaf Counterparty; maybe CounterpartyName; maybe CostFlag; maybe AreaFlag;
                    slots 30: Procurement, ProcurementCompanion;
                }
            }
            perhaps 31 Sales {
                slots 32: Sales;
                many 33 Counterparties {
                    leaf Counterparty; maybe CounterpartyName; maybe CostFlag; maybe AreaFlag;
                    slots 34: Sales;
                }
            }
        }
    ),
    verified: true,
};

/// Source: facts/wire.md §2.5 (C, leaf names only).
static GENERATION_SALES: Shape = Shape {
    head: HEAD,
    body: content!([]
        wrap 12 { slots 13: Generation; }
        many 14 GeneratorGroups {
            leaf GeneratorGroup;
            slots 15: GroupGeneration;
            many 16 Plants { leaf Plant; slots 17: PlantGeneration; }
        }
        perhaps 18 Sales {
            slots 19: Sales;
            many 20 Counterparties { leaf Counterparty; slots 21: Sales; }
        }
        perhaps 22 Procurement {
            slots 23: Procurement;
            many 24 Counterparties { leaf Counterparty; slots 25: Procurement; }
        }
    ),
    verified: false,
};

/// Source: facts/wire.md §2.6 (C).
static INTERCONNECTOR: Shape = Shape {
    head: HEAD,
    body: content!([] many 10 Applications { leaf Application; slots 13: Interconnector; }),
    verified: false,
};

/// Source: facts/wire.md §2.7 (D).
static SUPPRESSION: Shape =
    Shape { head: SUPPRESSION_HEAD, body: content!([] many 11 Points { maybe Point; }), verified: false };

impl PlanKind {
    /// Where its elements stand.
    #[must_use]
    pub fn shape(self) -> &'static Shape {
        match self {
            PlanKind::DemandProcurement => &DEMAND_PROCUREMENT,
            PlanKind::GenerationSales => &GENERATION_SALES,
            PlanKind::Interconnector => &INTERCONNECTOR,
            PlanKind::Suppression => &SUPPRESSION,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::Code;

    fn numbers(content: &[Content], found: &mut Vec<u16>) {
        for part in content {
            match part {
                Content::Leaf { .. } => {}
                Content::Slots { number, .. } => found.push(*number),
                Content::Group(group) => {
                    found.push(group.number);
                    numbers(group.content, found);
                }
            }
        }
    }

    #[test]
    fn group_numbers_are_unique_in_a_message_and_rise() {
        for kind in PlanKind::ALL {
            let mut found = Vec::new();
            numbers(kind.shape().body, &mut found);
            assert!(found.is_sorted() && found.windows(2).all(|pair| pair[0] < pair[1]), "{kind:?}: {found:?}");
        }
        let mut found = Vec::new();
        numbers(PlanKind::DemandProcurement.shape().body, &mut found);
        assert_eq!(found, (10..=34).collect::<Vec<u16>>());
    }
}
