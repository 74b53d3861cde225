/** A wire tap in front of a server: what it says can be changed, and the line cut, on the way. */
import { connect, createServer, type Socket } from "node:net";
import type { TestServer } from "./servers.ts";

export interface RewritingProxy {
  url(database: string): string;
  /** Cuts every connection at once. */
  cut(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** `rewrite` sees each chunk from the server and must keep its length; it may call `cut`. */
export async function startProxy(
  server: TestServer,
  rewrite: (chunk: Buffer, proxy: { cut(): void }) => Buffer,
): Promise<RewritingProxy> {
  const open = new Set<Socket>();
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const listener = createServer((client) => {
    const upstream = connect(server.port, server.host);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => open.delete(socket));
    }
    client.on("data", (chunk) => void upstream.write(chunk));
    upstream.on("data", (chunk: Buffer) => void client.write(rewrite(chunk, { cut })));
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: (database) => {
      const plain = server.url(database, { sslmode: "disable" });
      return plain.replace(`:${server.port}/`, `:${port}/`);
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
