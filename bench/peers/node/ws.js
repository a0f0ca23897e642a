// The usual broadcast with `ws`: every line on stdin is sent to every open client. Prints its port.
const { createInterface } = require("node:readline");
const { WebSocket, WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  console.log(server.address().port);
});
createInterface({ input: process.stdin })
  .on("line", (line) => {
    for (const client of server.clients) {
      if (client.readyState === WebSocket.OPEN) client.send(line);
    }
  })
  .on("close", () => process.exit(0));
