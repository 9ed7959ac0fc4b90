"""The sharing keys: what always holds, by hand, beside another solver, and the fast path beside it."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from amalgam.sharing import reference, shares
from amalgam.sharing.keys import PPM, Dynamic, Equal, Full, Hybrid, Key, Priority, Static, checked

SLOW = settings(deadline=None, max_examples=60)  # a loaded machine is slow
amounts = st.integers(0, 3) | st.integers(0, 5_000)


@st.composite
def parts_of_all(draw: st.DrawFn, names: list[str]) -> dict[str, int]:
    """Millionths for some of the names, together at most all."""
    cuts = sorted(draw(st.lists(st.integers(0, PPM), min_size=len(names), max_size=len(names))))
    ends = [0, *cuts]
    found = {name: end - start for name, start, end in zip(names, ends, cuts, strict=False)}
    return {name: share for name, share in found.items() if draw(st.integers(0, 4))}


@st.composite
def flat_keys(draw: st.DrawFn, names: list[str]) -> Any:
    """A key that may be within a group."""
    kind = draw(st.sampled_from(["dynamic", "equal", "static", "hybrid"]))
    if kind == "dynamic":
        return Dynamic()
    if kind == "equal":
        return Equal()
    hours = [draw(parts_of_all(names)) for _ in range(draw(st.sampled_from([1, 24])))]
    return Static(hours) if kind == "static" else Hybrid(hours, draw(st.integers(1, 6)))


@st.composite
def keys(draw: st.DrawFn, producers: list[str], consumers: list[str]) -> Key:
    kind = draw(st.sampled_from(["flat", "flat", "priority", "full"]))
    if kind == "flat":
        return draw(flat_keys(consumers))
    if kind == "full":
        return Full({producer: draw(parts_of_all(consumers)) for producer in producers})
    cut = draw(st.integers(0, len(consumers)))
    groups = [group for group in (consumers[:cut], consumers[cut:]) if group]
    return Priority([(group, draw(flat_keys(group))) for group in groups])


@st.composite
def cases(draw: st.DrawFn) -> tuple[Key, dict[str, int], dict[str, int], int]:
    """A key, what is injected and drawn in an interval, and its hour."""
    producers = draw(st.permutations([f"p{number}" for number in range(draw(st.integers(1, 3)))]))
    consumers = draw(st.permutations([f"c{number}" for number in range(draw(st.integers(1, 5)))]))
    key = draw(keys(producers, consumers))
    injected = {name: draw(amounts) for name in producers}
    drawn = {name: draw(amounts) for name in consumers}
    return key, injected, drawn, draw(st.integers(0, 23))


@SLOW
@given(cases())
def test_what_is_shared_in_is_what_is_shared_out_and_nobody_gets_more_than_they_draw(case: Any) -> None:
    key, injected, drawn, hour = case
    given_, got = reference.share(key, injected, drawn, hour)
    assert sum(got.values()) == sum(given_.values()) <= min(sum(injected.values()), sum(drawn.values()))
    assert all(0 <= got[name] <= drawn[name] for name in drawn)
    assert all(0 <= given_[name] <= injected[name] for name in injected)


@SLOW
@given(st.lists(cases(), min_size=1, max_size=4))
def test_the_fast_path_is_the_reference_to_the_wh(found: list[Any]) -> None:
    for key, injected, drawn, hour in found:
        result = shares.share(
            key,
            list(injected),
            list(drawn),
            np.array([list(injected.values())] * 2),
            np.array([list(drawn.values())] * 2),
            np.array([hour, hour]),
        )
        given_, got = reference.share(key, injected, drawn, hour)
        assert result.given.tolist() == [list(given_.values())] * 2
        assert result.got.tolist() == [list(got.values())] * 2


@SLOW
@given(cases(), st.integers(10**10, 10**15))
def test_amounts_whose_products_need_more_than_64_bits_are_shared_exactly(case: Any, times: int) -> None:
    key, injected, drawn, hour = case
    if isinstance(key, Equal | Priority):
        return  # the reference hands out Wh by Wh
    injected = {name: amount * times for name, amount in injected.items()}
    drawn = {name: amount * times for name, amount in drawn.items()}
    table = [np.array([list(each.values())]) for each in (injected, drawn)]
    result = shares.share(key, list(injected), list(drawn), *table, np.array([hour]))
    given_, got = reference.share(key, injected, drawn, hour)
    assert (result.given[0].tolist(), result.got[0].tolist()) == ([*given_.values()], [*got.values()])


def test_blocks_of_intervals_are_shared_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    names = [f"house-{number}" for number in range(7)]
    injected, drawn, hours = rng.integers(0, 900, (50, 7)), rng.integers(0, 900, (50, 7)), np.arange(50) % 24
    whole = shares.share(Dynamic(), names, names, injected, drawn, hours)
    monkeypatch.setattr(shares, "_BLOCK", 21)
    parts = shares.share(Dynamic(), names, names, injected, drawn, hours)
    assert (parts.given == whole.given).all()
    assert (parts.got == whole.got).all()


# By hand


def got(key: Key, total: int, hour: int = 0, **drawn: int) -> dict[str, int]:
    return reference.share(key, {"sun": total}, drawn, hour)[1]


HALF = Static([{"ann": PPM // 2, "ben": PPM // 4, "cem": PPM // 4}])


@pytest.mark.parametrize(
    ("key", "total", "drawn", "expected"),
    [
        # Of 100, 50, 25 and 25; Ben needs no more than 10, and what he leaves is not passed on.
        (HALF, 100, {"ann": 90, "ben": 10, "cem": 90}, {"ann": 50, "ben": 10, "cem": 25}),
        # 5.5, 2.75 and 2.75 of 11: what is left of rounding down, 2, goes to the largest remainders.
        (HALF, 11, {"ann": 90, "ben": 90, "cem": 90}, {"ann": 5, "ben": 3, "cem": 3}),
        # In proportion to 60, 30 and 10; and if there is enough, each gets what they draw.
        (Dynamic(), 50, {"ann": 60, "ben": 30, "cem": 10}, {"ann": 30, "ben": 15, "cem": 5}),
        (Dynamic(), 200, {"ann": 60, "ben": 30, "cem": 10}, {"ann": 60, "ben": 30, "cem": 10}),
        # 10/3 each: equal remainders, so Ann's is larger.
        (Dynamic(), 10, {"cem": 5, "ben": 5, "ann": 5}, {"ann": 4, "ben": 3, "cem": 3}),
        # First as static, 50, 10 and 25; of the 15 that are left Ann gets 2/3, and Cem 1/3.
        (Hybrid(HALF.hours, 2), 100, {"ann": 90, "ben": 10, "cem": 90}, {"ann": 60, "ben": 10, "cem": 30}),
        # Rounds go on: 50, 25, 25; then 75 among Ann and Cem as 2 : 1, of whom Ann needs 10; then the rest.
        (Hybrid(HALF.hours, 3), 100, {"ann": 60, "ben": 0, "cem": 90}, {"ann": 60, "ben": 0, "cem": 40}),
        # The same for all, 30 each, of which Ben needs 10: 45 for the two others.
        (Equal(), 100, {"ann": 90, "ben": 10, "cem": 90}, {"ann": 45, "ben": 10, "cem": 45}),
        (Equal(), 11, {"cem": 9, "ben": 1, "ann": 9}, {"ann": 5, "ben": 1, "cem": 5}),
        (Equal(), 12, {"cem": 9, "ben": 1, "ann": 9}, {"ann": 6, "ben": 1, "cem": 5}),
        # Cem first, and what is left in proportion.
        (
            Priority([(["cem"], Dynamic()), (["ann", "ben"], Dynamic())]),
            100,
            {"ann": 90, "ben": 10, "cem": 50},
            {"ann": 45, "ben": 5, "cem": 50},
        ),
    ],
)
def test_shares_worked_out_by_hand(
    key: Key, total: int, drawn: dict[str, int], expected: dict[str, int]
) -> None:
    assert got(key, total, **drawn) == expected


def test_shares_may_differ_by_hour() -> None:
    key = Static([{"ann": PPM if hour < 12 else 0, "ben": PPM if hour >= 12 else 0} for hour in range(24)])
    assert got(key, 10, hour=11, ann=9, ben=9) == {"ann": 9, "ben": 0}
    assert got(key, 10, hour=12, ann=9, ben=9) == {"ann": 0, "ben": 9}


def test_full_is_by_pairs_and_reduces_several_producers_alike() -> None:
    key = Full({"sun": {"ann": PPM // 2, "ben": PPM // 2}, "wind": {"ann": PPM}})
    # Ann is offered 50 and 70 and draws 60: 25 of the sun, 35 of the wind. Ben is offered 50 and draws 20.
    assert reference.share(key, {"sun": 100, "wind": 70}, {"ann": 60, "ben": 20}) == (
        {"sun": 45, "wind": 35},
        {"ann": 60, "ben": 20},
    )


def test_producers_are_credited_in_proportion_to_what_they_inject() -> None:
    given_, _ = reference.share(Dynamic(), {"sun": 90, "wind": 30, "mill": 0}, {"ann": 40})
    assert given_ == {"sun": 30, "wind": 10, "mill": 0}


# Beside another solver


@SLOW
@given(st.integers(0, 120), st.lists(st.integers(0, 40), min_size=1, max_size=5))
def test_equal_is_the_fairest_sharing_of_all(total: int, needs: list[int]) -> None:
    """If each further Wh of a member costs more than the one before, it is the cheapest."""
    costs = [float(number) for need in needs for number in range(need)]
    names = [f"c{number}" for number in range(len(needs))]
    shared = got(Equal(), total, **dict(zip(names, needs, strict=True)))
    assert sum(shared.values()) == min(total, sum(needs))
    if not costs:
        return
    best = linprog(costs, A_eq=[[1.0] * len(costs)], b_eq=[sum(shared.values())], bounds=(0, 1))
    assert best.status == 0
    assert sum(each * (each - 1) / 2 for each in shared.values()) == pytest.approx(best.fun)


@SLOW
@given(st.integers(0, 200), st.lists(st.integers(0, 60), min_size=1, max_size=4), st.data())
def test_keys_that_pass_on_what_is_left_share_as_much_as_can_be(
    total: int, needs: list[int], data: Any
) -> None:
    """A linear program's most, which hybrid reaches if everybody has a share."""
    names = [f"c{number}" for number in range(len(needs))]
    drawn = dict(zip(names, needs, strict=True))
    most = linprog(
        [-1.0] * len(names), A_ub=[[1.0] * len(names)], b_ub=[total], bounds=[(0, need) for need in needs]
    )
    hybrid = Hybrid([dict.fromkeys(names, PPM // len(names))], 100)
    first = data.draw(st.integers(0, len(names)))
    priority = Priority([(group, Dynamic()) for group in (names[:first], names[first:]) if group])
    for key in (Dynamic(), Equal(), priority, hybrid):
        assert sum(got(key, total, **drawn).values()) == pytest.approx(-most.fun)


# Refusals


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (Static([{"ann": PPM, "ben": 1}]), "shares are 100 % together; give at most 100 %"),
        (Static([{"ann": PPM}] * 23), "shares for 23 hours; give 24, or the same ones for all"),
        (Static([{"eve": 1}]), "shares name eve, who is no consumer; remove or correct the name"),
        (Static([{"ann": -1}]), "shares: ann has less than nothing; correct it"),
        (Hybrid([{"ann": 1}], 0), "0 rounds; give 1 to 100"),
        (Priority([(["ann"], Dynamic()), (["ann"], Dynamic())]), "ann is in two groups; keep one"),
        (Priority([(["eve"], Dynamic())]), "groups name eve, who is no consumer; remove or correct the name"),
        (Full({"eve": {}}), "eve produces nothing; remove it, or name a producer"),
        (Full({"sun": {"ann": PPM, "ben": PPM}}), "sun's shares are 200 % together; give at most 100 %"),
    ],
)
def test_a_key_that_is_none_of_this_community_is_refused(key: Key, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        checked(key, ["sun"], ["ann", "ben"])


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^an amount is negative"):
        shares.share(Dynamic(), ["sun"], ["ann"], np.array([[-1]]), np.array([[1]]), np.array([0]))
