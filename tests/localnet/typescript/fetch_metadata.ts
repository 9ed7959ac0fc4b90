// What the npm client of Program Metadata reads of a program on a cluster.
//
//   tsx fetch_metadata.ts URL PROGRAM SEED

import { address, createSolanaRpc } from "@solana/kit";
import { fetchAndParseMetadataContent } from "@solana-program/program-metadata";

const [url, program, seed] = process.argv.slice(2);
fetchAndParseMetadataContent(createSolanaRpc(url), address(program), seed)
  .then((content) => console.log(JSON.stringify(content)))
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
