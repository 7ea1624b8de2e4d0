"""A second, independent High 4 of 5 / High 2 of 3, written from the steps of the rule and nothing else.

Reads cases as JSON lines, writes results as JSON lines. Dates are ISO texts, readings integers of 0.0001 kWh.
"""

import datetime as dt
import json
import sys
from fractions import Fraction


def load(readings, start, position):
    """The reading at a position counted in slots from 00:00 of a day; it may lie on a day before or after."""
    days, slot = divmod(position, 48)
    row = readings.get((start + dt.timedelta(days=days)).isoformat())
    value = None if row is None else row[slot]
    return None if value is None or value < 0 else value


def solve(case):
    day = dt.date.fromisoformat(case["date"])
    first, last = case["first"] - 1, case["last"] - 1
    event = list(range(first, last + 1 if last >= first else last + 49))
    window = list(range(first - 10, first - 4)) if case["adjusted"] else []
    holidays = set(case["holidays"])
    option = case["options"]
    readings = case["readings"]

    def free(date):
        return date.weekday() >= 5 or date.isoformat() in holidays

    def value(date, position):
        return load(readings, date, position)

    def mean(date):
        return Fraction(sum(value(date, s) for s in event), len(event))

    take, keep = (3, 2) if free(day) else (5, 4)

    # Step 2: days of the same type, most recent first.
    pool, back = [], 0
    while True:
        back += 1
        if option["lookback"] == "calendar-days" and back > 30:
            break
        if option["lookback"] == "days-of-type" and len(pool) == 30:
            break
        other = day - dt.timedelta(days=back)
        if free(other) == free(day):
            pool.append(other)

    # Step 3: past DR days are out, days with a gap too.
    called = {}
    for text, answered in case["dr_days"]:
        called[text] = called.get(text, False) or answered

    def is_dr(date):
        if date.isoformat() not in called:
            return False
        return called[date.isoformat()] or option["unanswered"] == "exclude"

    whole = [d for d in pool if all(value(d, s) is not None for s in event + window)]
    usable = [d for d in whole if not is_dr(d)]

    # Step 4: low use.
    low = []

    def is_low(date, among):
        others = [d for d in among if d != date] if option["low-use-self"] == "excluded" else among
        if not others:
            return False
        return mean(date) < Fraction(1, 4) * sum(mean(d) for d in others) / len(others)

    if option["low-use-mean"] == "pool":
        low = [d for d in usable if is_low(d, usable)]
        chosen = [d for d in usable if d not in low][:take]
    elif option["low-use-mean"] == "once":
        start = usable[:take]
        low = [d for d in start if is_low(d, start)]
        chosen = [d for d in start if d not in low] + usable[take : take + len(low)]
    else:
        while True:
            chosen = [d for d in usable if d not in low][:take]
            more = [d for d in chosen if is_low(d, chosen)]
            if not more:
                break
            low += more

    # Step 5: drop the least until K are left; of equal ones the oldest.
    kept = list(chosen)
    while len(kept) > keep:
        least = min(mean(d) for d in kept)
        kept.remove(min(d for d in kept if mean(d) == least))
    if len(kept) < keep and option["too-few"] == "dr-days":
        spare = [d for d in whole if is_dr(d)]
        while spare and len(kept) < keep:
            most = max(mean(d) for d in spare)
            best = max(d for d in spare if mean(d) == most)
            spare.remove(best)
            kept.append(best)
    if len(kept) < keep:
        return {"baseline": None}

    # Steps 6 to 9.
    def raw(position):
        return Fraction(sum(value(d, position) for d in kept), len(kept))

    move = Fraction(0)
    if window:
        own = [value(day, s) for s in window]
        if None in own:
            return {"baseline": None}
        move = sum(o - raw(s) for o, s in zip(own, window)) / len(window)
    result = [raw(s) + move for s in event]
    if option["floor"] == "per-slot":
        result = [max(b, Fraction(0)) for b in result]
    return {
        "kept": sorted(d.isoformat() for d in kept),
        "low": sorted(d.isoformat() for d in low),
        # kWh
        "baseline": [f"{(b / 10000).numerator}/{(b / 10000).denominator}" for b in result],
    }


for line in sys.stdin:
    print(json.dumps(solve(json.loads(line))))
