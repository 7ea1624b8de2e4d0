//! 算定方法の比較: every method side by side for one event, and how far each would have missed on past days.

use crate::baseline::{
    Case, Computed, Direction, Event, Fraction, Kind, Measured, Method, Methods, Options, PointReadings, Suitability,
    compute, suitability,
};
use crate::calendar::CalendarError;
use serde_json::{Value, json};

/// 比較: the methods on one point and event.
#[derive(Clone, Debug)]
pub struct Comparison<'m> {
    /// The computations, in the order of the methods.
    pub computed: Vec<Computed<'m>>,
    /// 適合性: how far each would have missed.
    pub suitability: Suitability<'m>,
}

/// The methods that can be compared: those of readings at the supply point for a reduction, without a submitted forecast.
#[must_use]
pub fn comparable(methods: &Methods) -> Vec<&Method> {
    let fits = |method: &&Method| {
        method.measured == Measured::Point && method.direction == Direction::Down && method.kind != Kind::Submitted
    };
    methods.iter().filter(fits).collect()
}

/// Computes an event with every method, and tries each on the last `most` eligible days.
pub fn compare<'m>(
    readings: PointReadings<'_>,
    event: &Event,
    methods: &[&'m Method],
    most: usize,
    options: &Options,
    case: &Case<'_>,
) -> Result<Comparison<'m>, CalendarError> {
    let computed = methods.iter().flat_map(|method| compute(readings, &[*event], method, options, case)).collect();
    Ok(Comparison { computed, suitability: suitability(readings, event, methods, most, options, case)? })
}

impl Comparison<'_> {
    /// `{"point","event","event_slots","methods":[{"method","name","slots":[{"slot","baseline_kwh","reduction_kwh"}],
    /// "total_reduction_kwh","days","rrmse","bias","findings","digest"}],"tried":[dates],"best"}`; what there is none of is
    /// `null`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let text = |exact: Option<Fraction>| exact.map(|exact| exact.to_string());
        let first = self.computed.first();
        let method = |one: &Computed<'_>| {
            let missed = self.suitability.methods.iter().find(|missed| missed.method.key == one.method.key);
            let slots = one.slots.iter().map(|slot| {
                json!({
                    "date": slot.date.to_string(), "slot": slot.slot.number(),
                    "baseline_kwh": text(slot.baseline), "reduction_kwh": text(slot.reduction),
                })
            });
            json!({
                "method": one.method.key, "name": one.method.ja, "slots": slots.collect::<Vec<_>>(),
                "total_reduction_kwh": text(one.total_reduction),
                "days": missed.map(|missed| missed.days), "rrmse": text(missed.and_then(|missed| missed.rrmse)),
                "bias": text(missed.and_then(|missed| missed.bias)),
                "findings": one.findings.iter().map(crate::rules::Finding::to_json).collect::<Vec<_>>(),
                "digest": one.digest,
            })
        };
        json!({
            "point": first.map(|one| one.point.as_str().to_owned()),
            "event": first.map(|one| one.event.date.to_string()),
            "event_slots": first.map(|one| format!("{}-{}", one.event.first.number(), one.event.last.number())),
            "methods": self.computed.iter().map(method).collect::<Vec<_>>(),
            "tried": self.suitability.days.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "best": self.best().map(|method| &method.key),
        })
    }

    /// The method that missed least on every day that was tried.
    #[must_use]
    pub fn best(&self) -> Option<&Method> {
        Some(self.suitability.methods.get(self.suitability.best?)?.method)
    }
}
