# METADATA
# scope: package
# title: A stranger's text or code gets no rights in a workflow
# description: >-
#   What a pull request, an issue or a branch name says becomes part of a script where an
#   expression puts it there; code of a fork that a privileged event checks out runs with
#   the secrets of the repository; and a token that may write everything makes each of
#   them a release. Actions by tag are judged by SUP-004.
# custom:
#   id: PIP-001
#   severity: critical
#   evidence: [ci_workflows]
#   waivable: [fail]
#   controls: ["nist-800-53:cm-5", "slsa:build-track-basics"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Write `permissions: {}` at the top and name what each job needs; hand text of events
#     to scripts in `env` and quote it there; build forks on `pull_request`, without secrets.
package promotion.rules.pipeline.workflows_contained

import data.promotion.lib.documents
import data.promotion.lib.workflows

_documents := documents.all(input.evidence.ci_workflows)

_github := [document | some document in _documents; document.kind == "github_workflow"]

deny contains documents.finding(document, ["jobs", name], "permissions", "does not say which permissions it needs, nor does the workflow", null, null) if {
	some document in _github
	some name, job in document.content.jobs
	workflow := document.content
	not workflows.says(workflow, "permissions")
	not workflows.says(job, "permissions")
}

deny contains documents.finding(document, ["permissions"], "permissions", "gives every job more than reading", value, null) if {
	some document in _github
	value := document.content.permissions
	not workflows.reads_only(value)
}

deny contains documents.finding(document, ["jobs", name, "permissions"], "permissions", "gives the job every permission", value, null) if {
	some document in _github
	some name, job in document.content.jobs
	value := job.permissions
	not is_object(value)
	value != "read-all"
}

deny contains documents.finding(document, ["jobs", name, "secrets"], "secrets", "hands all secrets on", null, null) if {
	some document in _github
	some name, job in document.content.jobs
	job.secrets == "inherit"
}

deny contains documents.finding(document, path, "checkout", words, text, null) if {
	some document in _github
	some event in (workflows.events(document) & workflows.privileged)
	walk(document.content.jobs, [below, text])
	is_string(text)
	below[count(below) - 1] in {"ref", "repository", "run"}
	regex.match(workflows.foreign, text)
	path := array.concat(["jobs"], below)
	words := sprintf("takes code of strangers on %s, with the rights of the repository", [event])
}

deny contains documents.finding(script.document, script.path, "injection", words, expression, null) if {
	some script in workflows.scripts(_documents)
	some expression in workflows.injections(script.text)
	words := sprintf("makes text of strangers part of a script: %s", [expression])
}

insufficient contains documents.finding(document, path, "opaque", words, null, null) if {
	some [document, path, words] in workflows.opaque(_documents)
}

insufficient contains found if some found in documents.unread(input.evidence.ci_workflows)
