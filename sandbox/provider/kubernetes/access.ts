/** The configured cluster, whether it can be reached, and whether the user interrupted. */
import { UnreachableError } from "./api-server";
import type { Cluster } from "./cluster";
import { type Settings, settingsFrom } from "./settings";

export class Access {
  private readonly interruption = new AbortController();
  private configured: Settings | undefined;

  configure(variables: Map<string, string>): void {
    this.configured = settingsFrom(variables);
  }

  interrupt(): void {
    this.interruption.abort();
  }

  get signal(): AbortSignal {
    return this.interruption.signal;
  }

  get settings(): Settings {
    if (this.configured === undefined) throw new Error("the provider was not configured");
    return this.configured;
  }

  get cluster(): Cluster {
    const { cluster } = this.settings;
    if ("unreachable" in cluster) throw new UnreachableError(cluster.unreachable);
    return cluster;
  }

  /** What the cluster says, or undefined while it cannot be reached: the step that needs it will say so. */
  async ifReachable<T>(ask: (cluster: Cluster) => Promise<T>): Promise<T | undefined> {
    try {
      return await ask(this.cluster);
    } catch (error) {
      if (error instanceof UnreachableError) return undefined;
      throw error;
    }
  }

  /** Like `ifReachable`, but only where the user said that an unreachable cluster is gone. */
  async unlessGone<T>(ask: (cluster: Cluster) => Promise<T>): Promise<T | undefined> {
    try {
      return await ask(this.cluster);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      if (this.settings.deleteUnreachable) return undefined;
      throw new Error(
        `${error.message} If the cluster is gone for good, PULUMI_K8S_DELETE_UNREACHABLE=true drops what it held from the state.`,
      );
    }
  }
}
