/** Where the stub model stands, and which models of a stack are declared to stand there. */
import type { Model } from "../../topology/index";

export const STUB = {
  /** Never another namespace: a stack that means the stub says so by this name. */
  namespace: "kagent-a2a-stub-model",
  name: "stub-model",
  port: 8080,
  labels: { app: "stub-model" },
} as const;

export const STUB_URL = `http://${STUB.name}.${STUB.namespace}:${STUB.port}/v1`;

/** Whether agents with this model ask the stub, and may connect to it. */
export function isStub({ settings: { provider, parameters, egress } }: Model): boolean {
  const labels: Readonly<Record<string, string>> = STUB.labels;
  return (
    provider === "OpenAI" &&
    parameters.baseUrl === STUB_URL &&
    egress.port === STUB.port &&
    egress.pods?.namespace === STUB.namespace &&
    Object.entries(egress.pods.labels).every(([key, value]) => labels[key] === value)
  );
}
