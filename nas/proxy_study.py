"""`proxy=true`: how well the signal of one finished search ranks what longer trainings find."""

from omegaconf import DictConfig, OmegaConf

from nas.application import build, read_name, read_names, say
from nas.errors import UserError


def run_proxy(config: DictConfig) -> bool:
    """A proxy study of one search; whether genomes could not be evaluated.

    Raises:
        UserError: a value is out of range, not one search is named, or it is not finished.
    """
    from nas.launching import composed_executor, composed_launcher_kind, local_workers
    from nas.noise.proxy_folder import keep_identity, summary, write_result
    from nas.noise.proxy_study import ProxyStudy, run_proxy_study
    from nas.recorded import recorded_histories, recorded_space
    from nas.recorded_evaluator import recorded_evaluator
    from nas.search.identity import identity_of, plain_json
    from nas.search.locked_folder import locked_folder
    from nas.search.run import run_folder
    from nas.search.sealed import is_finished

    plain = OmegaConf.to_container(config.proxy_study, resolve=True)
    assert isinstance(plain, dict)
    study = build({"_target_": f"{ProxyStudy.__module__}.{ProxyStudy.__name__}", **plain}, "proxy_study")
    names = [] if config.run is None else read_names(config, "run")
    if len(names) != 1:
        raise UserError(f"proxy=true studies one search, but {len(names)} are named: run=NAME")
    (history,) = recorded_histories(names, read_name(config, "runs_dir"))
    if not is_finished(history):
        raise UserError(f"the search {history.path.parent} is not finished, proxy=true needs one that is")
    hardware, kind = build(config.hardware, "hardware"), composed_launcher_kind()
    evaluators = {
        setting: recorded_evaluator(history, overrides, hardware)
        for setting, overrides in (("proxy", []), ("final", study.final))
    }
    folder = run_folder(read_name(config, "out"), read_name(config, "runs_dir"))
    identity = {"search": history.identity, "study": {key: plain[key] for key in ("random", "top", "seeds")}}
    identity |= {setting: identity_of(evaluator) for setting, evaluator in evaluators.items()}
    with locked_folder(folder, "folder of the proxy study", lambda: None) as lock:
        keep_identity(folder, plain_json(identity))
        result = run_proxy_study(
            history,
            recorded_space(history),
            evaluators,
            study,
            folder,
            lambda place: composed_executor(kind, local_workers(kind, hardware), place, hardware),
            lock,
            say,
        )
    print(summary(result))
    print(f"Page: {write_result(folder, result)}")
    return bool(result.missing)
