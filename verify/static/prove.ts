/** The proofs that need no cluster, as check results. */
import type { Topology } from "../../topology/index";
import type { CheckResult, VerifyLayer } from "../result";
import { type Agreement, agreement } from "./agreement";
import { type IdentityProof, proveIdentity, type RequestCell } from "./identity-proof";
import { type Cell, type NetworkProof, proveNetwork } from "./network-proof";
import { NotUnderstood, type Objects, push } from "./objects";

export interface Proofs {
  readonly results: readonly CheckResult[];
  readonly network?: NetworkProof;
  readonly identity?: IdentityProof;
}

export const showCell = ({ from, to, port }: Cell): string =>
  `${from.name} -> ${to.name} ${port.protocol}/${port.port}`;
export const showRequest = ({ from, to, port, path, token, host }: RequestCell): string =>
  [
    `${from} -> ${to} port ${port}`,
    path !== "/" && `path ${path}`,
    host !== "" && `for ${host}`,
    token === "" ? "without a token" : `with the token of ${token}`,
  ]
    .filter((part) => part !== false)
    .join(", ");

/** Proves what planned or live objects let through, and holds it against the graph. */
export function prove(topology: Topology, objects: Objects): Proofs {
  const network = attempt("network", () => proveNetwork(topology, objects));
  const identity = attempt("identity", () => proveIdentity(topology, objects));
  const results = [
    ...("failed" in network ? [network.failed] : networkResults(network.proof)),
    ...("failed" in identity ? [identity.failed] : identityResults(identity.proof)),
  ];
  if ("failed" in network || "failed" in identity) {
    const missing = [network, identity].flatMap((one) => ("failed" in one ? [one.failed.layer] : []));
    const detail = `it needs the proof of ${missing.join(" and ")}`;
    return { results: [...results, { ...AGREEMENT, subject: "all", status: "not answerable", detail }] };
  }
  const proofs = { network: network.proof, identity: identity.proof };
  const agreed = attempt("agreement", () => agreement(topology, objects, proofs));
  return {
    ...proofs,
    results: [...results, ...("failed" in agreed ? [agreed.failed] : agreementResults(agreed.proof))],
  };
}

const AGREEMENT = { layer: "agreement", check: "all layers agree on the delegation" } as const;
const REACHABILITY = "who can reach whom equals the graph";

type Attempt<T> = { readonly proof: T } | { readonly failed: CheckResult };
function attempt<T>(layer: VerifyLayer, work: () => T): Attempt<T> {
  try {
    return { proof: work() };
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    const detail = `${error.message}: nothing can be proved about what it governs`;
    return { failed: { layer, check: REACHABILITY, subject: "all cells", status: "fail", detail } };
  }
}

/** One result for all that has the same cause: the first of it, and how many more there are. */
function byCause<T>(
  items: readonly T[],
  causeOf: (item: T) => string,
  told: (item: T) => CheckResult,
): CheckResult[] {
  const causes = new Map<string, T[]>();
  for (const item of items) push(causes, causeOf(item), item);
  return [...causes.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const result = told(first);
    const also = more.length === 0 ? "" : ` and ${more.length} more`;
    return [{ ...result, subject: `${result.subject}${also}` }];
  });
}

function networkResults({ cells, open, differences }: NetworkProof): CheckResult[] {
  const result = { layer: "network", check: REACHABILITY } as const;
  if (differences.length === 0)
    return [
      {
        ...result,
        subject: "all cells",
        status: "pass",
        detail: `${cells} cells, ${open.length} of them open, all as declared`,
      },
    ];
  return byCause(
    differences,
    ({ found, because }) => `${found} ${because}`,
    ({ found, because, ...cell }) => ({
      ...result,
      subject: showCell(cell),
      status: "fail",
      detail:
        found === "open" ? `is open and not declared: ${because}` : `is declared and closed: ${because}`,
    }),
  );
}

function identityResults({ allowed, differences, notStrict, targets }: IdentityProof): CheckResult[] {
  const result = { layer: "identity", check: REACHABILITY } as const;
  const strict = { layer: "identity", check: "mutual TLS is STRICT" } as const;
  const tls: CheckResult[] =
    notStrict.length === 0
      ? [{ ...strict, subject: "all workloads", status: "pass", detail: `${targets.length} workloads` }]
      : notStrict.map(
          ({ workload, port, mode }): CheckResult => ({
            ...strict,
            subject: workload,
            status: "fail",
            detail: `port ${port} is ${mode}: PeerAuthentication ${workload.split("/")[0]}/default is missing or overruled`,
          }),
        );
  if (differences.length === 0)
    return [
      ...tls,
      {
        ...result,
        subject: "all requests",
        status: "pass",
        detail: `${allowed.length} kinds of request are let through, all as declared`,
      },
    ];
  return [
    ...tls,
    ...byCause(
      differences,
      ({ found, to, because }) => JSON.stringify([found, to, because]),
      ({ found, because, ...cell }) => ({
        ...result,
        subject: showRequest(cell),
        status: "fail",
        detail:
          found === "allowed"
            ? `is let through and not declared: ${because}`
            : `is declared and refused: ${because}`,
      }),
    ),
  ];
}

function agreementResults({ delegations, disagreements }: Agreement): CheckResult[] {
  const disputed = new Set(disagreements.map(({ delegation }) => delegation));
  return [
    ...delegations
      .filter((delegation) => !disputed.has(delegation))
      .map(
        (subject): CheckResult => ({
          ...AGREEMENT,
          subject,
          status: "pass",
          detail: "admission, reconciler, network and identity let it through",
        }),
      ),
    ...disagreements.map(
      ({ delegation, allowedBy, refusedBy }): CheckResult => ({
        ...AGREEMENT,
        subject: delegation,
        status: "fail",
        detail: `${allowedBy.join(", ")} let it through; ${refusedBy.join(", ")} did not`,
      }),
    ),
  ];
}
