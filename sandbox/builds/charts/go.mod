module kagent-a2a/sandbox/builds/charts

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/open-policy-agent/gatekeeper/v3 v3.23.1
	istio.io/istio v0.0.0-20260827124520-eed52ebb66ad
)
