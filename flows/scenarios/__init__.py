"""Scenarios: what should happen in a call, written beside the flows and played in milliseconds without a telephone.

``read_scenarios`` makes them from ``scenarios/*.yaml``, ``play`` plays one, ``conversation`` tells what happened. All
of it is pure: the world outside is what a scenario gives (``given.py``), time is what its moves let pass.
"""

from flows.scenarios.call import Call, begin
from flows.scenarios.coverage import Coverage, coverage_of
from flows.scenarios.given import Given
from flows.scenarios.play import Played, play, play_all
from flows.scenarios.read import Scenario, is_scenario, read_scenarios
from flows.scenarios.stage import Stage, stage
from flows.scenarios.tell import report

__all__ = [
    "Call",
    "Coverage",
    "Given",
    "Played",
    "Scenario",
    "Stage",
    "begin",
    "coverage_of",
    "is_scenario",
    "play",
    "play_all",
    "read_scenarios",
    "report",
    "stage",
]
