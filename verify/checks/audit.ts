/**
 * Whether the API server audits as our policy says. It tells nobody its policy, but counts its audit events by level: writes of
 * Agents must be logged with bodies, and reading a Secret must not.
 */
import { kagent } from "../../topology/index";
import { about, type Check, type Context, type Finding, fail, notAnswerable, pass } from "./check";

const FIXED = ["eks", "gke", "aks"];
const TRIES = 3;
const METRIC = /^apiserver_audit_level_total\{level="(\w+)"\} (\S+)$/gm;

/** Audit events so far, by level; undefined where the API server does not say. */
async function levels({ cluster }: Context): Promise<Map<string, number> | undefined> {
  const text = await cluster.metrics();
  return text === undefined
    ? undefined
    : new Map([...text.matchAll(METRIC)].map(([, level = "", count]) => [level, Number(count)]));
}

/** By how many events with bodies an action raised the count; of several tries the least, since others act too. */
async function bodiesLogged(context: Context, act: () => Promise<unknown>): Promise<number | undefined> {
  let least: number | undefined;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const before = await levels(context);
    await act();
    const after = await levels(context);
    if (before === undefined || after === undefined) return undefined;
    const grown = (after.get("RequestResponse") ?? 0) - (before.get("RequestResponse") ?? 0);
    least = Math.min(least ?? grown, grown);
  }
  return least;
}

async function inForce(context: Context): Promise<Finding[]> {
  const { topology, cluster } = context;
  const { distribution } = topology.cluster;
  if (FIXED.includes(distribution))
    return [notAnswerable("API server", `${distribution} fixes the audit policy of its API server`)];
  const total = await levels(context);
  if (total === undefined)
    return [
      notAnswerable(
        "API server",
        "this user may not get /metrics of the API server, where it counts audit events",
      ),
    ];
  if ([...total.values()].every((count) => count === 0))
    return [fail("API server", "it audits nothing: put the rendered audit/policy.yaml into force")];
  const [tenant] = topology.tenants;
  const place = { name: "kagent-a2a-verify", namespace: tenant?.name ?? kagent.KAGENT_NAMESPACE };
  const writes = await bodiesLogged(context, () =>
    cluster.wouldCreate({ apiVersion: kagent.KAGENT_API_VERSION, kind: "Agent", metadata: place, spec: {} }),
  );
  const reads = await bodiesLogged(context, () =>
    cluster.get({ apiVersion: "v1", kind: "Secret", metadata: place }),
  );
  return [
    (writes ?? 0) >= 1
      ? pass("writing an Agent", "is logged with its body")
      : fail("writing an Agent", "is not logged with its body: the audit policy in force is not the stack's"),
    (reads ?? 0) === 0
      ? pass("reading a Secret", "is logged without its body")
      : fail("reading a Secret", "is logged with its body: secrets are in the audit log"),
  ];
}

export const audit: readonly Check[] = [
  {
    layer: "audit",
    title: "the audit policy in force is the stack's",
    run: (context) => about("API server", () => inForce(context)).then((found) => [...found]),
  },
];
