"""Which of several sizes to look at more closely."""

from collections.abc import Sequence

from amalgam.sizing.case import Case, Result
from amalgam.sizing.settings import Investment
from amalgam.sizing.sweep import bought


def chosen(results: Sequence[Result], investment: Investment | None) -> Result:
    """The case that is worth most a year by the first tariff, or, if nothing is said of costs, the knee."""
    if investment is None:
        return knee(results)
    return max(
        results,
        key=lambda each: (
            bought(each.case.battery, investment, each.money[0]["saving_year"])["benefit_year"] or 0,
            -each.case.battery.capacity,
        ),
    )


def knee(results: Sequence[Result]) -> Result:
    """The case beyond which more capacity brings little more self-sufficiency.

    It is the one that is farthest above the straight line from no battery to the largest one, with both axes
    from 0 to 1 (Satopää, Albrecht, Irwin, Raghavan: Finding a "Kneedle" in a Haystack, 2011).
    """
    line = curve(results)
    capacity, sufficiency = line[-1].case.battery.capacity, _sufficiency(line[-1])
    without = line[-1].figures["self_sufficiency_shared"] or 0.0
    rise = (sufficiency - without) or 1.0

    def above(each: Result) -> float:
        return (_sufficiency(each) - without) / rise - each.case.battery.capacity / capacity

    return max(line, key=above)


def curve(results: Sequence[Result]) -> list[Result]:
    """Those that differ from the first one by nothing but capacity, by capacity."""
    alike = [each for each in results if _without_capacity(each) == _without_capacity(results[0])]
    return sorted(alike, key=lambda each: each.case.battery.capacity)


def curves(results: Sequence[Result]) -> list[list[Result]]:
    """All cases, those together that differ by nothing but capacity."""
    left, found = list(results), list[list[Result]]()
    while left:
        found.append(curve(left))
        left = [each for each in left if _without_capacity(each) != _without_capacity(left[0])]
    return found


def _without_capacity(result: Result) -> Case:
    case = result.case
    return case._replace(battery=case.battery._replace(capacity=0))


def _sufficiency(result: Result) -> float:
    return result.figures["self_sufficiency"] or 0.0
