// The engine loads a pack as CommonJS without a TypeScript loader: this brings one along.
require("tsx/cjs");
module.exports = require("./index.ts");
