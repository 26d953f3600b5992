export { cacheVariable } from "./cache";
export { type BinaryName, catalogue } from "./catalogue";
export { type Binary, type Obtained, type ObtainOptions, obtain, rootOf } from "./obtain";
