/** What RBAC lets the groups of a team do, asked for by impersonation. */
import assert from "node:assert/strict";
import { DRY_RUN } from "../../support/kube-api";
import { assertRefused, type TestSandbox } from "../../support/sandbox";
import { changed } from "./admission/change";

const AGENT_VERSION = "kagent.dev/v1alpha2";

export function describeRights(sandbox: TestSandbox): void {
  describe("the rights of a team's editor", () => {
    const alpha = { user: "ada", groups: ["team-alpha-developers"] };
    const path = (resource: string, group = "/api/v1", namespace = "team-alpha") =>
      `${group}/namespaces/${namespace}/${resource}`;
    const kagent = "/apis/kagent.dev/v1alpha2";

    it("are to read and to edit its own agents and model configurations", async () => {
      const editor = sandbox.api.as(alpha);
      for (const resource of ["agents", "modelconfigs"]) {
        const [first] = await editor.list(path(resource, kagent));
        assert.ok(first);
        const answer = await editor.replace(
          { ...first, apiVersion: AGENT_VERSION, kind: kindOf(resource) },
          DRY_RUN,
        );
        assert.equal(answer.message, "");
      }
      await editor.list(path("pods"));
    });

    it("are bound by admission", async () => {
      const orchestrator = await sandbox.api.read(AGENT_VERSION, "Agent", "orchestrator", "team-alpha");
      const opened = changed(orchestrator, { "spec.allowedNamespaces": { from: "All" } });
      assertRefused(
        await sandbox.api.as(alpha).replace(opened, DRY_RUN),
        "spec.allowedNamespaces must be Same",
      );
    });

    const forbidden: readonly [title: string, method: string, path: string, body?: object][] = [
      ["read Secrets", "GET", path("secrets/gpt-api-key")],
      ["list Secrets", "GET", path("secrets")],
      ["label its namespace", "PATCH", "/api/v1/namespaces/team-alpha", { metadata: { labels: { a: "b" } } }],
      ["create NetworkPolicies", "POST", path("networkpolicies", "/apis/networking.k8s.io/v1"), {}],
      [
        "delete AuthorizationPolicies",
        "DELETE",
        path("authorizationpolicies/agent-orchestrator", "/apis/security.istio.io/v1"),
      ],
      ["create ServiceAccount tokens", "POST", path("serviceaccounts/orchestrator-sa/token"), {}],
      ["create pods", "POST", path("pods"), {}],
      ["get into pods", "POST", path("pods/orchestrator/exec")],
      ["create MCP servers", "POST", path("remotemcpservers", kagent), {}],
      ["write what the controller reports", "PATCH", path("agents/orchestrator/status", kagent), {}],
      ["grant rights", "POST", path("rolebindings", "/apis/rbac.authorization.k8s.io/v1"), {}],
      ["read the other team's agents", "GET", path("agents", kagent, "team-beta")],
      ["delete the other team's agent", "DELETE", path("agents/specialist", kagent, "team-beta")],
      [
        "change what admission refuses",
        "DELETE",
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/kagent-a2a-agents",
      ],
    ];
    for (const [title, method, where, body] of forbidden)
      it(`are not to ${title}`, async () => {
        const answer = await sandbox.api.as(alpha).request(method, where, {
          ...(body && { body }),
          ...(method === "PATCH" && { type: "merge-patch+json" }),
        });
        assert.equal(answer.code, 403, `HTTP ${answer.code} ${answer.message}`);
        assert.match(answer.message, /User "ada" cannot/);
      });

    it("are nobody's whose group the configuration does not name", async () => {
      const stranger = sandbox.api.as({ user: "eve", groups: ["team-beta-developers"] });
      assert.equal((await stranger.request("GET", path("agents", kagent))).code, 403);
    });
  });
}

const kindOf = (resource: string): string => (resource === "agents" ? "Agent" : "ModelConfig");
