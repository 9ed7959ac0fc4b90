"""The embedded chain: Solana's runtime in this process, behind solana-py's own client.

`EmbeddedChain` holds a LiteSVM and the little a node keeps around it: blocks, recent blockhashes, a clock and
the latest transactions. `EmbeddedChain.client()` is an `AsyncClient` whose requests are answered from it, so
anchorpy, `spl.token` and everything above them run unchanged here and on a cluster.

How it differs from a cluster: each transaction that lands is a block of its own, final at once; the clock
stands still until it is set; accounts may be left below rent exemption; address lookup tables, durable nonces,
`jsonParsed` encoding and the token balances of a past transaction are not there. What is not answered is
refused by name.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from based58 import b58decode, b58encode
from solana.rpc.async_api import AsyncClient
from solana.rpc.core import RPCException, _ClientCore  # pyright: ignore[reportPrivateUsage]
from solana.rpc.providers.async_base import AsyncBaseProvider
from solders.account import Account
from solders.account_decoder import UiAccountEncoding, UiDataSliceConfig
from solders.compute_budget import ID as COMPUTE_BUDGET_ID
from solders.hash import Hash
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.rpc.config import RpcAccountInfoConfig, RpcTokenAccountsFilterMint
from solders.rpc.errors import (
    BlockNotAvailableMessage,
    InternalErrorMessage,
    InvalidParamsMessage,
    InvalidRequestMessage,
    MethodNotFoundMessage,
    SendTransactionPreflightFailureMessage,
    UnsupportedTransactionVersionMessage,
)
from solders.rpc.filter import Memcmp
from solders.rpc.requests import (
    Body,
    GetAccountInfo,
    GetBalance,
    GetBlockHeight,
    GetBlockTime,
    GetFeeForMessage,
    GetGenesisHash,
    GetHealth,
    GetLatestBlockhash,
    GetMinimumBalanceForRentExemption,
    GetMultipleAccounts,
    GetProgramAccounts,
    GetSignaturesForAddress,
    GetSignatureStatuses,
    GetSlot,
    GetTokenAccountBalance,
    GetTokenAccountsByDelegate,
    GetTokenAccountsByOwner,
    GetTokenSupply,
    GetTransaction,
    GetTransactionCount,
    GetVersion,
    IsBlockhashValid,
    RequestAirdrop,
    SendLegacyTransaction,
    SendRawTransaction,
    SendVersionedTransaction,
    SimulateLegacyTransaction,
    SimulateVersionedTransaction,
)
from solders.rpc.responses import (
    GetAccountInfoResp,
    GetBalanceResp,
    GetBlockHeightResp,
    GetBlockTimeResp,
    GetFeeForMessageResp,
    GetGenesisHashResp,
    GetHealthResp,
    GetLatestBlockhashResp,
    GetMinimumBalanceForRentExemptionResp,
    GetMultipleAccountsResp,
    GetProgramAccountsResp,
    GetSignaturesForAddressResp,
    GetSignatureStatusesResp,
    GetSlotResp,
    GetTokenAccountBalanceResp,
    GetTokenAccountsByDelegateResp,
    GetTokenAccountsByOwnerResp,
    GetTokenSupplyResp,
    GetTransactionCountResp,
    GetTransactionResp,
    GetVersionResp,
    IsBlockhashValidResp,
    RequestAirdropResp,
    RpcBlockhash,
    RpcConfirmedTransactionStatusWithSignature,
    RpcKeyedAccount,
    RpcResponseContext,
    RPCResult,
    RpcSimulateTransactionResult,
    RpcVersionInfo,
    SendTransactionResp,
    SimulateTransactionResp,
)
from solders.signature import Signature
from solders.system_program import ID as SYSTEM_PROGRAM_ID
from solders.system_program import TransferParams, transfer
from solders.token.state import Mint, TokenAccount
from solders.transaction import Legacy, Transaction, VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata, TransactionMetadata
from solders.transaction_status import (
    EncodedConfirmedTransactionWithStatusMeta,
    EncodedTransactionWithStatusMeta,
    InstructionErrorCustom,
    InstructionErrorFieldless,
    RpcCustomErrorFieldless,
    TransactionConfirmationStatus,
    TransactionErrorFieldless,
    TransactionErrorInstructionError,
    TransactionErrorType,
    TransactionReturnData,
    TransactionStatus,
    UiAccountsList,
    UiCompiledInstruction,
    UiInnerInstructions,
    UiRawMessage,
    UiTokenAmount,
    UiTransaction,
    UiTransactionEncoding,
    UiTransactionStatusMeta,
)
