// Starts the real binary for a suite and reads the one line it prints when it is ready.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * Starts `chancery dev`.
 *
 * The binary is `CHANCERY_BINARY`; `CHANCERY_TEST_DATABASE` names a PostgreSQL database, and without it the binary keeps
 * its records in an embedded one. Answers with what the binary announced (`issuer`, `clients`, `users`, `admin`),
 * a `client(id)` that finds a client, and `stop()`.
 */
export async function startServer() {
  const binary = process.env.CHANCERY_BINARY;
  if (!binary) throw new Error("CHANCERY_BINARY names no binary: run this by `cargo xtask interop`");
  const words = ["dev", "--port", "0", "--json"];
  if (process.env.CHANCERY_TEST_DATABASE) words.push("--database", process.env.CHANCERY_TEST_DATABASE);

  const child = spawn(binary, words, { stdio: ["ignore", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (piece) => (complaints = (complaints + piece).slice(-20_000)));
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
  // A suite that dies must not leave its server behind.
  process.once("exit", () => child.kill("SIGKILL"));

  const lines = createInterface({ input: child.stdout });
  const first = new Promise((resolve) => lines.once("line", resolve));
  const line = await Promise.race([
    first,
    ended.then(({ code, signal }) => {
      throw new Error(`chancery ended (${signal ?? code}) before it was ready:\n${complaints}`);
    }),
  ]);
  const announced = JSON.parse(line);
  if (!announced.issuer) throw new Error(`chancery did not start: ${line}\n${complaints}`);

  return {
    ...announced,
    client(id) {
      const found = announced.clients.find((client) => client.client_id === id);
      if (!found) throw new Error(`dev announces no client ${id}`);
      return found;
    },
    user(name) {
      const found = announced.users.find((user) => user.username === name);
      if (!found) throw new Error(`dev announces no user ${name}`);
      return found;
    },
    /** Asks the server to end, and answers with its exit status and what it wrote to standard error. */
    async stop() {
      child.kill("SIGTERM");
      const outcome = await ended;
      return { ...outcome, complaints };
    },
  };
}
