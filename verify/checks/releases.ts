/**
 * A Helm release is no object of the API server: helm 3 keeps each revision in a Secret of the release's namespace, labelled with
 * its name, as base64 of gzipped JSON (helm.sh/helm/v3 pkg/storage/driver).
 */
import { gunzipSync } from "node:zlib";
import { Failed } from "../errors";
import { type Cluster, MissingRight } from "../live/cluster";
import { differences } from "../live/difference";
import type { Doc } from "../static/objects";
import { type Finding, fail, pass } from "./check";

interface Revision {
  readonly info: { readonly status: string };
  readonly chart: { readonly metadata: { readonly name: string; readonly version: string } };
  /** Values that were given, without the chart's own. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** What the newest revision says about itself; its values are compared and never shown. @throws MissingRight */
export async function comparedRelease(manifest: Doc, cluster: Cluster): Promise<Finding> {
  const { name, namespace } = manifest.metadata;
  const subject = `Release ${namespace}/${name}`;
  const secrets = await helmSecrets(cluster, namespace ?? "", name);
  const revisionOf = (secret: Doc) => Number(secret.metadata.labels?.version ?? 0);
  const newest = [...secrets].sort((a, b) => revisionOf(b) - revisionOf(a))[0];
  if (newest === undefined) return fail(subject, "helm has no such release there");
  const { info, chart, config } = decoded(String(newest.data?.release ?? ""));
  if (info.status !== "deployed") return fail(subject, `its last revision is ${info.status}; run up again`);
  const wanted = { name: String(manifest.chart).split("/").at(-1), version: manifest.version };
  const { metadata } = chart;
  if (metadata.name !== wanted.name || metadata.version !== wanted.version)
    return fail(
      subject,
      `is of chart ${metadata.name} ${metadata.version} instead of ${wanted.name} ${wanted.version}`,
    );
  const paths = differences(manifest.values ?? {}, config ?? {});
  return paths.length === 0
    ? pass(subject)
    : fail(subject, `has other values at ${paths.slice(0, 5).join(", ")}`);
}

async function helmSecrets(cluster: Cluster, namespace: string, name: string): Promise<readonly Doc[]> {
  const { code, body, message } = await cluster.api.request(
    "GET",
    `/api/v1/namespaces/${namespace}/secrets`,
    {
      query: { labelSelector: `owner=helm,name=${name}` },
    },
  );
  if (code === 403)
    throw new MissingRight(`list secrets of namespace ${namespace}, where helm keeps its releases`);
  if (code >= 300) throw new Failed(`the API server answers ${code}: ${message}`);
  return body.items ?? [];
}

/** The Secret's own base64 is around helm's. */
function decoded(data: string): Revision {
  const inner = Buffer.from(data, "base64").toString("latin1");
  try {
    return JSON.parse(gunzipSync(Buffer.from(inner, "base64")).toString("utf8")) as Revision;
  } catch {
    throw new Failed("helm's own record of it cannot be read");
  }
}
