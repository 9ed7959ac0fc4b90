// What the npm client of Program Metadata writes, for what is written here to be compared with.
//
//   tsx metadata.ts PROGRAM AUTHORITY BUFFER RECIPIENT TEXT

import { address, createNoopSigner, type Instruction, isSignerRole, isWritableRole } from "@solana/kit";
import * as metadata from "@solana-program/program-metadata";

const [program, authorityKey, buffer, recipient] = process.argv.slice(2, 6).map(address);
const text = process.argv[6];
const hex = (bytes: Iterable<number>) => Buffer.from([...bytes]).toString("hex");

async function main() {
  const authority = createNoopSigner(authorityKey);
  const [programData] = await metadata.getProgramDataPda(program);
  const [canonical] = await metadata.findCanonicalPda({ program, seed: "idl" });
  const [own] = await metadata.findNonCanonicalPda({ program, authority: authorityKey, seed: "idl-buffer" });
  const packed = metadata.packDirectData({ content: text });
  const form = { ...packed, format: metadata.Format.Json, data: undefined };
  const owned = { authority, program, programData };

  const instructions: Record<string, Instruction> = {
    write: metadata.getWriteInstruction({ buffer, authority, offset: 1_600, data: packed.data }),
    copy: metadata.getWriteInstruction({ buffer, authority, offset: 0, sourceBuffer: own }),
    initialize: metadata.getInitializeInstruction({
      ...{ metadata: canonical, ...owned, seed: "idl", ...form },
      system: metadata.PROGRAM_METADATA_PROGRAM_ADDRESS,
    }),
    remove_authority: metadata.getSetAuthorityInstruction({ account: canonical, ...owned, newAuthority: null }),
    set_data: metadata.getSetDataInstruction({ metadata: canonical, ...owned, buffer, ...form }),
    trim: metadata.getTrimInstruction({ account: canonical, ...owned, destination: recipient }),
    close: metadata.getCloseInstruction({ account: buffer, authority, destination: recipient }),
    close_canonical: metadata.getCloseInstruction({ account: canonical, ...owned, destination: recipient }),
    allocate: metadata.getAllocateInstruction({ buffer: own, authority, program, seed: "idl-buffer" }),
    allocate_canonical: metadata.getAllocateInstruction({ buffer: canonical, ...owned, seed: "idl" }),
    extend: metadata.getExtendInstruction({ account: canonical, ...owned, length: 10_240 }),
  };
  const account = metadata.getMetadataEncoder().encode({
    ...{ program, authority: null, mutable: true, canonical: true, seed: "idl", ...packed },
    format: metadata.Format.Json,
    dataLength: packed.data.length,
  });
  const told = Object.entries(instructions).map(([name, { accounts, data }]) => [
    name,
    {
      data: hex(data ?? []),
      accounts: (accounts ?? []).map((each) => [each.address, isSignerRole(each.role), isWritableRole(each.role)]),
    },
  ]);
  console.log(
    JSON.stringify({ canonical, own, account: hex(account), instructions: Object.fromEntries(told) }),
  );
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
