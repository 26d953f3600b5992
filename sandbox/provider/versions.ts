/** The plugin versions the program asks for, read from the npm packages so that they are written nowhere twice. */
import { readFileSync } from "node:fs";

export const SERVED_PACKAGES = ["kubernetes", "random"] as const;
export type ServedPackage = (typeof SERVED_PACKAGES)[number];

export function packageVersion(name: ServedPackage): string {
  const file = require.resolve(`@pulumi/${name}/package.json`);
  const { pulumi } = JSON.parse(readFileSync(file, "utf8")) as { pulumi: { version: string } };
  return pulumi.version;
}
