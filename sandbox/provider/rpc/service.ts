/** The engine's ResourceProvider service (proto/pulumi/provider.proto) on top of a `Plugin`. */
import type { handleUnaryCall, ServerWritableStream, UntypedServiceImplementation } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { toServiceError } from "./errors";
import { type CheckResult, type DiffResult, NotServedError, type Plugin } from "./plugin";
import { fromStruct, toStruct } from "./values";

type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

function unary<Request, Response>(handler: Handler<Request, Response>): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    // The `async` wrapper also catches what a handler throws before its first await.
    (async () => handler(call.request))().then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServiceError(error)),
    );
  };
}

function notServed(what: string) {
  return unary<unknown, never>(() => {
    throw new NotServedError(what);
  });
}

export function resourceProviderService(plugin: Plugin): UntypedServiceImplementation {
  const service: IResourceProviderServer = {
    handshake: unary(() => {
      const response = new pb.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    getPluginInfo: unary(() => {
      const info = new PluginInfo();
      info.setVersion(plugin.version);
      return info;
    }),
    getSchema: unary(() => {
      const response = new pb.GetSchemaResponse();
      // The engine needs no more than the identity; the SDKs carry the types.
      response.setSchema(JSON.stringify({ name: plugin.name, version: plugin.version }));
      return response;
    }),
    checkConfig: unary((request: pb.CheckRequest) => {
      const news = fromStruct(request.getNews());
      return checkResponse(plugin.checkConfig?.(news) ?? { inputs: news });
    }),
    diffConfig: unary((request: pb.DiffRequest) => {
      const olds = fromStruct(request.getOldInputs() ?? request.getOlds());
      const result = plugin.diffConfig?.(olds, fromStruct(request.getNews()));
      return result === undefined ? new pb.DiffResponse() : diffResponse(result);
    }),
    configure: unary((request: pb.ConfigureRequest) => {
      const variables = new Map<string, string>();
      request.getVariablesMap().forEach((value, key) => {
        variables.set(key, value);
      });
      plugin.configure(variables);
      const response = new pb.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    check: unary(async (request: pb.CheckRequest) =>
      checkResponse(
        await plugin.check({
          urn: request.getUrn(),
          olds: fromStruct(request.getOlds()),
          news: fromStruct(request.getNews()),
          proposedName: request.getAutonaming()?.getProposedName(),
          randomSeed: request.getRandomseed_asU8(),
        }),
      ),
    ),
    diff: unary(async (request: pb.DiffRequest) =>
      diffResponse(
        await plugin.diff({
          id: request.getId(),
          urn: request.getUrn(),
          olds: fromStruct(request.getOlds()),
          news: fromStruct(request.getNews()),
          ignoreChanges: request.getIgnorechangesList(),
        }),
      ),
    ),
    create: unary(async (request: pb.CreateRequest) => {
      const state = await plugin.create({
        urn: request.getUrn(),
        inputs: fromStruct(request.getProperties()),
        preview: request.getPreview(),
        timeoutSeconds: request.getTimeout(),
      });
      const response = new pb.CreateResponse();
      response.setId(state.id);
      response.setProperties(toStruct(state.properties));
      return response;
    }),
    read: unary(async (request: pb.ReadRequest) => {
      const state = await plugin.read({
        id: request.getId(),
        urn: request.getUrn(),
        inputs: fromStruct(request.getInputs()),
        properties: fromStruct(request.getProperties()),
      });
      const response = new pb.ReadResponse();
      if (state !== undefined) {
        response.setId(state.id);
        response.setInputs(toStruct(state.inputs));
        response.setProperties(toStruct(state.properties));
      }
      return response;
    }),
    update: unary(async (request: pb.UpdateRequest) => {
      const properties = await plugin.update({
        id: request.getId(),
        urn: request.getUrn(),
        olds: fromStruct(request.getOlds()),
        inputs: fromStruct(request.getNews()),
        preview: request.getPreview(),
        timeoutSeconds: request.getTimeout(),
      });
      const response = new pb.UpdateResponse();
      response.setProperties(toStruct(properties));
      return response;
    }),
    delete: unary(async (request: pb.DeleteRequest) => {
      await plugin.delete({
        id: request.getId(),
        urn: request.getUrn(),
        properties: fromStruct(request.getProperties()),
        timeoutSeconds: request.getTimeout(),
      });
      return new Empty();
    }),
    cancel: unary(() => {
      plugin.cancel();
      return new Empty();
    }),
    getMapping: unary(() => new pb.GetMappingResponse()),
    getMappings: unary(() => new pb.GetMappingsResponse()),
    invoke: unary<pb.InvokeRequest, never>((request) => {
      throw new NotServedError(`the function ${request.getTok()}`);
    }),
    construct: unary<pb.ConstructRequest, never>((request) => {
      throw new NotServedError(`the component ${request.getType()}`);
    }),
    call: notServed("method calls"),
    parameterize: notServed("parameterized packages"),
    attach: notServed("attaching to a running provider"),
    list: (stream: ServerWritableStream<pb.ListRequest, pb.ListResponse>) => {
      stream.destroy(toServiceError(new NotServedError("listing")));
    },
  };
  return service;
}

function checkResponse(result: CheckResult): pb.CheckResponse {
  const response = new pb.CheckResponse();
  response.setInputs(toStruct(result.inputs));
  for (const failure of result.failures ?? []) {
    const entry = new pb.CheckFailure();
    entry.setProperty(failure.property);
    entry.setReason(failure.reason);
    response.addFailures(entry);
  }
  return response;
}

const KINDS = {
  add: [pb.PropertyDiff.Kind.ADD, pb.PropertyDiff.Kind.ADD_REPLACE],
  delete: [pb.PropertyDiff.Kind.DELETE, pb.PropertyDiff.Kind.DELETE_REPLACE],
  update: [pb.PropertyDiff.Kind.UPDATE, pb.PropertyDiff.Kind.UPDATE_REPLACE],
} as const;

function diffResponse(result: DiffResult): pb.DiffResponse {
  const response = new pb.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  response.setChanges(result.changes.size === 0 ? DIFF_NONE : DIFF_SOME);
  response.setHasdetaileddiff(true);
  response.setDeletebeforereplace(result.deleteBeforeReplace);
  for (const [path, change] of result.changes) {
    const entry = new pb.PropertyDiff();
    entry.setKind(KINDS[change.kind][change.replace ? 1 : 0]);
    // What a removed field held is shown from the old inputs: the old outputs may lack it.
    entry.setInputdiff(change.kind === "delete");
    response.getDetaileddiffMap().set(path, entry);
    response.addDiffs(path);
    if (change.replace) response.addReplaces(path);
  }
  return response;
}
