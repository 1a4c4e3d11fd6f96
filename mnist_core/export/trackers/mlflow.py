"""A run in MLflow: parameters, metrics with their updates, and at the end the weights and settings."""

import importlib.util
import logging
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.errors import FailedError, RequestError
from mnist_core.evaluation.statistics import accuracy_sentence
from mnist_core.export.written import Written
from mnist_core.runs.logs.metrics import quantities
from mnist_core.runs.records import Status
from mnist_core.runs.run import Run, answering_epoch

if TYPE_CHECKING:
    from mlflow import MlflowClient

INSTALL = 'This needs MLflow: `pip install "mnist-lab[mlflow]"`, or in a clone `pip install {}`.'
DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
KINDS = ("http", "https", *DATABASES, "databricks")
EXPERIMENT = "mnist-lab"  # where the variable MLFLOW_EXPERIMENT_NAME says nothing
TAG = "mnist_lab.run"  # the run's id: a resumed run goes on in the MLflow run that has it
MOST = 1000  # metrics in a request: MLflow refuses more
ENDS = {"finished": "FINISHED", "failed": "FAILED"}  # stopped and interrupted ones are KILLED

# For MLflow itself, where a person has not said otherwise: it tells nobody that it is used, and that a server is away
# is known in seconds.
CALM = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}


def refuse_missing(uri: str) -> None:
    """Raises RequestError where `uri` is no address that MLflow knows, or a package that it needs is not installed."""
    kind = re.split(r"[:+]", uri, maxsplit=1)[0]
    if kind == "file" or ":" not in uri:
        raise RequestError(f"MLflow keeps runs in folders no longer, and {uri!r} is one: write sqlite:///mlflow.db.")
    if kind not in KINDS:
        raise RequestError(f"MLflow knows no {kind!r}: write http://HOST:5000, or sqlite:///mlflow.db.")
    needed = {"mlflow": "mlflow-skinny"} | (
        {"sqlalchemy": "sqlalchemy", "alembic": "alembic"} if kind in DATABASES else {}
    )
    if missing := [package for module, package in needed.items() if importlib.util.find_spec(module) is None]:
        raise RequestError(INSTALL.format(" ".join(missing)))


def write(run: Run, uri: str) -> Written:
    """Send what MLflow has not got of a run. Raises FailedError where MLflow cannot be reached."""
    refuse_missing(uri)
    tracker = MlflowTracker(uri)
    try:
        tracker.begin(run)
        tracker.log(run.metrics()[0], time.time())
        tracker.end(run, run.status())
    except MlflowAwayError as error:
        raise FailedError(
            f"MLflow at {shown(uri)} did not take it ({error}): start it, or check the address."
        ) from error
    where = f"It is in MLflow at {shown(uri)}, experiment {tracker.experiment}, run {tracker.run_id}."
    return Written((), where)


def shown(uri: str) -> str:
    """The address without a password."""
    return re.sub(r"//[^/@]*@", "//", uri)


class MlflowAwayError(Exception):
    """MLflow refused, or was not there; the message is the reason."""


class MlflowTracker:
    """One run in MLflow. Every method can be called again after it raised MlflowAwayError: nothing is sent twice."""

    program = "MLflow"

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.place = shown(uri)
        self.experiment = self.run_id = ""
        self._client: MlflowClient | None = None
        self._last: dict[str, int] = {}  # by metric: the last update that is there

    def begin(self, run: Run) -> None:
        """Make the MLflow run, or go on with the one that the run has already."""
        record = run.record()
        with _Telling():
            client = self._connected()
            experiment = self._experiment_id(client)
            known = client.search_runs([experiment], f"tags.`{TAG}` = '{run.id}'", max_results=1)
            if known:
                found = known[0]
                client.update_run(found.info.run_id, status="RUNNING")
            else:
                found = client.create_run(experiment, round(record.created * 1000), {TAG: run.id}, run.name() or run.id)
            self.run_id = found.info.run_id
            self._last = {
                key: max((metric.step for metric in client.get_metric_history(self.run_id, key)), default=-1)
                for key in found.data.metrics
            }
            self._log_settings(client, run)

    def log(self, rows: Sequence[Mapping[str, Any]], now: float) -> None:
        """Send rows of metrics.jsonl; those that are there already are left out. `now`: when they were seen."""
        from mlflow.entities import Metric

        new: list[Any] = []
        last = dict(self._last)
        for row in rows:
            for name, value in quantities(row):
                if value is not None and row["step"] > last.get(name, -1):
                    last[name] = row["step"]
                    new.append(Metric(name, float(value), round(now * 1000), row["step"]))
        with _Telling():
            for start in range(0, len(new), MOST):
                part = new[start : start + MOST]
                self._connected().log_batch(self.run_id, metrics=part)
                self._last |= {metric.key: metric.step for metric in part}

    def end(self, run: Run, status: Status) -> None:
        """Send the weights, the settings and how it ended."""
        files = {run.path / "config.json": "", **_weights(run)}
        with _Telling():
            client = self._connected()
            self._log_settings(client, run)  # a resumed run has more epochs than it began with
            for path, folder in files.items():
                client.log_artifact(self.run_id, str(path), folder or None)
            if status.test_accuracy is not None:
                sentence = f"Test accuracy {accuracy_sentence(round(status.test_accuracy * TEST_SIZE), TEST_SIZE)}."
                client.set_tag(self.run_id, "mlflow.note.content", sentence)
            client.set_terminated(self.run_id, ENDS.get(status.state, "KILLED"), round(status.heartbeat * 1000))

    def _connected(self) -> "MlflowClient":
        if self._client is None:
            for name, value in CALM.items():
                os.environ.setdefault(name, value)
            from mlflow import MlflowClient

            logging.getLogger("mlflow").setLevel(logging.ERROR)  # each new database is two lines otherwise
            self._client = MlflowClient(tracking_uri=self.uri)
        return self._client

    def _experiment_id(self, client: "MlflowClient") -> str:
        from mlflow.exceptions import MlflowException

        self.experiment = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
        if found := client.get_experiment_by_name(self.experiment):
            return found.experiment_id
        try:
            return client.create_experiment(self.experiment)
        except MlflowException:  # another run has made it meanwhile
            if found := client.get_experiment_by_name(self.experiment):
                return found.experiment_id
            raise

    def _log_settings(self, client: "MlflowClient", run: Run) -> None:
        """The settings as parameters. MLflow lets none be changed: one that was, as a tag."""
        from mlflow.entities import Param, RunTag

        known = client.get_run(self.run_id).data.params
        settings = {name: str(value) for name, value in run.record().config.model_dump().items()}
        params = [Param(name, value) for name, value in settings.items() if name not in known]
        tags = [
            RunTag(f"mnist_lab.{name}", value) for name, value in settings.items() if known.get(name, value) != value
        ]
        client.log_batch(self.run_id, params=params, tags=tags)


def _weights(run: Run) -> dict[Path, str]:
    """The weights that answer, and the folder that they go to; nothing where none are."""
    if not run.saved_epochs():
        return {}
    return {run.weights(answering_epoch(run)): "weights"}


class _Telling:
    """Turns whatever the client raises into MlflowAwayError: it raises its own, requests', and SQLAlchemy's."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception):
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            if said.startswith("API request to") and "failed with exception" in said:
                said = "it does not answer"
            raise MlflowAwayError(shown(said)[:200].rstrip(".:")) from error
