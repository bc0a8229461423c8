"""The matrix as text for the terminal and, with what else was measured beside the peers, as docs/INTEROP.md."""
import datetime
import platform

from support import methods

EIH_ROW = "{} with identity headers"
SIGNS = {"ok": "✓", "failed": "✗ FAILED", "unsupported": "–", "missing": "?"}


class Report:
    """Collects one result per cell; `cells` is keyed by (transport, peer, direction, row)."""

    def __init__(self):
        self.cells, self.versions, self.measured = {}, {}, []

    def add(self, transport, peer, direction, row, state, note=""):
        self.cells[transport, peer, direction, row] = (state, note)
        print(f"{SIGNS[state]:9} {transport} {peer:18} {direction:5} {row:48} {note}", flush=True)

    def add_measured(self, title, words, table):
        """A section of its own below the matrix, with the table that another program printed."""
        self.measured += [f"## {title}", "", *words, "", table.strip(), ""]

    def count(self, state, transport=None):
        return sum(1 for (over, *_), (found, _) in self.cells.items() if found == state and transport in (None, over))

    def markdown(self):
        lines = ["# Interoperation", "",
                 f"Written by `tests/interop/run.sh --peers all` on {datetime.date.today()} ({platform.system()} {'.'.join(platform.release().split('.')[:2])}).", "",
                 "Each cell starts a pair on loopback. *to*: our ss-local before the peer's server; *from*: the peer's local side before our ss-server.",
                 "", "| program | version |", "|---|---|"]
        lines += [f"| {name} | {version} |" for name, version in self.versions.items()]
        lines += ["", "## TCP", "", "An HTTP fetch over IPv4 and IPv6, an echo of 1 MiB and a download of 1 MiB byte for byte, and what becomes of an answer of 1 MiB",
                  "after the client's half-close.", ""] + self._table("TCP")
        lines += ["", "## UDP", "", "Over SOCKS5 UDP ASSOCIATE: echoes of 0 to 65,357 bytes, as far as the peer relays them, from a target at 127.0.0.1, at ::1 and by the name",
                  "localhost, byte for byte and each from the source that it was sent to; and four times 32 datagrams sent before the first answer is read,",
                  "each of which comes back once.", ""] + self._table("UDP") + [""] + self.measured
        return "\n".join(lines).rstrip() + "\n"

    def _table(self, transport):
        peers = list(dict.fromkeys(peer for over, peer, *_ in self.cells if over == transport))
        columns = [(peer, direction) for peer in peers for direction in ("to", "from")]
        rows = list(methods.METHODS) + [EIH_ROW.format(method) for method in methods.EIH_METHODS]
        notes = []
        lines = ["| method | " + " | ".join(f"{direction} {peer}" for peer, direction in columns) + " |", "|---" * (len(columns) + 1) + "|"]
        for row in rows:
            cells = [self._cell((transport, peer, direction, row), notes) for peer, direction in columns]
            lines.append(f"| {row} | " + " | ".join(cells) + " |")
        lines += ["", f"✓ passes ({self.count('ok', transport)} cells) · ✗ fails ({self.count('failed', transport)}) · – the peer does not document it "
                      f"({self.count('unsupported', transport)}) · ? the peer is missing ({self.count('missing', transport)})", ""]
        return lines + [f"{number}. {note}" for number, note in enumerate(notes, 1)]

    def _cell(self, key, notes):
        state, note = self.cells.get(key, ("missing", "not run"))
        if note and note not in notes:
            notes.append(note)
        return SIGNS[state] + (f" ({notes.index(note) + 1})" if note else "")
