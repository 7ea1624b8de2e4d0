//! 算定過程のJSON: quantities are strings, exact; `p/q` only where the decimal does not end.

use super::trace::{Candidate, Fate, SlotFigures, WindowSlot};
use super::{Computed, Fraction, Mark};
use crate::items::{Code, Energy};
use crate::rules::Finding;
use serde_json::{Map, Value, json};

/// `{"baselines":[…]}`
#[must_use]
pub fn to_json(computed: &[Computed<'_>]) -> Value {
    json!({ "baselines": computed.iter().map(Computed::to_json).collect::<Vec<_>>() })
}

impl Computed<'_> {
    /// The computation with its whole trace.
    ///
    /// `{"point","event","event_slots","method","kept","excluded":[{"date","reason"}],"dropped","adjustment",
    /// "slots":[{"slot","baseline_kwh","actual_kwh","reduction_kwh"}],"total_reduction_kwh","findings","digest",…}`;
    /// a quantity that there is none of is `null`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let method = self.method;
        let options: Map<String, Value> =
            self.options.each().map(|(name, value, ..)| (name.into(), value.into())).collect();
        json!({
            "point": self.point.as_str(),
            "event": self.event.date.to_string(),
            "event_slots": format!("{}-{}", self.event.first.number(), self.event.last.number()),
            "day_type": self.day_type.map(Code::key),
            "method": method.key,
            "method_name": method.ja,
            "method_source": method.source,
            "method_verified": method.verified,
            "direction": method.direction.key(),
            "measured": method.measured.key(),
            "options": options,
            "kept": self.kept().iter().map(ToString::to_string).collect::<Vec<_>>(),
            "excluded": self.candidates.iter().rev().filter_map(excluded).collect::<Vec<_>>(),
            "dropped": self.candidates.iter().rev().filter_map(dropped).collect::<Vec<_>>(),
            "candidates": self.candidates.iter().map(candidate).collect::<Vec<_>>(),
            "adjustment": exact(self.adjustment),
            "window": self.window.iter().map(window).collect::<Vec<_>>(),
            "readings": mark(self.mark),
            "slots": self.slots.iter().map(slot).collect::<Vec<_>>(),
            "total_reduction_kwh": exact(self.total_reduction),
            "findings": self.findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
            "digest": self.digest,
        })
    }
}

fn exact(quantity: Option<Fraction>) -> Option<String> {
    quantity.map(|quantity| quantity.to_string())
}

fn energy(energy: Option<Energy>) -> Option<String> {
    energy.map(|energy| energy.to_string())
}

fn mark(mark: Option<Mark>) -> Option<Value> {
    mark.map(|mark| json!({ "status": mark.status.key(), "revision": mark.revision }))
}

fn excluded(day: &Candidate) -> Option<Value> {
    let Fate::Excluded(why) = &day.fate else { return None };
    Some(json!({ "date": day.date.to_string(), "reason": why.key(), "ja": why.ja(), "en": why.en() }))
}

fn dropped(day: &Candidate) -> Option<Value> {
    let Fate::Dropped { tie } = day.fate else { return None };
    let reason = if tie { "oldest-of-equal" } else { "not-among-highest" };
    Some(json!({ "date": day.date.to_string(), "reason": reason, "tie": tie }))
}

fn candidate(day: &Candidate) -> Value {
    let fate = match day.fate {
        Fate::Kept => "kept",
        Fate::Added => "added",
        Fate::Dropped { .. } => "dropped",
        Fate::Excluded(_) => "excluded",
        Fate::NotNeeded => "not-needed",
    };
    json!({
        "date": day.date.to_string(),
        "fate": fate,
        "mean_kwh": exact(day.mean),
        "distance_kwh": exact(day.distance),
        "event_kwh": day.event.iter().map(|reading| energy(*reading)).collect::<Vec<_>>(),
        "window_kwh": day.window.iter().map(|reading| energy(*reading)).collect::<Vec<_>>(),
        "readings": mark(day.mark),
    })
}

fn window(slot: &WindowSlot) -> Value {
    json!({
        "date": slot.date.to_string(),
        "slot": slot.slot.number(),
        "actual_kwh": energy(slot.actual),
        "raw_kwh": exact(slot.raw),
    })
}

fn slot(slot: &SlotFigures) -> Value {
    json!({
        "date": slot.date.to_string(),
        "slot": slot.slot.number(),
        "raw_kwh": exact(slot.raw),
        "baseline_kwh": exact(slot.baseline),
        "floored": slot.floored,
        "actual_kwh": energy(slot.actual),
        "reduction_kwh": exact(slot.reduction),
    })
}
