#!/usr/bin/env python3
"""What the bench makes of its figures: curves, the capacity of a server, the tables of other programs' reports. Nothing is measured."""
import subprocess
import sys
import unittest
import xml.etree.ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import capacity, chart, connection_cost  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


class CurvesTest(unittest.TestCase):
    def test_draws_each_series_with_a_point_for_each_x(self):
        drawn = xml.etree.ElementTree.fromstring(chart.curves("<rate>", "GiB/s", "workers", {"a": {1: 1.0, 2: 2.0}, "b": {1: 3.0, 2: 1.5}}))
        self.assertEqual(len(drawn.findall(f"{SVG}polyline")), 2)
        self.assertEqual(len(drawn.findall(f"{SVG}circle")), 4)

    def test_higher_values_stand_higher_over_one_base(self):
        drawn = xml.etree.ElementTree.fromstring(chart.curves("t", "u", "x", {"a": {1: 1.0, 2: 2.0}}))
        low, high = (float(point.get("cy")) for point in drawn.findall(f"{SVG}circle"))
        base = float(drawn.find(f"{SVG}line").get("y1"))
        self.assertAlmostEqual(base - high, 2 * (base - low), delta=0.2)


class CapacityTest(unittest.TestCase):
    PARTS = {"workers": {"bulk down": {2: {capacity.SERVER_BULK: 1.0}}, "short connections": {2: {capacity.SERVER_SHORT: 100.0}}},
             "idle": {1000: {"server KiB": 9, "kernel KiB": None}, 50_000: {"server KiB": 2, "kernel KiB": 6}}}

    def test_each_limit_comes_from_its_own_figure(self):
        found = capacity.limits(capacity.Machine(cores=2, gib=4, gbit=1), self.PARTS)
        core = capacity.MBIT * 1e6 / 8 / 2**30 + capacity.NEW_A_SECOND * 100e-6
        self.assertAlmostEqual(found["processor"], 2 * capacity.BUSY / core)
        self.assertAlmostEqual(found["memory"], 4 * 2**20 * capacity.BUSY / (capacity.OPEN * 8))
        self.assertAlmostEqual(found["network"], 1000 * capacity.BUSY / capacity.MBIT)

    def test_the_page_has_a_line_for_each_machine(self):
        lines = list(capacity.page({"2022-blake3-aes-256-gcm": self.PARTS}))
        self.assertEqual(sum(" cores, " in line for line in lines), len(capacity.MACHINES))


class IdleItemsTest(unittest.TestCase):
    REPORT = """PEAK MEMORY CONSUMERS
2.05M peak memory consumed over 2050 calls from
ss::local::serve(ss::relay::Environment&) [clone .actor]
  in /bin/ss-local
2.05M consumed over 2050 calls from:
    ss::net::run()
      in /bin/ss-local

410.00K peak memory consumed over 2050 calls from
std::_Function_handler<>::_M_invoke(std::_Any_data const&)
  in /bin/ss-local
410.00K consumed over 2050 calls from:
    ss::net::accept(int)
      in /bin/ss-local

1.31M peak memory consumed over 15 calls from
ss::ops::Engine::Engine()
  in /bin/ss-local
"""

    def test_takes_what_every_connection_allocates_and_names_it(self):
        found = [(round(size), name) for size, name in connection_cost.idle_items(self.REPORT)]
        self.assertEqual(found, [(1000, "ss::local::serve"), (200, "std::_Function_handler, in ss::net::accept")])


class HelpTest(unittest.TestCase):
    def test_every_program_says_what_it_measures(self):
        for name in ("back_ends", "connection_cost", "first_byte", "guard", "profile", "run", "scaling", "slow_path"):
            with self.subTest(program=name):
                done = subprocess.run([sys.executable, HERE / f"{name}.py", "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("usage:", done.stdout)


if __name__ == "__main__":
    unittest.main()
