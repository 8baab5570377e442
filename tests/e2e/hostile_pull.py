"""Attacks on the gate by pull request: what they change, and what counts as let through.

An attack is let through when the review answers 0 and its report does not say what the
attack does, or when anything of the head ran.
"""

import re
import sys

_RULE = "selection_ratio_within_limit"
FAIR = f"policies/promotion/rules/fairness/{_RULE}/{_RULE}.rego"
TRIED, THROUGH = [], []


def judge(name, done, code, *words):
    """Note whether the attack was let through, and require what the review has to answer."""
    TRIED.append(name)
    told = done.says(*words)
    if done.code == 0 and not told:
        THROUGH.append(name)
    assert done.code == code, done.text[-3000:] + done.err
    assert told, f"{words} not in {done.text[-4000:]}{done.err}"


def plain(done):
    """Without the escapes of Markdown, so that words can be found."""
    text = done.text.replace("\\u2192", "→")
    text = re.sub(r"\\([^u\"n])", r"\1", text) if done.text.startswith("<!--") else text
    return type(done)(done.code, text, done.err)


def edit(path, *swaps):
    text = path.read_text()
    for old, new in swaps:
        assert old in text, f"{old} is not in {path}"
        text = text.replace(old, new)
    path.write_text(text)


def rule(extra):
    """A change that adds a line to the rule of FAIR-001."""
    return lambda clone: (clone / FAIR).write_text((clone / FAIR).read_text() + f"\n{extra}\n")


def fair(*swaps):
    return lambda clone: edit(clone / FAIR, *swaps)


def swap(name, *swaps):
    return lambda clone: edit(clone / name, *swaps)


def write(name, text):
    return lambda clone: _placed(clone / name).write_text(text)


def remove(name):
    return lambda clone: (clone / name).unlink()


def link(name, target):
    return lambda clone: _placed(clone / name).symlink_to(target)


def _placed(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def figures(capsys):
    """Say how many were tried in this process, and require that none was let through."""
    with capsys.disabled():
        sys.stdout.write(
            f"\nhostile pull requests: tried {len(TRIED)}, let through {len(THROUGH)}\n"
        )
    assert not THROUGH
    assert TRIED
