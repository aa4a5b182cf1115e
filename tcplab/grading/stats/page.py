"""Statistics as one HTML page that needs nothing else: plots are inline SVG, every text of strangers is escaped."""

from __future__ import annotations

from html import escape

from tcplab.grading.clean import one_line
from tcplab.grading.stats.gather import OUTCOMES, LabStats, StepStats
from tcplab.grading.stats.table import absences, clock, percent, summary

#: Colours that differ in lightness too; each bar also carries its words.
COLOURS = {"passed": "#2e7d4f", "wrong": "#c44536", "skipped": "#b58a1b", "not reached": "#8a8f98"}
STYLE = """\
:root{color-scheme:light dark;--ink:#1c1f24;--soft:#5b616b;--line:#d9dce1;--ground:#fff;--card:#f6f7f9}
@media(prefers-color-scheme:dark){:root{--ink:#e7e9ec;--soft:#a3a9b3;--line:#3a3f47;--ground:#16181c;--card:#1f2227}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);max-width:62rem;margin:2rem auto;
padding:0 1rem}
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line);padding-bottom:.3rem}
h3{margin:1.6rem 0 .4rem}
p.soft{color:var(--soft)}table{border-collapse:collapse;width:100%;font-size:.92rem}
td,th{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}svg{display:block;width:100%;height:auto;
background:var(--card);border-radius:6px}svg text{font:12px system-ui,sans-serif;fill:var(--ink)}
svg .soft{fill:var(--soft)}.key span{display:inline-block;margin-right:1.2rem}.key i{display:inline-block;width:.8em;
height:.8em;border-radius:2px;margin-right:.4em}
"""
#: So many learners are named under a step; the CSV has more.
NAMED_HERE = 40
LEFT, WIDTH, ROW = 200, 900, 26


def page(labs: list[LabStats]) -> str:
    """The whole page."""
    body = "".join(map(_lab, labs)) or "<p>There are no results.</p>"
    return ("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
            "<meta name=\"viewport\" content=\"width=device-width\"><title>tcplab: class results</title>"
            f"<style>{STYLE}</style></head><body><h1>Class results</h1>\n{body}</body></html>\n")


def _lab(lab: LabStats) -> str:
    steps = list(lab.steps.values())
    parts = [f"<h2>{_text(lab.title or lab.id)} <small>({_text(lab.id)})</small></h2>", f"<p>{_text(summary(lab))}</p>"]
    if steps:
        parts += [_key(), "<h3>How each step ended</h3>", _outcomes(steps),
                  "<h3>Points, and how many learners have them</h3>", _marks(lab),
                  "<h3>Median time on a step</h3>", _bars(
                      [(step.id, step.median_seconds or 0, clock(step.median_seconds)) for step in steps],
                      "No recording tells."),
                  "<p class=soft>By the wall clock of the recordings; pauses beyond ten minutes are left out.</p>",
                  "<h3>Hints opened</h3>",
                  _bars([(step.id, step.hints, str(step.hints)) for step in steps], "None were opened."),
                  "<h3>Most common wrong answers</h3>", _wrong(steps), "<h3>Who did not pass</h3>", _names(steps)]
    parts += [f"<h3>Who {_text(head)}</h3><p>{', '.join(map(_text, names))}</p>" for head, names in absences(lab)]
    return "\n".join(parts) + "\n"


def _key() -> str:
    return "<p class=key>" + "".join(f'<span><i style="background:{colour}"></i>{name}</span>'
                                     for name, colour in COLOURS.items()) + "</p>"


def _outcomes(steps: list[StepStats]) -> str:
    shapes = []
    for index, step in enumerate(steps):
        y, x = 8 + index * ROW, float(LEFT)
        shapes.append(_label(step.id, y))
        for name in OUTCOMES:
            count = step.outcomes[name]
            if not count:
                continue
            wide = (WIDTH - LEFT - 10) * count / step.learners
            shapes.append(f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{ROW - 6}" fill="{COLOURS[name]}">'
                          f"<title>{_text(step.title)}: {name} {count} of {step.learners}</title></rect>")
            share = percent(count, step.learners)
            if wide > 36:
                words = f"{share} {name}" if wide > 120 else share
                shapes.append(f'<text x="{x + 5:.1f}" y="{y + 14}" style="fill:#fff">{words}</text>')
            x += wide
    return _svg(8 + len(steps) * ROW + 4, shapes)


def _marks(lab: LabStats) -> str:
    """A histogram of scores."""
    most, high = max(lab.marks.values(), default=1), 120
    scale = max(lab.max_score, *lab.marks, 1)
    wide = (WIDTH - 40) / (scale + 1)
    shapes = []
    for score in sorted(lab.marks):
        tall = high * lab.marks[score] / most
        x = 20 + score * wide
        shapes.append(f'<rect x="{x + 1:.1f}" y="{high + 20 - tall:.1f}" width="{max(2.0, wide - 2):.1f}" '
                      f'height="{tall:.1f}" fill="{COLOURS["passed"]}"><title>{score} points: {lab.marks[score]}'
                      "</title></rect>")
        shapes.append(f'<text x="{x + wide / 2:.1f}" y="{high + 14 - tall:.1f}" text-anchor="middle">'
                      f"{lab.marks[score]}</text>")
    for score in sorted({0, scale // 2, scale}):
        shapes.append(f'<text class="soft" x="{20 + score * wide + wide / 2:.1f}" y="{high + 38}" '
                      f'text-anchor="middle">{score}</text>')
    return _svg(high + 48, shapes)


def _bars(rows: list[tuple[str, int, str]], nothing: str) -> str:
    most = max((value for _, value, _ in rows), default=0)
    if not most:
        return f"<p>{nothing}</p>"
    shapes = []
    for index, (name, value, words) in enumerate(rows):
        y = 8 + index * ROW
        wide = (WIDTH - LEFT - 90) * value / most
        shapes += [_label(name, y), f'<rect x="{LEFT}" y="{y}" width="{wide:.1f}" height="{ROW - 6}" fill="#3a6ea5"/>',
                   f'<text x="{LEFT + wide + 6:.1f}" y="{y + 14}">{_text(words)}</text>']
    return _svg(8 + len(rows) * ROW + 4, shapes)


def _label(name: str, y: int) -> str:
    return f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{_text(one_line(name, 26))}</text>'


def _svg(high: int, shapes: list[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {high}" role="img">{"".join(shapes)}</svg>'


def _wrong(steps: list[StepStats]) -> str:
    rows = [f"<tr><td>{_text(step.id)}</td><td class=n>{count}</td><td class=n>{percent(count, step.learners)}</td>"
            f"<td>{_text(answer)}</td></tr>" for step in steps for answer, count in step.common(5)]
    if not rows:
        return "<p>There were none.</p>"
    return ("<table><tr><th>step</th><th class=n>times</th><th class=n>of all</th><th>answer, without its numbers</th>"
            f"</tr>{''.join(rows)}</table>")


def _names(steps: list[StepStats]) -> str:
    rows = [f"<tr><td>{_text(step.id)}</td><td>{', '.join(map(_text, step.failed_by[:NAMED_HERE]))}"
            f"{' and more' if len(step.failed_by) > NAMED_HERE else ''}</td></tr>" for step in steps if step.failed_by]
    return f"<table><tr><th>step</th><th>learners</th></tr>{''.join(rows)}</table>" if rows else "<p>Everybody did.</p>"


def _text(words: str) -> str:
    return escape(one_line(words, 300), quote=True)
