"""JSON objects that hold their own digest, so that a reader sees a change that nobody meant."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

KEY = "digest"


def seal(value: Mapping[str, Any]) -> dict[str, Any]:
    """The object with its SHA-256 in it, under `digest`."""
    plain = {name: part for name, part in value.items() if name != KEY}
    return {**plain, KEY: hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()}


def is_sealed(value: Any) -> bool:
    """Whether the JSON value is an object with its own digest in it."""
    return isinstance(value, dict) and value.get(KEY) == seal(value)[KEY]


def is_broken(value: Any) -> bool:
    """Whether the JSON value holds a digest that is not its own; what was written by older versions holds none."""
    return isinstance(value, dict) and KEY in value and not is_sealed(value)
