import { cases } from "../support/cases";

const ORCHESTRATOR = "Agent team-alpha/orchestrator";
const SPECIALIST = "Agent team-beta/specialist";
const TOOL = "spec.declarative.tools[0]";
const ALLOWED = "spec.allowedNamespaces";

cases("reconciler-never-all", {
  violating: {
    everybody: {
      change: (s) => s.set(SPECIALIST, ALLOWED, { from: "All" }),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2), spec.allowedNamespaces.from: must be Same or Selector.",
      ],
    },
    "a word that is none": {
      change: (s) => s.set(SPECIALIST, `${ALLOWED}.from`, "Any"),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2), spec.allowedNamespaces.from: must be Same or Selector.",
      ],
    },
  },
  unknown: [SPECIALIST, `${ALLOWED}.from`],
});

cases("reconciler-select-by-name", {
  violating: {
    "a label that anybody can set": {
      change: (s) => s.set(SPECIALIST, `${ALLOWED}.selector`, { matchLabels: { team: "alpha" } }),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2), spec.allowedNamespaces.selector: must be one In expression on kubernetes.io/metadata.name.",
      ],
    },
    "everything but": {
      change: (s) => s.set(SPECIALIST, `${ALLOWED}.selector.matchExpressions[0].operator`, "NotIn"),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2), spec.allowedNamespaces.selector: must be one In expression on kubernetes.io/metadata.name.",
      ],
    },
    "nothing, which means everything": {
      change: (s) => s.set(SPECIALIST, `${ALLOWED}.selector`, {}),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2), spec.allowedNamespaces.selector: must be one In expression on kubernetes.io/metadata.name.",
      ],
    },
    "no namespace": {
      change: (s) => s.set(SPECIALIST, `${ALLOWED}.selector.matchExpressions[0].values`, []),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2), spec.allowedNamespaces.selector: lists no namespace. Write from: Same.",
      ],
    },
  },
  unknown: [SPECIALIST, `${ALLOWED}.selector.matchExpressions[0].key`],
});

cases("reconciler-tool-allowed", {
  violating: {
    "a callee that lets nobody in": {
      change: (s) => s.set(SPECIALIST, ALLOWED, { from: "Same" }),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0]: Agent team-beta/specialist does not allow namespace team-alpha. Allow it there.",
      ],
    },
  },
  unknown: [SPECIALIST, `${ALLOWED}.selector.matchExpressions[0].values`],
});

cases("reconciler-allowance-used", {
  violating: {
    "a namespace without a caller": {
      change: (s) => s.push(SPECIALIST, `${ALLOWED}.selector.matchExpressions[0].values`, "team-gamma"),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2), spec.allowedNamespaces.selector: allows namespace team-gamma, where no Agent has it as a tool. Remove it.",
      ],
    },
  },
  unknown: [SPECIALIST, `${ALLOWED}.selector.matchExpressions[0].values`],
});

cases("reconciler-callee-exists", {
  violating: {
    "an agent that is not there": {
      change: (s) => s.set(ORCHESTRATOR, `${TOOL}.agent.name`, "expert"),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].agent: there is no Agent team-beta/expert in this stack.",
      ],
    },
    "an agent of its own namespace, by mistake": {
      change: (s) => s.set(ORCHESTRATOR, `${TOOL}.agent.namespace`, undefined),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].agent: there is no Agent team-alpha/specialist in this stack.",
      ],
    },
  },
  unknown: [ORCHESTRATOR, `${TOOL}.agent.name`],
});

cases("reconciler-tool-complete", {
  violating: {
    "no type": {
      change: (s) => s.set(ORCHESTRATOR, `${TOOL}.type`, undefined),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].type: must be Agent.",
      ],
    },
    "another kind of agent": {
      change: (s) =>
        s
          .set(ORCHESTRATOR, `${TOOL}.agent.kind`, "SandboxAgent")
          .set(ORCHESTRATOR, `${TOOL}.agent.apiGroup`, "example.com"),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].agent.kind: must be Agent.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].agent.apiGroup: must be kagent.dev.",
      ],
    },
  },
  unknown: [ORCHESTRATOR, `${TOOL}.agent.kind`],
});
