/** `istioctl analyze` over all that the program and the real charts put on a cluster. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { render } from "../../../components/plan/render";
import { obtain } from "../../../sandbox/binaries";
import type { Topology } from "../../../topology";
import { Charts } from "../../support/charts";
import { BUILDING_MS } from "../../support/controllers/plane";
import { devTopology } from "../../support/dev";
import { routed } from "../../support/dev-objects";
import { platformTopologies } from "../../support/platform-topologies";
import { Rendered } from "../../support/rendered";
import { orSkip } from "../../support/skip";

/** Findings that are known and no fault of what was found, by code and resource. */
const EXPLAINED: Readonly<Record<string, string>> = {
  // Where istiod may fetch keys from is not restricted: see the test that it is told to fetch none.
  "IST0175 Deployment istio-system/istiod": "every RequestAuthentication carries its keys",
};

/** Stands where the engine would put the public keys. */
const KEYS = JSON.stringify({
  keys: [{ ...generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }), kid: "1", alg: "EdDSA" }],
});

interface Finding {
  readonly code: string;
  readonly level: string;
  readonly origin: string;
  readonly message: string;
}

describe("istioctl analyze", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "istioctl-"));
  let istioctl: string;
  let charts: Charts;

  before(async function () {
    this.timeout(BUILDING_MS);
    ({ path: istioctl } = (await orSkip(this, () => obtain(["istioctl"]))).istioctl);
    charts = await orSkip(this, () => Charts.load());
  });
  after(() => {
    charts?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function analyze(name: string, files: ReadonlyMap<string, string>): Promise<Finding[]> {
    const paths = [...files].map(([path, text]) => {
      const file = join(folder, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    });
    const options = [
      "--use-kube=false",
      "--all-namespaces",
      "--output",
      "json",
      "--failure-threshold",
      "Error",
      "--output-threshold",
      "Info",
    ];
    const answer = await promisify(execFile)(istioctl, ["analyze", ...options, ...paths], { env: {} }).catch(
      (error: { stdout?: string; stderr?: string }) => error,
    );
    const { stdout = "", stderr = "" } = answer;
    const unread = [...stderr.matchAll(/error processing \S+\/(\S+): (.*)/g)].map(
      ([, origin = "", message = ""]): Finding => ({ code: "unread", level: "Error", origin, message }),
    );
    const findings = JSON.parse(stdout.slice(stdout.search(/^\[/m))) as Finding[];
    return [...unread, ...findings].filter(({ code, origin }) => !(`${code} ${origin}` in EXPLAINED));
  }

  /** What is on the cluster besides the program's objects. */
  async function fromCharts(topology: Topology): Promise<string> {
    const rendered = await Rendered.of(charts, topology);
    return (
      rendered.all
        .filter(({ kind }) => kind !== "CustomResourceDefinition" && kind !== "Job")
        // As a reader of YAML 1.1 takes it, which Go programs are: there `yes` is no text.
        .map((object) => stringify(object, { compat: "yaml-1.1" }))
        .join("---\n")
    );
  }

  /** Every object of the program as `render` writes it. */
  const manifestsOf = (topology: Topology) =>
    new Map(
      [...render(topology)]
        .filter(([path]) => path.startsWith("manifests/"))
        .map(([path, text]) => [
          path,
          text.replace(/jwks: "<known to the engine only: .*>"/g, `jwks: '${KEYS}'`),
        ]),
    );

  it("finds nothing in the objects of the shipped production stack", async () => {
    const topology = platformTopologies.prod ?? assert.fail();
    const files = manifestsOf(topology);
    files.set("charts.yaml", await fromCharts(topology));
    assert.deepEqual(await analyze("prod", files), []);
  });

  for (const routing of ["gateway", "direct"] as const) {
    const topology = devTopology(routed(routing));
    const manifests = () => manifestsOf(topology);

    it(`finds nothing in the objects of all layers (${routing})`, async () => {
      const files = manifests();
      assert.ok([...files.keys()].some((path) => path.startsWith("manifests/identity/")));
      files.set("charts.yaml", await fromCharts(topology));
      assert.deepEqual(await analyze(routing, files), []);
    });

    it(`hears of no address that istiod would fetch keys from (${routing})`, () => {
      const texts = [...manifests().values()].join();
      assert.ok(texts.includes(KEYS));
      assert.doesNotMatch(texts, /jwksUri|jwks_uri/);
    });

    for (const [what, path, from, to] of [
      ["a value that does not exist", "identity/_all.yaml", "mode: STRICT", "mode: STRICTEST"],
      ["keys that are none", "token/team-beta.yaml", KEYS, "nonsense"],
    ] as const)
      it(`finds ${what} (${routing})`, async () => {
        const files = manifests();
        const text = files.get(`manifests/${path}`) ?? assert.fail(`no ${path}`);
        assert.ok(text.includes(from));
        files.set(`manifests/${path}`, text.replaceAll(from, to));
        files.set("charts.yaml", await fromCharts(topology));
        assert.notDeepEqual(await analyze(`${routing}-${to}`, files), []);
      });
  }
});
