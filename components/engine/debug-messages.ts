/**
 * The SDK reports in debug messages what the engine answered for each resource, with secrets in plain (measured,
 * @pulumi/pulumi 3.270: `RegisterResource RPC finished: ...`). They reach every event log, so they are withheld.
 */
const log = require("@pulumi/pulumi/log") as {
  debug: (message: string, ...rest: unknown[]) => Promise<void>;
};
const { debug } = log;
log.debug = (message, ...rest) =>
  / RPC finished: /.test(message) ? Promise.resolve() : debug(message, ...rest);
