"""Where a training computes: the device that was asked for, the best there is, and the number of threads."""

import joblib
import pytest
import torch

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import RequestError
from mnist_core.training import device
from mnist_core.training.loop import Training

SHORT = TrainConfig(threads=1)


def test_threads_are_as_asked_and_by_default_torchs_own() -> None:
    Training(SHORT.replace(threads=1))
    assert torch.get_num_threads() == 1
    Training(SHORT.replace(threads=0))
    assert torch.get_num_threads() == device.default_threads()


def test_a_quota_of_less_than_the_cores_makes_fewer_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    for quota, cores, threads in ((1, 4, 1), (2, 4, 2), (8, 4, 4)):
        monkeypatch.setattr(joblib, "cpu_count", lambda quota=quota: quota)
        monkeypatch.setattr(device, "_DEFAULT_THREADS", cores)
        assert device.default_threads() == threads


def test_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert device.choose_device("auto") == device.choose_device("cpu") == torch.device("cpu")
    for name in ("cuda", "mps"):
        with pytest.raises(RequestError, match=rf"^device {name} is not available .* choose auto or cpu\.$"):
            device.choose_device(name)


@pytest.mark.parametrize(("cuda", "mps", "chosen"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")])
def test_auto_takes_cuda_then_mps_then_the_cpu(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, chosen: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert device.choose_device("auto").type == chosen
