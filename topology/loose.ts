/** Reading a configuration whose shape is not known to be right: what is not there reads as empty. */
export type Loose = Readonly<Record<string, unknown>>;

export const asMap = (value: unknown): Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Loose) : {};

export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
