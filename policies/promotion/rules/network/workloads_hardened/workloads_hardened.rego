# METADATA
# scope: package
# title: Containers run without privileges and within limits
# description: >-
#   A served model parses what strangers send. Whoever takes over the process must not
#   find root, a writable file system, kernel capabilities, the host or the resources of
#   its neighbours. These are the settings of the Pod Security Standards' profile
#   "restricted", a read-only root and limits of CPU and memory; what is not said
#   counts as not so. Containers of a kind that cannot be looked into are not judged.
# custom:
#   id: NET-004
#   severity: high
#   evidence: [deployment_manifests]
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:cm-6", "nist-800-53:sc-5"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Set securityContext (runAsNonRoot, readOnlyRootFilesystem, allowPrivilegeEscalation false,
#     capabilities drop ALL, seccompProfile RuntimeDefault) and resources.limits at the container.
package promotion.rules.network.workloads_hardened

import data.promotion.lib.documents
import data.promotion.lib.workloads

_documents := documents.all(input.evidence.deployment_manifests)

deny contains documents.finding(one.document, one.path, what, _words[what], null, null) if {
	some one in workloads.containers(_documents)
	some what in object.keys(_words)
	not workloads.holds(what, one)
}

deny contains documents.finding(one.document, one.pod_path, what, "shares the host", null, null) if {
	some one in workloads.containers(_documents)
	some what in ["hostNetwork", "hostPID", "hostIPC"]
	value := one.pod[what]
	value != false
}

deny contains documents.finding(one.document, array.concat(one.pod_path, ["volumes", number]), "hostPath", "mounts a folder of the host", null, null) if {
	some one in workloads.containers(_documents)
	some number, volume in one.pod.volumes
	volume.hostPath
}

insufficient contains documents.finding(document, path, "opaque", words, null, null) if {
	some [document, path, words] in workloads.opaque(_documents)
}

insufficient contains found if some found in documents.unread(input.evidence.deployment_manifests)

_words := {
	"root": "may run as root",
	"writable": "has a writable root file system",
	"escalation": "may gain privileges",
	"privileged": "is privileged",
	"capabilities": "does not drop all capabilities, or adds some",
	"seccomp": "has no seccomp profile",
	"limits": "has no limits of CPU and memory",
}
