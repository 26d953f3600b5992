/** Reading a configuration whose shape is not known to be right: what is not there reads as empty. */
export type Loose = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A map with nothing inherited: a key called `constructor` is there only when the user wrote it. */
export const asMap = (value: unknown): Loose =>
  Object.assign(
    Object.create(null) as Record<string, unknown>,
    typeof value === "object" && !Array.isArray(value) ? value : {},
  );

export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
