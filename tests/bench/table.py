"""Medians, ratios and the printed table."""
import statistics

from bench.rows import HIGHER_IS_BETTER

OURS, FLOOR = "ours", "floor"


def median(values):
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def best_peer(figures, figure):
    """The best value among the peers, or None."""
    values = [value for name, value in figures.items() if name not in (OURS, FLOOR) and value is not None]
    return (max if figure in HIGHER_IS_BETTER else min)(values, default=None)


def ratio(value, base):
    return f"{value / base:.2f}" if value is not None and base else "-"


def shown(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def print_table(method, names, absent, medians, spread):
    """`medians` and `spread` are {(row, figure): {subject: value}}."""
    print(f"\n## {method}\n")
    print("| figure | " + " | ".join(names) + " | ours / floor | ours / best peer |")
    print("|---" * (len(names) + 3) + "|")
    for (row, figure), values in medians.items():
        if figure.startswith("generator"):
            continue
        ours = values.get(OURS)
        cells = [shown(values.get(name)) for name in names]
        print(f"| {row}: {figure} | " + " | ".join(cells) + f" | {ratio(ours, values.get(FLOOR))} | {ratio(ours, best_peer(values, figure))} |")
    for name, reason in absent.items():
        print(f"\n{name}: not measured, {reason}")
    widest = max(spread.values(), default=0)
    print(f"\nWidest spread of one figure between rounds: {widest:.0%} of its median.")


def summarise(results):
    """From {(subject, row, figure): [value per round]} to medians and relative spreads by (row, figure)."""
    medians, spread = {}, {}
    for (name, row, figure), values in results.items():
        middle = median(values)
        medians.setdefault((row, figure), {})[name] = middle
        known = [value for value in values if value is not None]
        if middle and len(known) > 1:
            spread[name, row, figure] = (max(known) - min(known)) / middle
    return medians, spread
