export { installed, installOfflineProviders, officialPluginsInstalled } from "./install";
export { type ObtainPluginsOptions, obtainPlugins, type PluginsInUse } from "./obtain";
export { packageVersion, SERVED_PACKAGES, type ServedPackage } from "./versions";
