"""Bar charts as SVG, written by hand: no library is worth what it would cost a build machine."""
from html import escape

COLOURS = {"floor": "#9aa0a6", "ours": "#1a73e8", "rust": "#d9730d", "libev": "#188038", "sing-box": "#a142f4"}
WIDTH, LEFT, RIGHT, BAR, GAP, TOP = 760, 90, 70, 18, 14, 44


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
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" '
            'font-family="sans-serif" font-size="12" fill="#202124">'
            f'<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>'
            f'<text x="8" y="22" font-size="15" font-weight="bold">{escape(title)} ({escape(unit)})</text>')
    return head + "\n" + "\n".join(parts) + "\n</svg>\n"
