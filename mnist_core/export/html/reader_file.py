"""A network in one file, as the dashboard's engine fetches it (`loadNetwork` in `static/engine/reader.js`).

Those of the shipped run and of the network that tells what is no digit lie ready in `shipped/reader/`: Home reads what
is drawn there without importing torch. `python -m mnist_core.export.html.reader_file` writes them anew, which is needed
when the shipped weights are others; a test compares.
"""

import base64
import json

from mnist_core.export.html import packing, program
from mnist_core.export.html.program import Program
from mnist_core.system.files import REPOSITORY, write_atomically

READY = REPOSITORY / "shipped" / "reader"


def content(found: Program, bits: int = 32) -> bytes:
    """The file of a network, its matrices rounded to `bits` bits; with 32 it answers as PyTorch does."""
    packed = packing.pack(found, bits)
    described = {
        "program": found.described,
        "packed": {"bits": packed.bits, "rounded": packed.rounded, "exact": packed.exact},
        "weights": base64.b64encode(packed.content).decode(),
    }
    return json.dumps(described).encode()


def ready() -> dict[str, bytes]:
    """What lies ready, file by file, as large as in an exported page: imports torch."""
    from mnist_core.drawing.rejection import detector
    from mnist_core.evaluation import calibration
    from mnist_core.models.inference import load_network
    from mnist_core.runs import store
    from mnist_core.runs.run import answering_epoch

    run = store.find("shipped")
    fitted = calibration.fitted(run, answering_epoch(run))
    temperature = None if fitted is None else fitted.temperature
    network = program.of_run(run.record().config.model, load_network(run), temperature)
    no_digit = program.describe(list(detector()))
    return {"network.json": content(network, 16), "detector.json": content(no_digit, 8)}


if __name__ == "__main__":
    for name, found in ready().items():
        write_atomically(READY / name, found)
