// A client that Codama has made of the IDL, for @solana/kit, drives the program.
//
//   tsx kit.ts URL WEBSOCKET_URL KEYPAIR
//
// The keypair's owner has lamports. What came of it is printed as JSON, for the test that runs this.

import { readFileSync } from "node:fs";

import { getCreateAccountInstruction } from "@solana-program/system";
import {
  findAssociatedTokenPda,
  getCreateAssociatedTokenInstructionAsync,
  getInitializeMint2Instruction,
  getMintSize,
  getMintToInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import {
  type Address,
  appendTransactionMessageInstructions,
  assertIsTransactionWithBlockhashLifetime,
  createKeyPairSignerFromBytes,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  createTransactionMessage,
  generateKeyPairSigner,
  getAddressEncoder,
  getBase64Encoder,
  getProgramDerivedAddress,
  getSignatureFromTransaction,
  type Instruction,
  pipe,
  sendAndConfirmTransactionFactory,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  type TransactionSigner,
} from "@solana/kit";

import * as energy from "./generated";

const [url, webSocketUrl, keypairPath] = process.argv.slice(2);
const rpc = createSolanaRpc(url);
const rpcSubscriptions = createSolanaRpcSubscriptions(webSocketUrl);
const sendAndConfirm = sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions });
const program = energy.ENERGY_ALLOCATION_PROGRAM_ADDRESS;

async function main() {
  const bytes = Uint8Array.from(JSON.parse(readFileSync(keypairPath, "utf8")));
  const owner = await createKeyPairSignerFromBytes(bytes);
  const { mint, source } = await tokens(owner, 5_000n); // Wh

  const hours24 = 86_400; // s
  const initialize = await energy.getInitializeInstructionAsync({
    authority: owner,
    mint,
    resource: energy.Resource.WATER,
    capacity: 20_000,
    allocationLimit: 4_000,
    allocationLifetime: hours24,
    efficiencyBps: 9_500,
  });
  await send(owner, initialize);
  const battery = await derived("battery", owner.address, mint);
  const [vault, member] = [await derived("vault", battery), await derived("member", battery, owner.address)];
  await send(owner, await energy.getOpenMemberInstructionAsync({ payer: owner, battery, owner: owner.address }));
  const deposit = energy.getDepositEnergyInstruction({
    ...{ owner, battery, member, mint, vault, source },
    amount: 5_000,
    minimumCredit: 4_750,
  });
  const allocation = energy.getAllocateInstruction({ owner, battery, member, amount: 1_500 });

  const [deposited] = await send(owner, deposit);
  const [allocated] = await send(owner, allocation);
  const events = [
    { name: "EnergyDeposited", data: energy.getEnergyDepositedDecoder().decode(deposited) },
    { name: "EnergyAllocated", data: energy.getEnergyAllocatedDecoder().decode(allocated) },
  ];
  const { balance } = (await energy.fetchMember(rpc, member)).data;
  const told = (_: string, value: unknown) => (typeof value === "bigint" ? Number(value) : value);
  console.log(JSON.stringify({ battery, member, balance, events }, told));
}

// A mint of the owner's, and an account of theirs with so many base units of it.
async function tokens(owner: TransactionSigner, amount: bigint) {
  const mint = await generateKeyPairSigner();
  const space = BigInt(getMintSize());
  const lamports = await rpc.getMinimumBalanceForRentExemption(space).send();
  const held = { owner: owner.address, mint: mint.address, tokenProgram: TOKEN_PROGRAM_ADDRESS };
  const [source] = await findAssociatedTokenPda(held);
  await send(
    owner,
    getCreateAccountInstruction({
      payer: owner,
      newAccount: mint,
      lamports,
      space,
      programAddress: TOKEN_PROGRAM_ADDRESS,
    }),
    getInitializeMint2Instruction({ mint: mint.address, decimals: 3, mintAuthority: owner.address }),
    await getCreateAssociatedTokenInstructionAsync({ payer: owner, owner: owner.address, mint: mint.address }),
    getMintToInstruction({ mint: mint.address, token: source, mintAuthority: owner, amount }),
  );
  return { mint: mint.address, source };
}

async function derived(seed: string, ...addresses: Address[]): Promise<Address> {
  const seeds = [seed, ...addresses.map((each) => getAddressEncoder().encode(each))];
  return (await getProgramDerivedAddress({ programAddress: program, seeds }))[0];
}

// Sends a transaction; what the program has told of it.
async function send(payer: TransactionSigner, ...instructions: Instruction[]): Promise<Uint8Array[]> {
  const { value: latest } = await rpc.getLatestBlockhash().send();
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (each) => setTransactionMessageFeePayerSigner(payer, each),
    (each) => setTransactionMessageLifetimeUsingBlockhash(latest, each),
    (each) => appendTransactionMessageInstructions(instructions, each),
  );
  const transaction = await signTransactionMessageWithSigners(message);
  assertIsTransactionWithBlockhashLifetime(transaction);
  await sendAndConfirm(transaction, { commitment: "confirmed" });
  const landed = await rpc
    .getTransaction(getSignatureFromTransaction(transaction), {
      commitment: "confirmed",
      encoding: "json",
      maxSupportedTransactionVersion: 0,
    })
    .send();
  const logged = (landed?.meta?.logMessages ?? []).filter((line) => line.startsWith("Program data: "));
  return logged.map((line) => new Uint8Array(getBase64Encoder().encode(line.slice("Program data: ".length))));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
