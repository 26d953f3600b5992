/** What the tests of the offline provider share: a control plane a file, a stack a test, ConfigMaps to play with. */
import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { OfflineEnvironment, type TestObject, type TestProgram, type TestStack } from "./offline-stack";

export const environment = new OfflineEnvironment();

/** Contents change in place: replacing is a case of its own. */
export const mutable = { enableConfigMapMutable: true, enableSecretMutable: true };

/** The stack of the test that runs. */
export let stack: TestStack;

/** Registers hooks with the suite that calls it. */
export function deployOffline(suite: Mocha.Suite): void {
  suite.timeout(60_000);
  before(async function () {
    // The binaries may have to be built first.
    this.timeout(30 * 60_000);
    await environment.start();
  });
  beforeEach(() => useStack(mutable));
  after(() => environment.stop());
}

export async function useStack(args: k8s.ProviderArgs): Promise<void> {
  stack = await environment.stack(args);
}

/** Deploys without an error; answers what was done. */
export async function up(program: TestProgram): Promise<string[]> {
  const { steps, error } = await stack.up(program);
  assert.equal(error, "");
  return steps;
}

/** A program with one ConfigMap `cm`. */
export function configMap(
  name: string,
  data: Record<string, Input<string>>,
  annotations?: Record<string, string>,
): TestProgram {
  return (options) => {
    const metadata = { name, ...(annotations && { annotations }) };
    new k8s.core.v1.ConfigMap("cm", { metadata, data }, options);
  };
}

export async function liveData(name: string): Promise<unknown> {
  return (await environment.live("v1", "ConfigMap", name))?.data;
}

/** The names, on the cluster, of the stack's resources of a kind in the core group. */
export async function deployedNames(apiVersion: string, kind: string): Promise<string[]> {
  const { deployment } = await stack.stack.exportStack();
  const resources = (deployment as { resources: { type: string; outputs?: TestObject }[] }).resources;
  const type = `kubernetes:core/${apiVersion}:${kind}`;
  return resources
    .filter((resource) => resource.type === type)
    .map(({ outputs }) => outputs?.metadata.name ?? "");
}

/** The same ConfigMap as somebody else sends it. */
export function changed(name: string, data: Record<string, string>): TestObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data };
}
