"""What MLflow has of a run, read back by its own client from a database.

MLflow is in no requirements file (it costs more to install than all of these tests take):
`pip install mlflow-skinny==3.17.2 sqlalchemy alembic`, and these run.
"""

from pathlib import Path
from typing import Any

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.export.trackers import mlflow
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support import tiny_runs
from tests.support.command_line import Output, run_line

pytest.importorskip("mlflow", reason="`pip install mlflow-skinny==3.17.2` for the tests with MLflow")


@pytest.mark.filterwarnings("ignore")
def test_mlflow_has_settings_curves_weights_and_goes_on_with_a_resumed_run(
    capsys: Output, tiny: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient

    monkeypatch.chdir(tmp_path)  # MLflow puts its files into ./mlruns
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    run = store.create(tiny_runs.CONFIG, "Two epochs")
    tiny_runs.train(run)
    status, out, err = run_line(capsys, "export", run.id, "--format", "mlflow", "-o", uri)
    assert (status, err) == (0, "")

    client = MlflowClient(tracking_uri=uri)
    kept = only_run(client)
    assert kept.info.run_id in out
    assert (kept.info.run_name, kept.info.status) == ("Two epochs", "FINISHED")
    assert kept.data.params == {name: str(value) for name, value in tiny_runs.CONFIG.model_dump().items()}
    assert curves(client, kept.info.run_id) == curves_of(run)
    folder = Path(client.download_artifacts(kept.info.run_id, "", str(tmp_path)))
    assert (folder / "weights" / "0002.safetensors").read_bytes() == run.weights(2).read_bytes()
    assert (folder / "config.json").read_bytes() == (run.path / "config.json").read_bytes()
    assert "10,000 test digits, 95 % interval" in kept.data.tags["mlflow.note.content"]

    tiny_runs.train(run, epochs=3)
    mlflow.write(run, uri)
    again = only_run(client)  # the same one, gone on with
    assert again.info.run_id == kept.info.run_id
    assert curves(client, kept.info.run_id) == curves_of(run)  # what was there is not there twice
    assert again.data.tags["mnist_lab.epochs"] == "3"


def only_run(client: Any) -> Any:
    experiment = client.get_experiment_by_name("mnist-lab")
    (found,) = client.search_runs([experiment.experiment_id])
    return found


def curves(client: Any, run_id: str) -> dict[str, list[tuple[int, float]]]:
    names = client.get_run(run_id).data.metrics
    return {name: [(point.step, point.value) for point in client.get_metric_history(run_id, name)] for name in names}


def curves_of(run: Run) -> dict[str, list[tuple[int, float]]]:
    """The same, read from the run's file without the code that sends it."""
    found: dict[str, list[tuple[int, float]]] = {}
    for row in run.metrics()[0]:
        for name in ("train_loss", "learning_rate", "momentum", "test_loss", "test_accuracy"):
            if name in row:
                found.setdefault(name, []).append((row["step"], row[name]))
    return found


@pytest.mark.filterwarnings("ignore")
def test_a_database_that_is_none_is_one_sentence(capsys: Output, home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    run = store.create(TrainConfig())
    status, out, err = run_line(capsys, "export", run.id, "--format=mlflow", "-o", f"sqlite:///{tmp_path}/file/x.db")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "did not take it" in err
