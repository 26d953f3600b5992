import { UserError } from "../../system/errors";

/** An operating system and processor in Go's words, which the publishers use too. */
export interface Platform {
  os: "linux" | "darwin";
  arch: string;
}

export function currentPlatform(): Platform {
  const os = process.platform;
  if (os !== "linux" && os !== "darwin") {
    throw new UserError(
      `The sandbox cannot run on ${os}: the Kubernetes API server exists for Linux and macOS only.`,
      "On Windows, run it inside WSL 2.",
    );
  }
  const arch: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", ppc64: "ppc64le" };
  return { os, arch: arch[process.arch] ?? process.arch };
}
