"""The Keras script of a run, put together from `parts/` as the PyTorch script is."""

import math
from pathlib import Path

from mnist_core.export.script.recipe import Recipe
from mnist_core.export.script.template import PARTS as SCRIPT_PARTS
from mnist_core.export.script.template import literal, rendered

PARTS = Path(__file__).with_name("parts")


def text(recipe: Recipe, beside: str, contents: str) -> str:
    """All of it but its docstring; `beside` and `contents` are the name of the file with its digits, and its words."""
    from mnist_core.data import augmentation

    config = recipe.config
    judged = config.patience > 0 or config.answer_with == "best"
    averages, decays = config.weight_averaging > 0, config.weight_decay > 0
    adamw = config.optimizer == "adamw" and decays
    penalty = decays and not adamw
    more = {
        "judged": judged,
        "adamw_with_decay": adamw,
        "adam_alike": config.optimizer == "adam" or (config.optimizer == "adamw" and not decays),
        "penalty": penalty,
        "one_view": config.model != "deep",
        "callbacks": judged or averages or "schedule" in recipe.uses or "rates" in recipe.uses,
    }
    # Threads decide the last bits alone, and those are others in Keras anyway.
    uses = recipe.uses - {"changes", "changed_threads"} | {word for word, is_used in more.items() if is_used}
    if uses & {"rates", "longer"}:
        uses |= {"changes"}
    values = recipe.values | {
        "beside": literal(beside),
        "contents": contents,
        "penalty": ", kernel_regularizer=decay()" if penalty else "",
        "last": ', dtype="float32"' if config.precision == "bfloat16" else "",
        "ema": ", **ema" if averages else "",
        "patience_or_all": "PATIENCE" if config.patience else "EPOCHS",
        "turn": repr(augmentation.ROTATION / (2 * math.pi)),
        "best": str(config.answer_with == "best"),
    }
    pieces = [
        ("settings", PARTS, True),
        ("data", PARTS, True),
        ("decay", PARTS, penalty),
        ("block", PARTS, "blocks" in uses),
        (f"network_{config.model}", PARTS, True),
        ("augmentation", PARTS, "augmentation" in uses),
        ("models", PARTS, True),
        ("answering_one" if "one_view" in uses else "answering_views", PARTS, True),
        ("rates", SCRIPT_PARTS, True),
        ("rate_changes", PARTS, "schedule" in uses or "rates" in uses),
        ("main", PARTS, True),
    ]
    texts = [rendered(name, uses, values, folder) for name, folder, is_used in pieces if is_used]
    return "\n\n\n".join(filter(None, texts)) + "\n"
