//! Reading notice files: what a file can say, and what is refused with its place.

use occto::items::{Item, ItemSet};
use occto::notice::{Notice, NoticeErrorKind, Party, Purpose, Question, Role};

/// A small notice that holds together.
const SMALL: &str = r#"key = "small"
title-ja = "小さな通知"
title-en = "a small notice"

[[participant]]
role = "retailer"
ja = "小売電気事業者"
en = "retailers"

[[participant]]
role = "operator"
ja = "一般送配電事業者"
en = "operators"

[[purpose]]
key = "point-confirmation"
ja = "地点の確認"
en = "point confirmation"

[[items]]
keys = ["name", "supply-point-id"]

[[manager]]
items = ["name"]
is = "contract-retailer"

[[manager]]
items = ["supply-point-id"]
is = "area-operator"

[[necessity]]
purpose = "point-confirmation"
from = ["retailer"]
to = ["operator"]
items = ["supply-point-id"]
"#;

/// The place and kind of what is wrong after a replacement in the small notice.
fn broken(old: &str, new: &str) -> (usize, usize, NoticeErrorKind) {
    assert!(SMALL.contains(old), "{old}");
    let error = Notice::parse(&SMALL.replacen(old, new, 1)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(&format!("{}行{}列", error.line, error.column)), "{text}");
    (error.line, error.column, error.kind)
}

fn decide(notice: &Notice, from: Role, to: Role, item: Item) -> bool {
    let items = ItemSet::of(&[item]);
    notice.decide(&Question::new(Party::of(from), Party::of(to), Purpose::PointConfirmation, items)).is_granted()
}

#[test]
fn a_small_notice_decides() {
    let notice = Notice::parse(SMALL).unwrap();
    assert!(decide(&notice, Role::Retailer, Role::Operator, Item::SupplyPointId));
    assert!(!decide(&notice, Role::Retailer, Role::Operator, Item::Name));
    assert!(!decide(&notice, Role::Operator, Role::Retailer, Item::SupplyPointId));
}

#[test]
fn an_unknown_key_is_refused_at_its_place() {
    let (line, column, kind) = broken("title-en", "titel-en");
    assert_eq!((line, column), (3, 1));
    assert!(matches!(kind, NoticeErrorKind::Form(message) if message.contains("titel-en")));
    let (line, column, _) = broken("role = \"operator\"", "role = \"operator\"\ncolour = \"red\"");
    assert_eq!((line, column), (12, 1));
}

#[test]
fn an_unknown_value_is_refused_at_its_place() {
    let (line, column, kind) = broken("role = \"operator\"", "role = \"king\"");
    assert_eq!((line, column), (11, 8));
    assert!(matches!(kind, NoticeErrorKind::Form(message) if message.contains("king")));
    assert_eq!(broken("keys = [\"name\", ", "keys = [\"nome\", ").0, 21);
}

#[test]
fn what_is_not_toml_is_refused_at_its_place() {
    let (line, _, kind) = broken("[[purpose]]", "[[purpose]");
    assert_eq!(line, 15);
    assert!(matches!(kind, NoticeErrorKind::Form(_)));
    assert!(Notice::parse("").is_err());
}

#[test]
fn a_text_that_is_printed_is_not_empty() {
    for (from, to, place) in [
        ("ja = \"地点の確認\"", "ja = \"\"", (17, 6)),
        ("en = \"retailers\"", "en = \" \"", (8, 6)),
        ("title-ja = \"小さな通知\"", "title-ja = \"\"", (2, 12)),
    ] {
        let (line, column, kind) = broken(from, to);
        assert!(matches!(kind, NoticeErrorKind::Form(_)), "{kind:?}");
        assert_eq!((line, column), place, "{to}");
    }
    let label = "[labels]\nname = \"\"\n\n[[participant]]\nrole = \"retailer\"";
    let (line, column, _) = broken("[[participant]]\nrole = \"retailer\"", label);
    assert_eq!((line, column), (6, 8));
    let error = Notice::parse(&SMALL.replace("title-en = \"a small notice\"", "title-en = \"\"")).unwrap_err();
    assert!(error.ja().contains("表示する文が空です（3行12列）"), "{error}");
}

#[test]
fn a_purpose_without_items_is_refused() {
    let more = "[[purpose]]\nkey = \"grid-operation\"\nja = \"a\"\nen = \"b\"\n\n[[items]]";
    let (line, column, kind) = broken("[[items]]", more);
    assert_eq!((line, column, kind), (20, 1, NoticeErrorKind::PurposeWithoutItems("grid-operation")));
}

#[test]
fn a_necessity_table_wider_than_the_notice_is_refused() {
    let row = "items = [\"supply-point-id\"]\n";
    let tail = SMALL.rfind(row).unwrap();
    let wider = |new: &str| {
        let error = Notice::parse(&format!("{}{new}", &SMALL[..tail])).unwrap_err();
        (error.line, error.kind)
    };
    assert_eq!(wider("items = [\"telephone\"]"), (31, NoticeErrorKind::Wider("telephone")));
    let (line, _, kind) = broken("to = [\"operator\"]", "to = [\"occto\"]");
    assert_eq!((line, kind), (31, NoticeErrorKind::Wider("occto")));
    let (_, _, kind) = broken("purpose = \"point-confirmation\"", "purpose = \"grid-operation\"");
    assert_eq!(kind, NoticeErrorKind::Wider("grid-operation"));
}

#[test]
fn two_managers_or_none_are_refused() {
    let (line, _, kind) = broken("items = [\"supply-point-id\"]", "items = [\"supply-point-id\", \"name\"]");
    assert_eq!((line, kind), (27, NoticeErrorKind::TwoManagers("name")));
    let (line, column, kind) = broken("items = [\"supply-point-id\"]", "items = [\"supply-point-id\", \"telephone\"]");
    assert_eq!((line, column, kind), (27, 1, NoticeErrorKind::NotListed("telephone")));
    let (line, _, kind) = broken("\"name\", \"supply-point-id\"", "\"name\", \"address\", \"supply-point-id\"");
    assert_eq!((line, kind), (20, NoticeErrorKind::NoManager("address")));
}

#[test]
fn what_is_listed_twice_or_prohibited_as_well_is_refused() {
    let twice = "[[participant]]\nrole = \"retailer\"\nja = \"a\"\nen = \"b\"\n\n[[purpose]]";
    assert_eq!(broken("[[purpose]]", twice).2, NoticeErrorKind::Twice("retailer".into()));
    let prohibited = "[[prohibition]]\nkey = \"point-confirmation\"\nja = \"a\"\nen = \"b\"\n\n[[items]]";
    assert_eq!(broken("[[items]]", prohibited).2, NoticeErrorKind::Prohibited("point-confirmation"));
}

#[test]
fn limits_exceptions_and_retention_have_one_form() {
    for (broken_part, line) in [
        ("[[limit]]\nitems = [\"name\"]\n", 20),
        ("[[limit]]\npurpose = \"own-use\"\nnever = [\"name\"]\nonly = [\"name\"]\n", 20),
        ("[[exception]]\nkey = \"point-confirmation\"\nneeds = \"consent\"\nja = \"a\"\nen = \"b\"\n", 20),
        ("[retention]\nyears = 0\nja = \"a\"\nen = \"b\"\n", 21),
    ] {
        let (at, _, kind) = broken("[[items]]", &format!("{broken_part}\n[[items]]"));
        assert!(matches!(kind, NoticeErrorKind::Form(_)), "{broken_part}");
        assert_eq!(at, line, "{broken_part}");
    }
}

#[test]
fn a_base_must_be_a_notice_that_ships_without_a_base() {
    for base in ["nothing", "terras"] {
        let (line, column, kind) = broken("title-ja", &format!("base = \"{base}\"\ntitle-ja"));
        assert_eq!((line, column, kind), (2, 8, NoticeErrorKind::Base(base.into())));
    }
}

#[test]
fn a_compliance_officer_narrows_the_necessity_table_on_a_base() {
    let own = r#"
        key = "ours"
        base = "common-core"
        title-ja = "当社"
        title-en = "ours"
        [[necessity]]
        purpose = "point-confirmation"
        from = ["retailer"]
        to = ["operator"]
        items = ["supply-point-id"]
        [retention]
        years = 3
        ja = "3年"
        en = "three years"
    "#;
    let (ours, core) = (Notice::parse(own).unwrap(), Notice::embedded("common-core").unwrap());
    let asks = |notice, item| decide(notice, Role::Retailer, Role::Operator, item);
    assert!(asks(core, Item::Name) && !asks(&ours, Item::Name));
    assert!(asks(&ours, Item::SupplyPointId));
    assert!(decide(&ours, Role::Operator, Role::Retailer, Item::ContractAmount), "other rows stay");
    assert_eq!(ours.retention_years(), Some(3));
    // What the officer narrowed between the ends is narrowed through OCCTO too, as far as no other end receives it.
    assert!(asks(&ours, Item::SupplyPointId) && !decide(&ours, Role::Retailer, Role::Occto, Item::Name));
}
