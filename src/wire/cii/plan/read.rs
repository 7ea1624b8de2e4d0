//! 計画の読取り: a plan file as a plan, with what deviates in it.

use super::envelope::Raw;
use super::source::{Name, Next, Source, Stop};
use crate::items::ItemError;
use crate::messages::planning::{AnyNode, Content, Group, Plan, PlanBody, PlanHead, PlanKind, Tag, UnknownPart};
use crate::rules::plans::PlanSettings;
use crate::rules::{Finding, codes};

/// 読み取った計画: a plan and what deviates in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRead {
    /// The plan.
    pub plan: Plan,
    /// What deviates, in the order of the file. What is missing or does not add up is said by the rules.
    pub findings: Vec<Finding>,
}

/// Whether octets begin like a message of W6.
#[must_use]
pub fn looks_like_plan(octets: &[u8]) -> bool {
    let start = octets.get(..octets.len().min(512)).unwrap_or_default();
    let has = |word: &[u8]| memchr::memmem::find(start, word).is_some();
    has(b"SBD-MSG") && (has(b"BPIDSUB=\"W6\"") || has(b"<JPC11>W6<") || has(b"BPIDSUB='W6'"))
}

/// Reads a plan. What cannot be read as a plan at all is a finding alone.
///
/// The rows of a group that have the predicted shape are read by it, the others by the XML reader.
pub fn read_plan(octets: &[u8], settings: &PlanSettings) -> Result<PlanRead, Box<Finding>> {
    read(octets, settings, true)
}

/// Reads a plan by the XML reader alone: the yardstick of [`read_plan`].
pub fn read_plan_plainly(octets: &[u8], settings: &PlanSettings) -> Result<PlanRead, Box<Finding>> {
    read(octets, settings, false)
}

/// The most octets of a plan file.
const MAX_OCTETS: usize = 256 * 1024 * 1024;

fn read(octets: &[u8], settings: &PlanSettings, fast: bool) -> Result<PlanRead, Stop> {
    if octets.len() > MAX_OCTETS {
        let (got, max) = (octets.len(), MAX_OCTETS);
        let (ja, en) =
            (format!("{got}バイトあります（上限{max}）"), format!("it has {got} octets, at most {max} are read"));
        return Err(Box::new(codes::PLAN_NOT_W6.finding(ja, en)));
    }
    let text = std::str::from_utf8(octets).map_err(|error| {
        let mut stop = codes::PLAN_BROKEN.finding("UTF-8の文字として読めません", "it is not UTF-8");
        stop.place.byte = Some(error.valid_up_to() as u64 + 1);
        Box::new(stop)
    })?;
    let mut source = Source::new(text.strip_prefix('\u{FEFF}').unwrap_or(text));
    if text.starts_with('\u{FEFF}') {
        source.form("BOMがあります", "there is a byte order mark");
    }
    if !text.contains("SBD-MSG") {
        return Err(Box::new(codes::PLAN_NOT_W6.plain()));
    }
    let raw = Raw::read(&mut source)?;
    let mut envelope = raw.envelope(&mut source)?;
    envelope.final_newline = text.ends_with('\n');
    let kind = kind_of(raw.message_code(), text, settings).ok_or_else(|| {
        let code = raw.message_code();
        let known = settings.messages.iter().map(|message| message.code.as_str()).collect::<Vec<_>>().join(", ");
        source.stop(
            &codes::PLAN_KIND,
            format!("情報区分コード「{code}」は不明です（既知: {known}）"),
            format!("message code `{code}` is not known, expected one of {known}"),
        )
    })?;
    let mut reader = PlanReader { source, fast };
    let mut plan = Plan { envelope, head: PlanHead::default(), body: PlanBody::empty(kind) };
    let shape = kind.shape();
    reader.message(&mut plan, shape.head, shape.body)?;
    reader.end()?;
    Ok(PlanRead { plan, findings: reader.source.into_findings() })
}

/// The kind of a code; one whose code is not public shows itself by an element that only it has.
fn kind_of(code: &str, text: &str, settings: &PlanSettings) -> Option<PlanKind> {
    if let Some(message) = settings.message(code) {
        return Some(message.kind);
    }
    let has = |tag: Tag| memchr::memmem::find(text.as_bytes(), tag.element().as_bytes()).is_some();
    if has(Tag::Interconnector) {
        return Some(PlanKind::Interconnector);
    }
    has(Tag::Point).then_some(PlanKind::Suppression)
}

pub(super) struct PlanReader<'a> {
    pub(super) source: Source<'a>,
    pub(super) fast: bool,
}

impl PlanReader<'_> {
    fn message(&mut self, plan: &mut Plan, head: &'static [Content], body: &'static [Content]) -> Result<(), Stop> {
        let mut expected = 0;
        loop {
            let (name, at, empty) = match self.source.next()? {
                Next::Open { name, at, empty, .. } => (name, at, empty),
                Next::Close => return Ok(()),
                Next::Text(_) => {
                    self.text();
                    continue;
                }
                Next::End => return Err(self.source.broken(self.source.at())),
            };
            if let Some(index) = find(head, name) {
                expected = self.place_in_order(index, expected);
                self.element(&mut plan.head, head, index, at, empty)?;
            } else if let Some(index) = find(body, name) {
                expected = self.place_in_order(head.len() + index, expected);
                self.element(plan.body.node_mut(), body, index, at, empty)?;
            } else if expected < head.len() && matches!(name, Name::Item(_)) {
                self.unknown(&mut plan.head, (0, 0, expected), at, empty)?;
            } else {
                self.unknown(plan.body.node_mut(), (0, 0, expected.saturating_sub(head.len())), at, empty)?;
            }
        }
    }

    /// What is expected behind an element.
    pub(super) fn place_in_order(&mut self, index: usize, expected: usize) -> usize {
        if index + 1 < expected {
            self.source.form("要素の順序が標準と違います", "elements stand in another order");
        }
        expected.max(index + 1)
    }

    /// The elements of a repetition of a group, up to its end.
    fn contents(&mut self, node: &mut AnyNode, group: u16, content: &'static [Content]) -> Result<(), Stop> {
        let mut expected = 0;
        loop {
            match self.source.next()? {
                Next::Open { name, at, empty, .. } => match find(content, name) {
                    Some(index) => {
                        expected = self.place_in_order(index, expected);
                        self.element(node, content, index, at, empty)?;
                    }
                    None => self.unknown(node, (group, 0, expected), at, empty)?,
                },
                Next::Close => return Ok(()),
                Next::Text(_) => {
                    self.text();
                }
                Next::End => return Err(self.source.broken(self.source.at())),
            }
        }
    }

    fn element(
        &mut self,
        node: &mut AnyNode,
        content: &'static [Content],
        index: usize,
        at: usize,
        empty: bool,
    ) -> Result<(), Stop> {
        match content.get(index) {
            Some(Content::Leaf { tag, .. }) => self.leaf(node, *tag, at, empty),
            Some(Content::Group(group)) => self.group(node, group, empty),
            Some(Content::Slots { number, tags }) => self.slots(node, *number, tags, at, empty),
            None => Ok(()),
        }
    }

    fn leaf(&mut self, node: &mut AnyNode, tag: Tag, at: usize, empty: bool) -> Result<(), Stop> {
        let text = self.source.leaf(empty)?;
        if text.is_empty() {
            self.source.form("空の要素があります", "there are empty elements");
            return Ok(());
        }
        match node.put(tag, &text) {
            Ok(true) => {}
            Ok(false) => {
                let (name, ja, en) = (tag.element(), tag.ja(), tag.en());
                let (ja, en) = (format!("{name}「{ja}」が2回あります"), format!("{name} {en} stands twice"));
                self.source.structure(at, &ja, &en);
            }
            Err(error) => self.value(tag, &text, &error),
        }
        Ok(())
    }

    pub(super) fn value(&mut self, tag: Tag, text: &str, error: &ItemError) {
        let (element, text) = (tag.element(), shown(text));
        let mut finding = codes::PLAN_VALUE
            .finding(format!("{element}「{text}」: {}", error.ja()), format!("{element} `{text}`: {}", error.en()));
        finding.place.column = Some(tag.ja().into());
        finding.item = tag.item();
        self.source.finding(finding);
    }

    fn group(&mut self, node: &mut AnyNode, group: &'static Group, empty: bool) -> Result<(), Stop> {
        if empty {
            self.source.form("空の要素があります", "there are empty elements");
            return Ok(());
        }
        let mut row = 0;
        self.source.path.push((group.number, 0));
        loop {
            match self.source.next()? {
                Next::Open { name: Name::Row(number), at, empty, .. } if number == group.number => {
                    row += 1;
                    if let Some(last) = self.source.path.last_mut() {
                        last.1 = if group.many { row } else { 0 };
                    }
                    let child = match group.part {
                        Some(part) => node.open(part),
                        None if row == 1 => Some(&mut *node),
                        None => None,
                    };
                    match child {
                        _ if empty => self.source.form("空の要素があります", "there are empty elements"),
                        Some(child) => self.contents(child, group.number, group.content)?,
                        None => {
                            self.source.structure(at, "この明細は1回だけです", "this group does not repeat");
                            self.source.skip(false)?;
                        }
                    }
                }
                Next::Open { at, empty, .. } => {
                    self.source.structure(at, "マルチ明細の行ではありません", "it is not a row of the group");
                    self.source.skip(empty)?;
                }
                Next::Close => break,
                Next::Text(_) => {
                    self.text();
                }
                Next::End => return Err(self.source.broken(self.source.at())),
            }
        }
        self.source.path.pop();
        Ok(())
    }

    /// Text where only elements stand.
    pub(super) fn text(&mut self) {
        self.source.structure(self.source.at(), "要素の間に文字があります", "there is text between elements");
    }

    fn unknown(&mut self, node: &mut AnyNode, place: (u16, u8, usize), at: usize, empty: bool) -> Result<(), Stop> {
        let end = self.source.skip(empty)?;
        self.keep(node, place, at, end);
        Ok(())
    }

    pub(super) fn keep(&mut self, node: &mut AnyNode, (group, row, before): (u16, u8, usize), from: usize, to: usize) {
        let xml = self.source.written(from, to);
        let part = UnknownPart { group, row, before: u8::try_from(before).unwrap_or(u8::MAX), xml: xml.into() };
        let name = shown(part.name());
        if name.contains(':') {
            let (ja, en) = (
                format!("未知の要素 {name} に接頭辞があり、保持できません"),
                format!("the unknown element {name} has a prefix and cannot be kept"),
            );
            self.source.structure(from, &ja, &en);
            return;
        }
        let (ja, en) = (format!("未知の要素 {name} を保持しました"), format!("the unknown element {name} is kept"));
        self.source.finding(codes::PLAN_UNKNOWN_PART.finding(ja, en));
        node.keep(part);
    }

    /// What follows the message: nothing.
    fn end(&mut self) -> Result<(), Stop> {
        let mut open = 2;
        loop {
            match self.source.next()? {
                Next::Close => open -= 1,
                Next::Open { at, empty, .. } => {
                    let (ja, en) = ("電文の後に要素があります", "there is an element behind the message");
                    self.source.structure(at, ja, en);
                    self.source.skip(empty)?;
                }
                Next::Text(_) => {
                    self.source.structure(
                        self.source.at(),
                        "電文の後に文字があります",
                        "there is text behind the message",
                    );
                }
                Next::End if open == 0 => return Ok(()),
                Next::End => return Err(self.source.broken(self.source.at())),
            }
        }
    }
}

/// The place of an element in a content.
fn find(content: &[Content], name: Name<'_>) -> Option<usize> {
    content.iter().position(|one| match one {
        Content::Leaf { tag, .. } => name == Name::Item(tag.number()),
        Content::Group(group) => name == Name::Group(group.number),
        Content::Slots { number, .. } => name == Name::Group(*number),
    })
}

/// A text of a file in a finding: short, without what would move the cursor.
pub(super) fn shown(text: &str) -> String {
    let printable = |c: char| if c.is_control() { '\u{FFFD}' } else { c };
    let start: String = text.chars().take(30).map(printable).collect();
    if text.chars().nth(30).is_some() { start + "…" } else { start }
}
