// Makes a client for @solana/kit of an IDL, by Codama, in the folder `generated`.
//
//   tsx generate.ts IDL

import { readFileSync } from "node:fs";

import { definedTypeNode } from "@codama/nodes";
import { type AnchorIdl, rootNodeFromAnchor } from "@codama/nodes-from-anchor";
import { renderVisitor } from "@codama/renderers-js";
import { visit } from "@codama/visitors-core";

const root = rootNodeFromAnchor(JSON.parse(readFileSync(process.argv[2], "utf8")) as AnchorIdl);
// The renderer knows no events yet: to it they are types, of which it makes decoders.
const events = (root.program.events ?? []).map(({ name, data }) => definedTypeNode({ name, type: data }));
const program = { ...root.program, definedTypes: [...(root.program.definedTypes ?? []), ...events] };
const options = { generatedFolder: ".", syncPackageJson: false };
Promise.resolve(visit({ ...root, program }, renderVisitor("generated", options))).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
