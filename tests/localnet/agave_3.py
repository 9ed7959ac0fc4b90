"""An upgrade to a larger program on the runtime of Agave 3, the only one with ExtendProgramChecked.

`python -m tests.localnet.agave_3`, with solders 0.27 before the one that anchorpy wants: its LiteSVM has that
runtime, and every feature of it is active. Prints what became of it as JSON.
"""

import asyncio
import json
import sys

from solders.account import Account
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.pubkey import Pubkey
from spl.memo.constants import MEMO_PROGRAM_ID
from spl.token.constants import ASSOCIATED_TOKEN_PROGRAM_ID

from amalgam.chain import embedded
from amalgam.chain.deployment import EXTEND_CHECKED, Deployment
from amalgam.chain.errors import Refused

FEATURE_PROGRAM_ID = Pubkey.from_string("Feature111111111111111111111111111111111111")


def configure(svm: LiteSVM, **settings: object) -> None:
    """As EmbeddedChain does, but for the features, which this LiteSVM does not let anybody choose."""
    for name, value in settings.items():
        if name != "builtins":
            getattr(svm, f"with_{name}")(value)


async def upgrade(*, told: bool) -> object:
    """Deploy a program, then a larger one, and say how it ended; `told`: the cluster says what is active."""
    embedded._configure = configure
    chain = embedded.EmbeddedChain()
    payer, authority, program = Keypair(), Keypair(), Keypair()
    chain.airdrop(payer.pubkey(), 10**12)
    if told:
        chain.set_account(EXTEND_CHECKED, Account(10**6, b"\1" + bytes(8), FEATURE_PROGRAM_ID))
    connection = chain.client()
    for source in (MEMO_PROGRAM_ID, ASSOCIATED_TOKEN_PROGRAM_ID):
        account = chain.account(source)
        assert account is not None
        deployment = Deployment(
            connection,
            payer,
            account.data,
            program_id=program.pubkey(),
            authority=authority,
            program=program,
        )
        try:
            await deployment.carry_out(await deployment.plan())
        except Refused as refused:
            return [str(refused), *refused.__notes__, chain.balance(deployment.buffer)]
    return "upgraded"


if __name__ == "__main__":
    print(json.dumps(asyncio.run(upgrade(told=sys.argv[1] == "told"))))
