#!/usr/bin/env python3
"""The guard's comparison, on figures made up here."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.verdict import ratios, regressions  # noqa: E402

BULK = ("bulk", "CPU")


class RatiosTest(unittest.TestCase):
    def test_takes_the_median_of_the_rounds(self):
        results = {("ours", *BULK): [2, 30, 6], ("floor", *BULK): [1, 10, 4]}
        self.assertEqual(ratios(results, [BULK]), {"bulk: CPU": 2})

    def test_does_not_depend_on_the_speed_of_the_machine(self):
        slow = {("ours", *BULK): [20, 30], ("floor", *BULK): [10, 10]}
        fast = {("ours", *BULK): [2, 3], ("floor", *BULK): [1, 1]}
        self.assertEqual(ratios(slow, [BULK]), ratios(fast, [BULK]))

    def test_has_none_where_a_round_failed(self):
        self.assertEqual(ratios({("ours", *BULK): [2], ("floor", *BULK): [1, 1]}, [BULK]), {"bulk: CPU": None})
        self.assertEqual(ratios({("ours", *BULK): [2], ("floor", *BULK): [0]}, [BULK]), {"bulk: CPU": None})
        self.assertEqual(ratios({}, [BULK]), {"bulk: CPU": None})


class RegressionsTest(unittest.TestCase):
    def test_passes_what_is_within_the_tolerance(self):
        self.assertEqual(regressions({"bulk": 1.0}, {"bulk": 1.2}, 0.2), [])
        self.assertEqual(regressions({"bulk": 1.0}, {"bulk": 0.5}, 0.2), [])

    def test_fails_what_has_become_dearer(self):
        self.assertEqual(regressions({"bulk": 1.0}, {"bulk": 1.3}, 0.2), ["bulk: 1.30 x floor, recorded 1.00, allowed 1.20"])

    def test_fails_what_was_not_measured(self):
        self.assertEqual(len(regressions({"bulk": 1.0, "short": 1.0}, {"bulk": None}, 0.2)), 2)

    def test_fails_what_was_never_recorded(self):
        self.assertEqual(len(regressions({}, {"bulk": 1.0}, 0.2)), 1)


if __name__ == "__main__":
    unittest.main()
