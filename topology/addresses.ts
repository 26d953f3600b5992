/**
 * Not the public internet: private, shared, loopback, link-local (with cloud metadata), benchmark, multicast, reserved and
 * NAT64 ranges (RFC 6890, RFC 6052). Some clouds use the unusual ones for pods.
 */
export const PRIVATE_IPV4: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
export const PRIVATE_IPV6: readonly string[] = [
  "::1/128",
  "64:ff9b::/96",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
];
