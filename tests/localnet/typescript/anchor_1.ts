// Anchor's client of today drives the program by its IDL in today's form, and TypeScript knows its types.
//
//   tsx anchor_1.ts URL WEBSOCKET_URL IDL KEYPAIR
//
// The keypair's owner has lamports. What came of it is printed as JSON, for the test that runs this.

import { readFileSync } from "node:fs";

import { AnchorProvider, BN, EventParser, Program, Wallet } from "@anchor-lang/core";
import { createAssociatedTokenAccount, createMint, mintTo } from "@solana/spl-token";
import { Connection, Keypair, PublicKey } from "@solana/web3.js";

import type { EnergyAllocation } from "../../../target/types/energy_allocation";

const [url, wsEndpoint, idlPath, keypairPath] = process.argv.slice(2);
const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"));

const owner = Keypair.fromSecretKey(Uint8Array.from(readJson(keypairPath)));
const connection = new Connection(url, { commitment: "confirmed", wsEndpoint });
const provider = new AnchorProvider(connection, new Wallet(owner), { commitment: "confirmed" });
const program = new Program<EnergyAllocation>(readJson(idlPath), provider);

const derived = (...seeds: (string | PublicKey)[]) =>
  PublicKey.findProgramAddressSync(
    seeds.map((seed) => (typeof seed === "string" ? Buffer.from(seed) : seed.toBuffer())),
    program.programId,
  )[0];

async function main() {
  const mint = await createMint(connection, owner, owner.publicKey, null, 3);
  const source = await createAssociatedTokenAccount(connection, owner, mint, owner.publicKey);
  await mintTo(connection, owner, mint, source, owner, 5_000); // Wh

  const battery = derived("battery", owner.publicKey, mint);
  const [vault, member] = [derived("vault", battery), derived("member", battery, owner.publicKey)];

  // What the IDL gives an address, or seeds, need not be named.
  const hours24 = new BN(86_400); // s
  await program.methods
    .initialize({ water: {} }, new BN(20_000), new BN(4_000), hours24, 9_500)
    .accounts({ authority: owner.publicKey, mint })
    .rpc();
  await program.methods
    .openMember(owner.publicKey)
    .accounts({ payer: owner.publicKey, battery })
    .rpc();
  const deposit = await program.methods
    .depositEnergy(new BN(5_000), new BN(4_750))
    .accounts({ owner: owner.publicKey, battery, member, mint, vault, source })
    .rpc();
  const allocation = await program.methods
    .allocate(new BN(1_500))
    .accounts({ owner: owner.publicKey, battery, member })
    .rpc();

  const events = [await eventsOf(deposit), await eventsOf(allocation)].flat();
  const { balance } = await program.account.member.fetch(member);
  console.log(JSON.stringify(told({ battery, member, balance, events })));
}

async function eventsOf(signature: string) {
  const landed = await connection.getTransaction(signature, {
    commitment: "confirmed",
    maxSupportedTransactionVersion: 0,
  });
  const parser = new EventParser(program.programId, program.coder);
  return [...parser.parseLogs(landed?.meta?.logMessages ?? [])];
}

// Big numbers in decimal, as other clients have them.
function told(value: unknown): unknown {
  if (BN.isBN(value)) return Number(value);
  if (value instanceof PublicKey) return value.toBase58();
  if (Array.isArray(value)) return value.map(told);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, told(each)]));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
