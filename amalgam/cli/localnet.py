"""`amalgam localnet`: a cluster of one's own to try things on."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType
from typing import Annotated

import typer

from amalgam.cli.failures import Failure
from amalgam.cli.options import UnusableInput

app = typer.Typer()
_PORT = 8899  # where `--url localnet` looks for it
_Port = Annotated[int, typer.Option(min=1, max=65_534, help="Of its RPC; its WebSocket has the next one.")]


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)


@app.command(rich_help_panel="What everybody needs")
def localnet(port: _Port = _PORT) -> None:
    """Run a cluster of your own on this machine, until Ctrl-C.

    It is empty at each start, its clock is this machine's, and its SOL cost
    nothing. Node 18 or later has to be there (on Debian: apt-get install
    nodejs npm); the first start fetches a validator of 43 MB into
    ~/.cache/amalgam. It runs on Linux on amd64.

    In another terminal
      amalgam wallet new
      amalgam wallet airdrop 100 --url localnet
      amalgam deploy --url localnet
    """
    from amalgam.chain import localnet as cluster

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background command has it ignored
    signal.signal(signal.SIGTERM, _interrupted)  # ends at an await
    url = f"http://127.0.0.1:{port}"

    def begun() -> None:
        name = "localnet" if port == _PORT else url
        typer.echo(f"A new cluster, without any program, is at {url} until Ctrl-C: --url {name}")

    def say(line: str) -> None:
        typer.echo(f"amalgam: {line}", err=True)

    try:
        cluster.installed(cluster.HERE, cluster.cache(), say)
        asyncio.run(cluster.serve(port, begun))
    except KeyboardInterrupt:
        typer.echo()
    except cluster.EndedError as error:
        raise Failure(str(error), 4) from None
    except cluster.UnavailableError as error:
        raise UnusableInput(str(error)) from None
