"""Charts as SVG, written by hand: no library is worth what it would cost a build machine."""
from html import escape

COLOURS = {"floor": "#9aa0a6", "ours": "#1a73e8", "rust": "#d9730d", "libev": "#188038", "sing-box": "#a142f4"}
WIDTH, LEFT, RIGHT, BAR, GAP, TOP = 760, 90, 70, 18, 14, 44


HEIGHT, BOTTOM = 300, 40  # of curves
SHADES = ("#1a73e8", "#d9730d", "#188038", "#a142f4")


def head(height, title, unit):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
            'font-family="sans-serif" font-size="12" fill="#202124">'
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
            f'<text x="8" y="22" font-size="15" font-weight="bold">{escape(title)} ({escape(unit)})</text>')


def shown(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def bars(title, unit, groups):
    """An SVG of horizontal bars; `groups` are (name, {subject: value or None}). A value that is absent has no bar."""
    groups = [(name, {subject: value for subject, value in values.items() if value is not None}) for name, values in groups]
    most = max((value for _, values in groups for value in values.values()), default=0) or 1
    parts, y = [], TOP
    for name, values in groups:
        parts.append(f'<text x="8" y="{y + 12}" font-weight="bold">{escape(name)}</text>')
        y += BAR
        for subject, value in values.items():
            length = max(1, (WIDTH - LEFT - RIGHT) * value / most)
            parts.append(f'<text x="{LEFT - 6}" y="{y + 12}" text-anchor="end">{escape(subject)}</text>'
                         f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 4}" fill="{COLOURS.get(subject, "#5f6368")}"/>'
                         f'<text x="{LEFT + length + 5:.1f}" y="{y + 12}">{shown(value)}</text>')
            y += BAR
        y += GAP
    return head(y, title, unit) + "\n" + "\n".join(parts) + "\n</svg>\n"


def curves(title, unit, x_name, series):
    """An SVG of one line each; `series` are {name: {x: y}} over the same x, which stand at equal distances. The y axis begins at 0."""
    points = list(next(iter(series.values())))
    most = max(y for values in series.values() for y in values.values()) * 1.1 or 1
    left, right, top, bottom = 60, WIDTH - 30, TOP + 18 * len(series), HEIGHT - BOTTOM
    place_x = {x: left + (right - left) * (i + 0.5) / len(points) for i, x in enumerate(points)}
    place_y = lambda y: bottom - (bottom - top) * y / most  # noqa: E731
    parts = [f'<line x1="{left}" y1="{bottom}" x2="{right}" y2="{bottom}" stroke="#202124"/>']
    parts += [f'<text x="{place:.0f}" y="{bottom + 16}" text-anchor="middle">{x:,}</text>' for x, place in place_x.items()]
    parts.append(f'<text x="{right}" y="{bottom + 32}" text-anchor="end">{escape(x_name)}</text>')
    for i, (name, values) in enumerate(series.items()):
        shade = SHADES[i % len(SHADES)]
        line = " ".join(f"{place_x[x]:.1f},{place_y(y):.1f}" for x, y in values.items())
        parts.append(f'<polyline points="{line}" fill="none" stroke="{shade}" stroke-width="2"/>')
        above = -6 if i % 2 == 0 else 16
        parts += [f'<circle cx="{place_x[x]:.1f}" cy="{place_y(y):.1f}" r="3" fill="{shade}"/>'
                  f'<text x="{place_x[x]:.1f}" y="{place_y(y) + above:.1f}" text-anchor="middle" fill="{shade}">{shown(y)}</text>' for x, y in values.items()]
        parts.append(f'<text x="{left}" y="{TOP + 18 * i}" fill="{shade}">{escape(name)}</text>')
    return head(HEIGHT, title, unit) + "\n" + "\n".join(parts) + "\n</svg>\n"
