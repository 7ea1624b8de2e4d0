//! A mistake in a binding is named with line, column and key.

use occto::wire::{Binding, BindingError, BindingErrorKind};

const REFERENCE: &str = Binding::REFERENCE;

/// The reference binding with one change, the error it makes, and the text at its place.
fn changed(from: &str, to: &str) -> (BindingError, String) {
    assert!(REFERENCE.contains(from), "{from}");
    let text = REFERENCE.replacen(from, to, 1);
    let error = Binding::parse(&text).unwrap_err();
    let line = text.lines().nth(error.line - 1).unwrap_or_default();
    (error.clone(), line.chars().skip(error.column - 1).collect())
}

fn kind(from: &str, to: &str) -> (BindingErrorKind, String) {
    let (error, _) = changed(from, to);
    (error.kind, error.key)
}

#[test]
fn unknown_keys_are_named_with_their_place() {
    for (from, to, key, at) in [
        ("charset = \"UTF-8\"", "charset = \"UTF-8\"\ncharsett = \"x\"", "binding.charsett", "charsett"),
        ("\n[forms]\n", "\n[form]\n", "form", "form]"),
        ("entries = \"Entry\"", "entriez = \"Entry\"", "fields.entriez", "entriez"),
        ("[codes.ng-reason]", "[codes.ng]", "codes.ng", "ng]"),
        ("judgement = { ok", "judgement = { okay = \"1\", ok", "codes.judgement.okay", "okay"),
        ("[messages.receipt]", "[messages.receipts]", "messages.receipts", "receipts]"),
        (
            "code = { low = \"L070\"",
            "code = { high = \"H070\", low = \"L070\"",
            "messages.ampere-change.code.high",
            "high",
        ),
        (
            "csv = true",
            "csv = true\nfields = { remark = \"R\" }",
            "messages.cancellation-request.fields.remark",
            "remark",
        ),
        ("csv = true", "csv = true\norder = [\"x\"]", "messages.cancellation-request.order.x", "\"x\""),
        ("retailer = \"R", "dealer = \"R", "parties.dealer", "dealer"),
        ("name = \"Header\"", "nam = \"Header\"", "header.nam", "nam"),
        ("reasons = \"Reason\"", "kana = { nam = \"x\" }", "fields.kana.nam", "nam"),
        (
            "reasons = \"Reason\"",
            "kana = { order = [] }",
            "messages.usage-password-application.fields.kana.order",
            "kana",
        ),
    ] {
        let (error, found) = changed(from, to);
        assert_eq!((error.kind.clone(), error.key.as_str()), (BindingErrorKind::Unknown, key), "{error}");
        assert!(found.starts_with(at), "{error}: {found}");
    }
}

#[test]
fn what_is_missing_is_named() {
    for (from, to, key) in [
        ("name = \"reference\"", "", "binding.name"),
        ("\n[parties]\n", "\n[header.fields]\n", "parties"),
        ("month = \"YYYY-MM\"", "", "forms.month"),
        ("judgement = { ok = \"OK\", ng = \"NG\" }", "", "codes.judgement"),
        ("ok = \"OK\", ", "", "codes.judgement.ok"),
        ("low = \"L050\", ", "", "messages.switch-start.code.low"),
        ("code = { low = \"L070\" }", "", "messages.ampere-change.code"),
    ] {
        assert_eq!(kind(from, to), (BindingErrorKind::Missing, key.to_owned()), "{from}");
    }
    let (found, key) = kind("csv = true", "order = [\"name\"]");
    assert_eq!(
        (found, key.as_str()),
        (BindingErrorKind::Incomplete("supply-point-id"), "messages.cancellation-request.order")
    );
}

#[test]
fn nothing_stands_for_two_things() {
    for (from, to, key, other) in [
        ("ng = \"NG\"", "ng = \"OK\"", "codes.judgement.ng", "ok"),
        ("\"H050\"", "\"L050\"", "messages.switch-start.code.high", "low"),
        ("\"H050\"", "\"H040\"", "messages.switch-start.code", "cancellation-request.code"),
        (
            "csv = true",
            "element = \"FacilityInquiry\"",
            "messages.cancellation-request.element",
            "facility-inquiry.element",
        ),
        ("csv = true", "fields = { kana = \"Name\" }", "messages.cancellation-request.fields.kana", "name"),
        ("csv = true", "fields = { kana = \"Header\" }", "messages.cancellation-request.kana", "header.name"),
        (
            "csv = true",
            "csv = true\nfields = { kana = { column = \"電文コード\" } }",
            "messages.cancellation-request.fields.kana.column",
            "header.fields",
        ),
        ("\"R{}\"", "\"T{}\"", "parties.retailer", "operator"),
        ("no = \"0\"", "no = \"1\"", "forms.flag.no", "yes"),
    ] {
        assert_eq!(kind(from, to), (BindingErrorKind::Duplicate(other.to_owned()), key.to_owned()), "{to}");
    }
}

#[test]
fn values_of_another_shape_are_named() {
    for (from, to, key) in [
        ("charset = \"UTF-8\"", "charset = \"UTF-16\"", "binding.charset"),
        ("charset = \"UTF-8\"", "charset = 8", "binding.charset"),
        ("envelope = \"plain\"", "envelope = \"soap13\"", "binding.envelope"),
        ("header = \"message\"", "header = \"soap\"", "binding.header"),
        ("date = \"YYYY-MM-DD\"", "date = \"YY-MM-DD\"", "forms.date"),
        ("entries = \"Entry\"", "entries = \"1 Entry\"", "fields.entries"),
        ("entries = \"Entry\"", "kana = { max = 0 }", "fields.kana.max"),
        ("entries = \"Entry\"", "kana = { required = \"yes\" }", "fields.kana.required"),
        ("accepted = \"00\"", "accepted = \"\"", "codes.acceptance.accepted"),
        ("\"L050\"", "\"L 050\"", "messages.switch-start.code.low"),
        ("urn:occto-adapter:switching:reference:1\"", "\"", "binding.namespace"),
    ] {
        let (found, at) = kind(from, to);
        assert!(matches!(found, BindingErrorKind::Expected(_)), "{found:?}");
        assert_eq!(at, key);
    }
    assert_eq!(kind("entries = \"Entry\"", "name = { required = false }").0, BindingErrorKind::AlwaysRequired);
    assert_eq!(kind("[messages.receipt]", "[messages.receipt]\ncsv = true").0, BindingErrorKind::NoCsvForm);
}

#[test]
fn what_is_not_toml_is_named_with_its_place() {
    let (error, _) = changed("\n[forms]\n", "\n[forms\n");
    assert!(matches!(error.kind, BindingErrorKind::Syntax(_)));
    assert_eq!(REFERENCE.lines().nth(error.line - 1), Some("[forms]"));
    let (error, _) = changed("\n[forms]\n", "\n[binding]\n");
    assert!(matches!(error.kind, BindingErrorKind::Syntax(_)), "{error}");
    let text = error.to_string();
    assert!(text.contains("行目") && text.contains("line "), "{text}");
    assert!(Binding::parse("").is_err() && Binding::parse("\u{0}").is_err());
}

#[test]
fn a_message_that_is_not_listed_cannot_be_written() {
    use occto::items::Family;
    use occto::messages::Message;
    use occto::messages::switching::{AmpereChange, SwitchStart};
    let without = REFERENCE.replacen("[messages.ampere-change]\ncode = { low = \"L070\" }", "", 1);
    let binding = Binding::parse(&without).unwrap();
    assert!(!binding.writes(AmpereChange::SPEC, Family::Low) && binding.writes(SwitchStart::SPEC, Family::Fit));
    assert!(binding.writes_csv(SwitchStart::SPEC) && !binding.writes_csv(AmpereChange::SPEC));
}
