"""Time to the first byte over 100 ms of delay, counted in round trips: a warm connection and an early reply save one each."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.first_byte import ROUND_TRIP, measure, our_rows  # noqa: E402
from support import own_network, targets  # noqa: E402
from support.link import Link, Plan  # noqa: E402

# What the peers need with their unconfirmed replies is 2.
ROUND_TRIPS = {"confirmed, cold": 3, "confirmed, warm": 2, "optimistic, cold": 2, "optimistic, warm": 1}
COUNT = 3


@unittest.skipIf(own_network.WHY_NO_TUN, own_network.WHY_NO_TUN)
class FirstByteTest(unittest.TestCase):
    def test_round_trips_of_every_way_to_connect(self):
        with Link(Plan(delay=ROUND_TRIP / 2)) as link:
            with link.far():
                target = targets.Target(targets.echo).start()
            for row in our_rows():
                with self.subTest(method=row.method, how=row.name):
                    quickest = min(measure(link, row, target, COUNT)) / ROUND_TRIP
                    self.assertGreaterEqual(quickest, ROUND_TRIPS[row.name])
                    self.assertLess(quickest, ROUND_TRIPS[row.name] + 0.5)
            target.stop()


if __name__ == "__main__":
    own_network.main(needs_tun=True)
