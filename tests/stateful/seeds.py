"""What the random machines have in common: a table's weights, and the steps of a seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.shadow.battery import Error

_T = TypeVar("_T")
Pick = Callable[[Sequence[_T]], _T]


def weighted(weights: Mapping[_T, int]) -> list[_T]:
    return [choice for choice, weight in weights.items() for _ in range(weight)]


def picker(choices: bytes) -> Pick:
    """Each byte picks from a table: much faster than choices of hypothesis' own, and shrinks as well."""
    left = iter(choices)
    return lambda table: table[next(left) % len(table)]


def count(tally: Counter[str], step: str, what: object, refused: Error | None, *, hostile: bool) -> None:
    """Count a step by what came of it; of the hostile those that were refused."""
    note((step, what, refused))  # shown for the failure that hypothesis ends with
    if refused is None:
        tally[f"{step} accepted"] += 1
        return
    tally["refused"] += 1
    tally["hostile"] += hostile
    tally[f"refused: {refused if isinstance(refused, str) else refused.name}"] += 1


def take_steps(
    machine: type[RuleBasedStateMachine], number: int, steps: int, steps_a_run: int
) -> Counter[str]:
    """Run a machine with the seed of that number: what it has counted in its `tally`."""
    tally = Counter(seeds=1)
    run_state_machine_as_test(
        seed(number)(type(f"Seed{number}", (machine,), {"tally": tally})),
        settings=settings(
            max_examples=steps * 5 // 4 // steps_a_run,  # some of hypothesis' steps are nothing
            stateful_step_count=steps_a_run,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            deadline=None,
            database=None,
        ),
    )
    assert tally["steps"] >= steps
    return tally
