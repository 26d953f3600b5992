/** What the catalogue says of a binary: who publishes it, and how to build it. */
import type { Platform } from "./platform";

/** Who publishes a binary, and where. */
export interface Publisher {
  base: string;
  /** Variable that names another base with the same files below it. */
  mirrorVariable: string;
}

/** A file that a publisher offers for one platform, relative to its base. */
export interface Release {
  file: string;
  /** The publisher's list of SHA-256 sums that covers the file. */
  checksums: string;
  /**
   * For an archive, its folder that holds the binary. `whole` keeps everything beside it, because the binary
   * looks for its companions there.
   */
  archive?: { folder: string; whole: boolean };
}

/** A main package to build, in a module of `sandbox/builds`. */
export interface Build {
  module: string;
  package: string;
  /** String variables that the linker sets, as the publisher's own builds do. */
  variables: Record<string, string>;
}

export interface Entry {
  version: string;
  /** Variable that names the binary outright. */
  variable: string;
  publisher: Publisher;
  /** Undefined where the publisher offers none. */
  release(platform: Platform): Release | undefined;
  build?: Build;
  /** Nothing needs it: any version found on the PATH will do, and none at all is no error. */
  optional?: boolean;
}
