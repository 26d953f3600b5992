import * as assert from "node:assert/strict";
import { chartVersions, type Fetch, newerThan } from "../../../operations/chart-versions";

/** Answers by address; everything else is an error of the network. */
const network =
  (answers: Record<string, (headers: Headers) => Response>): Fetch =>
  async (url, init) => {
    const answer = answers[url];
    if (answer === undefined) throw new Error(`getaddrinfo ENOTFOUND ${new URL(url).host}`);
    return answer(new Headers(init?.headers));
  };

describe("the versions of a chart", () => {
  it("stand in the index of a classic repository", async () => {
    const index =
      "entries:\n  istiod:\n  - {version: 1.31.0}\n  - {version: 1.31.4}\n  base:\n  - {version: 2.0.0}\n";
    const get = network({ "https://charts.example.com/index.yaml": () => new Response(index) });
    assert.deepEqual(await chartVersions("https://charts.example.com/", "istiod", get), ["1.31.0", "1.31.4"]);
    assert.deepEqual(await chartVersions("https://charts.example.com", "unknown", get), []);
  });

  it("are the tags of an OCI repository, over all pages, with an anonymous token", async () => {
    const list = "https://oci.example.com/v2/team/charts/kagent/tags/list";
    const challenge = 'Bearer realm="https://oci.example.com/token",service="oci",scope="repository:x:pull"';
    const page =
      (next: string | undefined, ...tags: string[]) =>
      (headers: Headers) =>
        headers.get("authorization") === "Bearer anonymous"
          ? Response.json({ tags }, next === undefined ? {} : { headers: { link: `<${next}>; rel="next"` } })
          : new Response("", { status: 401, headers: { "www-authenticate": challenge } });
    const get = network({
      [`${list}?n=1000`]: page("/v2/team/charts/kagent/tags/list?n=1000&last=a", "0.10.4"),
      [`${list}?n=1000&last=a`]: page(undefined, "0.10.5"),
      "https://oci.example.com/token?service=oci&scope=repository%3Ax%3Apull": () =>
        Response.json({ token: "anonymous" }),
    });
    assert.deepEqual(await chartVersions("oci://oci.example.com/team/charts", "kagent", get), [
      "0.10.4",
      "0.10.5",
    ]);
  });

  it("that cannot be had are an error in a few words", async () => {
    const get = network({ "https://a.example.com/index.yaml": () => new Response("", { status: 503 }) });
    await assert.rejects(chartVersions("https://a.example.com", "x", get), {
      message: "the repository answers 503",
    });
    await assert.rejects(chartVersions("oci://b.example.com/charts", "x", get), {
      message: "getaddrinfo ENOTFOUND b.example.com",
    });
  });
});

describe("what is newer", () => {
  const versions = ["v1.21.1", "v1.21.2", "v1.21.5", "v1.22.0-rc.1", "v1.22.0", "latest", "v1.20.9"];

  it("is a patch of the same line, and the newest of all; no pre-release and no tag that is no version", () => {
    assert.deepEqual(newerThan("v1.21.2", versions), { patch: "v1.21.5", newest: "v1.22.0" });
    assert.deepEqual(newerThan("v1.21.2", ["v1.21.5"]), { patch: "v1.21.5" });
    assert.deepEqual(newerThan("v1.22.0", versions), {});
  });

  it("stays in the range that may be used: kagent 1.0 is nothing newer", () => {
    assert.deepEqual(newerThan("0.10.4", ["0.10.4", "0.11.0", "1.0.0", "1.2.0"], ">=0.10.0 <1.0.0"), {
      newest: "0.11.0",
    });
  });
});
