/** Something that is in the way on a cluster, in a sentence, and what to do about it. */
export interface Finding {
  readonly what: string;
  readonly fix: string;
}
