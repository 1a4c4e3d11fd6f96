"""What the page says about one value (`static/inside/living/value.js`), read back from its text and computed again."""

import re
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

_NUMBER = re.compile(r"[-−]?\d+(?:\.\d+)?(?:e[-−+]\d+)?")
_GO = """async ([place, seen]) => {
    const {change} = await import("%s");
    change({path: [place], ...seen});
}"""
_READ = """() => {
    const root = document.querySelector(".value");
    const cells = (table) => [...table.rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim()));
    const tables = (name) => [...root.querySelectorAll(name)].map(cells);
    return {
        told: root.querySelector(".value-told").innerText,
        numbers: tables(".value-numbers table"),
        ledger: tables(".value-ledger").flat(),
        shown: [...root.querySelectorAll(".value-ledger tr")].findIndex((row) => row.querySelector("[aria-current]")),
        grids: tables(".value-grid"),
        sentences: [...root.querySelectorAll(".value-sentence")].map((line) => line.innerText),
    };
}"""


def script(page: Page, name: str) -> str:
    """The address of a module of `static/inside/living/` on the page: imported, it is the one that runs there."""
    address: str = page.evaluate(
        """(name) => {
            const names = performance.getEntriesByType("resource").map((entry) => entry.name);
            return names.find((one) => one.endsWith(`living/${name}.js`));
        }""",
        name,
    )
    return address


def work_out(page: Page, layer: int | str, at: int, view: int | None = None) -> dict[str, Any]:
    """Have a value worked out, and read what is said."""
    place = {"layer": layer, "at": at} | ({} if view is None else {"view": view})
    page.evaluate(_GO % script(page, "session"), [place, {} if view is None else {"view": view}])
    said: dict[str, Any] = page.evaluate(_READ)
    return said


def numbers(text: str) -> list[Decimal]:
    """The numbers in a text."""
    return [Decimal(found.replace("−", "-")) for found in _NUMBER.findall(text)]


def _flat(table: list[list[str]]) -> list[Decimal]:
    return [number for row in table for cell in row for number in numbers(cell)]


def told(said: dict[str, Any]) -> Decimal:
    """The value itself."""
    return numbers(said["told"])[-1]


def check(kind: str, said: dict[str, Any]) -> None:
    """Compute the step again; terms add up to the last digit."""
    {
        "convolution": _convolution,
        "linear": _linear,
        "scale": _scale,
        "relu": _relu,
        "max_pool": _max_pool,
        "mean_pool": _mean_pool,
        "softmax": _softmax,
        "loss": _loss,
        "input": _input,
    }[kind](said)


def _ledger(said: dict[str, Any]) -> list[Decimal]:
    """Each line's number; the lines add up to the last, which is the value."""
    *lines, total = [numbers(row[-1])[0] for row in said["ledger"]]
    assert sum(lines) == total == told(said)
    return lines


def _convolution(said: dict[str, Any]) -> None:
    patch, kernel, products = map(_flat, said["numbers"])
    for value, weight, product in zip(patch, kernel, products, strict=True):
        assert abs(value * weight - product) <= Decimal("0.00016") + abs(weight) / 20_000 + abs(value) / 2_000_000
    assert sum(products) == _ledger(said)[max(0, said["shown"])]


def _linear(said: dict[str, Any]) -> None:
    _ledger(said)
    terms = [(numbers(middle), numbers(units)[0]) for _, middle, units in said["ledger"] if "×" in middle]
    assert len(terms) >= 8
    for (value, weight), product in terms:
        assert abs(value * weight - product) <= Decimal("0.00016") + abs(weight) / 20_000 + abs(value) / 2_000_000


def _scale(said: dict[str, Any]) -> None:
    (given, factor, product), (again, shift, value) = map(numbers, said["sentences"])
    assert abs(given * factor - product) <= Decimal("0.00016") + abs(factor) / 20_000 + abs(given) / 2_000_000
    assert product == again
    assert again + shift == value == told(said)


def _relu(said: dict[str, Any]) -> None:
    zero, given, value = numbers(said["sentences"][0])
    assert max(zero, given) == value == told(said)


def _max_pool(said: dict[str, Any]) -> None:
    (cells,) = map(_flat, said["numbers"])
    assert len(cells) == 4
    assert max(cells) == numbers(said["sentences"][0])[-1] == told(said)


def _mean_pool(said: dict[str, Any]) -> None:
    (cells,) = map(_flat, said["numbers"])
    total, count, value = numbers(said["sentences"][0])
    assert sum(cells) == total
    assert len(cells) == count
    assert abs(total / count - value) < Decimal("0.0001")
    assert value == told(said)


def _softmax(said: dict[str, Any]) -> None:
    """Of the last table: values, exponentials (or powers), their sum, and each one's share of it."""
    *rows, (_, *_, total, _) = said["grids"][-1][1:]
    powers, shares = [numbers(row[-2])[0] for row in rows], [numbers(row[-1])[0] for row in rows]
    assert sum(powers) == numbers(total)[0]
    for power, share in zip(powers, shares, strict=True):
        assert float(power / sum(powers)) == pytest.approx(float(share), abs=2e-4)
    if len(said["grids"]) == 1:
        values = np.array([float(numbers(row[-3])[0]) for row in rows])
        np.testing.assert_allclose(np.exp(values - values.max()), [float(power) for power in powers], atol=2e-4)
    else:
        for row in said["grids"][0][1:]:
            *views, mean = (float(numbers(cell)[0]) for cell in row[1:])
            assert np.mean(views) == pytest.approx(mean, abs=1.1e-4)
    power, again, share = numbers(said["sentences"][-1])
    assert again == sum(powers)
    assert power in powers
    assert share == told(said)


def _loss(said: dict[str, Any]) -> None:
    share, loss = (float(number) for number in numbers(said["sentences"][-1]))
    assert -np.log(share) == pytest.approx(loss, abs=2e-4)


def _input(said: dict[str, Any]) -> None:
    (level, _, share), (again, mean, std, value) = map(numbers, said["sentences"])
    assert abs(level / 255 - share) < Decimal("0.0001")
    assert share == again
    assert abs((share - mean) / std - value) < Decimal("0.0003")
    assert value == told(said)
