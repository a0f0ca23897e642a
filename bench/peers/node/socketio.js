// The usual broadcast with Socket.IO: every line on stdin is emitted to every client. Prints its port.
const { createServer } = require("node:http");
const { createInterface } = require("node:readline");
const { Server } = require("socket.io");

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });
http.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => console.log(http.address().port));
createInterface({ input: process.stdin })
  .on("line", (line) => io.emit("message", line))
  .on("close", () => process.exit(0));
