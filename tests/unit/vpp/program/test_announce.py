import pytest
from anchorpy import Event

from tests.support.stage import I64_MAX, NOON, TOKEN_PROGRAM, U64_MAX, Token, changed
from tests.support.vpp import ENDS, OPENED, REWARD, STARTS, TARGET, TERMS, Dispatching

YEAR = 31_536_000
TOO_LARGE = "called `Result::unwrap()` on an `Err` value: TryFromIntError(())"
SPARE = 1_990  # what the operator has left of payment tokens


@pytest.fixture
async def dispatching(dispatching: Dispatching) -> Dispatching:
    """A second dispatch is open, and by default announced."""
    await dispatching.run("open_dispatch", number=1)
    return dispatching


async def announce(dispatching: Dispatching, **changes: object) -> list[Event]:
    """A small one by default."""
    second = {"dispatch": dispatching["second_dispatch"], "target": 1_000}
    return await dispatching.run("announce", **{**second, **changes})


async def test_announces_with_the_whole_reward(dispatching: Dispatching) -> None:
    before = await dispatching.state()

    events = await announce(dispatching, target=1_001)

    reward = 302  # 301.301, rounded up
    terms = {**TERMS, "target": 1_001, "reward": reward}
    assert await dispatching.state() == changed(
        before,
        operator_payment={"amount": SPARE - reward},
        payment_vault={"amount": REWARD + reward},
        plant={"payment_held": REWARD + reward, "sequence": 9},
        second_dispatch={**terms, "announcement": 9, "active": True},
    )
    assert events == [
        Event(
            "DispatchAnnounced",
            {
                **{"plant": dispatching["plant"], "dispatch": dispatching["second_dispatch"]},
                **terms,
                **{"energy_held": 0, "payment_held": REWARD + reward, "sequence": 9},
            },
        )
    ]


async def test_uses_an_account_again_once_all_of_it_is_settled(dispatching: Dispatching) -> None:
    anew = {"starts_at": ENDS + 1, "ends_at": ENDS + 2}
    await dispatching.begin(owner=1_000, neighbour=1_000)
    await dispatching.end(owner=1_100)
    await dispatching.run("settle_commitment")
    async with dispatching.refused("dispatch is active already"):
        await dispatching.run("announce", **anew)
    await dispatching.run("settle_dispatch")
    async with dispatching.refused("commitments are not all settled"):
        await dispatching.run("announce", **anew)
    await dispatching.run("settle_commitment", of="neighbour")

    await dispatching.run("announce", **anew)

    state = await dispatching.state()
    counts = (
        *("committed", "commitment_count", "settled_count", "credited", "surplus", "surplus_settled"),
        *("bonds", "rewards_due", "bonds_due"),
    )
    assert [state["dispatch"][name] for name in counts] == [0] * len(counts)
    assert state["payment_vault"]["amount"] == state["plant"]["payment_held"] == REWARD
    await dispatching.run("commit", announcement=state["plant"]["sequence"], amount=TARGET)


async def test_uses_a_cancelled_one_again_once_the_bonds_are_back(dispatching: Dispatching) -> None:
    await dispatching.run("commit")
    await dispatching.run("cancel_dispatch")
    async with dispatching.refused("commitments are not all settled"):
        await dispatching.run("announce")
    await dispatching.run("settle_commitment")

    await dispatching.run("announce")

    dispatch = (await dispatching.state())["dispatch"]
    assert (dispatch["active"], dispatch["cancelled"], dispatch["announcement"]) == (True, False, OPENED + 6)


@pytest.mark.parametrize(
    ("term", "wrong", "right", "message"),
    [
        ("target", 0, 1, "target must be positive"),
        ("price", 0, 1, "price must be positive"),
        ("bond_price", 0, U64_MAX, "bond price must be positive"),
        ("tolerance_bps", 10_001, 10_000, "tolerance exceeds 10000 basis points"),
        ("starts_at", NOON, NOON + 1, "dispatch starts in the past"),
        ("starts_at", -I64_MAX - 1, NOON + 1, "dispatch starts in the past"),
        ("starts_at", ENDS, ENDS - 1, "dispatch ends before it starts"),
        ("starts_at", I64_MAX, ENDS - 1, "dispatch ends before it starts"),
        ("ends_at", NOON + YEAR + 1, NOON + YEAR, "dispatch ends more than a year ahead"),
        ("ends_at", I64_MAX, NOON + YEAR, "dispatch ends more than a year ahead"),
        ("ends_at", STARTS, STARTS + 1, "dispatch ends before it starts"),
    ],
)
async def test_refuses_terms_beyond_their_bounds(
    dispatching: Dispatching, term: str, wrong: int, right: int, message: str
) -> None:
    async with dispatching.refused(message):
        await announce(dispatching, **{term: wrong})

    await announce(dispatching, **{term: right})


async def test_a_target_is_a_terawatt_hour_at_most(dispatching: Dispatching) -> None:
    for target in (10**12 + 1, U64_MAX):
        async with dispatching.refused("target exceeds a terawatt hour"):
            await announce(dispatching, target=target, price=1)

    async with dispatching.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await announce(dispatching, target=10**12, price=1)
    await dispatching.make_tokens("treasury", "operator", 10**9, mint="payment_mint")
    await announce(dispatching, target=10**12, price=1, source=dispatching["treasury"])


async def test_refuses_a_reward_that_no_account_can_hold(dispatching: Dispatching) -> None:
    async with dispatching.refused(TOO_LARGE):
        await announce(dispatching, target=1_001, price=U64_MAX)

    async with dispatching.refused("attempt to add with overflow"):  # to what is held
        await announce(dispatching, target=1_000, price=U64_MAX)


async def test_the_whole_reward_has_to_be_there(dispatching: Dispatching) -> None:
    async with dispatching.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await announce(dispatching, target=1_000, price=SPARE + 1)

    await announce(dispatching, target=1_000, price=SPARE)
    assert (await dispatching.state())["operator_payment"]["amount"] == 0


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("dispatch", "rival_dispatch", "dispatch belongs to another plant"),
        ("payment_vault", "rival_payment_vault", "payment vault is not of this plant"),
        ("payment_vault", "energy_vault", "payment vault is not of this plant"),
        ("source", "payment_vault", "source is the payment vault"),
        ("source", "operator_energy", "source holds another mint"),
        ("source", "owner_payment", "source belongs to another owner"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    dispatching: Dispatching, slot: str, wrong: str, message: str
) -> None:
    await dispatching.start(at="rival")
    async with dispatching.refused(message):
        await announce(dispatching, **{slot: dispatching[wrong]})

    await announce(dispatching)
