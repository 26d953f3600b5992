/**
 * Runs a plugin as the engine expects it: listen on a free loopback port, print the port as the first line, live
 * until the engine ends.
 * Source: pulumi/pulumi sdk/go/common/resource/plugin/plugin.go (newPlugin), sdk/go/common/util/rpcutil/serve.go.
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { Plugin } from "./plugin";
import { resourceProviderService } from "./service";

/** State of a large stack passes in one message; the engine's own limit. Source: rpcutil/interceptor.go. */
const MAX_MESSAGE = 1024 * 1024 * 400;
const PARENT_CHECK_MS = 1000;

export async function serve(plugin: Plugin): Promise<void> {
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE,
    "grpc.max_send_message_length": MAX_MESSAGE,
  });
  server.addService(ResourceProviderService, resourceProviderService(plugin));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  // The engine ends a plugin with SIGINT. The user's own Ctrl-C does not come here, because the engine runs plugins in
  // a process group of their own; it calls Cancel and waits for what is under way.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
  process.stdout.on("error", () => process.exit(1));
  endWithParent();
  process.stdout.write(`${port}\n`);
}

/** An engine that was killed leaves no signal behind; the process that started this one is gone then. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, PARENT_CHECK_MS);
}
