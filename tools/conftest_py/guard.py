"""A second opinion from inside Rego: which findings exist, whatever conftest makes of them.

conftest counts a set member that is neither string nor object, a member with an empty message,
and a rule that is no set at all, as passes, and its JSON does not show them. So one generated
module joins every run; it looks at the same rules, and reports for each its type and how many
members it holds. Its rows are compared with what conftest itself reports.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

NAMESPACE = "conftest_py_guard"
_HELPERS = """package conftest_py_guard

row(namespace, rule, value) := {
	"msg": "inventory",
	"namespace": namespace,
	"rule": rule,
	"type": type_name(value),
	"members": members(value),
	"unreadable": unreadable(value),
}

members(value) := count(value) if is_set(value)

else := count(value) if is_array(value)

else := 0

unreadable(value) := count([m | some m in value; not readable(m)]) if is_set(value)

else := count([m | some m in value; not readable(m)]) if is_array(value)

else := 0

readable(member) if {
	is_string(member)
	member != ""
}

readable(member) if {
	is_object(member)
	is_string(member.msg)
	member.msg != ""
}
"""
_NAMED = """
warn contains row({namespace}, {rule}, {path})
"""
_SEARCHED = """
warn contains row({namespace}, name, value) if {{
	some name, value in {path}
	regex.match(`(?i)^(deny|violation|warn)`, name)
}}
"""


def source(namespaces: Sequence[str], rules: Mapping[str, Sequence[str]] | None) -> str:
    """The guard's module: for the named rules, or without names for all it can find."""
    parts = [_HELPERS]
    for namespace in namespaces:
        path = "data" + "".join(f"[{json.dumps(part)}]" for part in namespace.split("."))
        name = json.dumps(namespace)
        if rules is None:
            parts.append(_SEARCHED.format(namespace=name, path=path))
            continue
        for rule in rules[namespace]:
            quoted = json.dumps(rule)
            parts.append(_NAMED.format(namespace=name, rule=quoted, path=f"{path}[{quoted}]"))
    return "".join(parts)
