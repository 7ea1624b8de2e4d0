"""The peer of benches/baseline.rs: numpy over five fixed days. No refill, no holidays, no exclusions, no trace.

Usage: baseline.py POINTS ROUNDS. Prints the points per second of every round, over an array of points × days × slots as
such a script has it, and over one of days × slots × points as ours.
"""

import sys
import time

import numpy as np

POINTS, ROUNDS = int(sys.argv[1]), int(sys.argv[2])
DAYS, SLOTS = 31, 48
FIVE = np.array([29, 28, 27, 26, 25])
START, END = 34, 38

rng = np.random.default_rng(1)
load = rng.integers(200, 20_000, size=(POINTS, DAYS, SLOTS), dtype=np.int32).astype(np.float32)


def baseline():
    past = load[:, FIVE, :]
    event = past[:, :, START:END]
    window = past[:, :, START - 10 : START - 4]
    mean = event.mean(axis=2)
    weight = np.ones((POINTS, 5), dtype=np.float32)
    weight[np.arange(POINTS), mean.argmin(axis=1)] = 0
    raw = (event * weight[:, :, None]).sum(axis=1) / 4
    past_window = (window * weight[:, :, None]).sum(axis=1) / 4
    adjustment = (load[:, DAYS - 1, START - 10 : START - 4] - past_window).mean(axis=1)
    return np.maximum(raw + adjustment[:, None], 0)


def baseline_of_columns():
    event = columns[FIVE, START:END]
    window = columns[FIVE, START - 10 : START - 4]
    mean = event.mean(axis=1)
    weight = np.ones((5, POINTS), dtype=np.float32)
    weight[mean.argmin(axis=0), np.arange(POINTS)] = 0
    raw = (event * weight[:, None, :]).sum(axis=0) / 4
    past_window = (window * weight[:, None, :]).sum(axis=0) / 4
    adjustment = (columns[DAYS - 1, START - 10 : START - 4] - past_window).mean(axis=0)
    return np.maximum(raw + adjustment[None, :], 0)


def rounds(name, compute):
    compute()
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        compute()
        print(name, POINTS / (time.perf_counter() - begin))


expected = baseline()
rounds("points", baseline)
columns = np.ascontiguousarray(load.transpose(1, 2, 0))
assert np.allclose(baseline_of_columns().T, expected, rtol=1e-4)
del load
rounds("columns", baseline_of_columns)
