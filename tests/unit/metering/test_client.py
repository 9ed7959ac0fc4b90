"""The metering client's methods, each success beside a refusal, with everything that changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from amalgam.chain.errors import AnchorRefused, AssertionRefused
from amalgam.metering import program as energy_metering
from amalgam.metering.client import EnergyMeteringClient, IssuerAudit
from amalgam.metering.program import Issuer, Meter
from amalgam.units import Resource
from tests.support.metering import HOUR, PROGRAM, RATED_POWER, REGISTER, RISE, Metered, pda
from tests.support.stage import NOON, changed

pytestmark = pytest.mark.embedded


@pytest.fixture
def client(empty_metered: Metered) -> EnergyMeteringClient:
    return EnergyMeteringClient(empty_metered.client, empty_metered.fee_payer)


@asynccontextmanager
async def refused(metered: Metered, message: str) -> AsyncIterator[None]:
    """The program refuses what is inside, with exactly this message, and no account changes."""
    before = await metered.raw()
    with pytest.raises(AssertionRefused) as refusal:
        yield
    assert (refusal.value.program, refusal.value.message) == (PROGRAM, message)
    assert await metered.raw() == before


async def test_initialize(empty_metered: Metered, client: EnergyMeteringClient) -> None:
    metered, operator = empty_metered, empty_metered.key("operator")
    await client.send(
        energy_metering.initialize(authority=operator.pubkey(), resource=Resource.WATER, number=0), operator
    )

    issuer = await client.issuer(metered["issuer"])
    assert issuer == Issuer(
        creator=operator.pubkey(),
        authority=operator.pubkey(),
        pending_authority=operator.pubkey(),
        mint=metered["mint"],
        minted=0,
        meter_count=0,
        sequence=1,
        number=0,
        resource=Resource.WATER,
        paused=False,
        bump=issuer.bump,
    )
    second = pda(b"issuer", metered["operator"], bytes([255]))
    with pytest.raises(LookupError, match=f"^there is no Issuer at {second}$"):
        await client.issuer(second)
    await client.send(
        energy_metering.initialize(authority=operator.pubkey(), resource=Resource.WATER, number=255), operator
    )
    assert (await client.issuer(second)).number == 255


async def test_register_meter(metered: Metered, client: EnergyMeteringClient) -> None:
    newcomer = {"device": metered["newcomer_device"], "owner": metered["newcomer"]}
    meter = {**newcomer, "rated_power": 800, "register": 12}
    with pytest.raises(LookupError, match=r"^there is no Meter at "):
        await client.meter(metered["issuer"], metered["newcomer_device"])
    async with refused(metered, "signer is not the authority"):
        await client.send(
            energy_metering.register_meter(authority=metered["newcomer"], issuer=metered["issuer"], **meter),
            metered.key("newcomer"),
        )

    await client.send(
        energy_metering.register_meter(authority=metered["operator"], issuer=metered["issuer"], **meter),
        metered.key("operator"),
    )
    assert await client.meter(metered["issuer"], metered["newcomer_device"]) == Meter(
        issuer=metered["issuer"], **meter, read_at=NOON + HOUR, minted=0, retired=False
    )


async def test_report(metered: Metered, client: EnergyMeteringClient) -> None:
    reading = {"register": REGISTER + RISE, "read_at": NOON + HOUR}
    device = metered.key("owner_device")
    async with refused(metered, "destination belongs to another owner"):
        await client.send(
            energy_metering.report(
                device=device.pubkey(),
                issuer=metered["issuer"],
                destination=metered["neighbour_tokens"],
                **reading,
            ),
            device,
        )
    with pytest.raises(AnchorRefused) as refusal:
        await client.send(
            energy_metering.report(
                device=metered["newcomer_device"],
                issuer=metered["issuer"],
                destination=metered["newcomer_tokens"],
                **reading,
            ),
            metered.key("newcomer_device"),
        )
    assert refusal.value.remedy == ("Create it first: initialize makes an issuer, register_meter a meter.")

    before = await metered.state()
    await client.send(
        energy_metering.report(
            device=device.pubkey(), issuer=metered["issuer"], destination=metered["owner_tokens"], **reading
        ),
        device,
    )
    assert await metered.state() == changed(
        before,
        mint={"supply": RISE},
        owner_tokens={"amount": RISE},
        issuer={"minted": RISE, "sequence": 5},
        owner_meter={**reading, "minted": RISE},
    )


async def test_replace_and_retire(metered: Metered, client: EnergyMeteringClient) -> None:
    operator, issuer = metered.key("operator"), metered["issuer"]
    new = {"retired": metered["owner_device"], "device": metered["owner_new_device"], "register": 7}
    await client.send(
        energy_metering.replace_device(authority=operator.pubkey(), issuer=issuer, **new), operator
    )
    async with refused(metered, "meter is retired"):
        await client.send(
            energy_metering.replace_device(
                authority=operator.pubkey(), issuer=issuer, **{**new, "device": metered["newcomer_device"]}
            ),
            operator,
        )
    meter = await client.meter(issuer, metered["owner_new_device"])
    assert (meter.owner, meter.rated_power, meter.register) == (metered["owner"], RATED_POWER, 7)

    await client.send(
        energy_metering.retire_meter(
            authority=operator.pubkey(), issuer=issuer, device=metered["owner_new_device"]
        ),
        operator,
    )
    async with refused(metered, "meter is retired"):
        await client.send(
            energy_metering.retire_meter(
                authority=operator.pubkey(), issuer=issuer, device=metered["owner_new_device"]
            ),
            operator,
        )
    assert await client.meter(issuer, metered["owner_new_device"]) == replace(meter, retired=True)


async def test_pause_and_resume(metered: Metered, client: EnergyMeteringClient) -> None:
    operator, issuer = metered.key("operator"), metered["issuer"]
    async with refused(metered, "issuer is not paused"):
        await client.send(energy_metering.resume(authority=operator.pubkey(), issuer=issuer), operator)
    await client.send(energy_metering.pause(authority=operator.pubkey(), issuer=issuer), operator)
    async with refused(metered, "issuer is paused"):
        await client.send(energy_metering.pause(authority=operator.pubkey(), issuer=issuer), operator)
    await client.send(energy_metering.resume(authority=operator.pubkey(), issuer=issuer), operator)
    assert (await client.issuer(issuer)).paused is False


async def test_hand_the_authority_over(metered: Metered, client: EnergyMeteringClient) -> None:
    newcomer, issuer = metered.key("newcomer"), metered["issuer"]
    async with refused(metered, "no new authority is proposed"):
        await client.send(
            energy_metering.accept_authority(authority=newcomer.pubkey(), issuer=issuer), newcomer
        )
    await client.send(
        energy_metering.propose_authority(
            authority=metered["operator"], issuer=issuer, proposed=newcomer.pubkey()
        ),
        metered.key("operator"),
    )
    await client.send(energy_metering.accept_authority(authority=newcomer.pubkey(), issuer=issuer), newcomer)
    assert (await client.issuer(issuer)).authority == newcomer.pubkey()


async def test_audit(metered: Metered, client: EnergyMeteringClient) -> None:
    await metered.run("report")
    await metered.run("retire_meter", of="neighbour")
    audit = await client.audit(metered["issuer"])
    assert (audit.supply, audit.burned, len(audit.meters), audit.violations) == (RISE, 0, 3, [])
    devices = [metered[f"{name}_device"] for name in ("owner", "neighbour", "thief")]
    assert [meter.device for meter in audit.meters] == sorted(devices, key=bytes)
    with pytest.raises(LookupError, match=r"^there is no Issuer at "):
        await client.audit(metered["rival_issuer"])


async def test_an_audit_says_what_does_not_hold(metered: Metered, client: EnergyMeteringClient) -> None:
    await metered.run("report")
    audit = await client.audit(metered["issuer"])
    wrong = IssuerAudit(replace(audit.issuer, minted=RISE - 1), audit.meters[1:], audit.supply)
    brought = sum(meter.minted for meter in wrong.meters)
    assert wrong.violations == [
        f"the meters have brought {brought}, the issuer minted 3999",
        "the mint's supply is 4000, the issuer minted 3999",
        "the issuer counts 3 meters, the chain has 2",
    ]
