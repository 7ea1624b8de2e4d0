//! The shared-use items (共同利用する情報項目) and sets of them.

use std::fmt;

/// 情報項目の区分: the group an item belongs to in a published notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// ① 基本情報
    Basic,
    /// ② 供給(受電)地点に関する情報
    Point,
    /// ③ ネガワット取引に関する情報
    Negawatt,
    /// Items that only the Californian notices name.
    California,
}

macro_rules! items {
    ($($(#[$doc:meta])* $name:ident = $key:literal, $ja:literal, $en:literal, $group:ident;)*) => {
        /// 共同利用する情報項目: one item of a published notice.
        ///
        /// Source: facts/notices.md, "Items" and "Keys".
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Item { $($(#[$doc])* #[doc = concat!($ja, ": ", $en)] $name,)* }

        impl Item {
            /// Every item: the 24 of the Japanese core first, then those that only Californian notices name.
            pub const ALL: &'static [Item] = &[$(Item::$name),*];

            /// The stable key, as in notice files and JSON.
            #[must_use]
            pub const fn key(self) -> &'static str { match self { $(Item::$name => $key),* } }
            /// The Japanese label as the core notice prints it.
            #[must_use]
            pub const fn ja(self) -> &'static str { match self { $(Item::$name => $ja),* } }
            /// The English label.
            #[must_use]
            pub const fn en(self) -> &'static str { match self { $(Item::$name => $en),* } }
            /// The group of the item.
            #[must_use]
            pub const fn group(self) -> Group { match self { $(Item::$name => Group::$group),* } }
            /// The item of a stable key.
            #[must_use]
            pub fn from_key(key: &str) -> Option<Item> { match key { $($key => Some(Item::$name),)* _ => None } }
        }
    };
}

items! {
    Name = "name", "氏名", "name", Basic;
    Address = "address", "住所", "address", Basic;
    Telephone = "telephone", "電話番号", "telephone number", Basic;
    RetailContractNumber = "retail-contract-number", "小売供給等契約の契約番号", "retail contract number", Basic;
    SupplyArea = "supply-area", "供給区域", "supply area", Point;
    IsolatedIslandTerms = "isolated-island-terms", "離島供給約款対象", "isolated-island terms apply", Point;
    SupplyPointId = "supply-point-id", "供給(受電)地点特定番号", "supply point id", Point;
    ContractAmount = "contract-amount", "託送契約高情報", "consignment contract amount", Point;
    CurrentLimit = "current-limit", "電流上限値", "current upper limit", Point;
    ServiceMenu = "service-menu", "接続送電サービスメニュー", "connection transmission service menu", Point;
    PowerFactor = "power-factor", "力率", "power factor", Point;
    SupplyMethod = "supply-method", "供給方式", "supply method", Point;
    DecisionMethod = "decision-method", "託送契約決定方法", "method of deciding the consignment contract", Point;
    MeterInformation = "meter-information", "計器情報", "meter information", Point;
    LeadInPole = "lead-in-pole", "引込柱番号", "lead-in pole number", Point;
    GridInterconnection = "grid-interconnection", "系統連系設備有無", "presence of grid-interconnected equipment", Point;
    ContractChangeDate = "contract-change-date", "託送契約異動年月日", "date of consignment contract change", Point;
    MeterReadingDate = "meter-reading-date", "検針日", "meter reading date", Point;
    ContractStatus = "contract-status", "契約状態", "contract status", Point;
    DecommissioningMethod = "decommissioning-method", "廃止措置方法", "decommissioning method", Point;
    GenerationSales = "generation-sales", "発電販売量", "generation sales volume", Negawatt;
    DemandProcurement = "demand-procurement", "需要調達量", "demand procurement volume", Negawatt;
    DemandSuppression = "demand-suppression", "需要抑制量", "demand suppression volume", Negawatt;
    Baseline = "baseline", "ベースライン", "baseline", Negawatt;
    BillingAddress = "billing-address", "請求先住所", "billing address", California;
    Email = "email", "電子メールアドレス", "e-mail address", California;
    AccountNumber = "account-number", "お客さま口座番号", "account number", California;
    Consumption = "consumption", "使用量", "consumption", California;
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// 情報項目の集合: a set of items in one machine word.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ItemSet(u32);

impl ItemSet {
    /// The empty set.
    pub const EMPTY: ItemSet = ItemSet(0);
    /// The 24 items of the Japanese core.
    pub const SHARED_USE: ItemSet = ItemSet((1 << 24) - 1);

    /// The set of the given items.
    #[must_use]
    pub const fn of(items: &[Item]) -> ItemSet {
        let mut bits = 0;
        let mut rest = items;
        while let [first, tail @ ..] = rest {
            bits |= 1 << *first as u32;
            rest = tail;
        }
        ItemSet(bits)
    }

    /// All items of a group.
    #[must_use]
    pub fn group(group: Group) -> ItemSet {
        Item::ALL.iter().filter(|item| item.group() == group).copied().collect()
    }

    /// Whether the item is in the set.
    #[must_use]
    pub const fn contains(self, item: Item) -> bool {
        self.0 & (1 << item as u32) != 0
    }
    /// This set with one more item.
    #[must_use]
    pub const fn with(self, item: Item) -> ItemSet {
        ItemSet(self.0 | 1 << item as u32)
    }
    /// This set without an item.
    #[must_use]
    pub const fn without(self, item: Item) -> ItemSet {
        ItemSet(self.0 & !(1 << item as u32))
    }
    /// Items in either set.
    #[must_use]
    pub const fn union(self, other: ItemSet) -> ItemSet {
        ItemSet(self.0 | other.0)
    }
    /// Items in both sets.
    #[must_use]
    pub const fn intersection(self, other: ItemSet) -> ItemSet {
        ItemSet(self.0 & other.0)
    }
    /// Items of this set that are not in the other.
    #[must_use]
    pub const fn difference(self, other: ItemSet) -> ItemSet {
        ItemSet(self.0 & !other.0)
    }
    /// Whether every item of this set is in the other.
    #[must_use]
    pub const fn is_subset(self, other: ItemSet) -> bool {
        self.0 & !other.0 == 0
    }
    /// Whether the set has no item.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// How many items are in the set.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }
    /// The items in their published order.
    pub fn iter(self) -> impl Iterator<Item = Item> {
        Item::ALL.iter().copied().filter(move |item| self.contains(*item))
    }
}

impl FromIterator<Item> for ItemSet {
    fn from_iter<I: IntoIterator<Item = Item>>(items: I) -> ItemSet {
        items.into_iter().fold(ItemSet::EMPTY, ItemSet::with)
    }
}

impl fmt::Debug for ItemSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
