/** Answers like an API server to the few questions of a preflight, and a kubeconfig that leads to it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { stringify } from "yaml";
import { type LocalServer, startServer } from "./server";

export interface StubAnswers {
  gitVersion: string;
  /** Status of every answer, where it is not 200. A status of 401 is that to /version too: there is no such user. */
  status?: number;
  /** Resources that the user may not create. */
  forbidden: string[];
  namespaces: string[];
  /** Validating webhooks that are configured. */
  webhooks: { name: string; failurePolicy: string; rules?: unknown[] }[];
  /** Deployments of istiod. */
  istiods: unknown[];
  /** Kinds by `group/version`. */
  served: Record<string, string[]>;
}

export class StubCluster {
  private readonly folder = mkdtempSync(join(tmpdir(), "stub-cluster-"));
  private local: LocalServer | undefined;
  answers: StubAnswers = {
    gitVersion: "v1.34.2",
    forbidden: [],
    namespaces: ["default"],
    webhooks: [],
    istiods: [],
    served: {},
  };

  get kubeconfig(): string {
    return join(this.folder, "config");
  }
  get address(): string {
    return this.local?.url ?? "";
  }

  async start(): Promise<void> {
    this.local = await startServer(async (request, response) => {
      const path = request.url ?? "";
      const [code, body] = this.answer(path, await text(request));
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    this.pointAt(this.address);
  }

  /** The kubeconfig leads there from now on. */
  pointAt(server: string): void {
    const named = (name: string, kind: string, value: object) => [{ name, [kind]: value }];
    writeFileSync(
      this.kubeconfig,
      stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "stub",
        clusters: named("stub", "cluster", { server, "insecure-skip-tls-verify": true }),
        users: named("stub", "user", { token: "the-token" }),
        contexts: named("stub", "context", { cluster: "stub", user: "stub" }),
      }),
    );
  }

  async stop(): Promise<void> {
    await this.local?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private answer(path: string, body: string): [number, unknown] {
    const { gitVersion, status, forbidden, namespaces, webhooks, istiods, served } = this.answers;
    if (path === "/version" && status !== 401) return [200, { gitVersion }];
    if (status !== undefined) return [status, { kind: "Status", code: status }];
    if (path === "/api/v1/namespaces")
      return [200, { items: namespaces.map((name) => ({ metadata: { name } })) }];
    if (path.endsWith("/validatingwebhookconfigurations")) return [200, { items: [{ webhooks }] }];
    if (path.endsWith("/istio-system/deployments?labelSelector=app%3Distiod"))
      return [200, { items: istiods }];
    if (path.endsWith("/selfsubjectaccessreviews")) {
      const { resource } = JSON.parse(body).spec.resourceAttributes;
      return [201, { status: { allowed: !forbidden.includes(resource) } }];
    }
    const kinds = served[path.replace("/apis/", "")];
    return kinds === undefined ? [404, {}] : [200, { resources: kinds.map((kind) => ({ kind })) }];
  }
}
