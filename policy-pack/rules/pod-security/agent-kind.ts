import { KAGENT_API_GROUP, KAGENT_API_VERSION } from "../../../topology/kagent";
import { rule } from "../../framework/rule";

export const agentKind = rule({
  name: "pod-security-agent-kind",
  layer: "pod-security",
  severity: "critical",
  description: `Agents are Declarative Agents of ${KAGENT_API_VERSION}, and run the Python runtime.`,
  why: "A bring-your-own container, SandboxAgent or AgentHarness runs what nobody governs, an older version is converted first, and only the Python runtime sends every call through the gateway (kagent 0.10).",
  remediation: [
    "Write:",
    `  apiVersion: ${KAGENT_API_VERSION}`,
    "  kind: Agent",
    "  spec: {type: Declarative, declarative: {runtime: python, ...}}",
  ],
  subjects: (stack) =>
    ["Agent", "SandboxAgent", "AgentHarness"].flatMap((kind) => stack.of(KAGENT_API_GROUP, kind)),
  *check(object) {
    if (object.kind !== "Agent" || object.apiVersion !== KAGENT_API_VERSION) {
      yield object.root.finding(`only Agents of ${KAGENT_API_VERSION} are governed. Write it as one.`);
      return;
    }
    if (object.spec.at("type").text() !== "Declarative")
      yield object.spec.at("type").finding("must be Declarative.");
    if (object.spec.at("byo").isPresent)
      yield object.spec.at("byo").finding("brings its own container. Remove it.");
    const runtime = object.spec.at("declarative", "runtime");
    if (runtime.text() !== "python")
      yield runtime.finding("must be python: other runtimes do not send every call through the gateway.");
  },
});
