import assert from "node:assert/strict";
import { askProxy, judged } from "../../../verify/checks/mesh";
import { inbound } from "../../../verify/envoy/inbound";
import type { Executor } from "../../../verify/probes/probe";
import type { Raw } from "../../support/dev";

/** As istiod 1.31 gives them to a sidecar: what is intercepted arrives at 15006. */
const tls = { name: "envoy.transport_sockets.tls", typed_config: { require_client_certificate: true } };
const strict = () => [
  { name: "virtualInbound-blackhole", filter_chain_match: { destination_port: 15006 } },
  { name: "virtualInbound", filter_chain_match: { transport_protocol: "tls" }, transport_socket: tls },
  { name: "0.0.0.0_8080", filter_chain_match: { destination_port: 8080 }, transport_socket: tls },
];
const listener = (port: number, filter_chains: unknown[], more = {}) => ({
  active_state: {
    listener: { address: { socket_address: { port_value: port } }, filter_chains, ...more },
  },
});
const outbound = listener(15001, [{ name: "PassthroughFilterChain" }]);
const dump = (filter_chains: Raw[], more = {}) => ({
  configs: [outbound, listener(15006, filter_chains, more)],
});

describe("what a proxy demands of those who connect", () => {
  it("is a client certificate where mutual TLS is strict", () => {
    assert.deepEqual(inbound(dump(strict()), "sidecar"), { chains: 2, plain: [] });
    // A whole dump has the same one level deeper.
    const whole = { configs: [{ dynamic_listeners: dump(strict()).configs }] };
    assert.deepEqual(inbound(whole, "sidecar"), { chains: 2, plain: [] });
  });

  it("is less where a chain takes plaintext, or TLS of a server alone", () => {
    const plain = { name: "plain", filter_chain_match: { transport_protocol: "raw_buffer" } };
    const served = { name: "tls", transport_socket: { typed_config: { require_client_certificate: false } } };
    assert.deepEqual(inbound(dump([...strict(), plain, served]), "sidecar")?.plain, ["plain", "tls"]);
    const fallback = { default_filter_chain: { name: "default" } };
    assert.deepEqual(inbound(dump(strict(), fallback), "sidecar")?.plain, ["default"]);
  });

  it("of a gateway is asked at its own port, where nothing is left out", () => {
    const chains = [{ name: "8083", transport_socket: tls }];
    assert.deepEqual(inbound({ configs: [listener(8083, chains)] }, "gateway"), { chains: 1, plain: [] });
    const open = [{ name: "8083", filter_chain_match: { destination_port: 15006 } }];
    assert.deepEqual(inbound({ configs: [listener(8083, open)] }, "gateway")?.plain, ["8083"]);
  });

  it("is not known from a proxy that shows no listener, or nothing", async () => {
    assert.equal(inbound({ configs: [outbound] }, "sidecar"), undefined);
    const saying = (text: string): Executor => ({ run: async () => text });
    const place = { namespace: "team-beta", pod: "specialist-0", container: "istio-proxy" };
    for (const text of ["", "{}", JSON.stringify(dump([]))])
      await assert.rejects(askProxy(saying(text), place, "sidecar"), /specialist-0 shows no listener/);
  });

  it("decides the finding", () => {
    assert.equal(judged("team-beta/specialist", { chains: 2, plain: [] }).status, "pass");
    const { status, detail } = judged("team-beta/specialist", { chains: 2, plain: ["plain"] });
    assert.deepEqual([status, detail.includes("(plain)")], ["fail", true]);
  });
});
