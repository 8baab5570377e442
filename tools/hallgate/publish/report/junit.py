"""The decision as JUnit XML (Jenkins' dialect): one suite, one case per policy.

Overridden, waived, pending and not applicable policies are skipped cases with a message: a
case that merely passed would hide the waiver.
"""

from __future__ import annotations

from xml.etree import ElementTree

from hallgate.model.values import Outcome
from hallgate.publish.report.text import counted, iso
from hallgate.publish.report.view import DecisionView, Entry, Line, entries, headline, subject

_SKIPPED = (Outcome.OVERRIDDEN, Outcome.WAIVED, Outcome.PENDING, Outcome.NOT_APPLICABLE)
_FAILED = (Outcome.FAIL, Outcome.INSUFFICIENT)


def junit_report(view: DecisionView) -> str:
    """One testsuite; text of findings is on one line each, with controls as escapes."""
    found = entries(view)
    numbers = {
        "tests": str(len(found)),
        "failures": str(sum(entry.outcome in _FAILED for entry in found)),
        "errors": str(sum(entry.outcome is Outcome.ERROR for entry in found)),
        "skipped": str(sum(entry.outcome in _SKIPPED for entry in found)),
    }
    root = ElementTree.Element("testsuites", {"name": "hallgate", **numbers, "time": "0"})
    when = iso(view.decision.decided_at).removesuffix("Z")
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        {"name": f"hallgate: {subject(view)}", **numbers, "time": "0", "timestamp": when},
    )
    facts = ElementTree.SubElement(suite, "properties")
    for name, text in (("mode", view.mode), ("answer", headline(view))):
        ElementTree.SubElement(facts, "property", {"name": name, "value": text})
    families = {policy.id: policy.family for policy in view.catalog}
    for entry in found:
        _case(suite, entry, families.get(entry.verdict.id, "unknown"))
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _case(suite: ElementTree.Element, entry: Entry, family: str) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        {"name": f"{entry.id} {entry.title}", "classname": f"hallgate.{family}", "time": "0"},
    )
    if entry.outcome is Outcome.PASS:
        return
    short = "; ".join(_short(line) for line in entry.lines) or entry.outcome.value
    if entry.outcome in _SKIPPED:
        told = f"{entry.notice}: {short}" if entry.notice else short
        message = f"{entry.outcome.value.replace('_', ' ')}: {told}{_left_off(entry)}"
        ElementTree.SubElement(case, "skipped", {"message": message})
        return
    kind = "error" if entry.outcome is Outcome.ERROR else "failure"
    attributes = {"message": short + _left_off(entry), "type": entry.outcome.value}
    ElementTree.SubElement(case, kind, attributes).text = "\n".join(_long(entry))


def _short(line: Line) -> str:
    return f"{line.message} [{line.covered}]" if line.covered else line.message


def _long(entry: Entry) -> list[str]:
    words = [f"severity: {entry.verdict.severity.value}"]
    for line in entry.lines:
        facts = [line.measured, line.covered, line.remedy and f"do: {line.remedy}"]
        words += [line.message, *(f"  {fact}" for fact in facts if fact)]
    return words


def _left_off(entry: Entry) -> str:
    if not entry.left_off:
        return ""
    total = counted(entry.verdict.findings_total, "finding")
    return f" ({entry.left_off:,} more of {total} left off)"
