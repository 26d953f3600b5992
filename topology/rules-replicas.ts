/** Helm values that would take away what `platform.highAvailability` gives. */
import { asMap, type Loose } from "./loose";
import { type ChartName, SYSTEM_CHARTS, SYSTEMS } from "./platform";
import type { Problem } from "./problems";
import { showPath } from "./shape";

interface Available {
  /** Numbers of replicas. */
  readonly replicas: readonly string[];
  /** What must not be switched off: a disruption budget, or a scaler where it holds the replicas. */
  readonly budgets: readonly string[];
}

/** Of the charts that serve, as they are named there. */
const AVAILABLE: Readonly<Partial<Record<ChartName, Available>>> = {
  "cert-manager": {
    replicas: ["replicaCount", "webhook.replicaCount", "cainjector.replicaCount"],
    budgets: ["podDisruptionBudget.enabled", "podDisruptionBudget.minAvailable"],
  },
  "external-secrets": {
    replicas: ["replicaCount", "webhook.replicaCount"],
    budgets: ["", "webhook."].flatMap((part) => [
      `${part}podDisruptionBudget.enabled`,
      `${part}podDisruptionBudget.minAvailable`,
    ]),
  },
  gatekeeper: { replicas: ["replicas"], budgets: ["pdb.controllerManager.minAvailable"] },
  istiod: { replicas: ["autoscaleMin"], budgets: ["autoscaleEnabled", "pdb", "pdb.minAvailable"] },
  gateway: {
    replicas: ["autoscaling.minReplicas"],
    budgets: [
      "autoscaling",
      "autoscaling.enabled",
      "podDisruptionBudget",
      "podDisruptionBudget.minAvailable",
    ],
  },
  kagent: {
    replicas: ["controller.replicas", "ui.replicas"],
    budgets: ["controller.pdb.enabled", "ui.pdb.enabled"],
  },
};

/** Undefined where configuration says nothing, and what the stack ships holds. */
const valueAt = (values: Loose, path: string): unknown =>
  path.split(".").reduce<unknown>((at, key) => asMap(at)[key], values);

const isOff = (value: unknown): boolean => value === null || ["false", "0", "0%"].includes(String(value));

export function replicaProblems(platform: Loose): Problem[] {
  return SYSTEMS.flatMap((system) =>
    SYSTEM_CHARTS[system].flatMap((chart) => {
      const { replicas = [], budgets = [] } = AVAILABLE[chart] ?? {};
      const values = asMap(asMap(asMap(platform[system]).values)[chart]);
      const few = replicas.filter(
        (path) => valueAt(values, path) !== undefined && !(Number(valueAt(values, path)) >= 2),
      );
      const off = budgets.filter((path) => isOff(valueAt(values, path)));
      const where = (path: string) => showPath(["platform", system, "values", chart, ...path.split(".")]);
      return [
        ...few.map((path) => ({
          where: where(path),
          what: "must be 2 or more, since environment is production: one node that is drained would stop it.",
          fix: "Write a larger number, or remove it.",
        })),
        ...off.map((path) => ({
          where: where(path),
          what: "may not be switched off, since environment is production: draining nodes would stop all replicas at once.",
          fix: "Remove it; it is on by default.",
        })),
      ];
    }),
  );
}
