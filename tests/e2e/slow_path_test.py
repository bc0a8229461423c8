"""A byte is not held back on a narrow path: chunks wait for nothing that has not come."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.slow_path import METHODS, NARROW, PATHS, STRAIGHT, Row, Target, measure  # noqa: E402
from support import own_network  # noqa: E402
from support.link import Link  # noqa: E402

ALLOWED = 0.01  # seconds on top of the path's own; one chunk of 16 KiB would take 0.065


@unittest.skipIf(own_network.WHY_NO_TUN, own_network.WHY_NO_TUN)
class SlowPathTest(unittest.TestCase):
    def test_half_of_a_narrow_path_passes_as_if_it_were_straight(self):
        plan, pace = PATHS[NARROW]
        with Link(plan) as link:
            target = Target(link)
            medians = {}
            for row in (Row(STRAIGHT), *(Row("ours", method) for method in METHODS)):
                [(medians[row], _)] = measure(link, row, target, (pace,))
            target.listener.close()
        straight = medians.pop(Row(STRAIGHT))
        for row, median in medians.items():
            self.assertLess(median, straight + ALLOWED, row)


if __name__ == "__main__":
    own_network.main(needs_tun=True)
