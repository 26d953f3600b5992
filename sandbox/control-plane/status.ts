import { credentialFiles, tokenOf } from "./credentials";
import type { SandboxHome } from "./home";
import { logFile, Processes } from "./processes";
import { statusOf } from "./request";
import { type ProcessName, processNames } from "./state";

export interface ControlPlaneStatus {
  /** `ready`: all run and the API server answers; `stopped`: none runs; `broken`: anything between. */
  state: "ready" | "stopped" | "broken";
  url: string | undefined;
  processes: { name: ProcessName; pid: number | undefined; log: string }[];
}

/** What of a home runs right now. Changes nothing, and works while another command holds the lock. */
export async function controlPlaneStatus(home: SandboxHome): Promise<ControlPlaneStatus> {
  const recorded = new Processes(home);
  const processes = processNames.map((name) => ({
    name,
    pid: recorded.running(name),
    log: logFile(home, name),
  }));
  const running = processes.filter((process) => process.pid !== undefined).length;
  if (running === 0 || !recorded.port) return { state: "stopped", url: undefined, processes };

  const url = `https://127.0.0.1:${recorded.port}`;
  const certificateFile = credentialFiles(home).servingCertificate;
  const endpoint = { url, certificateFile, token: tokenOf("sandbox-admin", home) ?? "" };
  const ready = running === processes.length && (await statusOf(endpoint, "/readyz")) === 200;
  return { state: ready ? "ready" : "broken", url, processes };
}
