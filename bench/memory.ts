import { readdirSync, readFileSync } from "node:fs";

/**
 * Highest memory of all processes that know `folder`, by their arguments or their environment, while `work` runs. In MiB, each page
 * that several share counted once (PSS); undefined where the system does not tell, which only Linux does.
 */
export async function peakMemory<T>(
  folder: string,
  work: () => Promise<T>,
): Promise<[T, number | undefined]> {
  let peakKib = 0;
  const sample = () => {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const kib = pids.filter((pid) => knows(pid, folder)).reduce((sum, pid) => sum + pssOf(pid), 0);
    peakKib = Math.max(peakKib, kib);
  };
  if (process.platform !== "linux") return [await work(), undefined];
  const timer = setInterval(sample, 250);
  try {
    const done = await work();
    return [done, Math.round(peakKib / 1024)];
  } finally {
    clearInterval(timer);
  }
}

const knows = (pid: string, folder: string): boolean =>
  pid !== String(process.pid) && ["cmdline", "environ"].some((file) => read(pid, file).includes(folder));

const pssOf = (pid: string): number => Number(/^Pss:\s+(\d+) kB$/m.exec(read(pid, "smaps_rollup"))?.[1] ?? 0);

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // it ended meanwhile
  }
}
