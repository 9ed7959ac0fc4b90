// An IDL as Anchor's client has it once it has read it: names are in camelCase.
//
//   tsx camel_case.ts IDL

import { readFileSync } from "node:fs";

import { type Idl, Program } from "@anchor-lang/core";
import { Connection } from "@solana/web3.js";

const idl = JSON.parse(readFileSync(process.argv[2], "utf8")) as Idl;
const connection = new Connection("http://127.0.0.1"); // which nobody asks
console.log(JSON.stringify(new Program(idl, { connection }).idl));
