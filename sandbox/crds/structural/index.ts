/**
 * Stand-ins for the CustomResourceDefinitions that no package registry carries, for where the official ones cannot
 * be downloaded: they accept and refuse what this project writes exactly as the official ones do.
 */
export { agent, sandboxAgent } from "./agent";
export { agentHarness } from "./agent-harness";
export { externalSecret } from "./external-secret";
export { modelConfig } from "./model-config";
export { remoteMcpServer } from "./remote-mcp-server";
export { secretStore } from "./secret-store";
