/** Something that is in the way on a cluster, in a sentence, and what to do about it. */
export interface Finding {
  readonly what: string;
  readonly fix: string;
}

/** What asking a cluster came to. */
export interface Judgement {
  readonly findings: readonly Finding[];
  /** What could not be judged, or is another's to judge: it is said, and stops nothing. */
  readonly notes: readonly Finding[];
}

export const merged = (judgements: readonly Judgement[]): Judgement => ({
  findings: judgements.flatMap(({ findings }) => findings),
  notes: judgements.flatMap(({ notes }) => notes),
});

/** As a user reads them. */
export const described = (found: readonly Finding[]): string[] =>
  found.map(({ what, fix }) => `  ${what}\n      ${fix}`);
