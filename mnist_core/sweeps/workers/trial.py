"""One trial: its values suggested, a run trained for each seed, its result told once."""

import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import DamagedError, DataError, DiskError, MnistError, RequestError
from mnist_core.evaluation.statistics import share
from mnist_core.runs import notes, store
from mnist_core.runs.logs.rows import best_validated
from mnist_core.runs.records import ACTIVE, Status
from mnist_core.runs.run import Run
from mnist_core.sweeps.plan import SweepPlan
from mnist_core.sweeps.storage import StorageAwayError, is_away, patiently
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.workers.slots import ERROR, NOTE, RUNS, VALUES, give_back, slot_of
from mnist_core.sweeps.workers.watch import Watch

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler

TAKEN = "It was taken from this worker, which was not heard of for too long."
WAITS = "It waits, with what it has trained."
Ending = Literal["complete", "pruned", "failed", "given back", "interrupted", "taken away"]


class Ended(NamedTuple):
    """What became of a trial in this worker."""

    trial: int
    ending: Ending
    sentence: str
    run: Run | None = None  # the one at which it ended, where that has no result


def sampler_of(plan: SweepPlan, slot: int) -> "BaseSampler":
    """Where the values of the trial in this slot come from; the same whoever trains it."""
    import optuna

    point = plan.point(slot)
    if point is None:
        return optuna.samplers.TPESampler(seed=(plan.sampler_seed + slot) % 2**31)

    values = point

    class Given(optuna.samplers.BaseSampler):
        def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
            return {}

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> dict[str, Any]:
            return {}

        def sample_independent(self, study: Any, trial: Any, param_name: str, param_distribution: Any) -> Any:
            return values[param_name]

    return Given()


def pruner_of(plan: SweepPlan) -> "BasePruner":
    """What says that a trial is not worth going on with."""
    from optuna import pruners

    if plan.pruner == "median":
        return pruners.MedianPruner(n_startup_trials=4)
    if plan.pruner == "halving":
        return pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=2)
    if plan.pruner == "hyperband":
        return pruners.HyperbandPruner(min_resource=1, max_resource=plan.most_epochs, reduction_factor=3)
    return pruners.NopPruner()


def suggested(trial: "Trial", plan: SweepPlan) -> dict[str, Any]:
    """The trial's values; those that it has already stay."""
    from mnist_core.config.train_config import settings

    values: dict[str, Any] = {}
    for name, said in plan.space.items():
        if said.choices:
            values[name] = trial.suggest_categorical(name, said.choices)
        elif settings()[name].kind is int:
            values[name] = trial.suggest_int(name, int(said.low or 0), int(said.high or 0), log=said.log)
        else:
            values[name] = trial.suggest_float(name, said.low or 0.0, said.high or 0.0, log=said.log)
    return values


def _reached(run: Run, status: Status) -> float:
    """The validation accuracy of the epoch that answers (`answer_with`)."""
    if run.record().config.answer_with == "best" and (best := best_validated(run.metrics()[0])):
        return float(best["validation_accuracy"])
    return status.validation_accuracy or 0.0


class TrialRunner:
    """Trains the trials that a worker claims."""

    def __init__(self, sweep: Sweep, study: "Study", plan: SweepPlan) -> None:
        self.sweep = sweep
        self.study = study
        self.plan = plan
        self.place = sweep.place
        self.was_away = False  # the storage, since this was last set
        study.pruner = pruner_of(plan)

    def train(self, trial_id: int) -> Ended:
        """Train the claimed trial and tell its result.

        Raises StorageAwayError where the storage stays away, MnistError where this machine cannot train: the trial then
        waits for another worker.
        """
        from optuna import Trial
        from optuna.exceptions import UpdateFinishedTrialError

        slot = patiently(lambda: slot_of(self.study._storage.get_trial(trial_id)), self.place)
        self.study.sampler = sampler_of(self.plan, slot)
        trial: Trial = patiently(lambda: Trial(self.study, trial_id), self.place)
        try:
            ended, values = self._train_seeds(trial, slot)
        except StorageAwayError:
            raise
        except UpdateFinishedTrialError:
            return Ended(slot, "taken away", TAKEN)
        except (DiskError, DataError):
            patiently(lambda: give_back(self.study, trial_id), self.place)
            raise
        except MnistError as error:
            ended, values = Ended(slot, "failed", str(error), self._last_run(trial)), {}
        except Exception as error:
            if is_away(error):
                raise
            traceback.print_exc()
            sentence = f"Unexpected {type(error).__name__}: see the workers' output."
            ended, values = Ended(slot, "failed", sentence, self._last_run(trial)), {}
        except BaseException:  # a second Ctrl-C
            with suppress(Exception):
                give_back(self.study, trial_id)
            raise
        return self._tell(trial, ended, values)

    def _train_seeds(self, trial: "Trial", slot: int) -> tuple[Ended, dict[str, float]]:
        values = patiently(lambda: suggested(trial, self.plan), self.place)
        known: dict[str, str] = dict(trial.user_attrs.get(RUNS, {}))
        found: dict[str, float] = dict(trial.user_attrs.get(VALUES, {}))
        for seed in range(self.plan.seeds):
            if str(seed) in found:  # an earlier worker has trained it
                continue
            config = self.plan.trial_config(values, seed)
            run = self._run_of(known.get(str(seed)), config, slot)
            try:
                run, status, watch = self._train_run(trial, run, config, known, seed)
            except DamagedError:
                if run.id not in trial.user_attrs.get(RUNS, {}).values():
                    raise
                print(f"Trial {slot} begins anew: {run.id} is damaged.", flush=True)
                run = self._new_run(config, slot)
                run, status, watch = self._train_run(trial, run, config, known, seed)
            if watch.reason == "taken":
                return Ended(slot, "taken away", TAKEN), found
            if status.state == "interrupted":
                return Ended(slot, "interrupted", WAITS), found
            if status.state == "stopped":
                if watch.reason == "pruned":
                    return self._pruned(run, status, slot), found
                if watch.reason == "stopped":
                    return Ended(slot, "given back", WAITS), found
                return Ended(slot, "failed", f"Its training was stopped by hand ({run.id}).", run), found
            self._hand_over(trial, run)
            found[str(seed)] = _reached(run, status)
            patiently(lambda: trial.set_user_attr(VALUES, dict(found)), self.place)
        mean = sum(found.values()) / len(found)
        return Ended(slot, "complete", f"Validation accuracy {share(mean, 2)}."), found

    def _run_of(self, known: str | None, config: TrainConfig, slot: int) -> Run:
        """The run that an earlier worker left here, to go on with, or else a new one."""
        if known is None:
            return self._new_run(config, slot)
        run = Run(store.runs_folder() / known)
        with suppress(DamagedError):
            record = run.record()
            status = run.status()
            is_ours = (record.sweep, record.trial, record.config) == (self.sweep.id, slot, config)
            if is_ours and not run.is_held() and status.state not in (*ACTIVE, "failed"):
                print(f"Trial {slot} goes on with {run.id}: {status.epoch} epochs are done.", flush=True)
                return run
        print(f"Trial {slot} begins anew: the run {known} is not here, or cannot go on.", flush=True)
        return self._new_run(config, slot)

    def _new_run(self, config: TrainConfig, slot: int) -> Run:
        name = f"{self.plan.name[:40] or 'Sweep'}: trial {slot}"
        return store.create(config, name, sweep=self.sweep.id, trial=slot)

    def _train_run(
        self, trial: "Trial", run: Run, config: TrainConfig, known: dict[str, str], seed: int
    ) -> tuple[Run, Status, Watch]:
        from mnist_core.jobs.trainer.worker import Worker

        earlier = known.get(str(seed))
        known[str(seed)] = run.id
        if earlier != run.id:  # before it trains: whoever retries the trial finds it
            patiently(lambda: trial.set_user_attr(RUNS, dict(known)), self.place)
        watch = patiently(lambda: Watch(self.sweep, trial, run, self.plan, reports=seed == 0), self.place)
        status = run.status()
        if status.state == "finished":  # its worker died before it could tell
            watch.flush()
            return run, status, watch
        with watch:
            status = Worker(run, watch.on_progress).work(at_once=True)
        self.was_away = self.was_away or watch.was_away
        return run, status, watch

    def _last_run(self, trial: "Trial") -> Run | None:
        known = list(trial.user_attrs.get(RUNS, {}).values())
        return Run(store.runs_folder() / known[-1]) if known else None

    def _pruned(self, run: Run, status: Status, slot: int) -> Ended:
        sentence = f"Pruned after epoch {status.epoch}: its validation accuracy was behind that of other trials."
        with suppress(RequestError):
            notes.write_note(run, sentence)
        return Ended(slot, "pruned", sentence, run)

    def _tell(self, trial: "Trial", ended: Ended, values: dict[str, float]) -> Ended:
        """Tell the result, unless another has told one: it counts only once."""
        from optuna.exceptions import UpdateFinishedTrialError
        from optuna.trial import TrialState

        storage, trial_id = self.study._storage, trial._trial_id

        def tell() -> None:
            if ended.ending in ("given back", "interrupted"):
                give_back(self.study, trial_id)
            elif ended.ending == "failed":
                storage.set_trial_user_attr(trial_id, ERROR, ended.sentence[:1000])
                storage.set_trial_state_values(trial_id, TrialState.FAIL)
            elif ended.ending == "pruned":
                storage.set_trial_user_attr(trial_id, NOTE, ended.sentence)
                told = storage.get_trial(trial_id).intermediate_values
                storage.set_trial_state_values(trial_id, TrialState.PRUNED, [told[max(told)]] if told else None)
            else:
                storage.set_trial_state_values(trial_id, TrialState.COMPLETE, [sum(values.values()) / len(values)])

        if ended.ending == "taken away":
            return ended
        if ended.run is not None:
            self._hand_over(trial, ended.run)
        try:
            patiently(tell, self.place)
        except UpdateFinishedTrialError:
            state = storage.get_trial(trial_id).state
            if not (ended.ending == "complete" and state == TrialState.COMPLETE):  # else told, and the answer was lost
                return ended._replace(ending="taken away", sentence=TAKEN)
        return ended

    def _hand_over(self, trial: "Trial", run: Run) -> None:
        """Leave the run where the machine that started the sweep finds it."""
        known = self.sweep.file()
        if known.joined and known.artifacts:
            from mnist_core.sweeps.workers import artifacts

            try:
                patiently(lambda: artifacts.upload(run, str(known.artifacts), trial), self.place)
            except StorageAwayError:
                raise
            except MnistError as error:  # the result counts all the same
                print(f"{run.id} stays on this machine: {error}", flush=True)
