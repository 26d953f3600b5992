/** One source cannot give a binary; the next may. */
export class Unavailable extends Error {
  override readonly name: string = "Unavailable";
}

/** A source failed in a way that often passes: worth asking again. */
export class Transient extends Unavailable {
  override readonly name = "Transient";
}
