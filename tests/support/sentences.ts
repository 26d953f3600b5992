import { all } from "./configurations";
import { devConfiguration, type Edit, problemsOf } from "./dev";

/** What a configuration is refused for, as `where: what | fix`. */
export const sentencesOf = (...edits: Edit[]): string[] =>
  problemsOf(devConfiguration(all(...edits))).map(({ where, what, fix }) => `${where}: ${what} | ${fix}`);
