"""A program that was closed: on a validator alone, since LiteSVM panics at it."""

from solders.instruction import AccountMeta, Instruction

from amalgam.chain import loader
from amalgam.chain.transactions import Sender
from tests.unit.chain.test_deployment import SMALL, Site, refusal_of, site  # noqa: F401


async def test_its_id_cannot_be_used_again(site: Site) -> None:  # noqa: F811
    await site.deploy(SMALL)
    data, owner = loader.program_data_address(site.address), site.payer.pubkey()
    metas = [AccountMeta(key, is_signer=False, is_writable=True) for key in (data, owner, site.address)]
    metas.insert(2, AccountMeta(owner, is_signer=True, is_writable=False))
    close = Instruction(loader.LOADER_ID, b"\5\0\0\0", metas)
    await Sender(site.connection, site.payer).send([close])

    assert await refusal_of(site.deployment(SMALL)) == (
        f"program {site.address} was closed, and its id is lost with it; "
        "make an id of your own: amalgam program new-id"
    )
