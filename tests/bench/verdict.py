"""Compares measured ratios with recorded ones. Nothing here measures."""
from bench.table import median


def ratios(results, figures):
    """{"ROW: FIGURE": median over the rounds of ours / floor} for each (row, figure) of `figures`; None where a round has no value."""
    found = {}
    for row, figure in figures:
        ours, floor = (results.get((name, row, figure), []) for name in ("ours", "floor"))
        whole = ours and len(ours) == len(floor) and all(mine is not None and base for mine, base in zip(ours, floor))
        found[f"{row}: {figure}"] = median([mine / base for mine, base in zip(ours, floor)]) if whole else None
    return found


def regressions(recorded, measured, tolerance):
    """What is dearer than recorded by more than `tolerance` (0.2 = 20 %), not measured, or not recorded: one line each."""
    found = []
    for name in sorted(recorded.keys() | measured.keys()):
        before, now = recorded.get(name), measured.get(name)
        if now is None:
            found.append(f"{name}: recorded, but not measured")
        elif before is None:
            found.append(f"{name}: measured, but not recorded; --record writes it")
        elif now > before * (1 + tolerance):
            found.append(f"{name}: {now:.2f} x floor, recorded {before:.2f}, allowed {before * (1 + tolerance):.2f}")
    return found
