# METADATA
# scope: package
# title: Inference that the outside can reach asks who is calling
# description: >-
#   KServe serves to the outside unless a label keeps a service in the cluster, and a
#   Service of type LoadBalancer or NodePort, an Ingress or a function address does too.
#   Each needs a policy that lets nobody in without an identity. RequestAuthentication
#   alone checks a token that is there and lets in whoever brings none.
# custom:
#   id: NET-003
#   severity: critical
#   evidence: [deployment_manifests, infrastructure_plan]
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:ac-14"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Keep it inside (label networking.kserve.io/visibility: cluster-local), or add an Istio
#     AuthorizationPolicy for the whole namespace whose rules name requestPrincipals or
#     principals; give every route in the plan an authorizer.
package promotion.rules.network.inference_authenticated

import data.promotion.lib.documents
import data.promotion.lib.exposure
import data.promotion.lib.plans

_manifests := documents.all(input.evidence.deployment_manifests)

_plans := documents.all(input.evidence.infrastructure_plan)

deny contains documents.finding(document, [], "open", words, null, null) if {
	some document in _manifests
	why := exposure.reached(document)
	not exposure.guarded(document, _manifests)
	words := concat(" ", [why, "and asks nobody who they are"])
}

deny contains documents.finding(resource.document, resource.path, "open", words, value, null) if {
	some resource in plans.resources(_plans)
	some name, value in exposure.open_settings(resource)
	words := sprintf("%s lets anybody in: %s", [resource.address, name])
}

insufficient contains documents.finding(document, [], "kind", words, null, null) if {
	some document in _manifests
	exposure.unknown(document)
	words := sprintf("is a %s, and what that exposes is not known", [document.kind])
}

insufficient contains documents.finding(resource.document, resource.path, "later", words, null, null) if {
	some resource in plans.resources(_plans)
	some name in exposure.unsaid_settings(resource)
	words := sprintf("%s says only later: %s", [resource.address, name])
}

insufficient contains documents.finding(document, path, "opaque", words, null, null) if {
	some [document, path, words] in plans.opaque(_plans)
}

insufficient contains found if some found in documents.unread(input.evidence.deployment_manifests)

insufficient contains found if some found in documents.unread(input.evidence.infrastructure_plan)
