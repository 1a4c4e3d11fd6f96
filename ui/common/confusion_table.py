"""The confusion matrix as a table: a row for each true digit, a column for what it was read as."""

import html

import numpy as np

from ui.common.text import times

CellValue = tuple[int | None, int | None]  # true and predicted digit; None is any

# At most 0.65 of this blue over white or over near-black leaves the theme's own text above 4.5:1 (WCAG AA) on it.
_DEEPEST = 0.65
STYLE = """<style>
.confusion {border-collapse: separate; border-spacing: 2px; width: 100%; max-width: 36rem; table-layout: fixed;
  font-variant-numeric: tabular-nums; font-size: 0.85rem; margin: 0}
.confusion :is(th, td) {border: 0; padding: 0; height: 2.3rem; text-align: center; font-weight: 400;
  overflow: hidden; white-space: nowrap}
.confusion th {font-weight: 600}
.confusion thead :is(th, td) {height: 1.5rem}
.confusion .axis {font-weight: 400; opacity: 0.75; text-align: left; overflow: visible}
.confusion button {all: unset; box-sizing: border-box; width: 100%; height: 100%; display: flex; align-items: center;
  justify-content: center; cursor: pointer; border-radius: 3px}
.confusion td {background: rgb(31 111 201 / var(--shade, 0)); border-radius: 3px}
.confusion button:hover {outline: 1.5px solid currentColor; outline-offset: -1.5px}
.confusion button:focus-visible {outline: 2.5px solid currentColor; outline-offset: -2.5px}
.confusion .chosen {box-shadow: inset 0 0 0 2.5px rgb(230 140 20)}
.confusion .right, .confusion .sum {opacity: 0.7}
@media (max-width: 640px) {.confusion {font-size: 0.72rem; border-spacing: 1px} .confusion :is(th, td) {height: 1.9rem}}
</style>"""


def table(
    confusion: np.ndarray,
    chosen: CellValue = (None, None),
    *,
    rates: bool = False,
    diagonal: bool = True,
    buttons: bool = True,
) -> str:
    """The matrix of int counts (10, 10) as HTML; needs `STYLE`. Each count of mistakes is a button (see `clickable`),
    unless `buttons` is off.

    `rates` are percent: of the true digit in a cell, of the row or column in the sums at the edges. The more
    confusions, the bluer, by the square root, so that a pair seen once still shows; the diagonal, which dwarfs the
    rest, stays unfilled. The cells that `chosen` means are framed. A button's value is "4 9", or "4 any".
    """
    mistakes = confusion.copy()
    np.fill_diagonal(mistakes, 0)
    of_true, as_read, every = confusion.sum(1), confusion.sum(0), confusion.sum()
    share = mistakes / np.maximum(of_true, 1)[:, None] if rates else mistakes
    shade = _DEEPEST * np.sqrt(share / max(share.max(), 1e-9))

    def text(count: int, total: int) -> str:
        return f"{100 * count / max(total, 1):.1f}" if rates else f"{count:,}"

    def mistake_cell(true: int | None, read: int | None, count: int, total: int, kind: str = "") -> str:
        if not count:
            return "<td></td>"
        is_chosen = chosen != (None, None) and ((true, read) == chosen if kind else _means(chosen, true, read))
        what = f"{'Another digit' if true is None else true} read as {'another digit' if read is None else read}"
        label = f"{'All mistakes' if true is None and read is None else what}: {count:,} of {total:,}"
        style = "" if kind else f' style="--shade:{shade[true, read]:.2f}"'
        if not buttons:
            return f'<td{style} class="{kind}" title="{label}">{text(count, total)}</td>'
        return (
            f'<td{style} class="{kind} {"chosen" if is_chosen else ""}">'
            f'<button type="button" data-value="{_word(true)} {_word(read)}" aria-label="{label}" title="{label}" '
            f'aria-pressed="{str(is_chosen).lower()}">{text(count, total)}</button></td>'
        )

    def cell(true: int, read: int) -> str:
        if true != read:
            return mistake_cell(true, read, int(mistakes[true, read]), int(of_true[true]))
        if not diagonal:
            return "<td></td>"
        label = f"{true} correct: {confusion[true, true]:,} of {of_true[true]:,}"
        return f'<td class="right" title="{label}">{text(int(confusion[true, true]), int(of_true[true]))}</td>'

    head = "".join(f'<th scope="col">{digit}</th>' for digit in range(10))
    rows = "".join(
        f'<tr><th scope="row">{true}</th>{"".join(cell(true, read) for read in range(10))}'
        f"{mistake_cell(true, None, int(mistakes[true].sum()), int(of_true[true]), 'sum')}</tr>"
        for true in range(10)
    )
    feet = "".join(
        mistake_cell(None, read, int(mistakes[:, read].sum()), int(as_read[read]), "sum") for read in range(10)
    )
    feet += mistake_cell(None, None, int(mistakes.sum()), int(every), "sum")
    caption = html.escape(in_words(confusion), quote=True)
    return (
        f'<table class="confusion" aria-label="{caption}"><thead><tr><td></td>'
        '<td class="axis" colspan="11">Read as</td></tr>'
        f'<tr><td class="axis">True</td>{head}<th scope="col" aria-label="Mistakes">Σ</th></tr></thead>'
        f'<tbody>{rows}<tr><th scope="row" aria-label="Mistakes">Σ</th>{feet}</tr></tbody></table>'
    )


def value_of(word: str) -> CellValue:
    """What a button's value means."""
    true, read = (None if part == "any" else int(part) for part in word.split())
    return true, read


def in_words(confusion: np.ndarray, most: int = 3) -> str:
    """What the matrix is, and its most frequent confusions."""
    mistakes = confusion.copy()
    np.fill_diagonal(mistakes, 0)
    largest = np.argsort(-mistakes, axis=None, kind="stable")[:most]
    pairs = [(*divmod(int(place), 10), int(mistakes.flat[place])) for place in largest]
    named = "; ".join(f"{true} read as {read}, {times(count)}" for true, read, count in pairs if count)
    return f"Confusion matrix. Most often: {named or 'none'}."


def _means(chosen: CellValue, true: int | None, read: int | None) -> bool:
    return chosen[0] in (None, true) and chosen[1] in (None, read)


def _word(digit: int | None) -> str:
    return "any" if digit is None else str(digit)
