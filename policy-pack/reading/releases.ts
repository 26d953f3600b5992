/** Helm releases: one opaque resource each, of which only the inputs are known (@pulumi/kubernetes 4.34). */
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import { HELM } from "./kinds";

export const releases = (stack: StackIndex): readonly StackObject[] => stack.of(HELM, "Release");

/** Last part of `oci://host/path/chart`, or of a plain chart name. */
export const chartName = (release: StackObject): string =>
  (release.at("chart").text() ?? "").split("/").at(-1) ?? "";
export const releasesOf = (stack: StackIndex, chart: string): readonly StackObject[] =>
  releases(stack).filter((release) => chartName(release) === chart);
/** Where the chart comes from: its repository, or the OCI address without the chart's name. */
export function repositoryOf(release: StackObject): string | undefined {
  const chart = release.at("chart").text() ?? "";
  if (chart.startsWith("oci://")) return chart.slice(0, chart.lastIndexOf("/"));
  // An address or a folder is where the chart comes from, whatever repository stands beside it.
  if (chart.includes("/")) return chart;
  return release.at("repositoryOpts", "repo").text();
}
