/**
 * Errors as gRPC carries them. A resource that exists but is not ready travels as an `ErrorResourceInitFailed` in
 * the `grpc-status-details-bin` trailer, as Go's gRPC encodes status details.
 * Source: pulumi/pulumi sdk/nodejs/provider/server.ts, proto/pulumi/provider.proto.
 */
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { NotReadyError, NotServedError } from "./plugin";
import { toStruct } from "./values";

export function toServiceError(error: unknown): ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof NotServedError ? status.UNIMPLEMENTED : status.UNKNOWN;
  const metadata = new Metadata();
  if (error instanceof NotReadyError) metadata.add("grpc-status-details-bin", initFailed(error));
  return { name: "Error", message, details: message, code, metadata };
}

function initFailed(error: NotReadyError): Buffer {
  const failure = new ErrorResourceInitFailed();
  failure.setId(error.id);
  failure.setProperties(toStruct(error.properties));
  failure.setReasonsList([error.message]);
  const details = new Any();
  details.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const carrier = new Status();
  carrier.setCode(status.UNKNOWN);
  carrier.setMessage(error.message);
  carrier.addDetails(details);
  return Buffer.from(carrier.serializeBinary());
}
