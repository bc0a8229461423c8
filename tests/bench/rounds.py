"""Runs the rows on every subject in turn, round by round, and keeps each round's figures."""
import sys

from bench import rows, subjects
from support.process import DiedEarly


def progress(text):
    if sys.stderr.isatty():
        print(f"\r{text}\033[K", end="", file=sys.stderr, flush=True)


class Bench:
    """Collects what one method's subjects do."""

    def __init__(self, method, names, size, wanted):
        """`wanted` says of a row's name whether it is run."""
        self.method, self.size, self.wanted = method, size, wanted
        self.names, self.absent = subjects.available(names, method)
        self.results, self.errors = {}, {}

    def measure(self, subject, row, run):
        try:
            errors, figures = run(subject, self.size)
        except subjects.LoadFailed as error:  # the other subjects' figures stand
            print(f"FAILED: {row}: {error}")
            errors, figures = 1, {}
        if errors:
            self.errors[subject.name, row] = self.errors.get((subject.name, row), 0) + errors
        for figure, value in figures.items():
            self.results.setdefault((subject.name, row, figure), []).append(value)

    def start(self, name):
        """A subject, or None with the reason kept."""
        try:
            return subjects.Subject(name, self.method)
        except DiedEarly as error:
            self.absent[name] = str(error).splitlines()[0]
            return None

    def run(self):
        chosen = {row: run for row, run in rows.ROWS.items() if self.wanted(row)}
        started = [subject for subject in map(self.start, self.names if chosen else []) if subject]
        try:
            for number in range(self.size.rounds if started else 0):
                for row, run in chosen.items():
                    if row in rows.SELDOM and number >= self.size.idle_rounds:
                        continue
                    for subject in started[number % len(started):] + started[:number % len(started)]:
                        progress(f"{self.method}: round {number + 1}, {row}, {subject.name}")
                        self.measure(subject, row, run)
        finally:
            for subject in started:
                subject.stop()
        for row, run in rows.IDLE_ROWS.items():
            for name in self.names if self.wanted(row) else []:
                self.run_idle(name, row, run)
        progress("")

    def run_idle(self, name, row, run):
        for _ in range(self.size.idle_rounds):
            progress(f"{self.method}: {row}, {name}")
            subject = self.start(name)
            if not subject:
                return
            try:
                self.measure(subject, row, run)
            finally:
                subject.stop()
