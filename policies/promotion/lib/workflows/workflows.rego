# METADATA
# title: CI workflows
# description: Jobs, steps and scripts of GitHub and GitLab workflows, in one form.
package promotion.lib.workflows

# METADATA
# description: Steps and jobs that can carry settings, each with document, path and spec.
parts(documents) := [{"document": document, "path": path, "spec": spec} |
	some document in documents
	walk(document.content, [path, spec])
	is_object(spec)
	_place(document.kind, path)
]

_place("github_workflow", path) if {
	count(path) == 2
	path[0] == "jobs"
}

_place("github_workflow", path) if {
	count(path) == 4
	path[0] == "jobs"
	path[2] == "steps"
}

_place("github_action", path) if {
	count(path) == 3
	path[0] == "runs"
	path[1] == "steps"
}

_place("gitlab_ci", path) if count(path) == 1

# METADATA
# description: Lines of scripts, each with the document and path of the script it stands in.
scripts(documents) := [{"document": document, "path": path, "text": text} |
	some document in documents
	walk(document.content, [path, text])
	is_string(text)
	_script(document.kind, path)
]

_script(kind, path) if {
	kind in {"github_workflow", "github_action"}
	path[count(path) - 1] == "run"
	path[count(path) - 3] == "steps"
}

_script(kind, path) if {
	kind in {"github_workflow", "github_action"}
	array.slice(path, count(path) - 2, count(path)) == ["with", "script"]
}

_script("dockerfile", path) if {
	count(path) == 4
	path[2] == "Value"
}

_script("gitlab_ci", path) if {
	some word in path
	word in {"script", "before_script", "after_script"}
}

# METADATA
# description: What a workflow takes from elsewhere, be it actions, reusable workflows, images.
taken(documents) := array.concat(
	[{"document": part.document, "path": path, "kind": kind, "name": name} |
		some part in parts(documents)
		some [step, kind, name] in _taken(part.spec)
		path := array.concat(part.path, step)
	],
	[{"document": document, "path": ["instructions", number], "kind": "image", "name": name} |
		some document in documents
		some number, one in document.content.instructions
		one.Cmd == "from"
		name := one.Value[0]
		not name in _stages(document)
	],
)

# Earlier parts of a Dockerfile, by the name that FROM gave them, and the empty image.
_stages(document) := {"scratch"} | {one.Value[2] |
	some one in document.content.instructions
	one.Cmd == "from"
}

_taken(spec) := ((({[["uses"], "action", uses] | uses := spec.uses} | {[[word], "image", spec[word]] |
	some word in ["container", "image"]
	is_string(spec[word])
}) | {[[word, "image"], "image", spec[word].image] |
	some word in ["container"]
	is_object(spec[word])
}) | {[["image", "name"], "image", spec.image.name] |
	is_object(spec.image)
}) | {[["services", name], "image", _image(service)] |
	some name, service in spec.services
}

_image(service) := service if is_string(service)

else := service.image if is_string(service.image)

else := service.name if is_string(service.name)

else := "?"

# METADATA
# description: Findings for workflows without a job that can be seen.
opaque(documents) := {[document, [], "has no job that can be seen"] |
	some document in documents
	count(parts([document])) == 0
	not _instructs(document)
}

_mask := `\|\|\s*(?:/bin/)?(?:true|:|exit\s+0|echo)\b|\|\|\s*:|;\s*true\s*(?:$|\n)|set\s+\+[a-z]*e[a-z]*\b|set\s+\+o\s+errexit`

# METADATA
# description: What in a script hides that a command failed.
masks(text) := {trim_space(found) | some found in regex.find_n(_mask, text, -1)}

# METADATA
# description: Expressions that put text of strangers into a script before it runs.
injections(text) := {expression |
	some expression in regex.find_n(`(?s)\$\{\{.*?\}\}`, text, -1)
	some context in regex.find_n(_context, expression, -1)
	not regex.match(_harmless, context)
}

# What an event carries was written by whoever caused it, save numbers, digests and dates.
_context := `github\s*(?:\.\s*event|\[\s*'event'\s*\]|\.\s*head_ref|\[\s*'head_ref'\s*\])[A-Za-z0-9_.*'\[\]-]*`

_harmless := `^github\.event\.(?:pull_request\.base\.ref|(?:[a-z_.]+\.)?(?:number|id|node_id|sha|before|after|action|merged|draft|created_at|updated_at|run_number|run_id|conclusion|commits_url|size))$`

# METADATA
# description: Names of the events that start a GitHub workflow.
events(document) := ({event | event := document.content.on; is_string(event)} | {event |
	is_array(document.content.on)
	some event in document.content.on
}) | {event |
	is_object(document.content.on)
	some event, _ in document.content.on
}

# METADATA
# description: Whether an object has a member, of whatever value.
says(object_, name) if {
	some member, _ in object_
	member == name
}

# METADATA
# description: Whether permissions let nothing be written.
reads_only("read-all")

reads_only(permissions) if {
	is_object(permissions)
	levels := {level | some level in permissions}
	count(levels - {"read", "none"}) == 0
}

_instructs(document) if {
	is_array(document.content.instructions)
	count(document.content.instructions) > 0
}

# METADATA
# description: Events that strangers cause and that run with the rights and secrets of the repository.
privileged := {"pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment", "fork"}

# METADATA
# description: Text that leads to the code of a stranger.
foreign := `github\.event\.pull_request\.head|github\.head_ref|github\.event\.workflow_run\.head|refs/pull/|gh\s+pr\s+checkout`
