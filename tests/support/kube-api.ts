/** The API server as somebody with curl sees it: every parameter of a request is in the test's hand. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { parse } from "yaml";

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [field: string]: unknown };
  [field: string]: unknown;
}

export interface Answer {
  readonly code: number;
  /** What the API server says when it refuses; empty when it does not. */
  readonly message: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Identity {
  readonly user: string;
  readonly groups?: readonly string[];
}

type Query = Readonly<Record<string, string>>;
interface Mapping {
  readonly plural: string;
  readonly namespaced: boolean;
}
interface Kubeconfig {
  readonly clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
  readonly users: [{ user: { token: string } }];
}

/** Nothing is kept, and what the schema does not know is refused instead of dropped. */
export const DRY_RUN: Query = { dryRun: "All", fieldValidation: "Strict" };

export class KubeApi {
  private readonly server: string;
  private readonly token: string;
  private readonly agent: Agent;
  private readonly kinds: Map<string, Promise<Map<string, Mapping>>>;

  constructor(
    private readonly kubeconfig: string,
    private readonly identity?: Identity,
  ) {
    const { clusters, users } = parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig;
    const { server, "certificate-authority-data": authority } = clusters[0].cluster;
    this.server = server;
    this.token = users[0].user.token;
    this.agent = new Agent({ keepAlive: true, ca: Buffer.from(authority, "base64") });
    this.kinds = new Map();
  }

  /** The same API server, asked by somebody else. */
  as(identity: Identity): KubeApi {
    return new KubeApi(this.kubeconfig, identity);
  }

  create = (object: KubeObject, query: Query = {}) => this.send("POST", object, query, { collection: true });
  replace = (object: KubeObject, query: Query = {}) => this.send("PUT", object, query);
  /** Server-side apply: created when it is not there. */
  apply = (object: KubeObject, query: Query = {}) =>
    this.send(
      "PATCH",
      object,
      { fieldManager: "test", force: "true", ...query },
      { type: "apply-patch+yaml" },
    );
  patch = (object: KubeObject, query: Query = {}) =>
    this.send("PATCH", object, query, { type: "merge-patch+json" });
  remove = (object: KubeObject, query: Query = {}) => this.send("DELETE", object, query, { body: false });

  /** The live object, or undefined. */
  async find(
    apiVersion: string,
    kind: string,
    name: string,
    namespace?: string,
  ): Promise<KubeObject | undefined> {
    const object = { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
    const answer = await this.send("GET", object, {}, { body: false });
    if (answer.code === 404) return undefined;
    assert.equal(answer.code, 200, answer.message);
    return answer.body as unknown as KubeObject;
  }

  async read(apiVersion: string, kind: string, name: string, namespace?: string): Promise<KubeObject> {
    const found = await this.find(apiVersion, kind, name, namespace);
    assert.ok(found, `${kind} ${namespace ?? ""}/${name} is not on the cluster`);
    return found;
  }

  async list(path: string, query: Query = {}): Promise<KubeObject[]> {
    const answer = await this.request("GET", path, { query });
    assert.equal(answer.code, 200, answer.message);
    return answer.body.items as KubeObject[];
  }

  async request(
    method: string,
    path: string,
    { query = {}, body, type = "json" }: { query?: Query; body?: unknown; type?: string } = {},
  ): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string | string[]> = {
      authorization: `Bearer ${this.token}`,
      ...(text !== undefined && { "content-type": `application/${type}` }),
      ...(this.identity && {
        "impersonate-user": this.identity.user,
        "impersonate-group": ["system:authenticated", ...(this.identity.groups ?? [])],
      }),
    };
    return new Promise((resolve, reject) => {
      const url = `${this.server}${path}?${new URLSearchParams(query)}`;
      const sent = request(url, { method, headers, agent: this.agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve(toAnswer(response.statusCode ?? 0, Buffer.concat(chunks).toString())),
        );
      });
      sent.on("error", reject);
      sent.end(text);
    });
  }

  private async send(
    method: string,
    object: KubeObject,
    query: Query,
    { collection = false, body = true, type = "json" } = {},
  ): Promise<Answer> {
    const { name, namespace } = object.metadata;
    const { plural, namespaced } = await this.mapping(object);
    const scope = namespaced ? `/namespaces/${namespace}` : "";
    const path = `${groupPath(object.apiVersion)}${scope}/${plural}${collection ? "" : `/${name}`}`;
    return this.request(method, path, { query, type, ...(body && { body: object }) });
  }

  private async mapping({ apiVersion, kind }: KubeObject): Promise<Mapping> {
    const loading = this.kinds.get(apiVersion) ?? this.discover(apiVersion);
    this.kinds.set(apiVersion, loading);
    const mapping = (await loading).get(kind);
    // A CRD that comes later adds its kind to a group that is known already.
    if (mapping === undefined) this.kinds.delete(apiVersion);
    assert.ok(mapping, `the API server serves no ${kind} of ${apiVersion}`);
    return mapping;
  }

  private async discover(apiVersion: string): Promise<Map<string, Mapping>> {
    const { body } = await this.request("GET", groupPath(apiVersion));
    const resources = (body.resources ?? []) as { name: string; kind: string; namespaced: boolean }[];
    return new Map(
      resources
        .filter(({ name }) => !name.includes("/"))
        .map(({ name, kind, namespaced }) => [kind, { plural: name, namespaced }]),
    );
  }
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function toAnswer(code: number, text: string): Answer {
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { code, message: text.trim(), body };
  }
  return { code, message: code < 300 ? "" : String(body.message ?? text), body };
}
