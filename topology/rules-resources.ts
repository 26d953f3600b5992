/** Quantities that must fit together. The API server compares them in the middle of a deployment (measured, kube-apiserver 1.36). */
import { DEFAULT_LIMITS, DEFAULT_RESOURCES } from "./defaults";
import { asMap, type Loose } from "./loose";
import type { Problem } from "./problems";
import { billionths, isCounted, isNotOvercommitted, isWhole } from "./resources";
import { showPath } from "./shape";

interface Side {
  readonly key: string;
  readonly written: unknown;
  readonly defaults: Readonly<Record<string, string>>;
}

/** What is requested below one path, and the limits beside it. */
function fitProblems(path: readonly PropertyKey[], requests: Side, limits: Side): Problem[] {
  const [asked, most] = [requests, limits].map(({ written, defaults }) => ({
    ...defaults,
    ...asMap(written),
  })) as [Loose, Loose];
  return Object.keys(asked).flatMap((resource) => {
    const [request, limit] = [asked[resource], most[resource]].map((value) => billionths(String(value)));
    if (request === undefined || limit === undefined) return [];
    const mustEqual = isNotOvercommitted(resource) && request !== limit;
    if (request <= limit && !mustEqual) return [];
    const shown = ({ key, written }: Side, value: unknown) =>
      `${key} ${String(value)}${resource in asMap(written) ? "" : " (the default)"}`;
    return [
      {
        where: showPath(path),
        what: `of ${resource} it has ${shown(requests, asked[resource])} and ${shown(limits, most[resource])}.`,
        fix: mustEqual
          ? "Write the same for both; nothing of it can be lent."
          : `Write both, ${requests.key} no larger than ${limits.key}.`,
      },
    ];
  });
}

function quotaProblems(tenant: string, quota: Loose): Problem[] {
  return Object.entries(quota).flatMap(([resource, quantity]) =>
    isCounted(resource) && !isWhole(String(quantity))
      ? [
          {
            where: showPath(["tenants", tenant, "quota", resource]),
            what: "counts objects and is a fraction.",
            fix: "Write a whole number.",
          },
        ]
      : [],
  );
}

export function resourceProblems(tenants: Loose, agents: Loose): Problem[] {
  return [
    ...Object.entries(tenants).flatMap(([name, settings]) => {
      const { quota, limits } = asMap(settings);
      const side = (key: "default" | "defaultRequest") => ({
        key,
        written: asMap(limits)[key],
        defaults: DEFAULT_LIMITS[key],
      });
      const path = ["tenants", name, "limits"];
      return [
        ...quotaProblems(name, asMap(quota)),
        ...fitProblems(path, side("defaultRequest"), side("default")),
      ];
    }),
    ...Object.entries(agents).flatMap(([id, settings]) => {
      const resources = asMap(asMap(settings).resources);
      const side = (key: "requests" | "limits") => ({
        key,
        written: resources[key],
        defaults: DEFAULT_RESOURCES[key],
      });
      return fitProblems(["agents", id, "resources"], side("requests"), side("limits"));
    }),
  ];
}
