import * as fc from "fast-check";
import { goodObjects } from "./good";
import { type CustomObject, changed, type Json, pathsIn } from "./objects";

/** Parts that the stand-ins take as they are; inside them the official definitions may refuse more. */
const open = /^spec\.declarative\.deployment\.(affinity|volumes\.\d|extraContainers\.\d)\./;
/** Not a matter of definitions. */
const common = /^(apiVersion|kind|metadata)/;

const values: Json[] = [
  null,
  true,
  0,
  -1,
  1.5,
  "",
  "other",
  "Agent",
  "BYO",
  "Bedrock",
  [],
  [null],
  ["other"],
  [{}],
  {},
  { name: "other" },
  { other: 1 },
];

/** A good object in which one thing was removed, replaced or added. */
export const mutations: fc.Arbitrary<CustomObject> = fc
  .constantFrom(...Object.values(goodObjects))
  .chain((object) => {
    const paths = pathsIn(object).filter((path) => !open.test(path) && !common.test(path));
    const path = fc.constantFrom(...paths);
    const value = fc.constantFrom(...values);
    return fc.oneof(
      path.map((where) => changed(object, where, undefined)),
      fc.tuple(path, value).map(([where, what]) => changed(object, where, what)),
      fc.tuple(path, value).map(([where, what]) => changed(object, `${where}X`, what)),
    );
  });
