"""A tally's client, through anchorpy.

python client.py 5           counts 5 on `amalgam localnet`, as the keypair of Solana's tools
python client.py 5 devnet    and on devnet
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from amalgam.chain.keys import read_keypair
from amalgam.chain.rpc import connect
from amalgam.chain.source_idl import idl_of
from anchorpy import Context, Idl, Program, Provider, Wallet
from seahorse.program import program_id_of
from solana.rpc.async_api import AsyncClient
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.sysvar import RENT

from programs_py import my_program

SOURCE = Path(my_program.__file__)
PROGRAM_ID = Pubkey(program_id_of(my_program.__dict__))


class Client:
    """A key's tally, on any chain."""

    def __init__(self, connection: AsyncClient, key: Keypair) -> None:
        idl = Idl.from_json(json.dumps(idl_of(SOURCE)))
        self.program = Program(idl, PROGRAM_ID, Provider(connection, Wallet(key)))
        self.authority = key.pubkey()
        self.tally, _ = Pubkey.find_program_address([b"tally", bytes(self.authority)], PROGRAM_ID)

    async def open(self) -> None:
        accounts = {"authority": self.authority, "tally": self.tally}
        accounts |= {"rent": RENT, "system_program": SYSTEM_PROGRAM}
        await self.program.rpc["open_tally"](ctx=Context(accounts=accounts))

    async def count(self, amount: int) -> None:
        accounts = {"authority": self.authority, "tally": self.tally}
        await self.program.rpc["count"](amount, ctx=Context(accounts=accounts))

    async def read(self) -> Any:
        return await self.program.account["Tally"].fetch(self.tally)


async def main(amount: int, cluster: str = "localnet") -> None:
    connection = connect([cluster])
    client = Client(connection, read_keypair(Path.home() / ".config/solana/id.json"))
    if (await connection.get_account_info(client.tally)).value is None:
        await client.open()
    await client.count(amount)
    tally = await client.read()
    print(f"{client.tally}: {tally.total} in {tally.count}")


if __name__ == "__main__":
    amount, *cluster = sys.argv[1:]
    asyncio.run(main(int(amount), *cluster))
