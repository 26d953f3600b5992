import { PRIVATE_IPV4, PRIVATE_IPV6 } from "../../../topology/addresses";
import { KAGENT_NAMESPACE } from "../../../topology/kagent";
import { CLUSTER_RANGES_ANNOTATION } from "../../../topology/labels";
import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import {
  contains,
  INSIDE,
  isOpen,
  isWide,
  METADATA,
  overlap,
  parseRange,
  type Range,
} from "../../reading/addresses";
import { type Flow, flowsOf, networkPolicies } from "../../reading/flows";
import { namespaceObject } from "../../reading/scope";

/** Where kagent's namespace says that the cluster is; undefined where it says nothing, or something else. */
function saidRanges(stack: StackIndex): readonly Range[] | undefined {
  const namespace = namespaceObject(stack, KAGENT_NAMESPACE);
  if (namespace === undefined) return [];
  const said = namespace.at("metadata", "annotations", CLUSTER_RANGES_ANNOTATION).text() ?? "";
  const ranges = said.split(",").map(parseRange);
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

/** Ranges that the stack names as being inside: those, the API server, nodes, and what open ranges leave out. */
function ownRanges(stack: StackIndex): readonly Range[] {
  const texts = new Set<string>();
  for (const policy of networkPolicies(stack))
    for (const { direction, field, peer, subject } of flowsOf(stack, policy)) {
      if (peer.kind !== "addresses") continue;
      const range = parseRange(peer.cidr);
      if (range === undefined) continue;
      if (isOpen(range)) for (const text of field.at("ipBlock", "except").texts()) texts.add(text);
      // Where agents may go is outside; where the platform goes, and where the kubelet comes from, is inside.
      else if (typeof subject === "object" ? subject.kind !== "agent" : direction === "ingress")
        texts.add(peer.cidr);
    }
  for (const { address, prefix } of stack.derive(saidRanges) ?? []) texts.add(`${address}/${prefix}`);
  return [...texts].flatMap((text) => parseRange(text) ?? []);
}

function* openRange(field: Field, range: Range, flow: Flow, stack: StackIndex): Iterable<Finding> {
  if (stack.derive(saidRanges) === undefined)
    yield field.finding(
      `cannot be judged: Namespace ${KAGENT_NAMESPACE} does not say where the cluster is. Write its ranges, with commas between, into the annotation ${CLUSTER_RANGES_ANNOTATION}.`,
    );
  if (!isOfAgent(flow)) yield field.finding("is the internet. Only egress of an agent to its model may be.");
  if (flow.ports.length !== 1 || flow.ports[0] !== "TCP/443")
    yield field.finding("is the internet on another port than 443. Name the addresses.");
  const except = field
    .at("ipBlock", "except")
    .texts()
    .flatMap((text) => parseRange(text) ?? []);
  const missing = [...INSIDE, ...stack.derive(ownRanges)].filter(
    (inside) => contains(range, inside) && !except.some((left) => contains(left, inside)),
  );
  for (const { address, prefix } of missing)
    yield field.at("ipBlock", "except").finding(`must leave out ${address}/${prefix}.`);
}

/** Left out of what is open whatever the cluster's own ranges are. */
const PRIVATE: ReadonlySet<string> = new Set([...PRIVATE_IPV4, ...PRIVATE_IPV6]);

const isOfAgent = ({ subject, direction }: Flow): boolean =>
  typeof subject === "object" && subject.kind === "agent" && direction === "egress";

/** An agent's model outside of the cluster: neither a whole private network, nor where the cluster itself is. */
function* modelRange(field: Field, range: Range, stack: StackIndex): Iterable<Finding> {
  if (isWide(range) && INSIDE.some((inside) => overlap(range, inside)))
    yield field.finding("is a whole private network. Name the endpoint's addresses.");
  for (const own of stack.derive(ownRanges)) {
    const text = `${own.address}/${own.prefix}`;
    if (!PRIVATE.has(text) && overlap(range, own))
      yield field.finding(`meets ${text}, where the cluster itself is. Name the endpoint's addresses.`);
  }
}

export const noOpenAddresses = rule({
  name: "network-no-open-addresses",
  layer: "network",
  severity: "critical",
  description:
    "Address ranges are those of one network; agents reach the internet on port 443 only, and nothing of the cluster's own.",
  why: "An open range reaches pods, nodes, the API server and the cloud's metadata service, which hands out credentials.",
  remediation: [
    "Name the endpoint's addresses, or write:",
    "  ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 100.64.0.0/10, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, <API server, pod, service and node ranges>]}",
    "  ports: [{protocol: TCP, port: 443}]",
  ],
  subjects: networkPolicies,
  *check(policy, stack) {
    for (const flow of flowsOf(stack, policy)) {
      if (flow.peer.kind !== "addresses") continue;
      const { field } = flow;
      const range = parseRange(flow.peer.cidr);
      if (range === undefined) yield field.at("ipBlock", "cidr").finding("is no range such as 10.0.0.0/16.");
      else if (isOpen(range)) yield* openRange(field, range, flow, stack);
      else if (overlap(range, METADATA))
        yield field.at("ipBlock", "cidr").finding("takes in the cloud's metadata service. Leave it out.");
      else if (isOfAgent(flow)) yield* modelRange(field.at("ipBlock", "cidr"), range, stack);
    }
  },
});
