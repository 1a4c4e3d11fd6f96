"""What computes, once more as on other processors, whose rounding differs. In CI, for it takes its time."""

import os
import subprocess
import sys

import pytest

from mnist_core.system.files import REPOSITORY

TRAINING = "tests/mnist_core/training"
EXACT = (
    f"{TRAINING}/test_plain_sgd.py",
    f"{TRAINING}/kernels/test_convolutions.py",
    "tests/mnist_core/models/test_networks.py",
)
LEARNED = (f"{TRAINING}/test_loop.py", f"{TRAINING}/kernels/test_gradients.py")
SSE41 = {"ONEDNN_MAX_CPU_ISA": "SSE41", "ATEN_CPU_CAPABILITY": "default", "OMP_NUM_THREADS": "1"}
AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("CI"), reason="it runs with CI=true")
@pytest.mark.parametrize(("processor", "files"), [(SSE41, EXACT + LEARNED), (AVX2, EXACT)], ids=["SSE4.1", "AVX2"])
def test_the_same_tests_pass(processor: dict[str, str], files: tuple[str, ...]) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    # What imitates a processor with narrower vectors itself has done so already; imports are the same everywhere; that
    # thirty updates by two threads (`-2]`), which wait busily for one another, learn the same is shown outside of here.
    chosen = ["--numprocesses=0", "-p", "no:cacheprovider", "-k", "not narrower and not llvmlite and not -2]", *files]
    command = [sys.executable, "-m", "pytest", *chosen]
    done = subprocess.run(command, cwd=REPOSITORY, env=own | processor, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
