"""What a run is doing, a bar, and a row of numbers, on nodes that stay while the numbers change.

The same in Streamlit's own elements is 18 of them, which the browser builds anew each second of a training.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st


@dataclass(frozen=True)
class Number:
    """One of the row: it keeps its width, and room for a note of three lines, so that nothing beside it moves."""

    width: int  # pixels
    label: str
    value: str
    note: str
    about: str = ""  # a longer word on it, for who asks


_HTML = """<div class="live-numbers"><div class="headline"></div>
<div class="bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100"><div></div></div>
<div class="row"></div></div>"""

_CSS = """
.live-numbers {color: var(--st-text-color); font-family: var(--st-font); font-variant-numeric: tabular-nums}
.live-numbers .headline {font-size: 0.875rem; margin-bottom: 0.45rem}
.live-numbers .bar {height: 0.5rem; border-radius: 0.5rem; background: var(--st-secondary-background-color);
  overflow: hidden}
.live-numbers .bar div {height: 100%; background: var(--st-primary-color)}
.live-numbers .row {display: flex; flex-wrap: wrap; gap: 0.4rem 0.25rem; margin-top: 1.1rem}
.live-numbers .label {font-size: 0.875rem; position: relative}
.live-numbers .value {font-size: 1.7rem; line-height: 1.5}
.live-numbers .note {font-size: 0.875rem; line-height: 1.4; min-height: 3.7rem; white-space: pre-line; opacity: 0.65}
.live-numbers .about {display: inline-block; width: 1.05rem; margin-left: 0.4rem; border: 1px solid; border-radius: 50%;
  font-size: 0.7rem; line-height: 1rem; text-align: center; cursor: help;
  color: color-mix(in srgb, var(--st-text-color) 65%, transparent)}
.live-numbers .about:is(:hover, :focus-visible)::after {content: attr(aria-label); position: absolute; z-index: 10;
  top: 1.6rem; left: 0; width: 13rem; padding: 0.5rem 0.75rem; border-radius: 0.5rem; font-size: 0.875rem;
  line-height: 1.4; text-align: left; color: var(--st-text-color); background: var(--st-secondary-background-color);
  border: 1px solid color-mix(in srgb, var(--st-text-color) 20%, transparent)}
"""

_JS = """
function build(row, number) {
  const cell = row.appendChild(document.createElement("div"));
  const part = (name, parent) => {
    const node = parent.appendChild(document.createElement(name === "about" ? "span" : "div"));
    node.className = name;
    return node;
  };
  cell.style.width = `${number.width}px`;
  const label = part("label", cell);
  label.append(number.label);
  if (number.about) {
    Object.assign(part("about", label), {textContent: "?", tabIndex: 0, role: "note", ariaLabel: number.about});
  }
  part("value", cell);
  part("note", cell);
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export default function ({ data, parentElement }) {
  const [root, row] = [".live-numbers", ".row"].map((name) => parentElement.querySelector(name));
  write(root.querySelector(".headline"), data.headline);
  const bar = root.querySelector(".bar");
  bar.ariaValueNow = Math.round(100 * data.share);
  bar.firstChild.style.width = `${100 * data.share}%`;
  const labels = data.numbers.map((number) => number.label).join();
  if (row.dataset.labels !== labels) {
    row.replaceChildren();
    row.dataset.labels = labels;
    for (const number of data.numbers) build(row, number);
  }
  data.numbers.forEach((number, i) => {
    write(row.children[i].querySelector(".value"), number.value);
    write(row.children[i].querySelector(".note"), number.note);
  });
}
"""

_component = st.components.v2.component("mnist_lab.live_numbers", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def live_numbers(headline: str, share: float, numbers: Sequence[Number], *, key: str) -> None:
    """A sentence, a bar filled to `share` (0 to 1), and the numbers, on the nodes that `key` names."""
    data = {"headline": headline, "share": share, "numbers": [asdict(number) for number in numbers]}
    _component(data=data, key=key)
