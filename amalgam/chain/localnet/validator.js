// Runs a validator on ports of its own, which it prints as JSON, until its standard input ends.

const { Surfnet } = require("@solana/surfpool-linux-x64-gnu");

const surfnet = Surfnet.startWithConfig({
  offline: true,
  blockProductionMode: "transaction", // a block for each, confirmed at once
  slotTimeMs: 1, // what its clock goes forward with each block: nothing to speak of, unless it is told to
  airdropSol: 1e14, // lamports, to its payer; it has no more than some 5e14
});
const { rpcUrl: url, wsUrl: websocketUrl, payerSecretKey } = surfnet;
console.log(JSON.stringify({ url, websocketUrl, payer: Array.from(payerSecretKey) }));

// Its events are kept until they are asked for, and once there is no room for more it stops answering.
setInterval(() => {
  for (const event of surfnet.drainEvents()) {
    if (event.kind === "errorLog") console.error(event.message);
  }
}, 50);
process.stdin.resume().on("end", () => process.exit());
