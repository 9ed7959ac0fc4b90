"""A process that does so many allocations, each once, whatever happens to it: run again, it goes on.

    python -m tests.faults.worker URL,URL KEYPAIR JOURNAL BATTERY COUNT

The amount of allocation n is n, so that the chain tells which were done.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from solders.pubkey import Pubkey

from amalgam.battery import program as energy_allocation
from amalgam.chain import confirmation, rpc, transactions
from amalgam.chain.journal import Journal, Outcome
from amalgam.chain.keys import read_keypair
from amalgam.chain.rpc import NodeError, connect
from amalgam.chain.transactions import ExpiredError, Sender, UnresolvedError
from tests.faults.faulty import SLOW_S

# The same waits as with a cluster, in less time.
WAITS = {
    (rpc, "_TIMEOUT_S"): SLOW_S / 2,
    (rpc, "_PAUSE_S"): 0.01,
    (confirmation, "_POLL_S"): 0.01,
    (confirmation, "_RESEND_S"): 0.03,
    (confirmation, "PATIENCE_S"): 0.5,
    (transactions, "_BLOCKHASH_LIFETIME_S"): 0.0,  # a test's blocks pass at once
}


async def work(urls: list[str], keypair: Path, journal: Journal, battery: Pubkey, count: int) -> None:
    owner = read_keypair(keypair)
    sender = Sender(connect(urls), owner, journal=journal)
    await until_it_is_known(sender)
    done = {entry.purpose for entry in journal.entries(outcome=Outcome.LANDED)}
    for amount in range(1, count + 1):
        purpose = f"allocation {amount}"
        instruction = energy_allocation.allocate(owner=owner.pubkey(), battery=battery, amount=amount)
        while purpose not in done:
            with suppress(NodeError, ExpiredError):  # nothing has been done
                try:
                    await sender.send([instruction], owner, purpose=purpose)
                    break
                except UnresolvedError:
                    await until_it_is_known(sender)
                    done = {entry.purpose for entry in journal.entries(outcome=Outcome.LANDED)}


async def until_it_is_known(sender: Sender) -> None:
    while True:
        with suppress(NodeError, UnresolvedError):
            await sender.resolve()
            return


if __name__ == "__main__":
    urls, keypair, journal, battery, count = sys.argv[1:]
    for (module, name), seconds in WAITS.items():
        setattr(module, name, seconds)
    asyncio.run(
        work(urls.split(","), Path(keypair), Journal(Path(journal)), Pubkey.from_string(battery), int(count))
    )
