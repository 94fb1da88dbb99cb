"""The measurement of the main job: one line that says everything."""

from __future__ import annotations

import json

import main_job
import pytest
from calibration import real_programme, statistics
from generate import generate

KEYS = {
    "instance", "sessions", "seed", "limit_s", "fill", "people", "compile_s", "first_valid_s", "seconds", "status",
    "score", "bound", "gap_by_tier", "proven_by_tier", "gap", "proven", "peak_memory_mb", "calibration_s", "workers",
    "versions",
}


def test_one_line_of_json(capsys):
    """A small generated programme gives one line of JSON with every key, and an outcome that fits together."""
    main_job.main(["--instance", "generated", "--sessions", "20", "--fill", "0.5", "--seconds", "5"])
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert set(found) == KEYS
    assert (found["instance"], found["sessions"]) == ("generated", 20)
    assert found["status"] in ("optimal", "feasible")
    assert set(found["score"]) == set(found["bound"]) == {"0", "1", "2", "3"}
    assert found["score"]["0"] == 0
    assert found["proven"] == (found["gap"] == 0) == all(found["proven_by_tier"].values())
    assert 0 < found["first_valid_s"] <= found["seconds"]
    assert found["compile_s"] > 0
    assert found["calibration_s"] > 0


def test_fullness_is_that_of_the_statistics():
    """The fullness of all phases together lies between those of the phases; reserved rooms do not count."""
    for programme in (generate(100, 0.7)[0], real_programme()):
        figures = statistics(programme)
        phases = [figures[f"{phase.name}: fill"] for phase in programme.window.phases]
        unbound = sum(not session.phases for session in programme.sessions)
        assert min(phases) <= main_job.fullness(programme) <= max(phases) + 0.01 * unbound


def test_compiling_a_large_programme_takes_time():
    """The real programme, too large for a model of everything at once, is compiled as far as its hour problem."""
    assert main_job.compile_seconds(real_programme(frame_rules=True)) > 0


def test_what_cannot_be_made_is_a_usage_error(capsys):
    """Arguments out of range end with a message, not a traceback."""
    with pytest.raises(SystemExit):
        main_job.main(["--instance", "generated", "--sessions", "5"])
    assert "20 sessions" in capsys.readouterr().err
