"""The matrix as text for the terminal and as docs/INTEROP.md."""
import datetime
import platform

from support import methods

EIH_ROW = "{} with identity headers"
SIGNS = {"ok": "✓", "failed": "✗ FAILED", "unsupported": "–", "missing": "?"}


class Report:
    """Collects one result per cell; `cells` is keyed by (peer, direction, row)."""

    def __init__(self):
        self.cells, self.versions = {}, {}

    def add(self, peer, direction, row, state, note=""):
        self.cells[peer, direction, row] = (state, note)
        print(f"{SIGNS[state]:9} {peer:18} {direction:8} {row:48} {note}", flush=True)

    def count(self, state):
        return sum(1 for found, _ in self.cells.values() if found == state)

    def markdown(self):
        peers = list(dict.fromkeys(peer for peer, _, _ in self.cells))
        columns = [(peer, direction) for peer in peers for direction in ("to", "from")]
        rows = list(methods.METHODS) + [EIH_ROW.format(method) for method in methods.EIH_METHODS]
        notes = []
        lines = ["# Interoperation over TCP", "",
                 f"Written by `tests/interop/run.sh --peers all` on {datetime.date.today()} ({platform.system()} {platform.release()}).", "",
                 "Each cell starts a pair on loopback and checks an HTTP fetch over IPv4 and IPv6, an echo of 1 MiB and a download of 1 MiB byte for byte,",
                 "and what becomes of an answer of 1 MiB after the client's half-close. *to*: our ss-local before the peer's server; *from*: the peer's local",
                 "side before our ss-server.", "", "| program | version |", "|---|---|"]
        lines += [f"| {name} | {version} |" for name, version in self.versions.items()]
        lines += ["", "| method | " + " | ".join(f"{direction} {peer}" for peer, direction in columns) + " |", "|---" * (len(columns) + 1) + "|"]
        for row in rows:
            cells = [self._cell(peer, direction, row, notes) for peer, direction in columns]
            lines.append(f"| {row} | " + " | ".join(cells) + " |")
        lines += ["", f"✓ passes ({self.count('ok')} cells) · ✗ fails ({self.count('failed')}) · – the peer does not document it "
                      f"({self.count('unsupported')}) · ? the peer is missing ({self.count('missing')})", ""]
        lines += [f"{number}. {note}" for number, note in enumerate(notes, 1)]
        return "\n".join(lines).rstrip() + "\n"

    def _cell(self, peer, direction, row, notes):
        state, note = self.cells.get((peer, direction, row), ("missing", "not run"))
        if note and note not in notes:
            notes.append(note)
        return SIGNS[state] + (f" ({notes.index(note) + 1})" if note else "")
