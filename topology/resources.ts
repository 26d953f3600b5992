/** Names of labels and resources, and quantities, as the API server takes them (measured, kube-apiserver 1.36). */

export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
export const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Value of a label, and what stands behind the slash in its key. */
export const WORD = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** `name` or `example.com/name`: a label key, or a resource. */
export function isQualifiedName(text: string): boolean {
  const [name = "", prefix, ...rest] = text.split("/").reverse();
  const isPrefix = prefix === undefined || (DNS_SUBDOMAIN.test(prefix) && prefix.length <= 253);
  return rest.length === 0 && isPrefix && WORD.test(name) && name.length <= 63;
}

const COMPUTE = ["cpu", "memory", "ephemeral-storage"];
const OBJECTS = [
  "configmaps",
  "persistentvolumeclaims",
  "pods",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "services",
  "services.loadbalancers",
  "services.nodeports",
];
const HUGE_PAGES = /^hugepages-[A-Za-z0-9]+$/;

/** A resource of a device plugin: whole, and never more of it promised than there is. */
const isExtended = (resource: string): boolean => resource.includes("/") && isQualifiedName(resource);

export const isContainerResource = (resource: string): boolean =>
  COMPUTE.includes(resource) || HUGE_PAGES.test(resource) || isExtended(resource);

export function isQuotaResource(resource: string): boolean {
  if (OBJECTS.includes(resource) || resource === "requests.storage" || isExtended(resource)) return true;
  const [, of = resource] = /^(?:requests|limits)\.(.*)$/.exec(resource) ?? [];
  return COMPUTE.includes(of) || (HUGE_PAGES.test(of) && !resource.startsWith("limits."));
}

/** Whether a ResourceQuota wants a whole number. */
export const isCounted = (resource: string): boolean =>
  OBJECTS.includes(resource) || resource.startsWith("count/");

/** Whether a container's request must be its limit. */
export const isNotOvercommitted = (resource: string): boolean =>
  isExtended(resource) || HUGE_PAGES.test(resource);

const QUANTITY = /^(\d+)(?:\.(\d+))?(?:([numkMGTPE]|[KMGTPE]i)|e(\d{1,2}))?$/;
export const isQuantity = (text: string): boolean => QUANTITY.test(text);

const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** In billionths, the finest that Kubernetes knows. Undefined for what is no quantity. */
export function billionths(text: string): bigint | undefined {
  const [, whole, fraction = "", suffix = "", exponent = "0"] = QUANTITY.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const power = BINARY.indexOf(suffix);
  const scale =
    power > 0
      ? 1024n ** BigInt(power) * 10n ** 9n
      : 10n ** BigInt(3 * DECIMAL.indexOf(suffix) + Number(exponent));
  return (BigInt(whole + fraction) * scale) / 10n ** BigInt(fraction.length);
}

export const isWhole = (text: string): boolean => (billionths(text) ?? 0n) % 10n ** 9n === 0n;
