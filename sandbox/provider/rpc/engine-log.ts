/** Messages to the engine, which shows them in its output beside the resource. */
import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { Log } from "./plugin";

export function engineLog(address: string): Log {
  let client: EngineClient | undefined;
  const send = (severity: LogSeverity, urn: string, message: string, ephemeral: boolean): void => {
    client ??= new EngineClient(address, credentials.createInsecure());
    const request = new LogRequest();
    request.setSeverity(severity);
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    // A message that cannot be shown must not fail the deployment.
    client.log(request, () => undefined);
  };
  return {
    warning: (urn, message) => send(LogSeverity.WARNING, urn, message, false),
    status: (urn, message) => send(LogSeverity.INFO, urn, message, true),
  };
}
